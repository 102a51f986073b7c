"""What happens to an order and concerns nothing else: picked, shipped, received, late, broken."""

from datetime import datetime
from typing import ClassVar

import msgspec

from domain.kernel.command import Command, Decision, Done, Moment
from domain.kernel.errors import AlreadyExists, InvalidCommand, NotFound, Refusal
from domain.kernel.event import Event
from domain.kernel.sealed import Sealed
from domain.kernel.stream import States
from domain.orders.delivery import PICK_UP, DeliverySet
from domain.orders.order import (
    ORDER,
    Order,
    OrderDamaged,
    OrderDelayed,
    OrderFailed,
    OrderPicked,
    OrderReceived,
    OrderShipped,
    OrderStatus,
    evolve,
    require_order,
    require_status,
)
from domain.orders.shipment import CarrierReported, CarrierStatus, ShippedLine

MAX_SHIPMENTS = 100
MAX_REPORTS = 200
"""Of one shipment: a carrier that says more has a fault, and streams are short."""

OPEN = (OrderStatus.PLACED, OrderStatus.PAID, OrderStatus.ALLOCATED, OrderStatus.PICKED)


class ShipmentExceedsOrder(Refusal):
    """More would leave than was ordered and has not left yet."""

    code = "shipment_exceeds_order"


class TooManyReports(Refusal):
    """The shipment or the order has as many entries as one can have."""

    code = "too_many_reports"


class OrderStep(Command, frozen=True, kw_only=True):
    """A command that looks at one order and writes to it alone."""

    RESULT: ClassVar[type[msgspec.Struct]] = Done

    order_id: str

    def streams(self) -> tuple[str, ...]:
        return (ORDER.stream(self.order_id),)

    def decide(self, states: States, at: Moment) -> Decision:
        order, _ = require_order(states, self.order_id)
        stream = ORDER.stream(self.order_id)
        events = tuple((stream, event) for event in self.step(order))
        return Decision(events=events, result=Done(id=self.order_id))

    def step(self, order: Order) -> tuple[Event, ...]:
        """What happens to the order, or a Refusal."""
        raise NotImplementedError


class PickOrder(OrderStep, frozen=True, kw_only=True):
    """The goods were taken from where they lie."""

    def step(self, order: Order) -> tuple[Event, ...]:
        require_status(order, "picked", OrderStatus.ALLOCATED)
        return (OrderPicked(order_id=self.order_id),)


class ShipGoods(OrderStep, frozen=True, kw_only=True):
    """Some or all of what was picked leaves. Without lines everything that has not left yet."""

    shipment_id: str
    carrier: str
    tracking_number: str | None = None
    lines: tuple[ShippedLine, ...] = ()

    def step(self, order: Order) -> tuple[Event, ...]:
        require_status(order, "shipped", OrderStatus.PICKED)
        if self.shipment_id in order.shipments:
            raise AlreadyExists(
                f"The order has a shipment {self.shipment_id!r}. Choose another id.",
                kind="shipment",
                id=self.shipment_id,
            )
        if len(order.shipments) >= MAX_SHIPMENTS:
            raise TooManyReports(f"An order has up to {MAX_SHIPMENTS} shipments.", limit=MAX_SHIPMENTS)
        rest = order.rest()
        lines = self.lines or tuple(ShippedLine(line=line, quantity=left) for line, left in rest.items())
        if len({line.line for line in lines}) < len(lines):
            raise InvalidCommand("Name each line once.")
        for line in lines:
            self._check(order, rest, line)
            rest[line.line] -= line.quantity
        shipped = OrderShipped(
            order_id=self.order_id,
            shipment_id=self.shipment_id,
            carrier=self.carrier,
            tracking_number=self.tracking_number,
            lines=lines,
            rest=sum(rest.values()),
        )
        return (shipped,)

    def _check(self, order: Order, rest: dict[int, int], line: ShippedLine) -> None:
        _require_line(order, line)
        left = rest.get(line.line, 0)
        if line.quantity > left:
            raise ShipmentExceedsOrder(
                f"Of line {line.line} {left} have not left yet.",
                line=line.line,
                left=left,
                asked=line.quantity,
            )


