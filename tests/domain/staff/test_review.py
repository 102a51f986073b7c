"""Reviews: drafted, given, acknowledged, and their plans followed up."""

from datetime import date

import pytest

from domain.kernel.command import Command
from domain.kernel.errors import Erased, InvalidCommand, NotFound, VersionConflict
from domain.staff.employee import EraseEmployee
from domain.staff.review import (
    REVIEW,
    Outcome,
    Plan,
    PlanFollowedUp,
    PlanKind,
    ReviewAcknowledged,
    ReviewCommented,
    ReviewDrafted,
    ReviewGiven,
    ReviewStatus,
)
from domain.staff.review_steps import (
    MAX_NOTES,
    AcknowledgeReview,
    CommentReview,
    DraftReview,
    FollowUpPlan,
    GiveReview,
    PlanSettled,
    ReviewNotReady,
    TooManyNotes,
)
from tests.support.decisions import Given, given
from tests.support.facts import a_store, an_employee, sealed

TEXT = sealed("Well done.", "employee-e1")
JUNE, JULY = date(2026, 6, 1), date(2026, 7, 1)
PLAN = Plan(kind=PlanKind.TRAINING, text=TEXT, due=JUNE)
STREAM = "review-q2/e1"

DRAFT = DraftReview(employee_id="e1", cycle="q2", text=TEXT, plans=(PLAN,))
GIVE = GiveReview(employee_id="e1", cycle="q2")
ACKNOWLEDGE = AcknowledgeReview(employee_id="e1", cycle="q2")
COMMENT = CommentReview(employee_id="e1", cycle="q2", comment=TEXT, by_employee=True)
DONE = FollowUpPlan(employee_id="e1", cycle="q2", plan=1, outcome=Outcome.DONE)
every_later_step = pytest.mark.parametrize("step", [ACKNOWLEDGE, COMMENT, DONE])


def put_off(due: date | None) -> FollowUpPlan:
    return FollowUpPlan(employee_id="e1", cycle="q2", plan=1, outcome=Outcome.PUT_OFF, due=due)


def at_work(*commands: Command) -> Given:
    return given(a_store(), an_employee()).after(*commands)


def test_a_review_is_drafted_for_the_store_of_the_employee() -> None:
    drafted = ReviewDrafted(employee_id="e1", cycle="q2", store_id="s1", text=TEXT, plans=(PLAN,))

    at_work().when(DRAFT).then((STREAM, drafted))


def test_a_draft_is_written_anew_and_what_was_given_is_not() -> None:
    assert at_work(DRAFT).when(DRAFT).only(ReviewDrafted).plans == (PLAN,)
    at_work(DRAFT, GIVE).when(DRAFT).refused(ReviewNotReady, status="given")


def test_a_draft_that_somebody_changed_meanwhile_is_not_replaced() -> None:
    late = DraftReview(employee_id="e1", cycle="q2", text=TEXT, expected=0)
    at_work(DRAFT).when(late).refused(VersionConflict, actual=1)


def test_a_review_is_given_once() -> None:
    at_work(DRAFT).when(GIVE).then((STREAM, ReviewGiven(employee_id="e1", cycle="q2")))
    at_work(DRAFT, GIVE).when(GIVE).refused(ReviewNotReady, status="given")


def test_the_employee_acknowledges_it_once_and_may_say_more() -> None:
    acknowledged = ReviewAcknowledged(employee_id="e1", cycle="q2")
    at_work(DRAFT, GIVE).when(ACKNOWLEDGE).then((STREAM, acknowledged))
    known = at_work(DRAFT, GIVE, ACKNOWLEDGE)
    known.when(ACKNOWLEDGE).refused(ReviewNotReady, status="acknowledged")
    assert known.when(COMMENT).only(ReviewCommented).by_employee


@every_later_step
def test_nothing_happens_to_a_draft_but_that_it_is_given(step: Command) -> None:
    at_work(DRAFT).when(step).refused(ReviewNotReady, status="draft")


def test_a_plan_is_followed_up_until_it_is_settled() -> None:
    followed = at_work(DRAFT, GIVE, put_off(JULY))
    assert followed.state(REVIEW, "q2/e1").due == {1: JULY}
    assert followed.when(DONE).only(PlanFollowedUp).outcome is Outcome.DONE
    at_work(DRAFT, GIVE, DONE).when(DONE).refused(PlanSettled, plan=1)


@pytest.mark.parametrize("wrong", [put_off(None), put_off(JUNE), put_off(date(2026, 5, 1))])
def test_what_is_put_off_has_a_later_day(wrong: Command) -> None:
    at_work(DRAFT, GIVE).when(wrong).refused(InvalidCommand)


@pytest.mark.parametrize("plan", [0, 2, -1])
def test_a_plan_that_is_not_there_is_not_followed_up(plan: int) -> None:
    wrong = FollowUpPlan(employee_id="e1", cycle="q2", plan=plan, outcome=Outcome.DONE)
    at_work(DRAFT, GIVE).when(wrong).refused(NotFound, kind="plan")


def test_a_review_is_no_diary() -> None:
    at_work(DRAFT, GIVE, *[COMMENT] * MAX_NOTES).when(COMMENT).refused(TooManyNotes)


def test_nobody_is_reviewed_who_is_not_there() -> None:
    given(a_store()).when(DRAFT).refused(NotFound, kind="employee")
    at_work().when(GIVE).refused(NotFound, kind="review")


@pytest.mark.parametrize("step", [DRAFT, GIVE, ACKNOWLEDGE, COMMENT, DONE])
def test_nothing_is_written_of_whom_the_shop_has_forgotten(step: Command) -> None:
    at_work(DRAFT, EraseEmployee(employee_id="e1", reason="left")).when(step).refused(Erased)


def test_a_review_begins_as_a_draft() -> None:
    assert at_work(DRAFT).state(REVIEW, "q2/e1").status is ReviewStatus.DRAFT
