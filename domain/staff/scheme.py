"""Incentive schemes: what is paid for attributed sales, in versions by month, and which months are closed."""

import enum
from collections.abc import Collection, Sequence
from datetime import date
from typing import ClassVar

import msgspec

from domain.kernel.event import Event
from domain.kernel.stream import StreamKind

FORMULA = "incentives.v1"
"""How statements are worked out (domain/staff/statement.py); every closing names it."""


class Base(enum.StrEnum):
    """What is shared in: what was paid without tax, or that less what the goods cost."""

    NET = "net"
    MARGIN = "margin"


class Aim(msgspec.Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Which lines of whose sales a rule is about. What is empty leaves out nothing."""

    stores: tuple[str, ...] = ()
    employees: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    skus: tuple[str, ...] = ()

    def fits(self, *, store_id: str, employee_id: str, category: str, sku: str) -> bool:
        """Whether the line is one of them."""
        return (
            _in(store_id, self.stores)
            and _in(employee_id, self.employees)
            and _in(category, self.categories)
            and _in(sku, self.skus)
        )


def _in(name: str, names: Collection[str]) -> bool:
    return not names or name in names


class Tier(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The rate of what is sold above `from_minor` in a month, up to the next tier."""

    from_minor: int
    rate_bp: int


class CommissionRule(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A share of the base. Tiers count what the rule was used for, by employee and month of the sale."""

    base: Base
    tiers: tuple[Tier, ...]
    aim: Aim = Aim()


class BonusStep(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Who attains `from_minor` in a month gets an amount and a share of all that they attained."""

    from_minor: int
    amount_minor: int = 0
    rate_bp: int = 0


class BonusRule(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The highest step that is attained counts, and no other."""

    base: Base
    steps: tuple[BonusStep, ...]
    aim: Aim = Aim()


class SchemeTerms(msgspec.Struct, frozen=True, kw_only=True):
    """A line gives commission by the first rule that fits it, and counts for every bonus that fits."""

    currency: str
    commission: tuple[CommissionRule, ...] = ()
    bonuses: tuple[BonusRule, ...] = ()


class SchemeVersion(msgspec.Struct, frozen=True, kw_only=True):
    """Terms for sales from the first day of a month on, until a later version's."""

    from_period: str
    terms: SchemeTerms


class EmployeeAmount(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What somebody gets for a month, and how many lines that is. Below zero where more was taken back."""

    employee_id: str
    commission_minor: int
    bonus_minor: int
    entries: int


class SchemeSet(Event, frozen=True, kw_only=True):
    """Sales from `from_period` on are paid by these terms."""

    TYPE: ClassVar = "scheme.set.v1"
    scheme_id: str
    from_period: str
    terms: SchemeTerms


class SchemePeriodClosed(Event, frozen=True, kw_only=True):
    """A month's amounts, for good: of all that the journal held up to position `up_to`.

    Whatever comes after that, whenever it happened, counts in the next month that is open.
    """

    TYPE: ClassVar = "scheme.period_closed.v1"
    scheme_id: str
    period: str
    up_to: int
    formula: str
    currency: str
    amounts: tuple[EmployeeAmount, ...]


class ClosedPeriod(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A closed month, and the last position of the journal that it knew."""

    period: str
    up_to: int


class Scheme(msgspec.Struct, frozen=True, kw_only=True):
    """All versions, the oldest first, and the closed months, which follow one another."""

    versions: tuple[SchemeVersion, ...] = ()
    closed: tuple[ClosedPeriod, ...] = ()

    def version_of(self, period: str) -> int:
        """The number of the version that sales of the month are paid by, from 1; 0 for none."""
        numbers = range(len(self.versions), 0, -1)
        return next((n for n in numbers if self.versions[n - 1].from_period <= period), 0)

    def counts_in(self, period: str, position: int) -> str:
        """The month in which counts what happened in `period` and stands at `position` of the journal.

        That is its own month, or the first one after it that was open when it was recorded.
        """
        for closed in self.closed:
            if closed.period == period and position > closed.up_to:
                period = period_after(period)
        return period

    def closing_of(self, period: str) -> ClosedPeriod | None:
        """The closing of the month, None while it is open."""
        return next((closed for closed in self.closed if closed.period == period), None)

    @property
    def open_period(self) -> str:
        """The month that is closed next."""
        return period_after(self.closed[-1].period) if self.closed else self.versions[0].from_period


def evolve(state: Scheme, event: Event) -> Scheme:
    """The scheme after `event`."""
    match event:
        case SchemeSet():
            version = SchemeVersion(from_period=event.from_period, terms=event.terms)
            return msgspec.structs.replace(state, versions=(*state.versions, version))
        case SchemePeriodClosed():
            closed = ClosedPeriod(period=event.period, up_to=event.up_to)
            return msgspec.structs.replace(state, closed=(*state.closed, closed))
        case _:
            return state


SCHEME = StreamKind("scheme", Scheme(), evolve)


def period_of(day: date) -> str:
    """The month of a business day: 2026-11."""
    return f"{day.year:04}-{day.month:02}"


def period_after(period: str) -> str:
    """The month after this one."""
    year, month = _year_and_month(period)
    return period_of(date(year + month // 12, month % 12 + 1, 1))


def period_before(period: str) -> str:
    """The month before this one."""
    year, month = _year_and_month(period)
    return period_of(date(year - (month == 1), (month - 2) % 12 + 1, 1))


def first_day(period: str) -> date:
    """The first day of the month."""
    year, month = _year_and_month(period)
    return date(year, month, 1)


def _year_and_month(period: str) -> Sequence[int]:
    return [int(part) for part in period.split("-")]
