"""Reminders of tasks: the staff of the store are told once when a task is due, if it is still to be done."""

from datetime import datetime

from domain.kernel.event import AnyRecorded
from domain.leads.task import TASK, TaskOpened, TaskRescheduled
from infra.messages import inbox
from infra.tenancy import SHORT_STREAM, Tenant
from workers.reactor import Cause, Reaction


def _due(entry: AnyRecorded) -> datetime:
    event: TaskOpened | TaskRescheduled = entry.data
    return event.due_at


async def _remind(tenant: Tenant, entry: AnyRecorded, cause: Cause) -> None:
    """Only of the last time that was named: one that comes back was named twice, and is told of once."""
    task = await tenant.state_of(TASK, entry.data.task_id)
    if not task.is_open or task.due_at != entry.data.due_at:
        return
    assert task.opened is not None
    async with tenant.readers.connection() as connection:
        later = await tenant.journal.read_stream(connection, entry.stream, entry.version, SHORT_STREAM)
        if any(isinstance(one.data, TaskRescheduled) for one in later):
            return
        await inbox.record(
            connection,
            message_id=cause.id,
            kind=cause.reaction,
            about=TASK.stream(entry.data.task_id),
            store_id=task.opened.store_id,
            customer_id=None,
        )


TASK_REMINDERS = (Reaction("remind_of_task", (TaskOpened, TaskRescheduled), _due, _remind),)
