"""Orders, and the work on them."""

from domain.orders.attention import Attended, AttentionNeeded
from domain.orders.comeback import OrderReturned
from domain.orders.delivery import DeliverySet
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
)
from domain.orders.shipment import CarrierReported
from domain.staff.crew import CrewAbsenceSet, CrewMemberSet, WorkAssigned, WorkEnded, WorkQueued
from workers.audit_words.telling import count, money, words


@words(OrderPlaced)
def _(event: OrderPlaced) -> str:
    guest = f"guest {event.guest_id}" if event.guest_id else "nobody in particular"
    who = f"customer {event.customer_id}" if event.customer_id else guest
    total = money(event.total_minor, event.currency)
    return f"{who} ordered {count(len(event.lines), 'line')} through {event.channel} for {total}"


@words(OrderPaid)
def _(event: OrderPaid) -> str:
    paid = ", ".join(f"{money(one.amount_minor)} by {one.method}" for one in event.payments)
    return f"paid ({paid or 'nothing was due'}), as sale {event.sale_id}"


@words(OrderAllocated)
def _(_event: OrderAllocated) -> str:
    return "its goods are there"


@words(AllocationShort)
def _(event: AllocationShort) -> str:
    return "missing: " + ", ".join(f"{line.missing:,} of {line.sku!r}" for line in event.lines)


@words(OrderPicked)
def _(_event: OrderPicked) -> str:
    return "picked"


@words(OrderShipped)
def _(event: OrderShipped) -> str:
    number = f", number {event.tracking_number}" if event.tracking_number else ""
    return f"shipment {event.shipment_id} left with {event.carrier}{number}; {event.rest:,} still to leave"


@words(CarrierReported)
def _(event: CarrierReported) -> str:
    return f"shipment {event.shipment_id}: {event.status.value.replace('_', ' ')}, says the carrier"


@words(OrderReceived)
def _(_event: OrderReceived) -> str:
    return "received"


@words(OrderDelayed)
def _(event: OrderDelayed) -> str:
    return f"late, shipped by {event.ship_by.isoformat()}: {event.cause}"


@words(OrderDamaged)
def _(event: OrderDamaged) -> str:
    lines = ", ".join(f"{line.quantity:,} of line {line.line}" for line in event.lines)
    return f"damaged: {lines} ({event.cause})"


@words(OrderCancelled)
def _(event: OrderCancelled) -> str:
    back = f", what was paid went back with return {event.return_id}" if event.return_id else ""
    return f"cancelled: {event.cause}{back}"


@words(OrderFailed)
def _(event: OrderFailed) -> str:
    return f"will not arrive: {event.cause}"


@words(DeliverySet)
def _(event: DeliverySet) -> str:
    return f"order {event.order_id} is {'picked up in the store' if event.pick_up else 'sent to an address'}"


@words(OrderReturned)
def _(event: OrderReturned) -> str:
    left = f"{event.kept} are kept" if event.kept else "nothing is kept, the order is over"
    return f"goods came back with return {event.return_id}: {left}"


@words(AttentionNeeded)
def _(event: AttentionNeeded) -> str:
    return f"somebody has to look: {event.matter} about {event.about}, {event.cause}"


@words(Attended)
def _(event: Attended) -> str:
    return f"dealt with: {event.matter} about {event.about}"


@words(OrderAssigned)
def _(event: OrderAssigned) -> str:
    return f"employee {event.employee_id} takes care of it"


@words(CrewMemberSet)
def _(event: CrewMemberSet) -> str:
    kinds = f", of the kinds {', '.join(event.skills)}" if event.skills else ""
    return f"employee {event.employee_id} takes {count(event.capacity, 'piece')} of work at once{kinds}"


@words(CrewAbsenceSet)
def _(event: CrewAbsenceSet) -> str:
    return f"employee {event.employee_id} {'is away' if event.away else 'is back'}"


@words(WorkAssigned)
def _(event: WorkAssigned) -> str:
    found = count(len(event.candidates), "candidate")
    return f"{event.work} goes to employee {event.employee_id}, found by {event.formula} among {found}"


@words(WorkQueued)
def _(event: WorkQueued) -> str:
    return (
        f"{event.work} waits: {event.formula} found nobody among {count(len(event.candidates), 'candidate')}"
    )


@words(WorkEnded)
def _(event: WorkEnded) -> str:
    return f"{event.work} is over" + (f", employee {event.employee_id} has room" if event.employee_id else "")
