"""Examples of incentive schemes, for tests/domain/examples.py."""

from domain.kernel.event import Event
from domain.staff.scheme import (
    FORMULA,
    Aim,
    Base,
    BonusRule,
    BonusStep,
    CommissionRule,
    EmployeeAmount,
    SchemePeriodClosed,
    SchemeSet,
    SchemeTerms,
    Tier,
)

STAFF_EXAMPLES: dict[type[Event], tuple[Event, ...]] = {
    SchemeSet: (
        SchemeSet(
            scheme_id="floor",
            from_period="2026-05",
            terms=SchemeTerms(
                currency="CNY",
                commission=(
                    CommissionRule(
                        base=Base.MARGIN,
                        tiers=(Tier(from_minor=0, rate_bp=100), Tier(from_minor=5_000_000, rate_bp=150)),
                        aim=Aim(stores=("s1",), employees=("e1",), categories=("fruit",), skus=("apple",)),
                    ),
                    CommissionRule(base=Base.NET, tiers=(Tier(from_minor=0, rate_bp=50),)),
                ),
                bonuses=(
                    BonusRule(
                        base=Base.NET,
                        steps=(
                            BonusStep(from_minor=10_000_000, amount_minor=50_000),
                            BonusStep(from_minor=20_000_000, amount_minor=50_000, rate_bp=25),
                        ),
                    ),
                ),
            ),
        ),
    ),
    SchemePeriodClosed: (
        SchemePeriodClosed(
            scheme_id="floor",
            period="2026-05",
            up_to=812,
            formula=FORMULA,
            currency="CNY",
            amounts=(
                EmployeeAmount(employee_id="e1", commission_minor=5_210, bonus_minor=50_000, entries=37),
                EmployeeAmount(employee_id="e2", commission_minor=-40, bonus_minor=0, entries=1),
            ),
        ),
    ),
}
