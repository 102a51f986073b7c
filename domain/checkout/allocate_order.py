"""Allocating a paid order: are its goods there?"""

from collections.abc import Iterable

from domain.checkout.place_order import stocked
from domain.inventory.stock_item import STOCK_ITEM, item_id
from domain.kernel.command import Command, Decision, Done, Moment
from domain.kernel.stream import States
from domain.orders.order import (
    ORDER,
    AllocationShort,
    OrderAllocated,
    OrderStatus,
    ShortLine,
    require_order,
    require_status,
)


class AllocateOrder(Command, frozen=True, kw_only=True):
    """Gives the order its goods, or says what is missing: it then waits, and may be tried again.

    The payment has taken the goods off the book. Where the book is below zero a till sold what was reserved,
    and somebody has to look; what came back of the order is missing to nobody. The same shortage again
    changes nothing.
    """

    order_id: str

    def streams(self) -> Iterable[str]:
        yield ORDER.stream(self.order_id)

    def linked(self, states: States) -> Iterable[str]:
        placed = states.of(ORDER, self.order_id).placed
        if placed is not None:
            yield from (STOCK_ITEM.stream(item_id(placed.store_id, sku)) for sku in stocked(placed))

    def decide(self, states: States, at: Moment) -> Decision:
        order, placed = require_order(states, self.order_id)
        require_status(order, "allocated", OrderStatus.PAID)
        short: list[ShortLine] = []
        for sku, quantity in stocked(placed, order.withdrawn).items():
            on_hand = states.of(STOCK_ITEM, item_id(placed.store_id, sku)).on_hand
            if on_hand < 0 < quantity:
                short.append(ShortLine(sku=sku, missing=min(quantity, -on_hand)))
        answer = Done(id=self.order_id)
        if order.short and order.short == tuple(short):
            return Decision(events=(), result=answer)
        event = (
            AllocationShort(order_id=self.order_id, lines=tuple(short))
            if short
            else OrderAllocated(order_id=self.order_id)
        )
        return Decision(events=((ORDER.stream(self.order_id), event),), result=answer)
