"""order_board: one row an order, with what its exceptions are found by. No personal data."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import msgspec

from domain.kernel.event import AnyRecorded
from domain.orders.attention import Attended, AttentionNeeded, matter_of
from domain.orders.comeback import OrderReturned
from domain.orders.order import (
    AllocationShort,
    OrderAllocated,
    OrderAssigned,
    OrderCancelled,
    OrderDamaged,
    OrderDelayed,
    OrderFailed,
    OrderPaid,
    OrderPicked,
    OrderPlaced,
    OrderReceived,
    OrderShipped,
    OrderStatus,
)
from domain.orders.shipment import CarrierReported, CarrierStatus
from projections.kernel.table import Change, Table

_STATUSES = list(CarrierStatus)
_FINAL = frozenset({CarrierStatus.RETURNED, CarrierStatus.DELIVERED})
_FINAL_PLACE = 10**18
"""Above the place of every instant there is."""
_TROUBLE = frozenset({CarrierStatus.FAILED, CarrierStatus.RETURNED, CarrierStatus.DAMAGED})
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_NEXT: dict[type, OrderStatus] = {
    OrderPaid: OrderStatus.PAID,
    OrderAllocated: OrderStatus.ALLOCATED,
    OrderPicked: OrderStatus.PICKED,
    OrderReceived: OrderStatus.RECEIVED,
    OrderCancelled: OrderStatus.CANCELLED,
    OrderFailed: OrderStatus.FAILED,
}


class OrderRow(msgspec.Struct, frozen=False, kw_only=False):
    """An order's place on the board. Flags are 0 and 1; `undelivered` counts shipments in trouble.

    `matters` are what somebody has to look at.
    """

    order_id: str
    store_id: str = ""
    channel: str = ""
    status: str = OrderStatus.PLACED
    customer_id: str | None = None
    employee_id: str | None = None
    currency: str = ""
    total_minor: int = 0
    placed_at: datetime | None = None
    pay_by: datetime | None = None
    ship_by: datetime | None = None
    changed_at: datetime | None = None
    short: int = 0
    delayed: int = 0
    damaged: int = 0
    undelivered: int = 0
    carriers: dict[str, int] = {}
    returned: int = 0
    matters: dict[str, int] = {}


def _fold(row: OrderRow, entry: AnyRecorded) -> None:
    event = entry.data
    row.changed_at = entry.recorded_at
    if (status := _NEXT.get(entry.data.__class__)) is not None:
        row.status = status.value
        row.short = 0
        return
    match event:
        case OrderPlaced():
            row.store_id = event.store_id
            row.channel = event.channel
            row.customer_id = event.customer_id
            row.currency = event.currency
            row.total_minor = event.total_minor
            row.placed_at = entry.recorded_at
            row.pay_by = event.pay_by
            row.ship_by = event.ship_by
        case AllocationShort():
            row.short = 1
        case OrderShipped():
            if not event.rest:
                row.status = OrderStatus.SHIPPED.value
                row.delayed = 0
        case CarrierReported():
            _report(row, event)
        case OrderDelayed():
            row.ship_by = event.ship_by
            row.delayed = 1
        case OrderDamaged():
            row.damaged = 1
        case OrderReturned():
            _take_back(row, event)
        case AttentionNeeded():
            row.matters = {**row.matters, matter_of(event): 1}
        case Attended():
            row.matters = {name: 1 for name in row.matters if name != matter_of(event)}
        case _:
            row.employee_id = event.employee_id


def _take_back(row: OrderRow, event: OrderReturned) -> None:
    row.returned = 1
    if row.status == OrderStatus.FAILED:
        return
    if not event.kept:
        row.status = OrderStatus.RETURNED.value
        row.short = 0
    elif not event.rest and row.status == OrderStatus.PICKED:
        row.status = OrderStatus.SHIPPED.value
        row.delayed = 0


def _report(row: OrderRow, event: CarrierReported) -> None:
    """The furthest report of each shipment counts, as in the order itself, whatever comes when."""
    place = _place(event.status, event.happened_at)
    row.carriers = {**row.carriers, event.shipment_id: max(place, row.carriers.get(event.shipment_id, 0))}
    places = row.carriers.values()
    row.undelivered = sum(_STATUSES[place % len(_STATUSES)] in _TROUBLE for place in places)
    if event.status is CarrierStatus.DAMAGED:
        row.damaged = 1


def _place(status: CarrierStatus, happened_at: datetime) -> int:
    """Greater the further: what is final, then what is later, then the status. It tells the status again."""
    instant = (happened_at - _EPOCH) // timedelta(milliseconds=1) * len(_STATUSES)
    final = _FINAL_PLACE - _FINAL_PLACE % len(_STATUSES) if status in _FINAL else 0
    return final + instant + _STATUSES.index(status)


ORDER_BOARD = Table("order_board", OrderRow, keys=1, fold=_fold)


class OrderBoard:
    """Keyed by order; fed by everything that happens to one."""

    name = "order_board"
    version = 2
    tables = (ORDER_BOARD,)
    events = (
        OrderPlaced,
        OrderPaid,
        OrderAllocated,
        AllocationShort,
        OrderPicked,
        OrderShipped,
        CarrierReported,
        OrderReceived,
        OrderDelayed,
        OrderDamaged,
        OrderCancelled,
        OrderFailed,
        OrderAssigned,
        OrderReturned,
        AttentionNeeded,
        Attended,
    )

    def changes(self, entry: AnyRecorded) -> Iterable[Change]:
        """The order's row."""
        yield ORDER_BOARD.change((entry.data.order_id,), entry)
