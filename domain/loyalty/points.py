"""Points are lots: each with its expiry, spent soonest-expiry first, restored in reverse. (Rule "Points".)

An account may owe points: a return takes back what the purchase had earned, also where that was spent
meanwhile, and what is earned next pays it first.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import ClassVar

import msgspec

from domain.kernel.errors import Refusal
from domain.kernel.event import Event
from domain.kernel.points import Lot
from domain.kernel.stream import StreamKind

SNAPSHOT_EVERY = 200


class PointsEarned(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A document (`sale-…`) earned points: `lot` holds what was left of them when `repaid` was paid off."""

    TYPE: ClassVar = "loyalty.points_earned.v1"
    customer_id: str
    document: str
    lot: Lot
    repaid: int = 0


class PointsSpent(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A document was paid with points of these lots, in this order."""

    TYPE: ClassVar = "loyalty.points_spent.v1"
    customer_id: str
    document: str
    lots: tuple[Lot, ...]


class PointsRestored(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A document (`return-…`) gave spent points back. Those in `lapsed` came back lapsed."""

    TYPE: ClassVar = "loyalty.points_restored.v1"
    customer_id: str
    document: str
    lots: tuple[Lot, ...]
    lapsed: int = 0


class PointsTakenBack(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A document (`return-…`) took back what the purchase had earned; `owed` was not there any more."""

    TYPE: ClassVar = "loyalty.points_taken_back.v1"
    customer_id: str
    document: str
    lots: tuple[Lot, ...]
    owed: int = 0


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """A customer's points: lots in the order in which they are spent, and what is owed."""

    lots: tuple[Lot, ...] = ()
    owed: int = 0
    last_number: int = 0

    @property
    def balance(self) -> int:
        """What the books say, lapsed lots included; below zero if owed."""
        return sum(lot.points for lot in self.lots) - self.owed

    def spendable(self, at: datetime) -> int:
        """What can be spent now, never below zero."""
        return max(0, sum(lot.points for lot in self.lots if not lot.has_lapsed(at)) - self.owed)


def evolve(state: Account, event: Event) -> Account:
    """The account after `event`."""
    match event:
        case PointsEarned():
            return Account(
                lots=_with(state.lots, (event.lot,)),
                owed=state.owed - event.repaid,
                last_number=max(state.last_number, event.lot.number),
            )
        case PointsRestored():
            return msgspec.structs.replace(state, lots=_with(state.lots, event.lots))
        case PointsTakenBack():
            return msgspec.structs.replace(
                state, lots=_without(state.lots, event.lots), owed=state.owed + event.owed
            )
        case PointsSpent():
            return msgspec.structs.replace(state, lots=_without(state.lots, event.lots))
        case _:
            return state


LOYALTY = StreamKind("loyalty", Account(), evolve, snapshot_every=SNAPSHOT_EVERY)


class PointsShort(Refusal):
    """The account has fewer points than are to be spent."""

    code = "points_short"


def earn(
    state: Account, customer_id: str, document: str, points: int, expires_at: datetime | None
) -> PointsEarned:
    """The points as a new lot, less what is owed."""
    assert points > 0
    repaid = min(points, state.owed)
    lot = Lot(number=state.last_number + 1, points=points - repaid, expires_at=expires_at)
    return PointsEarned(customer_id=customer_id, document=document, lot=lot, repaid=repaid)


def spend(state: Account, customer_id: str, document: str, points: int, at: datetime) -> PointsSpent:
    """Takes the points from the lots that lapse first, or PointsShort."""
    assert points > 0
    if points > (most := state.spendable(at)):
        raise PointsShort(
            f"The account has {most} points to spend. Take the rest another way.", spendable=most
        )
    drawn = _draw([lot for lot in state.lots if not lot.has_lapsed(at)], points)
    return PointsSpent(customer_id=customer_id, document=document, lots=drawn)


def restore(
    spent: Sequence[Lot],
    restored_before: int,
    customer_id: str,
    document: str,
    points: int,
    at: datetime,
    *,
    grace_until: datetime | None = None,
) -> PointsRestored:
    """Gives points of a payment back, the last spent first, after the `restored_before` of earlier returns.

    A lot that has lapsed comes back lapsed, or lasts until `grace_until` where the programme has grace.
    """
    assert 0 < points <= sum(lot.points for lot in spent) - restored_before
    back: list[Lot] = []
    lapsed = 0
    skip = restored_before
    for lot in reversed(spent):
        here = min(points, max(0, lot.points - skip))
        skip = max(0, skip - lot.points)
        points -= here
        if not here:
            continue
        if not lot.has_lapsed(at):
            back.append(msgspec.structs.replace(lot, points=here))
        elif grace_until is not None:
            back.append(msgspec.structs.replace(lot, points=here, expires_at=grace_until))
        else:
            lapsed += here
    return PointsRestored(customer_id=customer_id, document=document, lots=tuple(back), lapsed=lapsed)


def take_back(
    state: Account, customer_id: str, document: str, points: int, earned_as: int
) -> PointsTakenBack:
    """Takes earned points back: from lot `earned_as` first, then from what lapses first; the rest is owed."""
    assert points > 0
    own = [lot for lot in state.lots if lot.number == earned_as]
    others = [lot for lot in state.lots if lot.number != earned_as]
    drawn = _draw([*own, *others], points)
    owed = points - sum(lot.points for lot in drawn)
    return PointsTakenBack(customer_id=customer_id, document=document, lots=drawn, owed=owed)


def _draw(lots: Iterable[Lot], points: int) -> tuple[Lot, ...]:
    """Up to `points` from the lots in their order."""
    drawn: list[Lot] = []
    for lot in lots:
        taken = min(points, lot.points)
        if taken:
            drawn.append(msgspec.structs.replace(lot, points=taken))
            points -= taken
    return tuple(drawn)


def _with(lots: Iterable[Lot], more: Iterable[Lot]) -> tuple[Lot, ...]:
    """The lots, those of one number and expiry together, in the order in which they are spent."""
    points: dict[tuple[int, datetime | None], int] = {}
    for lot in (*lots, *more):
        points[lot.number, lot.expires_at] = points.get((lot.number, lot.expires_at), 0) + lot.points
    together = [
        Lot(number=number, points=count, expires_at=expires_at)
        for (number, expires_at), count in points.items()
        if count
    ]
    return tuple(sorted(together, key=_turn))


def _turn(lot: Lot) -> tuple[bool, float, int]:
    """When a lot is spent: what lapses first, and what never lapses last."""
    return (lot.expires_at is None, lot.expires_at.timestamp() if lot.expires_at else 0.0, lot.number)


def _without(lots: Iterable[Lot], taken: Iterable[Lot]) -> tuple[Lot, ...]:
    return _with(lots, (msgspec.structs.replace(lot, points=-lot.points) for lot in taken))
