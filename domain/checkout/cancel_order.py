"""Giving an order up: reservations end; what was paid goes back by the same decision as any return."""

from collections.abc import Iterable
from typing import ClassVar

import msgspec

from domain.access.approval import Authority
from domain.checkout.lines_back import ReturnLine
from domain.checkout.order_coupons import coupons_need, release_ordered
from domain.checkout.order_sale import register_of
from domain.checkout.pay_order import released
from domain.checkout.place_order import stocked
from domain.checkout.return_document import ReturnAnswer
from domain.checkout.take_back import TakeBack
from domain.inventory.stock_item import STOCK_ITEM, item_id
from domain.kernel.command import Command, Decision, Done, Moment
from domain.kernel.errors import Refusal
from domain.kernel.event import Event
from domain.kernel.sealed import Sealed
from domain.kernel.stream import States
from domain.orders.order import (
    ORDER,
    OrderCancelled,
    OrderPlaced,
    OrderStatus,
    require_order,
    require_status,
)
from domain.promotions.book import CUSTOMER_USES, DRAWN, OfferReleased, OfferUseReturned
from domain.sales.sale import SALE, Sale

UNPAID = "unpaid"
"""The cause of an order that was given up because nobody paid in time."""


class OrderLeft(Refusal):
    """Part of the order has left: what comes back of it is a return of the sale."""

    code = "order_left"


class CancelledOrder(msgspec.Struct, frozen=True, kw_only=True):
    """The answer: the return that gives back what was paid, if anything was."""

    order_id: str
    returned: ReturnAnswer | None = None


class CancelOrder(Command, frozen=True, kw_only=True):
    """Gives up an order of which nothing has left yet. A paid one is taken back whole, under `return_id`."""

    RESULT: ClassVar = CancelledOrder

    order_id: str
    cause: str
    return_id: str
    reason: Sealed | None = None
    authority: Authority | None = None

    def streams(self) -> Iterable[str]:
        yield ORDER.stream(self.order_id)
        yield SALE.stream(self.order_id)
        if self.authority is not None:
            yield from self.authority.streams()

    def linked(self, states: States) -> Iterable[str]:
        order = states.of(ORDER, self.order_id)
        if order.placed is None:
            return
        if order.status is OrderStatus.PLACED:
            yield from held(states, order.placed)
            return
        back = self._take_back(order.placed, states.of(SALE, self.order_id))
        yield from back.streams()
        yield from back.linked(states)

    def decide(self, states: States, at: Moment) -> Decision:
        order, placed = require_order(states, self.order_id)
        require_status(
            order,
            "cancelled",
            OrderStatus.PLACED,
            OrderStatus.PAID,
            OrderStatus.ALLOCATED,
            OrderStatus.PICKED,
        )
        if order.shipments:
            raise OrderLeft("Part of it has left. Take back what comes back, as a return of the sale.")
        if order.status is OrderStatus.PLACED:
            return Decision(
                events=tuple(give_up(states, placed, self.cause, "cancelled")),
                result=CancelledOrder(order_id=self.order_id),
            )
        back = self._take_back(placed, states.of(SALE, self.order_id))
        # Of an order that came back whole before orders said so nothing is left to take back.
        taken = back.decide(states, at) if back.lines else None
        cancelled = OrderCancelled(
            order_id=self.order_id, cause=self.cause, return_id=None if taken is None else self.return_id
        )
        answer = CancelledOrder(
            order_id=self.order_id,
            returned=taken.result if taken and isinstance(taken.result, ReturnAnswer) else None,
        )
        events = () if taken is None else taken.events
        return Decision(events=((ORDER.stream(self.order_id), cancelled), *events), result=answer)

    def _take_back(self, placed: OrderPlaced, sale: Sale) -> TakeBack:
        lines = ((line.line, line.quantity - sale.returned.get(line.line, 0)) for line in placed.lines)
        return TakeBack(
            return_id=self.return_id,
            sale_id=self.order_id,
            register_id=register_of(placed.channel),
            lines=tuple(ReturnLine(line=line, quantity=quantity) for line, quantity in lines if quantity),
            reason=self.reason,
            undelivered=True,
            authority=self.authority,
        )


class LapseOrder(Command, frozen=True, kw_only=True):
    """Gives up an order that nobody paid in time. Too early, too late or again, it changes nothing."""

    order_id: str

    def streams(self) -> Iterable[str]:
        yield ORDER.stream(self.order_id)

    def linked(self, states: States) -> Iterable[str]:
        placed = states.of(ORDER, self.order_id).placed
        if placed is not None:
            yield from held(states, placed)

    def decide(self, states: States, at: Moment) -> Decision:
        order, placed = require_order(states, self.order_id)
        due = order.status is OrderStatus.PLACED and placed.pay_by <= at.recorded_at
        events = tuple(give_up(states, placed, UNPAID, "lapsed")) if due else ()
        return Decision(events=events, result=Done(id=self.order_id))


def held(states: States, placed: OrderPlaced) -> Iterable[str]:
    """The streams in which an order that is not paid yet holds something."""
    yield from placed.drawn
    yield from coupons_need(states, placed)
    for sku in stocked(placed):
        yield STOCK_ITEM.stream(item_id(placed.store_id, sku))


def give_up(states: States, placed: OrderPlaced, cause: str, reason: str) -> Iterable[tuple[str, Event]]:
    """The end of an order that was never paid, and of all that it held."""
    yield ORDER.stream(placed.order_id), OrderCancelled(order_id=placed.order_id, cause=cause)
    for sku in stocked(placed):
        yield from released(states, placed, sku, reason)
    yield from release_ordered(states, placed, lapsed=reason == "lapsed")
    # A coupon's campaign may have the id of an offer.
    taken_off = {
        discount.rule_id: discount.amount_minor for discount in placed.discounts if discount.coupon_id is None
    }
    for stream in placed.drawn:
        kind, _, of = stream.partition("-")
        if kind == DRAWN.category:
            yield (
                stream,
                OfferReleased(offer_id=of, sale_id=placed.order_id, amount_minor=taken_off[of]),
            )
        else:
            assert kind == CUSTOMER_USES.category, "orders are counted nowhere else"
            offer_id, _, customer_id = of.partition("/")
            yield (
                stream,
                OfferUseReturned(
                    offer_id=offer_id, customer_id=customer_id, sale_id=placed.order_id, year=placed.year
                ),
            )
