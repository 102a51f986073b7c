"""task_board: one row a task, without its texts (those stay sealed in the journal)."""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from domain.kernel.event import AnyRecorded
from domain.leads.task import TaskCancelled, TaskDone, TaskGiven, TaskOpened, TaskRescheduled
from projections.kernel.table import Change, Table


class TaskRow(msgspec.Struct, frozen=False, kw_only=False):
    """A task. `status` is open, done or cancelled; `outcome` is what it came to, or why it was cancelled."""

    task_id: str
    store_id: str = ""
    subject: str = ""
    action: str = ""
    status: str = "open"
    employee_id: str | None = None
    rule: str | None = None
    opened_at: datetime | None = None
    due_at: datetime | None = None
    closed_at: datetime | None = None
    outcome: str | None = None


def _fold(row: TaskRow, entry: AnyRecorded) -> None:
    event = entry.data
    match event:
        case TaskOpened():
            row.store_id = event.store_id
            row.subject = event.subject
            row.action = event.action
            row.employee_id = event.employee_id
            row.rule = event.rule
            row.opened_at = entry.occurred_at
            row.due_at = event.due_at
        case TaskGiven():
            row.employee_id = event.employee_id
        case TaskRescheduled():
            row.due_at = event.due_at
        case TaskDone():
            row.status, row.outcome, row.closed_at = "done", event.outcome, entry.occurred_at
        case _:
            row.status, row.outcome, row.closed_at = "cancelled", event.reason, entry.occurred_at


TASK_BOARD = Table("task_board", TaskRow, keys=1, fold=_fold)


class TaskBoard:
    """Keyed by task; fed by everything that happens to one."""

    name = "task_board"
    version = 1
    tables = (TASK_BOARD,)
    events = (TaskOpened, TaskGiven, TaskRescheduled, TaskDone, TaskCancelled)

    def changes(self, entry: AnyRecorded) -> Iterable[Change]:
        """The task's row."""
        yield TASK_BOARD.change((entry.data.task_id,), entry)
