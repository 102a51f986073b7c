"""Examples of incentive schemes, reviews and honours, for tests/domain/examples.py."""

from datetime import date

from domain.kernel.event import Event
from domain.kernel.sealed import Sealed
from domain.staff.honour import HonourAwarded
from domain.staff.review import (
    Outcome,
    Plan,
    PlanFollowedUp,
    PlanKind,
    ReviewAcknowledged,
    ReviewCommented,
    ReviewDrafted,
    ReviewGiven,
)
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


def _text(place: str) -> Sealed:
    return Sealed(key_id="key-1", subject="employee-e1", place=place, box="bm9uY2UrYm94")


_PLAN = Plan(kind=PlanKind.TRAINING, text=_text("review.drafted.v1/text"), due=date(2026, 12, 1))

INCENTIVE_EXAMPLES: dict[type[Event], tuple[Event, ...]] = {
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
    ReviewDrafted: (
        ReviewDrafted(
            employee_id="e1",
            cycle="2026-q4",
            store_id="s1",
            text=_text("review.drafted.v1/text"),
            plans=(_PLAN,),
        ),
        ReviewDrafted(employee_id="e1", cycle="2026-q4", store_id="s1", text=_text("review.drafted.v1/text")),
    ),
    ReviewGiven: (ReviewGiven(employee_id="e1", cycle="2026-q4"),),
    ReviewAcknowledged: (
        ReviewAcknowledged(
            employee_id="e1", cycle="2026-q4", comment=_text("review.acknowledged.v1/comment")
        ),
        ReviewAcknowledged(employee_id="e1", cycle="2026-q4"),
    ),
    ReviewCommented: (
        ReviewCommented(
            employee_id="e1", cycle="2026-q4", comment=_text("review.commented.v1/comment"), by_employee=True
        ),
        ReviewCommented(employee_id="e1", cycle="2026-q4", comment=_text("review.commented.v1/comment")),
    ),
    PlanFollowedUp: (
        PlanFollowedUp(
            employee_id="e1",
            cycle="2026-q4",
            plan=1,
            outcome=Outcome.PUT_OFF,
            due=date(2027, 1, 15),
            note=_text("review.plan_followed_up.v1/note"),
        ),
        PlanFollowedUp(employee_id="e1", cycle="2026-q4", plan=1, outcome=Outcome.DONE),
    ),
    HonourAwarded: (
        HonourAwarded(
            honour_id="h1",
            period="2026-11",
            title="best seller",
            employee_ids=("e1", "e2"),
            among=12,
            store_id="s1",
        ),
        HonourAwarded(honour_id="h2", period="2026-11", title="best of all", employee_ids=("e1",), among=40),
    ),
}
