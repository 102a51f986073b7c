"""How an order is shown to staff: lines, shipments, and everything that happened to it."""

from collections.abc import Sequence

import msgspec

from api.money import money
from api.requests import Instant
from domain.kernel.event import AnyRecorded
from domain.kernel.money import Money
from domain.orders.order import Order, OrderLine
from domain.orders.shipment import Shipment


class OrderLineView(msgspec.Struct, frozen=True, kw_only=True):
    """A line as ordered: `total` is what is paid for it."""

    line: int
    sku: str
    name: str
    quantity: int
    unit_price: Money
    amount: Money
    discount: Money
    tax: Money
    total: Money


class OrderedLineView(OrderLineView, frozen=True, kw_only=True):
    """The same, and how much of it has left, was found damaged and came back."""

    shipped: int
    damaged: int
    returned: int


class ShippedLineView(msgspec.Struct, frozen=True, kw_only=True):
    """How much of which line."""

    line: int
    quantity: int


class ShipmentView(msgspec.Struct, frozen=True, kw_only=True):
    """What left together, and where the carrier says it is."""

    shipment_id: str
    carrier: str
    tracking_number: str | None
    lines: list[ShippedLineView]
    status: str | None
    status_at: Instant | None
    damaged: bool


class PaymentView(msgspec.Struct, frozen=True, kw_only=True):
    """Part of the payment."""

    method: str
    amount: Money
    reference: str | None


class MissingView(msgspec.Struct, frozen=True, kw_only=True):
    """How much of a SKU is missing."""

    sku: str
    missing: int


class MatterView(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody has to look at: `call` about a message, `carrier` about a shipment, and why."""

    matter: str
    about: str
    cause: str


class HappeningView(msgspec.Struct, frozen=True, kw_only=True):
    """What happened to the order: the event's type, when, and who did it through what."""

    type: str
    occurred_at: Instant
    recorded_at: Instant
    actor: str
    channel: str


class OrderView(msgspec.Struct, frozen=True, kw_only=True):
    """An order as it stands, and how it came there."""

    order_id: str
    store_id: str
    channel: str
    customer_id: str | None
    guest_id: str | None
    pick_up: bool
    employee_id: str | None
    status: str
    cause: str | None
    delayed: bool
    lines: list[OrderedLineView]
    tax: Money
    total: Money
    pay_by: Instant
    ship_by: Instant | None
    sale_id: str | None
    return_id: str | None
    payments: list[PaymentView]
    missing: list[MissingView]
    matters: list[MatterView]
    shipments: list[ShipmentView]
    history: list[HappeningView]


def line_view(line: OrderLine, currency: str) -> OrderLineView:
    """A line as ordered."""
    return OrderLineView(
        line=line.line,
        sku=line.sku,
        name=line.name,
        quantity=line.quantity,
        unit_price=money(line.unit_price_minor, currency),
        amount=money(line.amount_minor, currency),
        discount=money(line.amount_minor - line.net_minor, currency),
        tax=money(line.tax_minor, currency),
        total=money(line.net_minor, currency),
    )


def shipment_view(shipment_id: str, shipment: Shipment) -> ShipmentView:
    """A shipment and where it is."""
    return ShipmentView(
        shipment_id=shipment_id,
        carrier=shipment.carrier,
        tracking_number=shipment.tracking_number,
        lines=[ShippedLineView(line=line.line, quantity=line.quantity) for line in shipment.lines],
        status=None if shipment.status is None else shipment.status.value,
        status_at=shipment.status_at,
        damaged=shipment.damaged,
    )


def order_view(order: Order, entries: Sequence[AnyRecorded]) -> OrderView:
    """The order and its history."""
    placed = order.placed
    assert placed is not None
    currency = placed.currency
    return OrderView(
        order_id=placed.order_id,
        store_id=placed.store_id,
        channel=placed.channel,
        customer_id=placed.customer_id,
        guest_id=placed.guest_id,
        pick_up=order.delivery is not None and order.delivery.pick_up,
        employee_id=order.employee_id,
        status=order.status.value,
        cause=order.cause,
        delayed=order.delayed,
        lines=[
            OrderedLineView(
                **msgspec.structs.asdict(line_view(line, currency)),
                shipped=order.shipped.get(line.line, 0),
                damaged=order.damaged.get(line.line, 0),
                returned=order.returned.get(line.line, 0),
            )
            for line in placed.lines
        ],
        tax=money(sum(line.tax_minor for line in placed.lines), currency),
        total=money(placed.total_minor, currency),
        pay_by=placed.pay_by,
        ship_by=order.ship_by,
        sale_id=order.sale_id,
        return_id=order.return_id,
        payments=[
            PaymentView(method=one.method, amount=money(one.amount_minor, currency), reference=one.reference)
            for one in order.payments
        ],
        matters=[
            MatterView(matter=name.partition("/")[0], about=name.partition("/")[2], cause=cause)
            for name, cause in order.matters.items()
        ],
        missing=[MissingView(sku=line.sku, missing=line.missing) for line in order.short],
        shipments=[shipment_view(id_, shipment) for id_, shipment in order.shipments.items()],
        history=[
            HappeningView(
                type=entry.data.TYPE,
                occurred_at=entry.occurred_at,
                recorded_at=entry.recorded_at,
                actor=entry.actor,
                channel=entry.channel,
            )
            for entry in entries
        ],
    )
