"""review_board: reviews has one row a review, without its texts; reviewed_people one an employee.

An employee may move to another store, whose work it is then to follow their plans up.
"""

from collections.abc import Iterable
from datetime import date, datetime

import msgspec

from domain.kernel.event import AnyRecorded
from domain.staff.employee import EmployeeChanged, EmployeeErased, EmployeeHired
from domain.staff.review import (
    PlanFollowedUp,
    ReviewAcknowledged,
    ReviewDrafted,
    ReviewGiven,
    ReviewStatus,
)
from projections.kernel.table import Change, Table


class ReviewRow(msgspec.Struct, frozen=False, kw_only=False):
    """`due` are the open plans by number, as days since 1 January of the year 1; `next_due` is the first."""

    employee_id: str
    cycle: str
    store_id: str = ""
    status: str = ReviewStatus.DRAFT.value
    given_at: datetime | None = None
    acknowledged_at: datetime | None = None
    plans: int = 0
    due: dict[str, int] = {}
    next_due: date | None = None


def _fold(row: ReviewRow, entry: AnyRecorded) -> None:
    match entry.data:
        case ReviewDrafted(store_id=store_id, plans=plans):
            row.store_id, row.plans = store_id, len(plans)
            row.due = {str(number): plan.due.toordinal() for number, plan in enumerate(plans, start=1)}
        case ReviewGiven():
            row.status, row.given_at = ReviewStatus.GIVEN.value, entry.recorded_at
        case ReviewAcknowledged():
            row.status, row.acknowledged_at = ReviewStatus.ACKNOWLEDGED.value, entry.recorded_at
        case PlanFollowedUp(plan=plan, due=due):
            row.due.pop(str(plan), None)
            if due is not None:
                row.due[str(plan)] = due.toordinal()
        case _:
            pass
    row.next_due = date.fromordinal(min(row.due.values())) if row.due else None


class ReviewedPerson(msgspec.Struct, frozen=False, kw_only=False):
    """Where an employee works now."""

    employee_id: str
    store_id: str = ""
    erased: bool = False


def _fold_person(row: ReviewedPerson, event: EmployeeHired | EmployeeChanged | EmployeeErased) -> None:
    if isinstance(event, EmployeeErased):
        row.erased = True
    elif event.store_id is not None:
        row.store_id = event.store_id


REVIEWS = Table("reviews", ReviewRow, keys=2, fold=_fold)
PEOPLE = Table("reviewed_people", ReviewedPerson, keys=1, fold=_fold_person)


class ReviewBoard:
    """Keyed by employee and cycle, or by employee."""

    name = "review_board"
    version = 2
    tables = (REVIEWS, PEOPLE)
    events = (
        ReviewDrafted,
        ReviewGiven,
        ReviewAcknowledged,
        PlanFollowedUp,
        EmployeeHired,
        EmployeeChanged,
        EmployeeErased,
    )

    def changes(self, entry: AnyRecorded) -> Iterable[Change]:
        """The row of the review, or of the employee."""
        if isinstance(entry.data, EmployeeHired | EmployeeChanged | EmployeeErased):
            yield PEOPLE.change((entry.data.employee_id,), entry.data)
            return
        yield REVIEWS.change((entry.data.employee_id, entry.data.cycle), entry)