class ReportCarrier(OrderStep, frozen=True, kw_only=True):
    """A carrier says something of a shipment. The same report again changes nothing."""

    shipment_id: str
    event_id: str
    status: CarrierStatus
    happened_at: datetime

    def step(self, order: Order) -> tuple[Event, ...]:
        shipment = order.shipments.get(self.shipment_id)
        if shipment is None:
            raise NotFound(
                f"The order has no shipment {self.shipment_id!r}.", kind="shipment", id=self.shipment_id
            )
        if self.event_id in shipment.reports:
            return ()
        if len(shipment.reports) >= MAX_REPORTS:
            raise TooManyReports(f"A shipment has up to {MAX_REPORTS} reports.", limit=MAX_REPORTS)
        said = CarrierReported(
            order_id=self.order_id,
            shipment_id=self.shipment_id,
            event_id=self.event_id,
            status=self.status,
            happened_at=self.happened_at,
        )
        after = evolve(order, said)
        everything = all(one.status is CarrierStatus.DELIVERED for one in after.shipments.values())
        if order.status is OrderStatus.SHIPPED and everything:
            return said, OrderReceived(order_id=self.order_id)
        return (said,)


class ReceiveOrder(OrderStep, frozen=True, kw_only=True):
    """The customer has it, whatever the carrier says. What is picked up leaves in this moment."""

    def step(self, order: Order) -> tuple[Event, ...]:
        received = OrderReceived(order_id=self.order_id)
        if order.status is OrderStatus.PICKED and order.delivery is not None and order.delivery.pick_up:
            handed_over = ShipGoods(order_id=self.order_id, shipment_id=PICK_UP, carrier=PICK_UP)
            return (*handed_over.step(order), received)
        require_status(order, "received", OrderStatus.SHIPPED)
        return (received,)


class SetDelivery(OrderStep, frozen=True, kw_only=True):
    """Sends what has not left yet elsewhere, or has it picked up."""

    pick_up: bool = False
    name: Sealed | None = None
    phone: Sealed | None = None
    address: Sealed | None = None

    def step(self, order: Order) -> tuple[Event, ...]:
        require_status(order, "sent elsewhere", *OPEN)
        return (
            DeliverySet(
                order_id=self.order_id,
                pick_up=self.pick_up,
                name=self.name,
                phone=self.phone,
                address=self.address,
            ),
        )


class DelayOrder(OrderStep, frozen=True, kw_only=True):
    """It will be shipped later than was said."""

    ship_by: datetime
    cause: str

    def step(self, order: Order) -> tuple[Event, ...]:
        require_status(order, "delayed", *OPEN)
        if order.ship_by is not None and self.ship_by <= order.ship_by:
            raise InvalidCommand("ship_by must be later than what was said before.")
        return (OrderDelayed(order_id=self.order_id, ship_by=self.ship_by, cause=self.cause),)


class ReportDamage(OrderStep, frozen=True, kw_only=True):
    """Goods are broken, before they left or after they arrived."""

    lines: tuple[ShippedLine, ...]
    cause: str

    def step(self, order: Order) -> tuple[Event, ...]:
        require_status(
            order,
            "reported as damaged",
            OrderStatus.ALLOCATED,
            OrderStatus.PICKED,
            OrderStatus.SHIPPED,
            OrderStatus.RECEIVED,
            OrderStatus.FAILED,
        )
        if not self.lines or len({line.line for line in self.lines}) < len(self.lines):
            raise InvalidCommand("Name each line once, and at least one.")
        for line in self.lines:
            _require_line(order, line)
            self._check(order, line)
        return (OrderDamaged(order_id=self.order_id, lines=self.lines, cause=self.cause),)

    def _check(self, order: Order, line: ShippedLine) -> None:
        assert order.placed is not None
        whole = order.placed.lines[line.line - 1].quantity - order.damaged.get(line.line, 0)
        if line.quantity > whole:
            raise InvalidCommand(
                f"Of line {line.line} only {whole} can be damaged.", line=line.line, asked=line.quantity
            )


class FailOrder(OrderStep, frozen=True, kw_only=True):
    """What was shipped will not arrive."""

    cause: str

    def step(self, order: Order) -> tuple[Event, ...]:
        require_status(order, "failed", OrderStatus.PICKED, OrderStatus.SHIPPED)
        if not order.shipments:
            raise InvalidCommand("Nothing has been shipped. Cancel the order instead.")
        return (OrderFailed(order_id=self.order_id, cause=self.cause),)


def _require_line(order: Order, line: ShippedLine) -> None:
    assert order.placed is not None
    if not 1 <= line.line <= len(order.placed.lines):
        raise NotFound(f"The order has no line {line.line}.", kind="line", id=str(line.line))
    if line.quantity <= 0:
        raise InvalidCommand("quantity must be a positive whole number.", line=line.line)
