"""The staff of the story in tests/support/shop_day.py: what they are to reach, and what is said of them."""

from collections.abc import Iterator
from datetime import date

from domain.kernel.command import Command
from domain.staff.cycle import CloseCycle, FinishCycle, OpenCycle
from domain.staff.employee import EraseEmployee
from domain.staff.figures import Facts
from domain.staff.frozen_score import FreezeScore
from domain.staff.rating import RateEmployee
from domain.staff.score import Indicator, Part
from domain.staff.scorecard import Scorecard, SetScorecard
from domain.staff.target import EndTarget, Measure, SetTarget, Target
from tests.support.commands import complain, hire

LEFT = "e-left"
LAST = date(2199, 12, 31)
CARD = Scorecard(
    currency="CNY",
    parts=(
        Part(indicator=Indicator.SALES, weight=60, nothing_at=0, full_at=50_000, cap_milli=6_000),
        Part(indicator=Indicator.ATTENDANCE, weight=40, nothing_at=0, full_at=1_000, cap_milli=5_000),
    ),
)


def _target(measure: Measure = Measure.COUNT, goal: int = 100, **about: str) -> Target:
    return Target(first=date(2196, 1, 1), last=LAST, measure=measure, goal=goal, **about)


def staff() -> Iterator[Command]:
    """A store's target grows, somebody's ends, a customer complains about an employee, and another leaves."""
    yield SetTarget(target_id="s1-money", target=_target(Measure.MONEY, 900, store_id="s1", currency="CNY"))
    yield SetTarget(target_id="s1-money", target=_target(Measure.MONEY, 950, store_id="s1", currency="CNY"))
    yield SetTarget(target_id="e1-apples", target=_target(Measure.UNITS, employee_id="e1", sku="apple"))
    yield SetTarget(target_id="all", target=_target())
    yield EndTarget(target_id="e1-apples")
    yield complain("k-about", store_id="s1", about_employee_id="e1")
    yield hire(LEFT)
    yield EraseEmployee(employee_id=LEFT, reason="left")
    yield from _cycles()


def _cycles() -> Iterator[Command]:
    """January is scored, and what was wrong in it is corrected in February."""
    yield SetScorecard(scorecard_id="sales", card=CARD)
    yield OpenCycle(scorecard_id="sales", period="2026-01")
    yield _rated("2026-01", 900)
    yield CloseCycle(scorecard_id="sales", period="2026-01")
    for employee_id in ("e1", "e2"):
        yield FreezeScore(
            scorecard_id="sales",
            period="2026-01",
            employee_id=employee_id,
            facts=Facts(sales=1, sold_minor=25_000),
        )
    yield FinishCycle(scorecard_id="sales", period="2026-01", people=2)
    yield OpenCycle(scorecard_id="sales", period="2026-02")
    yield _rated("2026-02", 800)
    yield _rated("2026-02", 950, corrects="2026-01")


def _rated(period: str, figure: int, corrects: str | None = None) -> RateEmployee:
    return RateEmployee(
        scorecard_id="sales",
        period=period,
        employee_id="e1",
        indicator=Indicator.ATTENDANCE,
        figure=figure,
        corrects=corrects,
    )
