"""/v1/orders/{order_id}/links and /v1/track/{token}: a customer's own order, by a signed link."""

from datetime import timedelta
from typing import Annotated

import msgspec
from litestar import Controller, Response, get, post
from msgspec import Meta

from api.auth import ANYBODY
from api.links import link_is_over, open_link
from api.money import money
from api.order_views import ShipmentView, shipment_view
from api.orders import require_order
from api.requests import Body, Instant, ShopRequest
from domain.customers.customer import CUSTOMER
from domain.kernel.money import Money
from domain.orders.attention import Attended, AttentionNeeded
from domain.orders.order import ORDER, Order
from domain.orders.shipment import CarrierReported
from infra.crypto.links import LinkKind, make_token
from infra.event_store.clerk import now_utc
from infra.tenancy import Tenant

VALID_S = 30 * 24 * 60 * 60
MAX_VALID_S = 365 * 24 * 60 * 60
PRIVATE = frozenset({"order.assigned.v1", "order.allocation_short.v1"}) | {
    AttentionNeeded.TYPE,
    Attended.TYPE,
}
"""What happens to an order and is no business of the customer's."""


class LinkToMake(Body, frozen=True, kw_only=True):
    """How long the link shall open the order."""

    valid_s: Annotated[int, Meta(gt=0, le=MAX_VALID_S)] = VALID_S


class LinkView(msgspec.Struct, frozen=True, kw_only=True):
    """A link for the customer: whoever has it sees the order. It is kept nowhere."""

    token: str
    path: str
    expires_at: Instant


class TrackedLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line as ordered, and how much of it has left."""

    name: str
    quantity: int
    total: Money
    shipped: int
    returned: int


class TrackedStep(msgspec.Struct, frozen=True, kw_only=True):
    """What happened to the order, and when."""

    type: str
    at: Instant


class TrackedOrder(msgspec.Struct, frozen=True, kw_only=True):
    """A customer's order: nothing of who works on it, of the payment, or of other orders."""

    order_id: str
    status: str
    pick_up: bool
    delayed: bool
    total: Money
    pay_by: Instant
    ship_by: Instant | None
    lines: list[TrackedLine]
    shipments: list[ShipmentView]
    history: list[TrackedStep]


class OrderLinksController(Controller):
    """Links to orders."""

    path = "/v1/orders/{order_id:str}/links"
    tags = ("orders",)

    @post(operation_id="makeOrderLink", opt={"scope": "orders:write"})
    async def make(
        self, request: ShopRequest, tenant: Tenant, order_id: str, data: LinkToMake
    ) -> Response[LinkView]:
        """A link by which the customer sees this order, and nothing else, until it expires."""
        await require_order(request, tenant, order_id)
        expires_at = (now_utc() + timedelta(seconds=data.valid_s)).replace(microsecond=0)
        token = make_token(tenant.vault, tenant.name, order_id, expires_at)
        view = LinkView(token=token, path=f"/v1/track/{token}", expires_at=expires_at)
        return Response(view, status_code=201)


class TrackingController(Controller):
    """Orders as their customers see them."""

    path = "/v1/track"
    tags = ("orders",)

    @get("/{token:str}", operation_id="trackOrder", opt={"scope": ANYBODY})
    async def track(self, request: ShopRequest, token: str) -> TrackedOrder:
        """The order that a link opens, with all that happened to it."""
        tenant, order_id = await open_link(request, token, LinkKind.ORDER)
        order, version = await tenant.require_state(ORDER, order_id)
        await _require_remembered(tenant, order)
        async with tenant.readers.connection() as connection:
            entries = await tenant.journal.read_stream(connection, ORDER.stream(order_id), 0, version)
        steps = [
            TrackedStep(
                type=entry.data.TYPE,
                at=entry.data.happened_at if isinstance(entry.data, CarrierReported) else entry.recorded_at,
            )
            for entry in entries
            if entry.data.TYPE not in PRIVATE
        ]
        return _view(order, steps)


async def _require_remembered(tenant: Tenant, order: Order) -> None:
    """Problem 410 where whoever ordered was forgotten: an old letter leads to nothing about them any more."""
    person_id = None if order.placed is None else order.placed.person_id
    if person_id is not None and (await tenant.state_of(CUSTOMER, person_id)).erased:
        raise link_is_over()


def _view(order: Order, steps: list[TrackedStep]) -> TrackedOrder:
    placed = order.placed
    assert placed is not None
    return TrackedOrder(
        order_id=placed.order_id,
        status=order.status.value,
        pick_up=order.delivery is not None and order.delivery.pick_up,
        delayed=order.delayed,
        total=money(placed.total_minor, placed.currency),
        pay_by=placed.pay_by,
        ship_by=order.ship_by,
        lines=[
            TrackedLine(
                name=line.name,
                quantity=line.quantity,
                total=money(line.net_minor, placed.currency),
                shipped=order.shipped.get(line.line, 0),
                returned=order.returned.get(line.line, 0),
            )
            for line in placed.lines
        ],
        shipments=[shipment_view(id_, shipment) for id_, shipment in order.shipments.items()],
        history=steps,
    )
