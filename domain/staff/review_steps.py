"""Drafting a review, giving it, and what comes after: the employee's word and the follow-up of plans."""

from collections.abc import Sequence
from datetime import date

from domain.kernel.command import Command, Decision, Done, Moment
from domain.kernel.errors import InvalidCommand, NotFound, Refusal
from domain.kernel.event import Event
from domain.kernel.sealed import Sealed
from domain.kernel.stream import States
from domain.staff.employee import EMPLOYEE, unless_erased
from domain.staff.review import (
    REVIEW,
    Outcome,
    Plan,
    PlanFollowedUp,
    Review,
    ReviewAcknowledged,
    ReviewCommented,
    ReviewDrafted,
    ReviewGiven,
    ReviewStatus,
    review_id,
)

MAX_PLANS = 20
MAX_NOTES = 100
"""Comments and looks at plans, each: a review is no diary."""


class ReviewNotReady(Refusal):
    """The review is not as far, or further: a draft is given, and what was given is acknowledged once."""

    code = "review_not_ready"


class PlanSettled(Refusal):
    """The plan was done or missed, and there is nothing to follow up."""

    code = "plan_settled"


class TooManyNotes(Refusal):
    """The review has as many comments, or its plans as many looks, as it may have."""

    code = "too_many_notes"


class _Step(Command, frozen=True, kw_only=True):
    """Something that happens to an employee's review of a cycle."""

    employee_id: str
    cycle: str

    def streams(self) -> Sequence[str]:
        return (EMPLOYEE.stream(self.employee_id), REVIEW.stream(self._id))

    @property
    def _id(self) -> str:
        return review_id(self.employee_id, self.cycle)

    def _given(self, states: States) -> Review:
        """The review that the employee knows, NotFound, or ReviewNotReady for a draft."""
        unless_erased(states.require(EMPLOYEE, self.employee_id))
        review = states.require(REVIEW, self._id)
        if review.status is ReviewStatus.DRAFT:
            raise ReviewNotReady("The review is a draft. Give it first.", status=review.status)
        return review

    def _write(self, event: Event) -> Decision:
        return Decision(events=((REVIEW.stream(self._id), event),), result=Done(id=self._id))


class DraftReview(_Step, frozen=True, kw_only=True):
    """Writes the review, or writes it anew, as long as it is a draft."""

    text: Sealed
    plans: tuple[Plan, ...] = ()
    expected: int | None = None

    def decide(self, states: States, at: Moment) -> Decision:
        employee = unless_erased(states.require(EMPLOYEE, self.employee_id))
        states.require_version(REVIEW.stream(self._id), self.expected)
        review = states.of(REVIEW, self._id)
        if review.status is not ReviewStatus.DRAFT:
            raise ReviewNotReady("The review was given and is not changed.", status=review.status)
        if len(self.plans) > MAX_PLANS:
            raise InvalidCommand(f"A review has up to {MAX_PLANS} plans.")
        return self._write(
            ReviewDrafted(
                employee_id=self.employee_id,
                cycle=self.cycle,
                store_id=employee.store_id,
                text=self.text,
                plans=self.plans,
            )
        )


class GiveReview(_Step, frozen=True, kw_only=True):
    """Lets the employee read it."""

    def decide(self, states: States, at: Moment) -> Decision:
        unless_erased(states.require(EMPLOYEE, self.employee_id))
        review = states.require(REVIEW, self._id)
        if review.status is not ReviewStatus.DRAFT:
            raise ReviewNotReady("The review was given.", status=review.status)
        return self._write(ReviewGiven(employee_id=self.employee_id, cycle=self.cycle))


class AcknowledgeReview(_Step, frozen=True, kw_only=True):
    """The employee says that they have read it."""

    comment: Sealed | None = None

    def decide(self, states: States, at: Moment) -> Decision:
        review = self._given(states)
        if review.status is ReviewStatus.ACKNOWLEDGED:
            raise ReviewNotReady("It was acknowledged. Comment on it instead.", status=review.status)
        return self._write(
            ReviewAcknowledged(employee_id=self.employee_id, cycle=self.cycle, comment=self.comment)
        )


class CommentReview(_Step, frozen=True, kw_only=True):
    """The employee, or whoever gave it, says something to it."""

    comment: Sealed
    by_employee: bool = False

    def decide(self, states: States, at: Moment) -> Decision:
        if len(self._given(states).comments) >= MAX_NOTES:
            raise TooManyNotes("Nothing more can be said here. Begin another review.", limit=MAX_NOTES)
        return self._write(
            ReviewCommented(
                employee_id=self.employee_id,
                cycle=self.cycle,
                comment=self.comment,
                by_employee=self.by_employee,
            )
        )


class FollowUpPlan(_Step, frozen=True, kw_only=True):
    """Says what became of a plan, or puts it off to a later day."""

    plan: int
    outcome: Outcome
    due: date | None = None
    note: Sealed | None = None

    def decide(self, states: States, at: Moment) -> Decision:
        review = self._given(states)
        if not 1 <= self.plan <= len(review.plans):
            raise NotFound("The review has no such plan.", kind="plan", id=str(self.plan))
        if self.plan not in review.due:
            raise PlanSettled("The plan was done or missed.", plan=self.plan)
        if (self.outcome is Outcome.PUT_OFF) != (self.due is not None):
            raise InvalidCommand("What is put off has another day, and nothing else has.")
        if self.due is not None and self.due <= review.due[self.plan]:
            raise InvalidCommand("The other day is a later one.", due=review.due[self.plan].isoformat())
        if len(review.follow_ups) >= MAX_NOTES:
            raise TooManyNotes("Nothing more can be noted here. Begin another review.", limit=MAX_NOTES)
        return self._write(
            PlanFollowedUp(
                employee_id=self.employee_id,
                cycle=self.cycle,
                plan=self.plan,
                outcome=self.outcome,
                due=self.due,
                note=self.note,
            )
        )
