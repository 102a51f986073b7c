"""A wish: a customer asked to hear of a product, when it is back or costs less."""

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

import msgspec

from domain.kernel.command import Command, Decision, Moment
from domain.kernel.errors import NotFound
from domain.kernel.event import Event
from domain.kernel.stream import States, StreamKind


class WishNoted(Event, frozen=True, kw_only=True, omit_defaults=True):
    """The customer asked to hear of the product. `number` counts their wishes for it, from 1."""

    TYPE: ClassVar = "wish.noted.v1"
    customer_id: str
    sku: str
    number: int
    noted_at: datetime


class WishWithdrawn(Event, frozen=True, kw_only=True, omit_defaults=True):
    """The customer does not want to hear of it any more."""

    TYPE: ClassVar = "wish.withdrawn.v1"
    customer_id: str
    sku: str
    number: int


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """The last wish, and whether it is open."""

    number: int = 0
    is_open: bool = False


def evolve(state: Wish, event: Event) -> Wish:
    """The wish after `event`."""
    match event:
        case WishNoted():
            return Wish(number=event.number, is_open=True)
        case WishWithdrawn():
            return Wish(number=event.number)
        case _:
            return state


WISH = StreamKind("wish", Wish(), evolve)


def wish_id(customer_id: str, sku: str) -> str:
    """A customer's wish for a product: `c-17/apple`."""
    return f"{customer_id}/{sku}"


class WishAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The answer: the number of the wish."""

    customer_id: str
    sku: str
    number: int


class NoWish(NotFound):
    """The customer has no open wish for the product."""

    code = "wish_unknown"


class NoteWish(Command, frozen=True, kw_only=True):
    """Notes that a customer wants to hear of a product, from now on: asked again, it is a new wish."""

    RESULT: ClassVar = WishAnswer

    customer_id: str
    sku: str

    def streams(self) -> Sequence[str]:
        wish = WISH.stream(wish_id(self.customer_id, self.sku))
        return (f"customer-{self.customer_id}", f"product-{self.sku}", wish)

    def decide(self, states: States, at: Moment) -> Decision:
        customer, product, stream = self.streams()
        states.require_person(customer)
        states.require_stream(product)
        number = states.of(WISH, wish_id(self.customer_id, self.sku)).number + 1
        fact = WishNoted(customer_id=self.customer_id, sku=self.sku, number=number, noted_at=at.recorded_at)
        result = WishAnswer(customer_id=self.customer_id, sku=self.sku, number=number)
        return Decision(events=((stream, fact),), result=result)


class WithdrawWish(Command, frozen=True, kw_only=True):
    """Ends a customer's open wish for a product."""

    RESULT: ClassVar = WishAnswer

    customer_id: str
    sku: str

    def streams(self) -> Sequence[str]:
        return (f"customer-{self.customer_id}", WISH.stream(wish_id(self.customer_id, self.sku)))

    def decide(self, states: States, at: Moment) -> Decision:
        customer, stream = self.streams()
        states.require_person(customer)
        wish = states.of(WISH, wish_id(self.customer_id, self.sku))
        if not wish.is_open:
            raise NoWish("The customer has no open wish for this product.", sku=self.sku)
        fact = WishWithdrawn(customer_id=self.customer_id, sku=self.sku, number=wish.number)
        result = WishAnswer(customer_id=self.customer_id, sku=self.sku, number=wish.number)
        return Decision(events=((stream, fact),), result=result)
