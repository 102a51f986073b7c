"""/v1/purchase-orders/{purchase_id}/receipts: deliveries of what was ordered."""

from datetime import date
from typing import Annotated

import msgspec
from litestar import Controller, Response, post
from msgspec import Meta

from api.money import Amount, money, money_of
from api.purchases import require_purchase
from api.reading import written
from api.requests import Body, Cause, Instant, Reference, ShopRequest, command_origin
from domain.kernel.ids import Id
from domain.kernel.money import Money
from domain.purchasing.order import ReceivedLine
from domain.stockroom.goods_in import MAX_LINES, DeliveredLine, ReceivePurchase
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
                unit_cost=money_of(line.unit_cost),
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
