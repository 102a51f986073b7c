"""/v1/orders/{order_id}/…: what staff and carriers do about a paid order, step by step."""

from typing import Annotated, Literal

import msgspec
from litestar import Controller, Response, post
from msgspec import Meta

from api.orders import require_order
from api.reading import written
from api.requests import Body, Cause, Instant, Positive, Reference, ShopRequest, command_origin
from domain.checkout.allocate_order import AllocateOrder
from domain.checkout.pricing import MAX_LINES
from domain.kernel.command import Command
from domain.kernel.ids import Id
from domain.orders.attending import Attend
from domain.orders.shipment import CarrierStatus, ShippedLine
from domain.orders.steps import (
    DelayOrder,
    FailOrder,
    PickOrder,
    ReceiveOrder,
    ReportCarrier,
    ReportDamage,
    ShipGoods,
)
from infra.ids import uuid7
from infra.tenancy import Tenant

Status = Literal["in_transit", "delayed", "out_for_delivery", "failed", "damaged", "returned", "delivered"]


class OrderLineBody(Body, frozen=True, kw_only=True):
    """How much of which line, in the line's unit."""

    line: Positive
    quantity: Positive


class ShipmentBody(Body, frozen=True, kw_only=True):
    """What leaves together; without lines all that has not left yet."""

    shipment_id: Id | None = None
    carrier: Id
    tracking_number: Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$(?!\n)")] | None = None
    lines: Annotated[list[OrderLineBody], Meta(max_length=MAX_LINES)] = []  # noqa: RUF012 - msgspec copies it


class CarrierEvent(Body, frozen=True, kw_only=True):
    """What a carrier says of a shipment. `event_id` is the carrier's: the same again changes nothing."""

    shipment_id: Id
    event_id: Reference
    status: Status
    happened_at: Instant


class Delay(Body, frozen=True, kw_only=True):
    """Until when it will leave, and why."""

    ship_by: Instant
    cause: Cause


class Damage(Body, frozen=True, kw_only=True):
    """What is broken, and why."""

    lines: Annotated[list[OrderLineBody], Meta(min_length=1, max_length=MAX_LINES)]
    cause: Cause


class Failure(Body, frozen=True, kw_only=True):
    """Why what was shipped will not arrive."""

    cause: Cause


class Attention(Body, frozen=True, kw_only=True):
    """What was dealt with, as the order's `matters` tell it."""

    matter: Literal["call", "carrier"]
    about: Reference


class OrderChanged(msgspec.Struct, frozen=True, kw_only=True):
    """The order that something happened to."""

    order_id: str
    position: int


def _lines(lines: list[OrderLineBody]) -> tuple[ShippedLine, ...]:
    return tuple(ShippedLine(line=line.line, quantity=line.quantity) for line in lines)


class FulfilmentController(Controller):
    """From the payment to the receipt."""

    path = "/v1/orders/{order_id:str}"
    tags = ("orders",)

    @post("/allocation", operation_id="allocateOrder", opt={"scope": "orders:fulfil"})
    async def allocate(self, request: ShopRequest, tenant: Tenant, order_id: str) -> Response[OrderChanged]:
        """Gives a paid order its goods, or notes what is missing. Ask again when goods have come in."""
        return await self._take(request, tenant, order_id, "allocateOrder", AllocateOrder(order_id=order_id))

    @post("/picking", operation_id="pickOrder", opt={"scope": "orders:fulfil"})
    async def pick(self, request: ShopRequest, tenant: Tenant, order_id: str) -> Response[OrderChanged]:
        """The goods of an allocated order lie ready."""
        return await self._take(request, tenant, order_id, "pickOrder", PickOrder(order_id=order_id))

    @post("/shipments", operation_id="shipOrder", opt={"scope": "orders:fulfil"})
    async def ship(
        self, request: ShopRequest, tenant: Tenant, order_id: str, data: ShipmentBody
    ) -> Response[OrderChanged]:
        """Some or all of a picked order leaves."""
        command = ShipGoods(
            order_id=order_id,
            shipment_id=data.shipment_id or uuid7(),
            carrier=data.carrier,
            tracking_number=data.tracking_number,
            lines=_lines(data.lines),
        )
        return await self._take(request, tenant, order_id, "shipOrder", command)

    @post("/carrier-events", operation_id="reportCarrierEvent", opt={"scope": "carriers:write"})
    async def report(
        self, request: ShopRequest, tenant: Tenant, order_id: str, data: CarrierEvent
    ) -> Response[OrderChanged]:
        """A carrier says where a shipment is; late, twice or out of order as it may be."""
        command = ReportCarrier(
            order_id=order_id,
            shipment_id=data.shipment_id,
            event_id=data.event_id,
            status=CarrierStatus(data.status),
            happened_at=data.happened_at,
        )
        return await self._take(request, tenant, order_id, "reportCarrierEvent", command)

    @post("/receipt", operation_id="receiveOrder", opt={"scope": "orders:fulfil"})
    async def receive(self, request: ShopRequest, tenant: Tenant, order_id: str) -> Response[OrderChanged]:
        """The customer has everything, whatever the carrier says."""
        return await self._take(request, tenant, order_id, "receiveOrder", ReceiveOrder(order_id=order_id))

    @post("/delays", operation_id="delayOrder", opt={"scope": "orders:fulfil"})
    async def delay(
        self, request: ShopRequest, tenant: Tenant, order_id: str, data: Delay
    ) -> Response[OrderChanged]:
        """It will leave later than was said."""
        command = DelayOrder(order_id=order_id, ship_by=data.ship_by, cause=data.cause)
        return await self._take(request, tenant, order_id, "delayOrder", command)

    @post("/damages", operation_id="damageOrder", opt={"scope": "orders:fulfil"})
    async def damage(
        self, request: ShopRequest, tenant: Tenant, order_id: str, data: Damage
    ) -> Response[OrderChanged]:
        """Goods of it are broken, before they left or when they arrived."""
        command = ReportDamage(order_id=order_id, lines=_lines(data.lines), cause=data.cause)
        return await self._take(request, tenant, order_id, "damageOrder", command)

    @post("/failure", operation_id="failOrder", opt={"scope": "orders:fulfil"})
    async def fail(
        self, request: ShopRequest, tenant: Tenant, order_id: str, data: Failure
    ) -> Response[OrderChanged]:
        """What was shipped will not arrive. What is refunded is a return of the sale."""
        return await self._take(
            request, tenant, order_id, "failOrder", FailOrder(order_id=order_id, cause=data.cause)
        )

    @post("/attention", operation_id="attendOrder", opt={"scope": "orders:fulfil"})
    async def attend(
        self, request: ShopRequest, tenant: Tenant, order_id: str, data: Attention
    ) -> Response[OrderChanged]:
        """Somebody has dealt with a matter: called the customer, asked the carrier."""
        command = Attend(order_id=order_id, matter=data.matter, about=data.about)
        return await self._take(request, tenant, order_id, "attendOrder", command)

    async def _take(
        self, request: ShopRequest, tenant: Tenant, order_id: str, operation: str, command: Command
    ) -> Response[OrderChanged]:
        await require_order(request, tenant, order_id)
        origin = await command_origin(request, tenant, operation, key_required=False)
        answer = await tenant.submit(command, origin)
        return written(OrderChanged(order_id=order_id, position=answer.position), answer, 201)
