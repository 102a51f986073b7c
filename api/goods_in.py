"""Deliveries against purchase orders, and /v1/supplier-returns: what goes back and what is credited."""

from datetime import date
from typing import Annotated

import msgspec
from litestar import Controller, Response, get, post
from msgspec import Meta

from api.money import Amount, money
from api.purchases import require_purchase
from api.reading import read, written
from api.requests import Body, Cause, Instant, Positive, Reference, ShopRequest, command_origin
from domain.kernel.ids import Id
from domain.kernel.money import Money
from domain.purchasing.order import ReceivedLine
from domain.purchasing.supplier_return import (
    SUPPLIER_RETURN,
    GoodsReturned,
    LeavesFrom,
    NoteCredit,
    ReturnedGoods,
    SupplierReturn,
)
from domain.stockroom.goods_in import MAX_LINES, DeliveredLine, ReceivePurchase
from domain.stockroom.supplier_returns import MAX_LINES as MAX_RETURNED
from domain.stockroom.supplier_returns import ReturnLine, ReturnToSupplier
from infra.ids import uuid7
from infra.tenancy import Tenant

Quantity = Annotated[int, Meta(ge=0, le=10**12)]


class LineDelivered(Body, frozen=True, kw_only=True):
    """What came of a SKU in one lot, in the SKU's unit.

    Accepted goods go to the shelf, quarantined are ours and not for sale, rejected ones were not taken and
    are owed still. Without a `unit_cost` they cost what was confirmed.
    """

    sku: Id
    accepted: Quantity = 0
    quarantined: Quantity = 0
    rejected: Quantity = 0
    lot: Id | None = None
    sell_by: date | None = None
    unit_cost: Amount | None = None
    cause: Cause | None = None


class Delivery(Body, frozen=True, kw_only=True):
    """A delivery; `reference` is the number of its note."""

    receipt_id: Id | None = None
    lines: Annotated[list[LineDelivered], Meta(min_length=1, max_length=MAX_LINES)]
    reference: Reference | None = None
    occurred_at: Instant | None = None


class ReceivedLineView(msgspec.Struct, frozen=True, kw_only=True):
    """A line as it was booked; the cost is of what was accepted and quarantined."""

    sku: str
    accepted: int
    quarantined: int
    rejected: int
    lot: str | None
    sell_by: date | None
    cause: str | None
    cost: Money


class DeliveryView(msgspec.Struct, frozen=True, kw_only=True):
    """A booked delivery, and where its order stands now."""

    purchase_id: str
    receipt_id: str
    status: str
    lines: list[ReceivedLineView]
    position: int


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


def _received(line: ReceivedLine, currency: str) -> ReceivedLineView:
    return ReceivedLineView(
        sku=line.sku,
        accepted=line.accepted,
        quarantined=line.quarantined,
        rejected=line.rejected,
        lot=line.lot,
        sell_by=line.sell_by,
        cause=line.cause,
        cost=money(line.cost_minor, currency),
    )


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


def _given(amount: Amount | None) -> Money | None:
    return None if amount is None else money(amount.amount, amount.currency)


class GoodsInController(Controller):
    """Deliveries of what was ordered."""

    path = "/v1/purchase-orders"
    tags = ("purchasing",)

    @post("/{purchase_id:str}/receipts", operation_id="receivePurchase", opt={"scope": "purchasing:write"})
    async def receive(
        self, request: ShopRequest, tenant: Tenant, purchase_id: str, data: Delivery
    ) -> Response[DeliveryView]:
        """Books a delivery, and closes the order when all has come."""
        await require_purchase(request, tenant, purchase_id)
        origin = await command_origin(request, tenant, "receivePurchase", occurred_at=data.occurred_at)
        lines = tuple(
            DeliveredLine(
                sku=line.sku,
                accepted=line.accepted,
                quarantined=line.quarantined,
                rejected=line.rejected,
                lot=line.lot,
                sell_by=line.sell_by,
                unit_cost=_given(line.unit_cost),
                cause=line.cause,
            )
            for line in data.lines
        )
        command = ReceivePurchase(
            purchase_id=purchase_id,
            receipt_id=data.receipt_id or uuid7(),
            lines=lines,
            reference=data.reference,
        )
        answer = await tenant.submit(command, origin)
        booked = answer.result
        view = DeliveryView(
            purchase_id=booked.purchase_id,
            receipt_id=booked.receipt_id,
            status=booked.status,
            lines=[_received(line, booked.currency) for line in booked.lines],
            position=answer.position,
        )
        return written(view, answer, 201)


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
                claim=_given(line.claim),
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
