"""What a return of an order's sale is to the order: it shows so, and is over when nothing is kept."""

from collections.abc import Iterable, Sequence

import msgspec

from domain.checkout.lines_back import ReturnLine
from domain.checkout.order_sale import is_of_orders
from domain.kernel.event import Event
from domain.kernel.stream import States
from domain.orders.comeback import OrderReturned
from domain.orders.order import ORDER, OrderReceived, OrderStatus, evolve
from domain.orders.shipment import CarrierStatus, ShippedLine
from domain.sales.sale import SaleCompleted

_OVER = frozenset({OrderStatus.CANCELLED, OrderStatus.RETURNED})


def order_of(completed: SaleCompleted) -> Iterable[str]:
    """The stream of the order that the sale was, if it was one."""
    if is_of_orders(completed.register_id):
        yield ORDER.stream(completed.sale_id)


def returned_of_order(
    states: States, completed: SaleCompleted, return_id: str, lines: Sequence[ReturnLine]
) -> tuple[tuple[str, Event], ...]:
    """What the order says of the return. Nothing where the sale was a till's."""
    if not is_of_orders(completed.register_id):
        return ()
    order = states.of(ORDER, completed.sale_id)
    if order.placed is None or order.status in _OVER:
        return ()
    back = tuple(ShippedLine(line=line.line, quantity=line.quantity) for line in lines)
    draft = OrderReturned(order_id=completed.sale_id, return_id=return_id, lines=back, kept=1, rest=1)
    after = evolve(order, draft)
    ordered = sum(line.quantity for line in order.placed.lines)
    event = msgspec.structs.replace(
        draft, kept=ordered - sum(after.returned.values()), rest=sum(after.rest().values())
    )
    facts: list[Event] = [event]
    after = evolve(order, event)
    arrived = all(one.status is CarrierStatus.DELIVERED for one in order.shipments.values())
    if order.status is OrderStatus.PICKED and after.status is OrderStatus.SHIPPED and arrived:
        # What had not left was all that they waited for.
        facts.append(OrderReceived(order_id=completed.sale_id))
    return tuple((ORDER.stream(completed.sale_id), fact) for fact in facts)
