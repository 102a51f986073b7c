"""A count: which items are counted, what was found of them, by whom and when, and what that made of the book.

Items are counted one after the other while the shop sells. Each is set against what the book says of the
instant at which it was counted. (Domain rule "Stocktake while open".)
"""

import enum
from collections.abc import Iterable
from datetime import datetime
from typing import ClassVar

import msgspec

from domain.kernel.event import Event
from domain.kernel.stream import StreamKind

SNAPSHOT_EVERY = 200
"""A count of ten thousand items, told shelf by shelf, has some hundreds of events."""


class CountKind(enum.StrEnum):
    """Everything, what is due by its class, or what somebody doubts."""

    FULL = "full"
    CYCLE = "cycle"
    SPOT = "spot"


class CountStatus(enum.StrEnum):
    """Where a count stands."""

    OPEN = "open"
    POSTED = "posted"
    CANCELLED = "cancelled"


class RecountBy(enum.StrEnum):
    """Who counts again what was above the tolerance: small shops have one who counts."""

    ANOTHER = "another"
    ANYONE = "anyone"


class Tolerance(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How far from the book a first count may be: within any one of these is near enough.

    `permille` is of what the book said, `pieces` and `weight_g` are of items by the piece and by weight.
    """

    permille: int = 0
    pieces: int = 0
    weight_g: int = 0


class CountStarted(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A store is being counted, or one of its locations ("" is the sales floor; None is all of it).

    Who counts `blind` is not told what the book says. A difference above the `tolerance` is counted again.
    Where what differs comes to more than `approve_above_minor` of `currency`, a second person approves it.
    """

    TYPE: ClassVar = "count.started.v1"
    count_id: str
    store_id: str
    kind: CountKind
    currency: str
    blind: bool = True
    location: str | None = None
    tolerance: Tolerance = Tolerance()
    recount_by: RecountBy = RecountBy.ANOTHER
    approve_above_minor: int | None = None


class CountItemsAdded(Event, frozen=True, kw_only=True, omit_defaults=True):
    """These are counted from that instant on, too; `weighed` are those whose quantities are grams."""

    TYPE: ClassVar = "count.items_added.v1"
    count_id: str
    skus: tuple[str, ...]
    opened_at: datetime
    weighed: tuple[str, ...] = ()


class CountedLine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """So much is there of a SKU, of one lot ("": of none) or all of them, at one location or all of them."""

    sku: str
    lot: str | None = None
    location: str | None = None
    quantity: int
    counted_at: datetime


class LinesCounted(Event, frozen=True, kw_only=True, omit_defaults=True):
    """Somebody counted. What they say of a SKU stands in place of what was said of it before."""

    TYPE: ClassVar = "count.lines_counted.v1"
    count_id: str
    counted_by: str
    lines: tuple[CountedLine, ...]


class RecountAsked(Event, frozen=True, kw_only=True, omit_defaults=True):
    """These are counted again: what was found of them counts no more, but who found it does."""

    TYPE: ClassVar = "count.recount_asked.v1"
    count_id: str
    skus: tuple[str, ...]


class CountApproved(Event, frozen=True, kw_only=True, omit_defaults=True):
    """Somebody stands up for differences that come to so much, surplus and shrink added up."""

    TYPE: ClassVar = "count.approved.v1"
    count_id: str
    approved_by: str
    up_to_minor: int


class PostedLine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was counted, what the book said of that instant, and the difference that was booked.

    `cost_minor` is what the difference is worth, below zero for what is missing.
    """

    sku: str
    lot: str | None = None
    location: str | None = None
    counted: int
    book: int
    difference: int
    cost_minor: int
    counted_at: datetime


class CountPosted(Event, frozen=True, kw_only=True, omit_defaults=True):
    """Differences were booked, of some hundred items at a time; with the `last` the count is over.

    `uncounted` are items that nobody counted: the book stands as it is.
    """

    TYPE: ClassVar = "count.posted.v1"
    count_id: str
    store_id: str
    posted_by: str
    lines: tuple[PostedLine, ...]
    uncounted: tuple[str, ...] = ()
    last: bool = False


class CountCancelled(Event, frozen=True, kw_only=True, omit_defaults=True):
    """These are not counted after all, some hundred items at a time; with the `last` the count is over."""

    TYPE: ClassVar = "count.cancelled.v1"
    count_id: str
    skus: tuple[str, ...] = ()
    last: bool = False


Part = tuple[str | None, str | None]
"""Lot and location of a line."""


class Found(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What was counted of a part of an item, and by whom."""

    lot: str | None
    location: str | None
    quantity: int
    counted_at: datetime
    counted_by: str


class CountItem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An item in a count since `opened_at`. `before` are who counted it before it was to be counted again."""

    opened_at: datetime
    weighed: bool = False
    found: tuple[Found, ...] = ()
    recounts: int = 0
    before: tuple[str, ...] = ()


class Count(msgspec.Struct, frozen=True, kw_only=True):
    """A count as decisions see it. `items` are those that are neither posted nor cancelled yet.

    `posted` and `posted_minor` are how many lines were posted and what their differences come to, surplus and
    shrink added up.
    """

    started: CountStarted | None = None
    status: CountStatus = CountStatus.OPEN
    items: dict[str, CountItem] = {}
    posted: int = 0
    posted_minor: int = 0
    approved_by: str | None = None
    approved_minor: int = 0
    cancelling: bool = False


def evolve(state: Count, event: Event) -> Count:
    """The count after `event`."""
    match event:
        case CountStarted():
            return Count(started=event)
        case CountItemsAdded():
            weighed = set(event.weighed)
            new = {sku: CountItem(opened_at=event.opened_at, weighed=sku in weighed) for sku in event.skus}
            return msgspec.structs.replace(state, items=state.items | new)
        case LinesCounted():
            return msgspec.structs.replace(state, items=state.items | _found(state.items, event))
        case RecountAsked():
            again = {sku: _again(state.items[sku]) for sku in event.skus if sku in state.items}
            return msgspec.structs.replace(state, items=state.items | again)
        case CountApproved():
            return msgspec.structs.replace(
                state, approved_by=event.approved_by, approved_minor=event.up_to_minor
            )
        case CountPosted():
            after = _without(state, {line.sku for line in event.lines} | set(event.uncounted))
            return msgspec.structs.replace(
                after,
                status=CountStatus.POSTED if event.last else state.status,
                posted=state.posted + len(event.lines),
                posted_minor=state.posted_minor + sum(abs(line.cost_minor) for line in event.lines),
            )
        case CountCancelled():
            after = _without(state, event.skus)
            status = CountStatus.CANCELLED if event.last else state.status
            return msgspec.structs.replace(after, status=status, cancelling=True)
        case _:
            return state


def _found(items: dict[str, CountItem], event: LinesCounted) -> dict[str, CountItem]:
    changed: dict[str, CountItem] = {}
    for line in event.lines:
        item = changed.get(line.sku) or items.get(line.sku)
        if item is None:
            continue
        new = Found(
            lot=line.lot,
            location=line.location,
            quantity=line.quantity,
            counted_at=line.counted_at,
            counted_by=event.counted_by,
        )
        kept = tuple(each for each in item.found if (each.lot, each.location) != (line.lot, line.location))
        changed[line.sku] = msgspec.structs.replace(item, found=(*kept, new))
    return changed


def _again(item: CountItem) -> CountItem:
    counters = tuple(sorted({each.counted_by for each in item.found})) or item.before
    recounts = item.recounts + bool(item.found)
    return msgspec.structs.replace(item, found=(), recounts=recounts, before=counters)


def _without(state: Count, skus: Iterable[str]) -> Count:
    gone = set(skus)
    left = {sku: item for sku, item in state.items.items() if sku not in gone}
    return msgspec.structs.replace(state, items=left)


COUNT = StreamKind("count", Count(), evolve, snapshot_every=SNAPSHOT_EVERY)
