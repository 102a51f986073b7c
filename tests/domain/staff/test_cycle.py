"""A cycle keeps its card and formula; closed, nothing in it changes, and corrections count in the next."""

from datetime import UTC, date, datetime

import msgspec
import pytest

from domain.kernel.command import Moment
from domain.kernel.errors import AlreadyExists, Erased, InvalidCommand, NotFound, VersionConflict
from domain.staff.cycle import (
    CloseCycle,
    CycleClosed,
    CycleCut,
    CycleIsClosed,
    CycleIsOpen,
    CycleNotOver,
    CycleOpened,
    CycleScored,
    FinishCycle,
    OpenCycle,
)
from domain.staff.employee import EmployeeErased, EraseEmployee
from domain.staff.figures import Correction, Facts
from domain.staff.frozen_score import FreezeScore, ScoreFrozen
from domain.staff.period import last_day, period_of, shifted
from domain.staff.rating import RateEmployee, StaffRated
from domain.staff.score import Indicator, Part
from domain.staff.scorecard import Scorecard, ScorecardApplied, ScorecardSet, SetScorecard
from tests.support.decisions import Fact, at, given
from tests.support.facts import a_store, an_employee


def part(indicator: Indicator, weight: int, full_at: int, nothing_at: int = 0) -> Part:
    return Part(indicator=indicator, weight=weight, nothing_at=nothing_at, full_at=full_at, cap_milli=5_000)


CARD = Scorecard(
    currency="CNY",
    parts=(
        part(Indicator.SALES, 50, 100_000),
        part(Indicator.ATTENDANCE, 30, 1_000),
        part(Indicator.CSAT, 20, 5),
    ),
)
SET: Fact = ("scorecard-sales", ScorecardSet(scorecard_id="sales", card=CARD))
STAFF = (a_store(), an_employee())


def opened(period: str, previous: str | None = None) -> tuple[Fact, Fact]:
    applied = ScorecardApplied(scorecard_id="sales", period=period, version=1)
    cycle = CycleOpened(
        scorecard_id="sales", period=period, version=1, card=CARD, formula="score.v1", previous=previous
    )
    return (f"cycle-sales/{period}", cycle), ("scorecard-sales", applied)


def closed(period: str, cut_off: date) -> Fact:
    return f"cycle-sales/{period}", CycleClosed(scorecard_id="sales", period=period, cut_off=cut_off)


OCTOBER = (SET, *opened("2026-10"))
CUT = date(2026, 11, 3)
NOVEMBER = (*OCTOBER, closed("2026-10", CUT), *opened("2026-11", "2026-10"))
OPEN, CLOSE = (
    OpenCycle(scorecard_id="sales", period="2026-10"),
    CloseCycle(scorecard_id="sales", period="2026-10"),
)


def day(month: int, number: int) -> Moment:
    return at(datetime(2026, month, number, 0, 0, 1, tzinfo=UTC))


def rate(figure: int = 900, period: str = "2026-10", **more: str | Indicator) -> RateEmployee:
    said: dict[str, str | Indicator] = {"indicator": Indicator.ATTENDANCE, **more}
    command = {"scorecard_id": "sales", "period": period, "employee_id": "e1", "figure": figure, **said}
    return msgspec.convert(command, RateEmployee)


def rated(figure: int, period: str = "2026-10", corrects: str | None = None, before: int = 0) -> Fact:
    return f"rating-sales/{period}/e1", StaffRated(
        scorecard_id="sales",
        period=period,
        employee_id="e1",
        indicator=Indicator.ATTENDANCE,
        figure=figure,
        corrects=corrects,
        before=before,
    )


# --- scorecards -------------------------------------------------------------------------------------


def test_weights_sum_to_a_hundred() -> None:
    lighter = msgspec.structs.replace(CARD, parts=CARD.parts[:2])
    given().when(SetScorecard(scorecard_id="sales", card=lighter)).refused(InvalidCommand, sum=80)
    given().when(SetScorecard(scorecard_id="sales", card=CARD)).then(SET)


@pytest.mark.parametrize(
    "parts",
    [
        (part(Indicator.SALES, 50, 1), part(Indicator.SALES, 50, 2)),
        (part(Indicator.SALES, 100, 0),),
        (part(Indicator.SALES, 101, 5), part(Indicator.MARGIN, -1, 5)),
        (Part(indicator=Indicator.SALES, weight=100, nothing_at=0, full_at=1, cap_milli=0),),
        (Part(indicator=Indicator.SALES, weight=100, nothing_at=0, full_at=10**16, cap_milli=1),),
    ],
)
def test_a_card_that_means_nothing_is_refused(parts: tuple[Part, ...]) -> None:
    card = msgspec.structs.replace(CARD, parts=parts)
    given().when(SetScorecard(scorecard_id="sales", card=card)).refused(InvalidCommand)


