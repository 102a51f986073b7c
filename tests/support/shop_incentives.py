"""What employees of the story in tests/support/shop_day.py get and are told: a closed month, and reviews."""

from collections.abc import Iterator
from datetime import date

from domain.kernel.command import Command
from domain.staff.honour import AwardHonour
from domain.staff.review import Outcome, Plan, PlanKind
from domain.staff.review_steps import AcknowledgeReview, CommentReview, DraftReview, FollowUpPlan, GiveReview
from domain.staff.scheme import Base, BonusRule, BonusStep, CommissionRule, EmployeeAmount, SchemeTerms, Tier
from domain.staff.scheme_steps import CloseSchemePeriod, SetScheme
from tests.support.facts import sealed

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
    yield AwardHonour(
        honour_id="h1", period="2026-03", title="best seller", employee_ids=("e1", "e2"), among=4
    )
    yield from _reviews()


def _reviews() -> Iterator[Command]:
    """One that is followed up, and one that is a draft."""
    text = sealed("Well done.", "employee-e1")
    plans = tuple(
        Plan(kind=kind, text=text, due=date(2026, 5, day)) for day, kind in enumerate(PlanKind, start=1)
    )
    first, spring = "e1", "spring"
    yield DraftReview(employee_id=first, cycle=spring, text=text)
    yield DraftReview(employee_id=first, cycle=spring, text=text, plans=plans)
    yield GiveReview(employee_id=first, cycle=spring)
    yield AcknowledgeReview(employee_id=first, cycle=spring, comment=text)
    yield CommentReview(employee_id=first, cycle=spring, comment=text)
    yield FollowUpPlan(employee_id=first, cycle=spring, plan=1, outcome=Outcome.DONE)
    yield FollowUpPlan(
        employee_id=first, cycle=spring, plan=2, outcome=Outcome.PUT_OFF, due=date(2026, 6, 1), note=text
    )
    yield DraftReview(employee_id="e2", cycle=spring, text=sealed("Hm.", "employee-e2"), plans=plans)
