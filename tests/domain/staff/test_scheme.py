"""Schemes: terms by month, and months that are closed one after the other, for good."""

from datetime import UTC, datetime
from typing import Any

import pytest

from domain.kernel.command import Command
from domain.kernel.errors import CurrencyMismatch, InvalidCommand, NotFound, VersionConflict
from domain.staff.scheme import (
    FORMULA,
    SCHEME,
    Base,
    BonusRule,
    BonusStep,
    CommissionRule,
    EmployeeAmount,
    SchemePeriodClosed,
    SchemeSet,
    SchemeTerms,
    Tier,
    period_after,
    period_before,
)
from domain.staff.scheme_steps import (
    CloseSchemePeriod,
    PeriodIsClosed,
    PeriodNotNext,
    PeriodNotOver,
    SchemeVersionSet,
    SetScheme,
)
from tests.support.decisions import Fact, at, given

JUNE_2 = at(datetime(2026, 6, 2, tzinfo=UTC))
JULY_2 = at(datetime(2026, 7, 2, tzinfo=UTC))
AMOUNTS = (EmployeeAmount(employee_id="e1", commission_minor=5, bonus_minor=0, entries=1),)


def commission(rate_bp: int = 300, currency: str = "CNY") -> SchemeTerms:
    rule = CommissionRule(base=Base.NET, tiers=(Tier(from_minor=0, rate_bp=rate_bp),))
    return SchemeTerms(currency=currency, commission=(rule,))


def tiers(*starts: int, rate_bp: int = 1) -> SchemeTerms:
    steps = tuple(Tier(from_minor=start, rate_bp=rate_bp) for start in starts)
    return SchemeTerms(currency="CNY", commission=(CommissionRule(base=Base.NET, tiers=steps),))


def bonus(**step: int) -> SchemeTerms:
    rule = BonusRule(base=Base.NET, steps=(BonusStep(**step),))
    return SchemeTerms(currency="CNY", bonuses=(rule,))


def a_scheme(terms: SchemeTerms | None = None, from_period: str = "2026-05") -> Fact:
    return SCHEME.stream("floor"), SchemeSet(
        scheme_id="floor", from_period=from_period, terms=terms or commission()
    )


def a_closing(period: str = "2026-05") -> Fact:
    return SCHEME.stream("floor"), SchemePeriodClosed(
        scheme_id="floor", period=period, up_to=9, formula=FORMULA, currency="CNY", amounts=AMOUNTS
    )


def set_terms(terms: SchemeTerms | None = None, from_period: str = "2026-05", **more: Any) -> SetScheme:
    return SetScheme(scheme_id="floor", from_period=from_period, terms=terms or commission(), **more)


def close(period: str = "2026-05", expected: int = 1) -> CloseSchemePeriod:
    return CloseSchemePeriod(scheme_id="floor", period=period, up_to=9, amounts=AMOUNTS, expected=expected)


def test_a_scheme_is_made_with_its_first_terms() -> None:
    outcome = given().when(set_terms(expected=0))

    outcome.then(a_scheme())
    assert outcome.answer == SchemeVersionSet(version=1)


def test_new_terms_are_the_next_version() -> None:
    outcome = given(a_scheme()).when(set_terms(commission(400), "2026-06", expected=1))

    outcome.then(a_scheme(commission(400), "2026-06"))
    assert outcome.answer == SchemeVersionSet(version=2)


def test_the_same_terms_again_change_nothing() -> None:
    assert given(a_scheme()).when(set_terms()).then().answer == SchemeVersionSet(version=1)


def test_terms_that_somebody_has_changed_meanwhile_are_not_replaced() -> None:
    given(a_scheme()).when(set_terms(commission(400), expected=0)).refused(VersionConflict, actual=1)


def test_no_terms_begin_in_a_closed_month() -> None:
    given(a_scheme(), a_closing()).when(set_terms(commission(400))).refused(PeriodIsClosed, next="2026-06")


def test_no_terms_begin_before_those_that_they_follow() -> None:
    given(a_scheme()).when(set_terms(commission(400), "2026-04")).refused(InvalidCommand)


def test_a_scheme_keeps_its_currency() -> None:
    given(a_scheme()).when(set_terms(commission(currency="GBP"))).refused(CurrencyMismatch, currency="CNY")


@pytest.mark.parametrize(
    "wrong",
    [
        set_terms(from_period="2026-13"),
        set_terms(from_period="2026-5"),
        set_terms(from_period="2026-0٥"),
        set_terms(from_period="0000-01"),
        set_terms(SchemeTerms(currency="CNY")),
        set_terms(tiers()),
        set_terms(tiers(1)),
        set_terms(tiers(0, 5, 5)),
        set_terms(tiers(0, 10**12 + 1)),
        set_terms(tiers(0, rate_bp=10_001)),
        set_terms(tiers(0, rate_bp=-1)),
        set_terms(bonus(from_minor=0, amount_minor=5)),
        set_terms(bonus(from_minor=1, amount_minor=-5)),
    ],
)
def test_terms_that_can_mean_nothing_are_refused(wrong: Command) -> None:
    given().when(wrong).refused(InvalidCommand)


def test_a_month_is_closed_with_what_it_came_to() -> None:
    given(a_scheme()).when(close(), JUNE_2).then(a_closing())


def test_a_month_is_closed_once() -> None:
    given(a_scheme(), a_closing()).when(close(expected=2), JUNE_2).refused(PeriodIsClosed, period="2026-05")


def test_months_are_closed_one_after_the_other() -> None:
    given(a_scheme()).when(close("2026-06"), JULY_2).refused(PeriodNotNext, next="2026-05")
    given(a_scheme(), a_closing()).when(close("2026-06", 2), JULY_2).then(a_closing("2026-06"))


def test_a_month_goes_on_until_its_last_day_is_over_in_every_time_zone() -> None:
    early = at(datetime(2026, 6, 1, 23, 59, 59, tzinfo=UTC))

    given(a_scheme()).when(close(), early).refused(PeriodNotOver)


def test_what_was_worked_out_by_other_terms_closes_nothing() -> None:
    given(a_scheme(), a_scheme(commission(400))).when(close(expected=1), JUNE_2).refused(VersionConflict)


def test_a_scheme_that_nobody_made_has_no_months() -> None:
    given().when(close(), JUNE_2).refused(NotFound, kind="scheme")


def test_months_follow_one_another_over_the_turn_of_the_year() -> None:
    assert (period_after("2026-12"), period_before("2027-01")) == ("2027-01", "2026-12")
    assert (period_after("2026-01"), period_before("2026-03")) == ("2026-02", "2026-02")
