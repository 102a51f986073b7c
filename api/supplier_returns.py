"""/v1/supplier-returns: what goes back to suppliers, and what they credit."""

from typing import Annotated

import msgspec
from litestar import Controller, Response, get, post
from msgspec import Meta

from api.money import Amount, money, money_of
from api.reading import read, written
from api.requests import Body, Cause, Instant, Positive, Reference, ShopRequest, command_origin
from domain.kernel.ids import Id
from domain.kernel.money import Money
from domain.purchasing.supplier_return import (
    SUPPLIER_RETURN,
    GoodsReturned,
    LeavesFrom,
    NoteCredit,
    ReturnedGoods,
    SupplierReturn,
)
from domain.stockroom.supplier_returns import MAX_LINES as MAX_RETURNED
from domain.stockroom.supplier_returns import ReturnLine, ReturnToSupplier
from infra.ids import uuid7
from infra.tenancy import Tenant


class LineToReturn(Body, frozen=True, kw_only=True):
    """What goes back; without a `claim` what it cost is claimed."""

    sku: Id
    quantity: Positive
    source: LeavesFrom = LeavesFrom.SHELF
    lot: Id | None = None
    claim: Amount | None = None


class GoodsToReturn(Body, frozen=True, kw_only=True):
    """Goods that go back to their supplier."""

    return_id: Id | None = None
    supplier_id: Id
    purchase_id: Id | None = None
    cause: Cause
    lines: Annotated[list[LineToReturn], Meta(min_length=1, max_length=MAX_RETURNED)]
    occurred_at: Instant | None = None


class CreditToNote(Body, frozen=True, kw_only=True):
    """A credit note: its amount and its number."""

    amount: Amount
    reference: Reference


class ReturnedGoodsView(msgspec.Struct, frozen=True, kw_only=True):
    """A line that went back: at what it cost, and what is claimed for it."""

    sku: str
    quantity: int
    source: str
    lot: str | None
    cost: Money
    claimed: Money


class SupplierReturnView(msgspec.Struct, frozen=True, kw_only=True):
    """A return with what was credited for it so far, by credit note."""

    return_id: str
    supplier_id: str
    store_id: str
    purchase_id: str | None
    cause: str
    lines: list[ReturnedGoodsView]
    claimed: Money
    credited: Money
    credit_notes: dict[str, Money]


class GoodsLeftView(msgspec.Struct, frozen=True, kw_only=True):
    """A return that was booked."""

    return_id: str
    lines: list[ReturnedGoodsView]
    position: int


class CreditNoted(msgspec.Struct, frozen=True, kw_only=True):
    """The return that was credited."""

    return_id: str
    position: int


def _returned(line: ReturnedGoods, currency: str) -> ReturnedGoodsView:
    return ReturnedGoodsView(
        sku=line.sku,
        quantity=line.quantity,
        source=line.from_,
        lot=line.lot,
        cost=money(line.cost_minor, currency),
        claimed=money(line.claimed_minor, currency),
    )


def _return_view(returned: SupplierReturn, sent: GoodsReturned) -> SupplierReturnView:
    currency = sent.currency
    return SupplierReturnView(
        return_id=sent.return_id,
        supplier_id=sent.supplier_id,
        store_id=sent.store_id,
        purchase_id=sent.purchase_id,
        cause=sent.cause,
        lines=[_returned(line, currency) for line in sent.lines],
        claimed=money(sum(line.claimed_minor for line in sent.lines), currency),
        credited=money(sum(returned.credited.values()), currency),
        credit_notes={number: money(amount, currency) for number, amount in returned.credited.items()},
    )


class SupplierReturnsController(Controller):
    """What goes back to suppliers."""

    path = "/v1"
    tags = ("purchasing",)

    @post(
        "/stores/{store_id:str}/supplier-returns",
        operation_id="returnToSupplier",
        opt={"scope": "purchasing:write"},
    )
    async def send_back(
        self, request: ShopRequest, tenant: Tenant, store_id: str, data: GoodsToReturn
    ) -> Response[GoodsLeftView]:
        """Sends goods back to their supplier, from the shelf or from quarantine."""
        request.user.require_store(store_id)
        origin = await command_origin(request, tenant, "returnToSupplier", occurred_at=data.occurred_at)
        lines = tuple(
            ReturnLine(
                sku=line.sku,
                quantity=line.quantity,
                from_=line.source,
                lot=line.lot,
                claim=money_of(line.claim),
            )
            for line in data.lines
        )
        command = ReturnToSupplier(
            return_id=data.return_id or uuid7(),
            supplier_id=data.supplier_id,
            store_id=store_id,
            cause=data.cause,
            lines=lines,
            purchase_id=data.purchase_id,
        )
        answer = await tenant.submit(command, origin)
        left = answer.result
        view = GoodsLeftView(
            return_id=left.return_id,
            lines=[_returned(line, left.currency) for line in left.lines],
            position=answer.position,
        )
        return written(view, answer, 201)

    @get(
        "/supplier-returns/{goods_return_id:str}",
        operation_id="getSupplierReturn",
        opt={"scope": "purchasing:read"},
    )
    async def show(
        self, request: ShopRequest, tenant: Tenant, goods_return_id: str
    ) -> Response[SupplierReturnView]:
        """What went back, what is claimed and what was credited."""
        returned, sent, version = await _require_return(request, tenant, goods_return_id)
        return read(_return_view(returned, sent), version)

    @post(
        "/supplier-returns/{goods_return_id:str}/credits",
        operation_id="noteCredit",
        opt={"scope": "purchasing:write"},
    )
    async def credit(
        self, request: ShopRequest, tenant: Tenant, goods_return_id: str, data: CreditToNote
    ) -> Response[CreditNoted]:
        """Notes a credit note of the supplier's. It changes no stock."""
        await _require_return(request, tenant, goods_return_id)
        origin = await command_origin(request, tenant, "noteCredit")
        amount = money(data.amount.amount, data.amount.currency)
        command = NoteCredit(return_id=goods_return_id, amount=amount, reference=data.reference)
        answer = await tenant.submit(command, origin)
        return written(CreditNoted(return_id=goods_return_id, position=answer.position), answer, 201)


async def _require_return(
    request: ShopRequest, tenant: Tenant, return_id: str
) -> tuple[SupplierReturn, GoodsReturned, int]:
    """The return and its version, if it exists and its store is open to whoever asks."""
    returned, version = await tenant.require_state(SUPPLIER_RETURN, return_id)
    assert returned.sent is not None
    request.user.require_store(returned.sent.store_id)
    return returned, returned.sent, version
