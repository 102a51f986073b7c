"""Incentive schemes, reviews of employees, and honours."""

from domain.staff.honour import HonourAwarded
from domain.staff.review import (
    PlanFollowedUp,
    ReviewAcknowledged,
    ReviewCommented,
    ReviewDrafted,
    ReviewGiven,
)
from domain.staff.scheme import SchemePeriodClosed, SchemeSet
from workers.audit_words.telling import count, words


@words(SchemeSet)
def _(event: SchemeSet) -> str:
    terms = event.terms
    rules = [
        count(number, what)
        for number, what in ((len(terms.commission), "commission rule"), (len(terms.bonuses), "bonus"))
        if number
    ]
    return f"pays sales from {event.from_period} on by {' and '.join(rules)}"


@words(SchemePeriodClosed)
def _(event: SchemePeriodClosed) -> str:
    return f"closed {event.period} up to position {event.up_to}, with {count(len(event.amounts), 'employee')}"


@words(ReviewDrafted)
def _(event: ReviewDrafted) -> str:
    return f"drafted for employee {event.employee_id}, with {count(len(event.plans), 'plan')}"


@words(ReviewGiven)
def _(event: ReviewGiven) -> str:
    return f"given to employee {event.employee_id}"


@words(ReviewAcknowledged)
def _(event: ReviewAcknowledged) -> str:
    return f"acknowledged{' with a comment' if event.comment else ''}"


@words(ReviewCommented)
def _(event: ReviewCommented) -> str:
    return f"commented{' by the employee' if event.by_employee else ''}"


@words(PlanFollowedUp)
def _(event: PlanFollowedUp) -> str:
    until = "" if event.due is None else f" to {event.due}"
    return f"plan {event.plan} {event.outcome.replace('_', ' ')}{until}"


@words(HonourAwarded)
def _(event: HonourAwarded) -> str:
    return f"{event.title} of {event.period}: {', '.join(event.employee_ids)}, among {event.among}"
