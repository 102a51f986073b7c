"""Tiers: what qualifies is counted by month, so it is bounded; up at once, down only at a review, with grace.

The qualifying amount is what was paid, not what can be spent. A return takes it off the month of its sale.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import ClassVar

import msgspec

from domain.kernel.event import Event
from domain.loyalty.earning import Tier, Window
from domain.loyalty.programme import Programme

MONTHS_KEPT = 36
"""No window is longer."""
MONTHS_A_YEAR = 12

QUALIFIED = "qualified"
REVIEWED = "reviewed"


class Month(msgspec.Struct, frozen=True, kw_only=True):
    """What qualified in a month, counted from year 0."""

    number: int
    amount_minor: int


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """A customer's tier, None the lowest, what qualifies by month, and until when a review lets it be."""

    tier: str | None = None
    months: tuple[Month, ...] = ()
    grace_until: datetime | None = None

    def qualifying_minor(self, first: int, last: int | None = None) -> int:
        """What qualified in the months from `first` to `last`, both included."""
        return sum(
            month.amount_minor
            for month in self.months
            if month.number >= first and (last is None or month.number <= last)
        )


class TierChanged(Event, frozen=True, kw_only=True, omit_defaults=True):
    """The customer is in another tier, None the lowest: `qualified` by a document, or `reviewed`."""

    TYPE: ClassVar = "loyalty.tier_changed.v1"
    customer_id: str
    tier: str | None = None
    before: str | None = None
    reason: str
    qualifying_minor: int
    document: str | None = None


class TierGraceGiven(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A review found too little for the tier and lets it be until then."""

    TYPE: ClassVar = "loyalty.tier_grace_given.v1"
    customer_id: str
    tier: str
    until: datetime
    qualifying_minor: int


class TierKept(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A review found enough for the tier again, so the grace is over."""

    TYPE: ClassVar = "loyalty.tier_kept.v1"
    customer_id: str
    tier: str
    qualifying_minor: int


def month_of(day: date) -> int:
    """The month's number, counted from year 0."""
    return day.year * MONTHS_A_YEAR + day.month - 1


def qualified(standing: Standing, day: date, amount_minor: int) -> Standing:
    """The standing with an amount, negative for a return, in the month of `day`."""
    number = month_of(day)
    amounts = {month.number: month.amount_minor for month in standing.months}
    if amount_minor < 0 and number not in amounts:
        return standing  # so long ago that it counts no more
    amounts[number] = amounts.get(number, 0) + amount_minor
    oldest = max(amounts) - MONTHS_KEPT
    months = tuple(
        Month(number=number, amount_minor=amount)
        for number, amount in sorted(amounts.items())
        if number > oldest and amount > 0
    )
    return msgspec.structs.replace(standing, months=months)


def evolve_standing(standing: Standing, event: Event) -> Standing:
    """The standing after an event about the tier."""
    match event:
        case TierChanged():
            return msgspec.structs.replace(standing, tier=event.tier, grace_until=None)
        case TierGraceGiven():
            return msgspec.structs.replace(standing, grace_until=event.until)
        case TierKept():
            return msgspec.structs.replace(standing, grace_until=None)
        case _:
            return standing


def upgrade(
    standing: Standing, programme: Programme, customer_id: str, document: str, today: date
) -> TierChanged | None:
    """The higher tier that is reached; None where the present one is as high."""
    qualifying = _in_window(standing, programme, today)
    deserved = _deserved(programme.tiers, qualifying)
    if _rank(programme.tiers, deserved) <= _rank(programme.tiers, standing.tier):
        return None
    return TierChanged(
        customer_id=customer_id,
        tier=deserved,
        before=standing.tier,
        reason=QUALIFIED,
        qualifying_minor=qualifying,
        document=document,
    )


def review(
    standing: Standing, programme: Programme, customer_id: str, at: datetime
) -> TierChanged | TierGraceGiven | TierKept | None:
    """What a review finds at that moment: too little gives grace first, if the programme has it."""
    if standing.tier is None:
        return None
    qualifying = _in_window(standing, programme, at.date())
    if programme.tier_window is Window.CALENDAR:
        qualifying = max(qualifying, _in_year(standing, at.year - 1))
    deserved = _deserved(programme.tiers, qualifying)
    if _rank(programme.tiers, deserved) >= _rank(programme.tiers, standing.tier) >= 0:
        if standing.grace_until is None:
            return None
        return TierKept(customer_id=customer_id, tier=standing.tier, qualifying_minor=qualifying)
    if standing.grace_until is None and programme.tier_grace_days:
        return TierGraceGiven(
            customer_id=customer_id,
            tier=standing.tier,
            until=at + timedelta(days=programme.tier_grace_days),
            qualifying_minor=qualifying,
        )
    if standing.grace_until is not None and at < standing.grace_until:
        return None
    return TierChanged(
        customer_id=customer_id,
        tier=deserved,
        before=standing.tier,
        reason=REVIEWED,
        qualifying_minor=qualifying,
    )


def _in_window(standing: Standing, programme: Programme, today: date) -> int:
    if programme.tier_window is Window.CALENDAR:
        return _in_year(standing, today.year)
    return standing.qualifying_minor(month_of(today) - programme.tier_months + 1)


def _in_year(standing: Standing, year: int) -> int:
    first = year * MONTHS_A_YEAR
    return standing.qualifying_minor(first, first + MONTHS_A_YEAR - 1)


def _deserved(tiers: Sequence[Tier], qualifying_minor: int) -> str | None:
    reached = [tier.name for tier in tiers if tier.from_minor <= qualifying_minor]
    return reached[-1] if reached else None


def _rank(tiers: Sequence[Tier], name: str | None) -> int:
    """How high a tier is, 0 the lowest; -1 for one that the programme has no more."""
    if name is None:
        return 0
    return next((rank for rank, tier in enumerate(tiers, start=1) if tier.name == name), -1)