def test_a_card_changes_by_versions_and_its_cycles_stay_as_long() -> None:
    same = SetScorecard(scorecard_id="sales", card=CARD, expected=1)
    given(SET).when(same).then()
    given(SET).when(SetScorecard(scorecard_id="sales", card=CARD, expected=0)).refused(VersionConflict)
    quarters = msgspec.structs.replace(CARD, months=3)
    given(SET).when(SetScorecard(scorecard_id="sales", card=quarters)).refused(InvalidCommand)
    given().when(SetScorecard(scorecard_id="sales", card=msgspec.structs.replace(CARD, months=2))).refused(
        InvalidCommand
    )


# --- cycles -----------------------------------------------------------------------------------------


def test_a_cycle_freezes_card_and_formula_when_it_opens() -> None:
    given(SET).when(OPEN).then(*opened("2026-10"))
    given().when(OPEN).refused(NotFound)
    given(*OCTOBER).when(OPEN).refused(AlreadyExists)


def test_no_cycle_is_left_out() -> None:
    given(*OCTOBER).when(OpenCycle(scorecard_id="sales", period="2026-12")).refused(
        InvalidCommand, next="2026-11"
    )
    given(*OCTOBER).when(OpenCycle(scorecard_id="sales", period="2026-11")).then(
        *opened("2026-11", "2026-10")
    )


def test_a_cycle_closes_when_its_days_are_over_everywhere() -> None:
    given(*OCTOBER).when(CLOSE, day(11, 1)).refused(CycleNotOver, earliest="2026-11-02")
    outcome = given(*OCTOBER).when(CLOSE, day(11, 2)).then(closed("2026-10", date(2026, 11, 2)))
    assert outcome.answer == CycleCut(cut_off=date(2026, 11, 2))


def test_a_cycle_closes_once_and_after_the_one_before() -> None:
    given(*NOVEMBER).when(CLOSE, day(12, 9)).then()
    both = (*OCTOBER, *opened("2026-11", "2026-10"))
    given(*both).when(CloseCycle(scorecard_id="sales", period="2026-11"), day(12, 9)).refused(CycleIsOpen)


def test_scores_are_all_there_only_of_a_closed_cycle() -> None:
    finish = FinishCycle(scorecard_id="sales", period="2026-10", people=2)
    scored = ("cycle-sales/2026-10", CycleScored(scorecard_id="sales", period="2026-10", people=2))
    given(*OCTOBER).when(finish).refused(CycleIsOpen)
    given(*NOVEMBER).when(finish).then(scored)
    given(*NOVEMBER, scored).when(finish).then()


def test_periods_follow_one_another() -> None:
    assert (shifted("2026-12", 1), shifted("2026-01", -3)) == ("2027-01", "2025-10")
    assert (last_day("2026-10", 3), last_day("2028-02", 1)) == (date(2026, 12, 31), date(2028, 2, 29))
    assert period_of(date(2026, 9, 30), 3, "2026-10") == "2026-07"
    assert period_of(date(2026, 12, 31), 3, "2026-10") == "2026-10"


# --- ratings ----------------------------------------------------------------------------------------


def test_a_manager_rates_while_the_cycle_is_open() -> None:
    given(*STAFF, *OCTOBER).when(rate()).then(rated(900))
    given(*STAFF, *OCTOBER, rated(900)).when(rate()).then()
    given(*STAFF, *NOVEMBER).when(rate()).refused(CycleIsClosed)
    given(*STAFF, SET).when(rate()).refused(NotFound)
    given(*OCTOBER).when(rate()).refused(NotFound, kind="employee")


def test_what_follows_from_facts_is_not_entered() -> None:
    for indicator in (Indicator.SALES, Indicator.ATTITUDE):
        given(*STAFF, *OCTOBER).when(rate(indicator=indicator)).refused(InvalidCommand)
    given(*STAFF, *OCTOBER).when(rate(1_001)).refused(InvalidCommand)


def test_a_correction_counts_in_the_open_cycle_and_names_what_it_corrects() -> None:
    both = (*STAFF, *NOVEMBER, rated(900), rated(800, "2026-11"))
    correct = rate(950, "2026-11", corrects="2026-10")
    given(*both).when(correct).then(rated(950, "2026-11", "2026-10", before=900))


def test_a_correction_needs_a_figure_in_both_cycles_and_is_of_the_last_one() -> None:
    correct = rate(950, "2026-11", corrects="2026-10")
    given(*STAFF, *NOVEMBER, rated(900)).when(correct).refused(InvalidCommand)
    given(*STAFF, *NOVEMBER, rated(800, "2026-11")).when(correct).refused(InvalidCommand)
    given(*STAFF, *NOVEMBER, rated(900), rated(800, "2026-11")).when(
        rate(950, "2026-11", corrects="2026-09")
    ).refused(InvalidCommand)


