"""Setting the terms of a scheme, and closing its months one after the other."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from typing import ClassVar

import msgspec

from domain.kernel.command import Command, Decision, Done, Moment
from domain.kernel.errors import CurrencyMismatch, InvalidCommand, Refusal
from domain.kernel.money import MAX_AMOUNT_MINOR
from domain.kernel.stream import States, require_version
from domain.staff.scheme import (
    FORMULA,
    SCHEME,
    BonusRule,
    CommissionRule,
    EmployeeAmount,
    Scheme,
    SchemePeriodClosed,
    SchemeSet,
    SchemeTerms,
    SchemeVersion,
    first_day,
    period_after,
)

PERIOD_PATTERN = r"^[0-9]{4}-(0[1-9]|1[0-2])$(?!\n)"
MAX_RATE_BP = 10_000
MAX_RULES = 50
MAX_TIERS = 20

_LENGTH = len("2026-11")
_FIRST, _LAST = "1970-01", "2999-12"
_LAST_HOURS = timedelta(days=1)
"""So long after the month's last midnight of UTC its last business day is over in every time zone."""


class PeriodIsClosed(Refusal):
    """The month's amounts are what they are: what changes now counts in a month that is open."""

    code = "period_closed"


class PeriodNotNext(Refusal):
    """Months are closed one after the other."""

    code = "period_not_next"


class PeriodNotOver(Refusal):
    """The month's last business day goes on somewhere."""

    code = "period_not_over"


class SchemeVersionSet(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to new terms: the version that they are."""

    version: int


class SetScheme(Command, frozen=True, kw_only=True):
    """Makes a scheme, or its next version: for sales of `from_period` and later.

    No version begins in a closed month, or before the one that it follows. So whatever was given in a closed
    month is taken back as it was given.
    """

    RESULT: ClassVar = SchemeVersionSet

    scheme_id: str
    from_period: str
    terms: SchemeTerms
    expected: int | None = None

    def streams(self) -> Sequence[str]:
        return (SCHEME.stream(self.scheme_id),)

    def decide(self, states: States, at: Moment) -> Decision:
        scheme = states.of(SCHEME, self.scheme_id)
        require_version(len(scheme.versions), self.expected)
        _check_period(self.from_period)
        _check_terms(self.terms)
        wanted = SchemeVersion(from_period=self.from_period, terms=self.terms)
        if scheme.versions and scheme.versions[-1] == wanted:
            return Decision(events=(), result=SchemeVersionSet(version=len(scheme.versions)))
        _check_order(scheme, wanted)
        fact = SchemeSet(scheme_id=self.scheme_id, from_period=self.from_period, terms=self.terms)
        return Decision(
            events=((SCHEME.stream(self.scheme_id), fact),),
            result=SchemeVersionSet(version=len(scheme.versions) + 1),
        )


class CloseSchemePeriod(Command, frozen=True, kw_only=True):
    """Writes down what a month came to, from statements over the journal up to position `up_to`.

    `expected` is the version of the scheme's stream that the statements were worked out by.
    """

    RESULT: ClassVar = Done

    scheme_id: str
    period: str
    up_to: int
    amounts: tuple[EmployeeAmount, ...]
    expected: int

    def streams(self) -> Sequence[str]:
        return (SCHEME.stream(self.scheme_id),)

    def decide(self, states: States, at: Moment) -> Decision:
        stream = SCHEME.stream(self.scheme_id)
        scheme = states.require(SCHEME, self.scheme_id)
        require_closable(scheme, self.period, at.recorded_at)
        states.require_version(stream, self.expected)
        fact = SchemePeriodClosed(
            scheme_id=self.scheme_id,
            period=self.period,
            up_to=self.up_to,
            formula=FORMULA,
            currency=scheme.versions[-1].terms.currency,
            amounts=self.amounts,
        )
        return Decision(events=((stream, fact),), result=Done(id=self.scheme_id))


def require_closable(scheme: Scheme, period: str, now: datetime) -> datetime:
    """When the month was over in every time zone; PeriodIsClosed, PeriodNotNext or PeriodNotOver."""
    _check_period(period)
    if scheme.closing_of(period) is not None:
        raise PeriodIsClosed("The month is closed. Later facts count in the one after it.", period=period)
    if period != scheme.open_period:
        raise PeriodNotNext(f"Close {scheme.open_period} first.", period=period, next=scheme.open_period)
    over_at = datetime.combine(first_day(period_after(period)), time(), UTC) + _LAST_HOURS
    if now < over_at:
        raise PeriodNotOver(
            f"The month can be closed from {over_at:%Y-%m-%d} on.", period=period, over_at=over_at.isoformat()
        )
    return over_at


def _check_period(period: str) -> None:
    year, dash, month = period.partition("-")
    written = len(period) == _LENGTH and dash and (year + month).isascii() and (year + month).isdecimal()
    if not written or not _FIRST <= period <= _LAST or not "01" <= month <= "12":
        raise InvalidCommand("A month is written like 2026-11.", period=period)


def _check_order(scheme: Scheme, wanted: SchemeVersion) -> None:
    if not scheme.versions:
        return
    before = scheme.versions[-1]
    if wanted.terms.currency != before.terms.currency:
        raise CurrencyMismatch(
            "A scheme keeps its currency. Make another scheme.", currency=before.terms.currency
        )
    if scheme.closed and wanted.from_period <= scheme.closed[-1].period:
        raise PeriodIsClosed(
            f"New terms begin in {scheme.open_period} or later.",
            period=wanted.from_period,
            next=scheme.open_period,
        )
    if wanted.from_period < before.from_period:
        raise InvalidCommand(
            f"A version does not begin before the last one, which is of {before.from_period}.",
            from_period=wanted.from_period,
        )


def _check_terms(terms: SchemeTerms) -> None:
    if not terms.commission and not terms.bonuses:
        raise InvalidCommand("Terms have a commission or a bonus; a rate of 0 pays nothing.")
    if len(terms.commission) > MAX_RULES or len(terms.bonuses) > MAX_RULES:
        raise InvalidCommand(f"Terms have up to {MAX_RULES} rules of a kind.")
    for rule in (*terms.commission, *terms.bonuses):
        _check_rule(rule)


def _check_rule(rule: CommissionRule | BonusRule) -> None:
    commission = isinstance(rule, CommissionRule)
    steps = rule.tiers if commission else rule.steps
    starts = [step.from_minor for step in steps]
    if not 1 <= len(steps) <= MAX_TIERS or sorted(set(starts)) != starts or starts[-1] > MAX_AMOUNT_MINOR:
        raise InvalidCommand(f"A rule has 1 to {MAX_TIERS} tiers or steps, each above the one before.")
    if commission and starts[0] != 0:
        raise InvalidCommand("The first tier of a commission begins at 0.", from_minor=starts[0])
    if not commission and starts[0] < 1:
        raise InvalidCommand("The first step of a bonus begins above 0.", from_minor=starts[0])
    if any(not 0 <= step.rate_bp <= MAX_RATE_BP for step in steps):
        raise InvalidCommand(f"A rate is from 0 to {MAX_RATE_BP} basis points.")
    if not commission and any(not 0 <= step.amount_minor <= MAX_AMOUNT_MINOR for step in rule.steps):
        raise InvalidCommand(f"A bonus is from 0 to {MAX_AMOUNT_MINOR} minor units.")
