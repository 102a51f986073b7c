"""/v1/stores/{store_id}/stock/landed-costs: freight and prices that arrive later than the goods."""

from typing import Annotated, Literal

import msgspec
from litestar import Controller, Response, post
from msgspec import Meta

from api.money import Amount, money
from api.reading import written
from api.requests import Body, Instant, Positive, Reference, ShopRequest, command_origin
from domain.inventory.cost import CostCause
from domain.inventory.movement import StockMoved
from domain.inventory.parts import is_receipt
from domain.inventory.stock_item import STOCK_ITEM, item_id
from domain.kernel.errors import CurrencyMismatch, NotFound
from domain.kernel.ids import Id
from domain.kernel.money import Money
from domain.stockroom.landed_cost import MAX_LINES, AddLandedCost, Basis, LandedCostAdded, LandedLine
from infra.tenancy import Tenant
from projections.kernel.table import Connection
from projections.stock_ledger.receipts import unknown_receipts

LATEST = 500
"""So many movements of an item no read model is ever behind."""


class BilledLine(Body, frozen=True, kw_only=True):
    """What was received, and is billed now: of a lot or, without lots, with the reference of its receipt.

    Deliveries of a purchase order have the reference `purchase-<purchase_id>`.

    `value` and `weight_g` are the whole line's, to split by.
    """

    sku: Id
    quantity: Positive
    lot: Id | None = None
    receipt: Reference | None = None
    value: Amount | None = None
    weight_g: Positive | None = None


class LandedCosts(Body, frozen=True, kw_only=True):
    """A bill that came later than the goods, or with a minus sign a credit, split over what was received."""

    amount: Amount
    basis: Basis
    lines: Annotated[list[BilledLine], Meta(min_length=1, max_length=MAX_LINES)]
    cause: Literal["freight", "price"] = "freight"
    reference: Id | None = None
    occurred_at: Instant | None = None


class LandedShareView(msgspec.Struct, frozen=True, kw_only=True):
    """A line's share of the bill: what the stock is worth more now, and what is an expense now."""

    sku: str
    lot: str | None
    amount: Money
    stock: Money
    variance: Money


class LandedCostView(msgspec.Struct, frozen=True, kw_only=True):
    """A bill, split; in the order of its lines."""

    store_id: str
    lines: list[LandedShareView]
    position: int


class LandedCostsController(Controller):
    """Costs that arrive late."""

    path = "/v1/stores/{store_id:str}/stock"
    tags = ("stock",)

    @post("/landed-costs", operation_id="addLandedCost", opt={"scope": "stock:write"})
    async def bill(
        self, request: ShopRequest, tenant: Tenant, store_id: str, data: LandedCosts
    ) -> Response[LandedCostView]:
        """Splits a bill over what was received: what is still there is worth more, the rest is spent."""
        origin = await command_origin(request, tenant, "addLandedCost", occurred_at=data.occurred_at)
        command = AddLandedCost(
            store_id=store_id,
            amount=money(data.amount.amount, data.amount.currency),
            basis=data.basis,
            lines=tuple(_billed(line, data.amount.currency) for line in data.lines),
            cause=CostCause(data.cause),
            reference=data.reference,
        )
        await _require_receipts(tenant, command)
        answer = await tenant.submit(command, origin)
        added: LandedCostAdded = answer.result
        view = LandedCostView(
            store_id=store_id,
            lines=[
                LandedShareView(
                    sku=share.sku,
                    lot=share.lot,
                    amount=money(share.amount_minor, added.currency),
                    stock=money(share.stock_minor, added.currency),
                    variance=money(share.variance_minor, added.currency),
                )
                for share in added.shares
            ],
            position=answer.position,
        )
        return written(view, answer, 201)


def _billed(line: BilledLine, currency: str) -> LandedLine:
    if line.value is not None and line.value.currency != currency:
        raise CurrencyMismatch(f"The amount is in {currency}.", sku=line.sku, currency=line.value.currency)
    return LandedLine(
        sku=line.sku,
        quantity=line.quantity,
        lot=line.lot,
        receipt=line.receipt,
        value_minor=None if line.value is None else line.value.amount,
        weight_g=line.weight_g,
    )


async def _require_receipts(tenant: Tenant, command: AddLandedCost) -> None:
    """NotFound for a receipt that never was. Of one whose goods have all gone the whole is an expense.

    The decision can't tell the two apart: an item keeps the receipts of what is there.
    """
    asked = [(line.sku, line.receipt) for line in command.lines if line.receipt is not None]
    if not asked:
        return
    async with tenant.readers.connection() as connection:
        for sku, receipt in await unknown_receipts(connection, command.store_id, asked):
            if not await _came_just_now(connection, tenant, item_id(command.store_id, sku), receipt):
                raise NotFound(
                    f"Nothing of {sku!r} came into this store by receipt {receipt!r}. Check its reference, or"
                    " name none.",
                    kind="receipt",
                    id=receipt,
                )


async def _came_just_now(connection: Connection, tenant: Tenant, item: str, receipt: str) -> bool:
    """Whether the journal has the receipt: nobody is told no by a read model that is behind."""
    stream = STOCK_ITEM.stream(item)
    current, _ = (await tenant.journal.read_states(connection, [stream]))[stream]
    after = max(0, current.version - LATEST)
    return any(
        isinstance(entry.data, StockMoved) and is_receipt(entry.data) and entry.data.reference == receipt
        for entry in await tenant.journal.read_stream(connection, stream, after, LATEST)
    )
