"""When an alert is raised and when it is over, by thresholds, what is seen, and what is open."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import NamedTuple

import msgspec

from domain.alerts.thresholds import WHOLE_BP, AlertKind, Thresholds

ENDLESS_DAYS = 36_500
"""The cover of what nobody asks for."""
MILLI = 1_000


class LotSeen(NamedTuple):
    """How much of a lot is on the shelf, and until when it may be sold."""

    lot: str
    sell_by: date
    quantity: int


class Measured(msgspec.Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """What the journal of one item does not say by itself.

    `reorder_at` is its reorder point. Demand is a day's in thousandths, None where too few days were seen.
    `idle_since` is the last day on which one was sold, or came onto an empty shelf.
    """

    reorder_at: int | None = None
    demand_milli: int | None = None
    idle_since: date | None = None


class Seen(NamedTuple):
    """An item on a business day: on hand, what of it can be sold or promised, and its lots on the shelf."""

    day: date
    on_hand: int
    available: int
    lots: Iterable[LotSeen] = ()
    measured: Measured = Measured()


class Change(NamedTuple):
    """An alert that is raised, or is over; without a figure because nothing is told of it any more."""

    kind: AlertKind
    lot: str
    raised: bool
    figure: int | None
    threshold: int = 0
    quantity: int = 0
    sell_by: date | None = None


def key_of(kind: AlertKind, lot: str = "") -> str:
    """What an item has one open alert of: each kind, and of what expires each lot (`expiring/l-17`)."""
    return f"{kind.value}/{lot}" if lot else kind.value


def kind_and_lot(key: str) -> tuple[AlertKind, str]:
    """The kind and lot of a key."""
    kind, _, lot = key.partition("/")
    return AlertKind(kind), lot


class _Side(NamedTuple):
    """Where a figure is: `beyond` its threshold, or so far on the other side that what was told is `over`."""

    kind: AlertKind
    figure: int
    threshold: int
    beyond: bool
    over: bool
    quantity: int = 0
    lot: str = ""
    sell_by: date | None = None

    def change(self, *, raised: bool) -> Change:
        """What follows from it."""
        return Change(self.kind, self.lot, raised, self.figure, self.threshold, self.quantity, self.sell_by)


def changes(limits: Thresholds, seen: Seen, open_: Mapping[str, object]) -> list[Change]:
    """What is to be raised and what is over; nothing for what is as it was."""
    off = limits.off or ()
    found: list[Change] = []
    met: set[str] = set()
    for side in _sides(limits, seen):
        if side.kind in off:
            continue
        key = key_of(side.kind, side.lot)
        met.add(key)
        raised = key not in open_
        if side.beyond if raised else side.over:
            found.append(side.change(raised=raised))
    for key in open_:
        if key not in met:
            kind, lot = kind_and_lot(key)
            # Of a lot that is gone nothing is left to measure; of another kind nobody wants to know any more.
            gone = kind is AlertKind.EXPIRING and kind not in off and limits.expiring_days is not None
            found.append(Change(kind, lot, raised=False, figure=0 if gone else None))
    return found


def _sides(limits: Thresholds, seen: Seen) -> Iterator[_Side]:
    on_hand, available = seen.on_hand, seen.available
    margin = limits.margin or 0
    yield _Side(AlertKind.OUT, available, 0, available <= 0, available > margin, on_hand)
    yield _Side(AlertKind.NEGATIVE, on_hand, 0, on_hand < 0, on_hand >= margin, on_hand)
    if (low := limits.low) is not None:
        enough = low + _margin(limits, low)
        yield _Side(AlertKind.LOW, available, low, available < low, available >= enough, on_hand)
    if (high := limits.high) is not None:
        few = max(0, high - _margin(limits, high))
        yield _Side(AlertKind.HIGH, on_hand, high, on_hand > high, on_hand <= few, on_hand)
    if (days := limits.expiring_days) is not None:
        for lot, sell_by, quantity in seen.lots:
            if quantity > 0:
                left = (sell_by - seen.day).days
                yield _Side(AlertKind.EXPIRING, left, days, left <= days, left > days, quantity, lot, sell_by)
    yield from _idle(limits, seen)


def _idle(limits: Thresholds, seen: Seen) -> Iterator[_Side]:
    """What lies too long. What is not there lies nowhere; of what is not known nothing changes."""
    on_hand, measured = seen.on_hand, seen.measured
    if (days := limits.slow_days) is not None:
        cover = cover_days(on_hand, measured.demand_milli)
        slow = cover is not None and cover > days
        over = on_hand <= 0 or (cover is not None and cover <= days - _part(limits, days))
        yield _Side(AlertKind.SLOW_MOVING, cover or 0, days, slow, over, on_hand)
    if (days := limits.dead_days) is not None:
        since = measured.idle_since
        idle = 0 if since is None else (seen.day - since).days
        dead = on_hand > 0 and since is not None and idle >= days
        yield _Side(
            AlertKind.DEAD, idle, days, dead, not dead and (since is not None or on_hand <= 0), on_hand
        )


def cover_days(on_hand: int, demand_milli: int | None) -> int | None:
    """For how many days what is on hand lasts; None where nobody knows how much is asked for."""
    if demand_milli is None or on_hand <= 0:
        return None
    return min(ENDLESS_DAYS, on_hand * MILLI // demand_milli) if demand_milli else ENDLESS_DAYS


def _margin(limits: Thresholds, threshold: int) -> int:
    """How far beyond its threshold in units something must be to be over."""
    return limits.margin if limits.margin is not None else _part(limits, threshold)


def _part(limits: Thresholds, threshold: int) -> int:
    """The margin of a threshold in basis points, rounded up: of a small one it is one, not none."""
    return -(-threshold * (limits.margin_bp or 0) // WHOLE_BP)
