"""The incentives of the story in tests/support/shop_day.py: a scheme, and a month of it that is closed."""

from collections.abc import Iterator

from domain.kernel.command import Command
from domain.staff.scheme import Base, BonusRule, BonusStep, CommissionRule, EmployeeAmount, SchemeTerms, Tier
from domain.staff.scheme_steps import CloseSchemePeriod, SetScheme

TERMS = SchemeTerms(
    currency="CNY",
    commission=(CommissionRule(base=Base.NET, tiers=(Tier(from_minor=0, rate_bp=150),)),),
    bonuses=(BonusRule(base=Base.MARGIN, steps=(BonusStep(from_minor=10_000, amount_minor=500),)),),
)


def incentives() -> Iterator[Command]:
    """February is closed before anything of March is sold."""
    yield SetScheme(scheme_id="floor", from_period="2026-02", terms=TERMS)
    amounts = tuple(
        EmployeeAmount(employee_id=employee_id, commission_minor=120, bonus_minor=0, entries=3)
        for employee_id in ("e1", "e2")
    )
    yield CloseSchemePeriod(scheme_id="floor", period="2026-02", up_to=1, amounts=amounts, expected=1)
