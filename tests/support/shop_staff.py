"""The staff of the story in tests/support/shop_day.py: what they are to reach, and what is said of them."""

from collections.abc import Iterator
from datetime import date

from domain.kernel.command import Command
from domain.staff.target import EndTarget, Measure, SetTarget, Target
from tests.support.commands import complain

FIRST, LAST = date(2026, 3, 1), date(2199, 12, 31)


def _target(measure: Measure = Measure.COUNT, goal: int = 100, **about: str) -> Target:
    return Target(first=date(2196, 1, 1), last=LAST, measure=measure, goal=goal, **about)


def staff() -> Iterator[Command]:
    """A store's target grows, somebody's ends, and a customer complains about an employee."""
    yield SetTarget(target_id="s1-money", target=_target(Measure.MONEY, 900, store_id="s1", currency="CNY"))
    yield SetTarget(target_id="s1-money", target=_target(Measure.MONEY, 950, store_id="s1", currency="CNY"))
    yield SetTarget(target_id="e1-apples", target=_target(Measure.UNITS, employee_id="e1", sku="apple"))
    yield SetTarget(target_id="all", target=_target())
    yield EndTarget(target_id="e1-apples")
    yield complain("k-about", store_id="s1", about_employee_id="e1")
