"""A task: something to be done about somebody or something until a time, and by whom."""

from datetime import datetime
from typing import ClassVar

import msgspec

from domain.kernel.command import Decision, Done
from domain.kernel.errors import Refusal
from domain.kernel.event import Event
from domain.kernel.sealed import Sealed
from domain.kernel.stream import States, StreamKind


class TaskOpened(Event, frozen=True, kw_only=True, omit_defaults=True):
    """Something is to be done: a short word for it ("call"), about a stream of the journal.

    `rule` is the follow-up rule that asked for it, None where a person did; `customer_id` whom it is about,
    be it through a lead.
    """

    TYPE: ClassVar = "task.opened.v1"
    task_id: str
    store_id: str
    subject: str
    action: str
    due_at: datetime
    customer_id: str | None = None
    employee_id: str | None = None
    text: Sealed | None = None
    rule: str | None = None


class TaskGiven(Event, frozen=True, kw_only=True, omit_defaults=True):
    """An employee is to do it."""

    TYPE: ClassVar = "task.given.v1"
    task_id: str
    employee_id: str


class TaskRescheduled(Event, frozen=True, kw_only=True, omit_defaults=True):
    """It is due at another time."""

    TYPE: ClassVar = "task.rescheduled.v1"
    task_id: str
    due_at: datetime


class TaskDone(Event, frozen=True, kw_only=True, omit_defaults=True):
    """It was done, by whoever had it, and came to something ("reached", "nobody there")."""

    TYPE: ClassVar = "task.done.v1"
    task_id: str
    outcome: str
    employee_id: str | None = None
    text: Sealed | None = None


class TaskCancelled(Event, frozen=True, kw_only=True, omit_defaults=True):
    """It is not to be done any more, for a reason that is a cause and never about a person."""

    TYPE: ClassVar = "task.cancelled.v1"
    task_id: str
    reason: str


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """A task as decisions and its page see it. Open while it has neither outcome nor reason."""

    opened: TaskOpened | None = None
    due_at: datetime | None = None
    employee_id: str | None = None
    outcome: str | None = None
    outcome_text: Sealed | None = None
    cancelled: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether it is still to be done."""
        return self.opened is not None and self.outcome is None and self.cancelled is None


def evolve(state: Task, event: Event) -> Task:
    """The task after `event`."""
    replace = msgspec.structs.replace
    match event:
        case TaskOpened():
            return Task(opened=event, due_at=event.due_at, employee_id=event.employee_id)
        case TaskGiven():
            return replace(state, employee_id=event.employee_id)
        case TaskRescheduled():
            return replace(state, due_at=event.due_at)
        case TaskDone():
            return replace(state, outcome=event.outcome, outcome_text=event.text)
        case TaskCancelled():
            return replace(state, cancelled=event.reason)
        case _:
            return state


TASK = StreamKind("task", Task(), evolve)


class TaskIsClosed(Refusal):
    """The task was done or cancelled; open another."""

    code = "task_closed"


def require_open(states: States, task_id: str) -> Task:
    """The task, or TaskIsClosed."""
    task = states.require(TASK, task_id)
    if not task.is_open:
        raise TaskIsClosed("The task is done or cancelled: open another.", task_id=task_id)
    return task


def written(task_id: str, event: Event) -> Decision:
    """The decision that this happened to the task."""
    return Decision(events=((TASK.stream(task_id), event),), result=Done(id=task_id))
