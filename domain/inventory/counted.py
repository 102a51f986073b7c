"""Counts as a stock item sees them: what moves while it is being counted, and when it was counted last.

What is told late, of before a count, was counted already: it brings a correction of the difference with it,
so that on hand stays what was counted less what was sold since. (Domain rule "Stocktake while open".)
"""

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

import msgspec

from domain.inventory.locations import StockRelocated
from domain.inventory.lots import Lots
from domain.inventory.movement import StockMoved
from domain.inventory.parts import Parts
from domain.kernel.event import Event


class CountedPart(msgspec.Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """When a part of an item was counted: one lot ("": of none) or all, one location or all."""

    lot: str | None = None
    location: str | None = None
    counted_at: datetime


class CountOpened(Event, frozen=True, kw_only=True, omit_defaults=True):
    """The item is being counted: from now on its movements say when they happened."""

    TYPE: ClassVar = "stock.count_opened.v1"
    store_id: str
    sku: str
    count: str


class CountClosed(Event, frozen=True, kw_only=True, omit_defaults=True):
    """The item is not being counted any more; `counted` are the parts whose differences were booked."""

    TYPE: ClassVar = "stock.count_closed.v1"
    store_id: str
    sku: str
    count: str
    counted: tuple[CountedPart, ...] = ()


REMEMBERED = 8
"""So many counts an item remembers: what comes even later corrects the earliest of them."""

Whereabouts = dict[tuple[str, str], int]
"""How much is on hand, by lot ("" for none) and location ("" for the sales floor)."""


class Shift(msgspec.Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """What changed at an instant in one place of the store: above zero came, below zero went."""

    lot: str = ""
    location: str = ""
    quantity: int
    moved_at: datetime


class Counted(msgspec.Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A part of an item that was counted, and by which count."""

    count: str
    lot: str | None = None
    location: str | None = None
    counted_at: datetime


class Counts(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`open` are the counts that the item is in; `shifts` what has changed since the first of them opened.

    `counted` are the parts that were counted, by instant.
    """

    open: tuple[str, ...] = ()
    shifts: tuple[Shift, ...] = ()
    counted: tuple[Counted, ...] = ()


def matches(lot: str | None, location: str | None, shift: tuple[str, str]) -> bool:
    """Whether a part that is counted holds what is of this lot at this location."""
    return (lot is None or lot == shift[0]) and (location is None or location == shift[1])


def whereabouts(on_hand: int, parts: Parts | None) -> Whereabouts:
    """What there is of which lot, and where."""
    if parts is None:
        return {("", ""): on_hand}
    quantities = {name: lot.quantity for name, lot in parts.lots.items()}
    quantities[""] = on_hand - sum(quantities.values())
    found: Whereabouts = {(lot, ""): quantity for lot, quantity in quantities.items()}
    for location, lots in parts.elsewhere.items():
        for lot, quantity in lots.items():
            found[lot, location] = quantity
            found[lot, ""] = found.get((lot, ""), 0) - quantity
    return found


def changed(before: Whereabouts, after: Whereabouts) -> Whereabouts:
    """What is more, and below zero less."""
    differences = {key: after.get(key, 0) - before.get(key, 0) for key in {**before, **after}}
    return {key: difference for key, difference in differences.items() if difference}


def after_shift(counts: Counts, before: Whereabouts, after: Whereabouts, event: Event) -> Counts:
    """The counts once something has moved."""
    if not counts.open or not isinstance(event, StockMoved | StockRelocated) or event.moved_at is None:
        return counts
    new = [
        Shift(lot=lot, location=location, quantity=quantity, moved_at=event.moved_at)
        for (lot, location), quantity in changed(before, after).items()
    ]
    return msgspec.structs.replace(counts, shifts=(*counts.shifts, *new))


def after_opening(counts: Counts | None, event: CountOpened) -> Counts:
    """The counts once the item is in one more."""
    before = counts or Counts()
    return msgspec.structs.replace(before, open=(*before.open, event.count))


def after_closing(counts: Counts | None, event: CountClosed) -> Counts | None:
    """The counts once one of them is over: what nobody asks for any more is forgotten."""
    before = counts or Counts()
    still_open = tuple(count for count in before.open if count != event.count)
    new = [
        Counted(count=event.count, lot=part.lot, location=part.location, counted_at=part.counted_at)
        for part in event.counted
    ]
    counted = sorted((*before.counted, *new), key=lambda each: each.counted_at)
    # A count may have told of many lots: all of it is remembered, or nothing.
    latest = list(dict.fromkeys(each.count for each in reversed(counted)))[:REMEMBERED]
    counted = [each for each in counted if each.count in latest]
    if not still_open and not counted:
        return None
    return Counts(open=still_open, shifts=before.shifts if still_open else (), counted=tuple(counted))


def since(counts: Counts | None, lot: str | None, location: str | None, instant: datetime) -> int:
    """How much more there is in a part of the item than at an instant since it has been in the count."""
    if counts is None:
        return 0
    return sum(
        shift.quantity
        for shift in counts.shifts
        if shift.moved_at > instant and matches(lot, location, (shift.lot, shift.location))
    )


def first_counted(counts: Sequence[Counted], place: tuple[str, str], moved_at: datetime) -> Counted | None:
    """The first count that saw what moved in a place at an instant: its difference is another one."""
    seen = (each for each in counts if moved_at <= each.counted_at)
    return next((each for each in seen if matches(each.lot, each.location, place)), None)


def lots_of(places: Whereabouts, lots: Lots, location: str | None) -> Lots:
    """The lots with what of them is at a location; as they are where all locations are meant."""
    if location is None:
        return lots
    return {
        name: msgspec.structs.replace(lot, quantity=places.get((name, location), 0))
        for name, lot in lots.items()
    }


def held_in(places: Whereabouts, lot: str | None, location: str | None) -> int:
    """How much is in a part of the item."""
    return sum(quantity for place, quantity in places.items() if matches(lot, location, place))
