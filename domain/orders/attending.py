"""Asking somebody to look at an order, and saying that it was done."""

from domain.kernel.event import Event
from domain.orders.attention import Attended, AttentionNeeded, matter_of
from domain.orders.order import Order
from domain.orders.steps import OrderStep, TooManyReports

MAX_MATTERS = 100


class AskAttention(OrderStep, frozen=True, kw_only=True):
    """Asks for somebody. What is known already, for the same cause, changes nothing."""

    matter: str
    about: str
    cause: str

    def step(self, order: Order) -> tuple[Event, ...]:
        event = AttentionNeeded(
            order_id=self.order_id, matter=self.matter, about=self.about, cause=self.cause
        )
        matter = matter_of(event)
        if order.matters.get(matter) == self.cause:
            return ()
        if matter not in order.matters and len(order.matters) >= MAX_MATTERS:
            raise TooManyReports(f"An order has up to {MAX_MATTERS} matters.", limit=MAX_MATTERS)
        return (event,)


class Attend(OrderStep, frozen=True, kw_only=True):
    """Says that a matter is dealt with. One that is not there changes nothing."""

    matter: str
    about: str

    def step(self, order: Order) -> tuple[Event, ...]:
        event = Attended(order_id=self.order_id, matter=self.matter, about=self.about)
        return (event,) if matter_of(event) in order.matters else ()
