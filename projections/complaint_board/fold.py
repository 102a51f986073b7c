"""complaint_board: one row a complaint, without its texts (those stay sealed in the journal)."""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from domain.kernel.event import AnyRecorded
from domain.service.case import (
    CaseAssigned,
    CaseCommented,
    CaseOpened,
    CasePrioritised,
    CaseReferred,
    CaseReopened,
    CaseResolved,
    CaseResponded,
    CaseStatus,
    ReferralReported,
    ResolutionJudged,
)
from domain.service.terms import Priority
from projections.kernel.table import Change, Table


class ComplaintRow(msgspec.Struct, frozen=False, kw_only=False):
    """A complaint's place on the board. `status` is open, assigned or resolved.

    `responded_at` is the first word to the customer, a resolution included; `outcome` and `in_time` are what
    was reported last of those to whom it was referred. Null is not known, and apart from no.
    """

    case_id: str
    kind: str = ""
    status: str = CaseStatus.OPEN
    category: str = ""
    customer_id: str | None = None
    store_id: str | None = None
    sale_id: str | None = None
    sku: str | None = None
    employee_id: str | None = None
    opened_at: datetime | None = None
    changed_at: datetime | None = None
    resolved_at: datetime | None = None
    comments: int = 0
    reopenings: int = 0
    channel: str | None = None
    priority: str = Priority.NORMAL
    lot: str | None = None
    supplier_id: str | None = None
    about_employee_id: str | None = None
    responded_at: datetime | None = None
    referred_at: datetime | None = None
    outcome: str | None = None
    in_time: bool | None = None
    accepted: bool | None = None


def _fold(row: ComplaintRow, entry: AnyRecorded) -> None:
    event = entry.data
    row.changed_at = entry.occurred_at
    match event:
        case CaseOpened():
            row.kind = event.kind.value
            row.category = event.category
            row.customer_id = event.customer_id
            row.store_id = event.store_id
            row.sale_id = event.sale_id
            row.sku = event.sku
            row.channel = None if event.channel is None else event.channel.value
            row.priority = event.priority.value
            row.lot = event.lot
            row.supplier_id = event.supplier_id
            row.about_employee_id = event.about_employee_id
            row.opened_at = entry.occurred_at
        case CaseAssigned():
            row.status = CaseStatus.ASSIGNED.value
            row.employee_id = event.employee_id
        case CaseResolved():
            row.status = CaseStatus.RESOLVED.value
            row.resolved_at = entry.occurred_at
            row.responded_at = row.responded_at or entry.occurred_at
        case CaseReopened():
            row.status = (CaseStatus.ASSIGNED if row.employee_id else CaseStatus.OPEN).value
            row.resolved_at = None
            row.reopenings += 1
            if row.accepted:
                # What was accepted is not what comes now. What was disputed was, and is reopened by it.
                row.accepted = None
        case CaseResponded():
            row.responded_at = row.responded_at or entry.occurred_at
        case CasePrioritised():
            row.priority = event.priority.value
        case CaseReferred():
            row.referred_at = row.referred_at or entry.occurred_at
        case ReferralReported():
            row.outcome = event.outcome
            row.in_time = event.in_time
        case ResolutionJudged():
            row.accepted = event.accepted
        case _:
            row.comments += 1


COMPLAINT_BOARD = Table("complaint_board", ComplaintRow, keys=1, fold=_fold)


class ComplaintBoard:
    """Keyed by case; fed by everything that happens to one."""

    name = "complaint_board"
    version = 2
    tables = (COMPLAINT_BOARD,)
    events = (
        CaseOpened,
        CaseAssigned,
        CaseCommented,
        CaseResolved,
        CaseReopened,
        CaseResponded,
        CasePrioritised,
        CaseReferred,
        ReferralReported,
        ResolutionJudged,
    )

    def changes(self, entry: AnyRecorded) -> Iterable[Change]:
        """The case's row."""
        yield COMPLAINT_BOARD.change((entry.data.case_id,), entry)
