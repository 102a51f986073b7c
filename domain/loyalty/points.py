"""Points are lots: each with its expiry, spent soonest-expiry first, restored in reverse. (Rule "Points".)

An account may owe points: a return takes back what the purchase had earned, also where that was spent
meanwhile, and what is earned next pays it first.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import ClassVar

import msgspec

from domain.kernel.errors import Refusal
from domain.kernel.event import Event
from domain.kernel.points import Lot
from domain.kernel.stream import StreamKind
from domain.loyalty.lots import draw, together, without
from domain.loyalty.tiers import Standing, TierChanged, TierGraceGiven, TierKept, evolve_standing, qualified

SNAPSHOT_EVERY = 200
LAPSED_KEPT = 50
"""Lots of which it is remembered that they lapsed, for returns of what had earned them."""


class PointsEarned(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A document (`sale-…`) earned points: `lot` holds what was left of them when `repaid` was paid off.

    `qualifying_minor` counts for tiers in the month of `business_day`.
    """

    TYPE: ClassVar = "loyalty.points_earned.v1"
    customer_id: str
    document: str
    lot: Lot
    repaid: int = 0
    qualifying_minor: int = 0
    business_day: date | None = None


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
    """A document (`return-…`) took back what the purchase had earned; `owed` was not there any more.

    `lapsed` had lapsed unspent, so nothing had to be taken. `qualifying_minor` counts no more for tiers, in
    the month of `business_day`, which is the sale's.
    """

    TYPE: ClassVar = "loyalty.points_taken_back.v1"
    customer_id: str
    document: str
    lots: tuple[Lot, ...]
    owed: int = 0
    lapsed: int = 0
    earned_as: int = 0
    qualifying_minor: int = 0
    business_day: date | None = None


class PointsLapsed(Event, frozen=True, kw_only=True, omit_defaults=True):
    """These lots had lapsed."""

    TYPE: ClassVar = "loyalty.points_lapsed.v1"
    customer_id: str
    lots: tuple[Lot, ...]


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """A customer's points: lots in the order in which they are spent, and what is owed; and the tier.

    `lapsed` are the lots that lapsed last.
    """

    lots: tuple[Lot, ...] = ()
    owed: int = 0
    last_number: int = 0
    lapsed: tuple[Lot, ...] = ()
    standing: Standing = Standing()

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
            return msgspec.structs.replace(
                state,
                lots=together(state.lots, (event.lot,)),
                owed=state.owed - event.repaid,
                last_number=max(state.last_number, event.lot.number),
                standing=_counted(state.standing, event.business_day, event.qualifying_minor),
            )
        case PointsRestored():
            return msgspec.structs.replace(state, lots=together(state.lots, event.lots))
        case PointsTakenBack():
            return msgspec.structs.replace(
                state,
                lots=without(state.lots, event.lots),
                owed=state.owed + event.owed,
                lapsed=_forgiven(state.lapsed, event.earned_as, event.lapsed),
                standing=_counted(state.standing, event.business_day, -event.qualifying_minor),
            )
        case PointsLapsed():
            return msgspec.structs.replace(
                state,
                lots=without(state.lots, event.lots),
                lapsed=(*state.lapsed, *event.lots)[-LAPSED_KEPT:],
            )
        case TierChanged() | TierGraceGiven() | TierKept():
            return msgspec.structs.replace(state, standing=evolve_standing(state.standing, event))
        case PointsSpent():
            return msgspec.structs.replace(state, lots=without(state.lots, event.lots))
        case _:
            return state


LOYALTY = StreamKind("loyalty", Account(), evolve, snapshot_every=SNAPSHOT_EVERY)


class PointsShort(Refusal):
    """The account has fewer points than are to be spent."""

    code = "points_short"


def earn(
    state: Account,
    customer_id: str,
    document: str,
    points: int,
    expires_at: datetime | None,
    *,
    qualifying: tuple[date, int] | None = None,
) -> PointsEarned:
    """The points as a new lot, less what is owed; perhaps none, of a purchase that only qualifies."""
    assert points > 0 or qualifying is not None
    repaid = min(points, state.owed)
    lot = Lot(number=state.last_number + 1, points=points - repaid, expires_at=expires_at)
    day, amount_minor = qualifying or (None, 0)
    return PointsEarned(
        customer_id=customer_id,
        document=document,
        lot=lot,
        repaid=repaid,
        qualifying_minor=amount_minor,
        business_day=day,
    )


def spend(state: Account, customer_id: str, document: str, points: int, at: datetime) -> PointsSpent:
    """Takes the points from the lots that lapse first, or PointsShort."""
    assert points > 0
    if points > (most := state.spendable(at)):
        raise PointsShort(
            f"The account has {most} points to spend. Take the rest another way.", spendable=most
        )
    drawn = draw([lot for lot in state.lots if not lot.has_lapsed(at)], points)
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
    state: Account,
    customer_id: str,
    document: str,
    points: int,
    earned_as: int,
    at: datetime,
    *,
    qualifying: tuple[date, int] | None = None,
) -> PointsTakenBack:
    """Takes earned points back: from lot `earned_as` first, then from what lapses first; the rest is owed.

    What lapsed of that lot is lost already and is not taken again, whether that was written down or not;
    other lots that have lapsed pay for nothing.
    """
    assert points > 0 or qualifying is not None
    own = [lot for lot in state.lots if lot.number == earned_as]
    others = [lot for lot in state.lots if lot.number != earned_as and not lot.has_lapsed(at)]
    lapsed = min(points, sum(lot.points for lot in state.lapsed if lot.number == earned_as))
    drawn = draw([*own, *others], points - lapsed)
    owed = points - lapsed - sum(lot.points for lot in drawn)
    day, amount_minor = qualifying or (None, 0)
    return PointsTakenBack(
        customer_id=customer_id,
        document=document,
        lots=drawn,
        owed=owed,
        lapsed=lapsed,
        earned_as=earned_as if lapsed else 0,
        qualifying_minor=amount_minor,
        business_day=day,
    )


def lapse(state: Account, customer_id: str, at: datetime) -> PointsLapsed | None:
    """What has lapsed by now; None where nothing has."""
    gone = tuple(lot for lot in state.lots if lot.has_lapsed(at))
    return PointsLapsed(customer_id=customer_id, lots=gone) if gone else None


def _counted(standing: Standing, day: date | None, amount_minor: int) -> Standing:
    return standing if day is None else qualified(standing, day, amount_minor)


def _forgiven(lapsed: tuple[Lot, ...], number: int, points: int) -> tuple[Lot, ...]:
    """The lapsed lots, less what a return would have taken of them."""
    if not points:
        return lapsed
    left: list[Lot] = []
    for lot in lapsed:
        here = min(points, lot.points) if lot.number == number else 0
        points -= here
        left.append(msgspec.structs.replace(lot, points=lot.points - here))
    return tuple(lot for lot in left if lot.points)
