"""Parked sales: a basket put aside at one till and called up again by any till of the store, once.

It is the basket alone: no price is promised, and no stock or coupon is held.
"""

import enum
from collections.abc import Iterable
from typing import ClassVar

import msgspec

from domain.kernel.command import Command, Decision, Moment
from domain.kernel.errors import InvalidCommand, NotFound, Refusal
from domain.kernel.event import Event
from domain.kernel.stream import States, StreamKind

MAX_PARKED_LINES = 2_000


class ParkedGone(Refusal):
    """The basket was called up again, or discarded."""

    code = "parked_gone"


class ParkedLine(msgspec.Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """What is in the basket, in the SKU's unit. `barcode` is what was scanned, such as a markdown's label."""

    sku: str
    quantity: int
    barcode: str | None = None


class BasketParked(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A basket was put aside."""

    TYPE: ClassVar = "parked.put_aside.v1"
    parked_id: str
    store_id: str
    register_id: str
    customer_id: str | None = None
    lines: tuple[ParkedLine, ...]


class BasketRecalled(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A till took the basket up again."""

    TYPE: ClassVar = "parked.recalled.v1"
    parked_id: str
    store_id: str
    register_id: str


class BasketDiscarded(Event, frozen=True, kw_only=True, omit_defaults=True):
    """Nobody wants the basket any more."""

    TYPE: ClassVar = "parked.discarded.v1"
    parked_id: str
    store_id: str
    register_id: str


class ParkedStatus(enum.StrEnum):
    """Where a parked basket stands."""

    PARKED = "parked"
    RECALLED = "recalled"
    DISCARDED = "discarded"


class Parked(msgspec.Struct, frozen=True, kw_only=True):
    """A parked basket as decisions see it."""

    basket: BasketParked | None = None
    status: ParkedStatus = ParkedStatus.PARKED


def evolve(state: Parked, event: Event) -> Parked:
    """The basket after `event`."""
    match event:
        case BasketParked():
            return Parked(basket=event)
        case BasketRecalled():
            return Parked(basket=state.basket, status=ParkedStatus.RECALLED)
        case BasketDiscarded():
            return Parked(basket=state.basket, status=ParkedStatus.DISCARDED)
        case _:
            return state


PARKED = StreamKind("parked", Parked(), evolve)


class ParkedBasket(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to everything that happens to a parked basket: what is in it."""

    parked_id: str
    customer_id: str | None
    lines: tuple[ParkedLine, ...]


class ParkBasket(Command, frozen=True, kw_only=True):
    """Puts a basket aside. Whether its goods exist is looked at when it is sold."""

    RESULT: ClassVar = ParkedBasket

    parked_id: str
    store_id: str
    register_id: str
    customer_id: str | None = None
    lines: tuple[ParkedLine, ...]

    def streams(self) -> Iterable[str]:
        yield PARKED.stream(self.parked_id)
        yield f"store-{self.store_id}"
        if self.customer_id is not None:
            yield f"customer-{self.customer_id}"

    def decide(self, states: States, at: Moment) -> Decision:
        stream = PARKED.stream(self.parked_id)
        states.require_stream(f"store-{self.store_id}")
        states.require_absent(stream)
        if self.customer_id is not None:
            states.require_person(f"customer-{self.customer_id}")
        if not 0 < len(self.lines) <= MAX_PARKED_LINES or any(line.quantity <= 0 for line in self.lines):
            raise InvalidCommand(f"A basket has 1 to {MAX_PARKED_LINES} lines, each above zero.")
        parked = BasketParked(
            parked_id=self.parked_id,
            store_id=self.store_id,
            register_id=self.register_id,
            customer_id=self.customer_id,
            lines=self.lines,
        )
        return Decision(events=((stream, parked),), result=_answer(parked))


class EndParking(Command, frozen=True, kw_only=True):
    """Calls a parked basket up again or discards it: one till does, and once."""

    RESULT: ClassVar = ParkedBasket

    parked_id: str
    store_id: str
    register_id: str
    discard: bool = False

    def streams(self) -> Iterable[str]:
        yield PARKED.stream(self.parked_id)

    def decide(self, states: States, at: Moment) -> Decision:
        parked = states.require(PARKED, self.parked_id)
        basket = parked.basket
        if basket is None or basket.store_id != self.store_id:
            raise NotFound("The store has no such parked sale.", kind="parked", id=self.parked_id)
        if parked.status is not ParkedStatus.PARKED:
            raise ParkedGone(f"The basket was {parked.status}.", status=parked.status.value)
        kind = BasketDiscarded if self.discard else BasketRecalled
        ended = kind(parked_id=self.parked_id, store_id=self.store_id, register_id=self.register_id)
        return Decision(events=((PARKED.stream(self.parked_id), ended),), result=_answer(basket))


def _answer(basket: BasketParked) -> ParkedBasket:
    return ParkedBasket(parked_id=basket.parked_id, customer_id=basket.customer_id, lines=basket.lines)