# --- scores -----------------------------------------------------------------------------------------


def cycle_by(card: Scorecard) -> tuple[Fact, ...]:
    """October by another card, closed."""
    opening = CycleOpened(scorecard_id="sales", period="2026-10", version=1, card=card, formula="score.v1")
    return ("cycle-sales/2026-10", opening), closed("2026-10", CUT)


FREEZE = FreezeScore(
    scorecard_id="sales", period="2026-10", employee_id="e1", facts=Facts(sales=4, sold_minor=60_000)
)


def test_a_score_is_frozen_with_all_that_it_follows_from() -> None:
    """60 % of the sales, 90 % of the shifts, and nothing known of CSAT."""
    score = given(*STAFF, *NOVEMBER, rated(900)).when(FREEZE).only(ScoreFrozen)

    assert score.score_milli == 3_563, "(50 * 3.0 + 30 * 4.5) / 80, rounded half up"
    assert [(one.figure, one.points_milli) for one in score.parts] == [
        (60_000, 3_000),
        (900, 4_500),
        (None, None),
    ]
    assert (score.formula, score.version, score.facts) == ("score.v1", 1, FREEZE.facts)


def test_answers_and_leads_count_as_the_sales_do() -> None:
    """Two of three leads, and a customer who gives 4 and one who gives 5."""
    card = Scorecard(
        currency="CNY", parts=(part(Indicator.CONVERSION, 50, 1_000), part(Indicator.CSAT, 50, 5_000))
    )
    heard = Facts(csat_answers=1, csat_points=4, leads_ended=3, leads_won=2)
    late = Correction(
        period="2026-09",
        store_id="s1",
        business_day=date(2026, 9, 30),
        facts=Facts(csat_answers=1, csat_points=5),
    )
    command = msgspec.structs.replace(FREEZE, facts=heard, corrections=(late,))

    score = given(*STAFF, *cycle_by(card)).when(command).only(ScoreFrozen)

    assert [one.figure for one in score.parts] == [667, 4_500]
    assert score.score_milli == 3_918, "(3.335 + 4.5) / 2, rounded half up"


def test_what_a_manager_entered_of_conversion_counts_only_where_no_lead_ended() -> None:
    cycle = cycle_by(Scorecard(currency="CNY", parts=(part(Indicator.CONVERSION, 100, 1_000),)))
    entered = StaffRated(
        scorecard_id="sales",
        period="2026-10",
        employee_id="e1",
        indicator=Indicator.CONVERSION,
        figure=900,
    )
    shop = given(*STAFF, *cycle, ("rating-sales/2026-10/e1", entered))
    leads = msgspec.structs.replace(FREEZE, facts=Facts(leads_ended=4, leads_won=1))

    assert shop.when(FREEZE).only(ScoreFrozen).parts[0].figure == 900
    assert shop.when(leads).only(ScoreFrozen).parts[0].figure == 250


def test_what_was_recorded_late_counts_with_the_period_that_it_is_of() -> None:
    late = Correction(
        period="2026-09",
        store_id="s1",
        business_day=date(2026, 9, 30),
        facts=Facts(sales=1, sold_minor=20_000),
    )
    command = msgspec.structs.replace(FREEZE, corrections=(late,))

    score = given(*STAFF, *NOVEMBER).when(command).only(ScoreFrozen)

    assert score.parts[0].figure == 80_000
    assert score.corrections == (late,)


def test_a_rating_that_was_corrected_counts_by_the_difference() -> None:
    shut = (*NOVEMBER, rated(900), rated(800, "2026-11"), rated(950, "2026-11", "2026-10", before=900))
    cycle = (*STAFF, *shut, closed("2026-11", date(2026, 12, 2)))

    score = given(*cycle).when(msgspec.structs.replace(FREEZE, period="2026-11")).only(ScoreFrozen)

    assert score.parts[1].figure == 850


def test_a_score_is_frozen_once_and_only_when_the_cycle_is_closed() -> None:
    given(*STAFF, *OCTOBER).when(FREEZE).refused(CycleIsOpen)
    given(*STAFF, *NOVEMBER).after(FREEZE).when(msgspec.structs.replace(FREEZE, facts=Facts(sales=9))).then()


def test_whoever_was_forgotten_gets_no_score() -> None:
    left = ("employee-e1", EmployeeErased(employee_id="e1", reason="left"))
    given(*STAFF, *NOVEMBER, left).when(FREEZE).refused(Erased, id="e1")


def test_whoever_is_forgotten_after_their_score_still_counts_as_scored() -> None:
    """A run that was killed and goes on counts how many scores are frozen."""
    forget = EraseEmployee(employee_id="e1", reason="left")
    given(*STAFF, *NOVEMBER).after(FREEZE, forget).when(FREEZE).then()
