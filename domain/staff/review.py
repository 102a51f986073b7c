"""A review: what an employee is told of a time of their work, what follows from it, and what they say to it.

All texts are sealed for the employee, and are forgotten with them.
"""

import enum
from datetime import date
from typing import ClassVar

import msgspec

from domain.kernel.event import Event
from domain.kernel.sealed import Sealed
from domain.kernel.stream import StreamKind


class PlanKind(enum.StrEnum):
    """What somebody is to do."""

    IMPROVEMENT = "improvement"
    TRAINING = "training"


class Outcome(enum.StrEnum):
    """What a look at a plan found. One that was put off has another day."""

    DONE = "done"
    MISSED = "missed"
    PUT_OFF = "put_off"


class ReviewStatus(enum.StrEnum):
    """How far a review is."""

    DRAFT = "draft"
    GIVEN = "given"
    ACKNOWLEDGED = "acknowledged"


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody is to do by a day; plans are numbered within their review, from 1."""

    kind: PlanKind
    text: Sealed
    due: date


class ReviewDrafted(Event, frozen=True, kw_only=True, omit_defaults=True):
    """Feedback and plans as they stand; the employee knows nothing of them yet. A later draft replaces it."""

    TYPE: ClassVar = "review.drafted.v1"
    employee_id: str
    cycle: str
    store_id: str
    text: Sealed
    plans: tuple[Plan, ...] = ()


class ReviewGiven(Event, frozen=True, kw_only=True, omit_defaults=True):
    """The employee may read it, and it does not change any more."""

    TYPE: ClassVar = "review.given.v1"
    employee_id: str
    cycle: str


class ReviewAcknowledged(Event, frozen=True, kw_only=True, omit_defaults=True):
    """The employee has read it, and perhaps says something to it."""

    TYPE: ClassVar = "review.acknowledged.v1"
    employee_id: str
    cycle: str
    comment: Sealed | None = None


class ReviewCommented(Event, frozen=True, kw_only=True, omit_defaults=True):
    """Somebody says more to it: the employee, or whoever gave it."""

    TYPE: ClassVar = "review.commented.v1"
    employee_id: str
    cycle: str
    comment: Sealed
    by_employee: bool = False


class PlanFollowedUp(Event, frozen=True, kw_only=True, omit_defaults=True):
    """Somebody looked at a plan; `due` is the new day of one that was put off."""

    TYPE: ClassVar = "review.plan_followed_up.v1"
    employee_id: str
    cycle: str
    plan: int
    outcome: Outcome
    due: date | None = None
    note: Sealed | None = None


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """A comment, and whether it is the employee's own."""

    text: Sealed
    by_employee: bool


class FollowUp(msgspec.Struct, frozen=True, kw_only=True):
    """A look at a plan."""

    plan: int
    outcome: Outcome
    due: date | None = None
    note: Sealed | None = None


class Review(msgspec.Struct, frozen=True, kw_only=True):
    """A review as decisions see it. `due` is by number of the plan, of those that are open."""

    status: ReviewStatus = ReviewStatus.DRAFT
    store_id: str = ""
    text: Sealed | None = None
    plans: tuple[Plan, ...] = ()
    comments: tuple[Said, ...] = ()
    follow_ups: tuple[FollowUp, ...] = ()
    due: dict[int, date] = {}


def evolve(state: Review, event: Event) -> Review:
    """The review after `event`."""
    change = msgspec.structs.replace
    match event:
        case ReviewDrafted():
            due = {number: plan.due for number, plan in enumerate(event.plans, start=1)}
            return Review(store_id=event.store_id, text=event.text, plans=event.plans, due=due)
        case ReviewGiven():
            return change(state, status=ReviewStatus.GIVEN)
        case ReviewAcknowledged():
            said = () if event.comment is None else (Said(text=event.comment, by_employee=True),)
            return change(state, status=ReviewStatus.ACKNOWLEDGED, comments=(*state.comments, *said))
        case ReviewCommented():
            said = Said(text=event.comment, by_employee=event.by_employee)
            return change(state, comments=(*state.comments, said))
        case PlanFollowedUp():
            found = FollowUp(plan=event.plan, outcome=event.outcome, due=event.due, note=event.note)
            due = {number: day for number, day in state.due.items() if number != event.plan}
            if event.due is not None:
                due[event.plan] = event.due
            return change(state, follow_ups=(*state.follow_ups, found), due=due)
        case _:
            return state


REVIEW = StreamKind("review", Review(), evolve)


def review_id(employee_id: str, cycle: str) -> str:
    """A review's id: `2026-q4/e1`."""
    return f"{cycle}/{employee_id}"
