"""An order besides the till: from its placing to its receipt. What it costs is frozen when it is placed."""

import enum
from collections.abc import Iterable
from datetime import datetime
from typing import ClassVar

import msgspec

from domain.kernel.customer_facts import CustomerFacts
from domain.kernel.errors import Refusal
from domain.kernel.event import Event
from domain.kernel.quantity import Unit
from domain.kernel.stream import States, StreamKind
from domain.orders.attention import Attended, AttentionNeeded, matter_of
from domain.orders.comeback import OrderReturned, withdrawn_after
from domain.orders.delivery import DeliverySet
from domain.orders.shipment import CarrierReported, Shipment, ShippedLine, reported


class OrderStatus(enum.StrEnum):
    """Where an order stands. It is `picked` until its last line has left, then `shipped`."""

    PLACED = "placed"
    PAID = "paid"
    ALLOCATED = "allocated"
    PICKED = "picked"
    SHIPPED = "shipped"
    RECEIVED = "received"
    CANCELLED = "cancelled"
    FAILED = "failed"
    RETURNED = "returned"


class OrderLine(msgspec.Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A line as it will be sold: `amount_minor` before discounts, `net_minor` what is paid for it.

    As a sale keeps it: `price_list` gave the price, `weight_g` is what a piece weighs of goods kept by the
    gram.
    """

    line: int
    sku: str
    name: str
    category: str
    unit: Unit
    quantity: int
    unit_price_minor: int
    amount_minor: int
    net_minor: int
    tax_rate_bp: int = 0
    tax_minor: int = 0
    stocked: bool = True
    price_reason: str | None = None
    price_list: str | None = None
    price_list_version: int = 0
    weight_g: int = 0
    barcode: str | None = None

    @property
    def stock_quantity(self) -> int:
        """The quantity in the unit that the product is kept in."""
        return self.quantity * self.weight_g if self.weight_g else self.quantity


class OrderShare(msgspec.Struct, frozen=True, kw_only=True):
    """What a rule takes off a line."""

    line: int
    amount_minor: int


class OrderDiscount(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A rule, in which version, and what it takes off which line."""

    source: str
    rule_id: str
    rule_version: int
    name: str | None = None
    coupon_id: str | None = None
    base_minor: int
    amount_minor: int
    shares: tuple[OrderShare, ...]


class Payment(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Part of a payment, and under what reference whoever took the money knows it."""

    method: str
    amount_minor: int
    reference: str | None = None


class OrderPlaced(Event, frozen=True, kw_only=True, omit_defaults=True):
    """Somebody ordered goods of a store through a channel, at these prices, and pays until `pay_by`.

    Until then the goods are reserved. `drawn` are the streams of limited offers that count this order, in the
    `year` that it was placed in. A guest is a customer of this order alone, so it counts for nobody's points.
    """

    TYPE: ClassVar = "order.placed.v1"
    order_id: str
    store_id: str
    channel: str
    currency: str
    customer_id: str | None = None
    customer_facts: CustomerFacts | None = None
    lines: tuple[OrderLine, ...]
    discounts: tuple[OrderDiscount, ...] = ()
    prices_include_tax: bool = True
    tax_rounding: str = "line"
    total_minor: int
    pay_by: datetime
    ship_by: datetime | None = None
    skills: tuple[str, ...] = ()
    drawn: tuple[str, ...] = ()
    year: int = 0
    guest_id: str | None = None
    language: str | None = None

    @property
    def person_id(self) -> str | None:
        """Whose order it is, customer or guest."""
        return self.customer_id or self.guest_id


class OrderPaid(Event, frozen=True, kw_only=True, omit_defaults=True):
    """The order was paid, which made it the sale `sale_id`."""

    TYPE: ClassVar = "order.paid.v1"
    order_id: str
    sale_id: str
    payments: tuple[Payment, ...] = ()


class OrderAllocated(Event, frozen=True, kw_only=True, omit_defaults=True):
    """All goods of the order are there to be picked."""

    TYPE: ClassVar = "order.allocated.v1"
    order_id: str


class ShortLine(msgspec.Struct, frozen=True, kw_only=True):
    """How much of a SKU is missing."""

    sku: str
    missing: int


class AllocationShort(Event, frozen=True, kw_only=True, omit_defaults=True):
    """The book says that these goods of a paid order are not there: somebody has to find or order them."""

    TYPE: ClassVar = "order.allocation_short.v1"
    order_id: str
    lines: tuple[ShortLine, ...]


class OrderPicked(Event, frozen=True, kw_only=True, omit_defaults=True):
    """The goods lie ready to be packed."""

    TYPE: ClassVar = "order.picked.v1"
    order_id: str


class OrderShipped(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A shipment left with these lines; the order may take several. `rest` is what has still to leave."""

    TYPE: ClassVar = "order.shipped.v1"
    order_id: str
    shipment_id: str
    carrier: str
    tracking_number: str | None = None
    lines: tuple[ShippedLine, ...]
    rest: int = 0


class OrderReceived(Event, frozen=True, kw_only=True, omit_defaults=True):
    """The customer has everything: the carrier says so of every shipment, or somebody told us."""

    TYPE: ClassVar = "order.received.v1"
    order_id: str


class OrderDelayed(Event, frozen=True, kw_only=True, omit_defaults=True):
    """It will be late: shipped by then."""

    TYPE: ClassVar = "order.delayed.v1"
    order_id: str
    ship_by: datetime
    cause: str


class OrderDamaged(Event, frozen=True, kw_only=True, omit_defaults=True):
    """Goods of these lines are broken."""

    TYPE: ClassVar = "order.damaged.v1"
    order_id: str
    lines: tuple[ShippedLine, ...]
    cause: str


class OrderCancelled(Event, frozen=True, kw_only=True, omit_defaults=True):
    """It is off. What was paid went back with the return `return_id`."""

    TYPE: ClassVar = "order.cancelled.v1"
    order_id: str
    cause: str
    return_id: str | None = None


class OrderFailed(Event, frozen=True, kw_only=True, omit_defaults=True):
    """What was shipped will not arrive. What is refunded is a return of the sale."""

    TYPE: ClassVar = "order.failed.v1"
    order_id: str
    cause: str


class OrderAssigned(Event, frozen=True, kw_only=True, omit_defaults=True):
    """An employee takes care of the order, from now on alone."""

    TYPE: ClassVar = "order.assigned.v1"
    order_id: str
    employee_id: str


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """An order as decisions see it. `short` is what is missing of a paid one; quantities are by line.

    `withdrawn` came back without having left. `matters` are what somebody has to look at, and why.
    """

    placed: OrderPlaced | None = None
    status: OrderStatus = OrderStatus.PLACED
    employee_id: str | None = None
    ship_by: datetime | None = None
    sale_id: str | None = None
    payments: tuple[Payment, ...] = ()
    return_id: str | None = None
    cause: str | None = None
    shipments: dict[str, Shipment] = {}
    shipped: dict[int, int] = {}
    damaged: dict[int, int] = {}
    short: tuple[ShortLine, ...] = ()
    delayed: bool = False
    delivery: DeliverySet | None = None
    returned: dict[int, int] = {}
    withdrawn: dict[int, int] = {}
    matters: dict[str, str] = {}

    def rest(self) -> dict[int, int]:
        """What has not left yet, by line."""
        assert self.placed is not None
        left = {
            line.line: line.quantity - self.shipped.get(line.line, 0) - self.withdrawn.get(line.line, 0)
            for line in self.placed.lines
        }
        return {line: quantity for line, quantity in left.items() if quantity}


def evolve(state: Order, event: Event) -> Order:
    """The order after `event`."""
    change = msgspec.structs.replace
    match event:
        case OrderPlaced():
            return Order(placed=event, ship_by=event.ship_by)
        case OrderPaid():
            return change(state, status=OrderStatus.PAID, sale_id=event.sale_id, payments=event.payments)
        case OrderAllocated():
            return change(state, status=OrderStatus.ALLOCATED, short=())
        case AllocationShort():
            return change(state, short=event.lines)
        case OrderPicked():
            return change(state, status=OrderStatus.PICKED)
        case OrderShipped():
            return _shipped(state, event)
        case CarrierReported():
            before = state.shipments.get(event.shipment_id)
            if before is None:
                return state
            return change(state, shipments=state.shipments | {event.shipment_id: reported(before, event)})
        case OrderReceived():
            return change(state, status=OrderStatus.RECEIVED)
        case OrderDelayed():
            return change(state, ship_by=event.ship_by, delayed=True)
        case OrderDamaged():
            return change(state, damaged=_added(state.damaged, event.lines))
        case OrderCancelled():
            return change(
                state, status=OrderStatus.CANCELLED, cause=event.cause, return_id=event.return_id, short=()
            )
        case OrderFailed():
            return change(state, status=OrderStatus.FAILED, cause=event.cause)
        case OrderAssigned():
            return change(state, employee_id=event.employee_id)
        case DeliverySet():
            return change(state, delivery=event)
        case OrderReturned():
            return _returned(state, event)
        case AttentionNeeded():
            return change(state, matters=state.matters | {matter_of(event): event.cause})
        case Attended():
            left = {matter: cause for matter, cause in state.matters.items() if matter != matter_of(event)}
            return change(state, matters=left)
        case _:
            return state


def _shipped(state: Order, event: OrderShipped) -> Order:
    shipment = Shipment(carrier=event.carrier, tracking_number=event.tracking_number, lines=event.lines)
    return msgspec.structs.replace(
        state,
        status=state.status if event.rest else OrderStatus.SHIPPED,
        shipments=state.shipments | {event.shipment_id: shipment},
        shipped=_added(state.shipped, event.lines),
        delayed=state.delayed and bool(event.rest),
    )


def _returned(state: Order, event: OrderReturned) -> Order:
    status = state.status
    if status is not OrderStatus.FAILED:
        if not event.kept:
            status = OrderStatus.RETURNED
        elif not event.rest and status is OrderStatus.PICKED:
            status = OrderStatus.SHIPPED
    return msgspec.structs.replace(
        state,
        status=status,
        short=state.short if event.kept else (),
        delayed=state.delayed and bool(event.rest),
        returned=_added(state.returned, event.lines),
        withdrawn=withdrawn_after(event.lines, state.shipped, state.returned, state.withdrawn),
    )


def _added(before: dict[int, int], lines: Iterable[ShippedLine]) -> dict[int, int]:
    after = dict(before)
    for line in lines:
        after[line.line] = after.get(line.line, 0) + line.quantity
    return after


ORDER = StreamKind("order", Order(), evolve)


class OrderNotReady(Refusal):
    """An order in this status can't do that: something else comes first, or it is too late."""

    code = "order_not_ready"


def require_order(states: States, order_id: str) -> tuple[Order, OrderPlaced]:
    """The order and its placing, or NotFound."""
    order = states.require(ORDER, order_id)
    assert order.placed is not None
    return order, order.placed


def require_status(order: Order, wish: str, *allowed: OrderStatus) -> None:
    """OrderNotReady unless the order is in one of these."""
    if order.status not in allowed:
        raise OrderNotReady(
            f"It is {order.status}. Only an order that is {' or '.join(allowed)} can be {wish}.",
            status=order.status.value,
            allowed=[status.value for status in allowed],
        )
