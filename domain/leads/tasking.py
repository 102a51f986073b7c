"""Opening a task, giving it to somebody, putting it off, and ending it."""

from collections.abc import Iterable
from datetime import datetime

from domain.kernel.command import Command, Decision, Done, Moment
from domain.kernel.errors import InvalidCommand
from domain.kernel.sealed import Sealed
from domain.kernel.stream import States
from domain.leads.lead import LEAD
from domain.leads.rules import BOOK, RULES, plans, rules_after, streams_of_plans
from domain.leads.task import (
    TASK,
    TaskCancelled,
    TaskDone,
    TaskGiven,
    TaskOpened,
    TaskRescheduled,
    require_open,
    written,
)

SUBJECTS = ("lead", "customer", "order", "complaint")
"""Kinds of streams that tasks may be about."""


class OpenTask(Command, frozen=True, kw_only=True):
    """Opens a task about a lead, a customer, an order or a complaint."""

    task_id: str
    store_id: str
    subject: str
    action: str
    due_at: datetime
    employee_id: str | None = None
    text: Sealed | None = None

    def streams(self) -> Iterable[str]:
        employee = () if self.employee_id is None else (f"employee-{self.employee_id}",)
        return (TASK.stream(self.task_id), f"store-{self.store_id}", self.subject, *employee)

    def decide(self, states: States, at: Moment) -> Decision:
        states.require_absent(TASK.stream(self.task_id))
        states.require_stream(f"store-{self.store_id}")
        customer_id = self._customer(states)
        if self.employee_id is not None:
            states.require_person(f"employee-{self.employee_id}")
        opened = TaskOpened(
            task_id=self.task_id,
            store_id=self.store_id,
            subject=self.subject,
            action=self.action,
            due_at=self.due_at,
            customer_id=customer_id,
            employee_id=self.employee_id,
            text=self.text,
        )
        return written(self.task_id, opened)

    def _customer(self, states: States) -> str | None:
        """Whom it is about, if what it is about is there."""
        kind, _, id_ = self.subject.partition("-")
        match kind:
            case "customer":
                states.require_person(self.subject)
                return id_
            case "lead":
                opened = states.require(LEAD, id_).opened
                return None if opened is None else opened.customer_id
            case "order" | "complaint":
                states.require_stream(self.subject)
                return None
            case _:
                raise InvalidCommand(f"A task is about {', '.join(SUBJECTS)}.", subject=self.subject)


class GiveTask(Command, frozen=True, kw_only=True):
    """Gives the task to an employee. Whose it is changes nothing."""

    task_id: str
    employee_id: str

    def streams(self) -> Iterable[str]:
        return (TASK.stream(self.task_id), f"employee-{self.employee_id}")

    def decide(self, states: States, at: Moment) -> Decision:
        task = require_open(states, self.task_id)
        states.require_person(f"employee-{self.employee_id}")
        if task.employee_id == self.employee_id:
            return Decision(events=(), result=Done(id=self.task_id))
        return written(self.task_id, TaskGiven(task_id=self.task_id, employee_id=self.employee_id))


class RescheduleTask(Command, frozen=True, kw_only=True):
    """Puts the task off, or earlier. When it is due already changes nothing."""

    task_id: str
    due_at: datetime

    def streams(self) -> Iterable[str]:
        return (TASK.stream(self.task_id),)

    def decide(self, states: States, at: Moment) -> Decision:
        if require_open(states, self.task_id).due_at == self.due_at:
            return Decision(events=(), result=Done(id=self.task_id))
        return written(self.task_id, TaskRescheduled(task_id=self.task_id, due_at=self.due_at))


class CompleteTask(Command, frozen=True, kw_only=True):
    """The task was done; it counts for whoever had it. Rules that come after it open the next."""

    task_id: str
    outcome: str
    text: Sealed | None = None

    def streams(self) -> Iterable[str]:
        return (TASK.stream(self.task_id), RULES.stream(BOOK))

    def linked(self, states: States) -> Iterable[str]:
        opened = states.of(TASK, self.task_id).opened
        if opened is None or opened.rule is None:
            return
        yield opened.subject
        if opened.subject in states:
            lead_id = opened.subject.removeprefix(LEAD.stream(""))
            rules = rules_after(states, opened.rule)
            yield from streams_of_plans(states.of(LEAD, lead_id), lead_id, rules)

    def decide(self, states: States, at: Moment) -> Decision:
        task = require_open(states, self.task_id)
        done = TaskDone(
            task_id=self.task_id, outcome=self.outcome, employee_id=task.employee_id, text=self.text
        )
        assert task.opened is not None
        if task.opened.rule is None:
            return written(self.task_id, done)
        lead_id = task.opened.subject.removeprefix(LEAD.stream(""))
        rules = rules_after(states, task.opened.rule)
        following = plans(states.of(LEAD, lead_id), lead_id, rules, at)
        return Decision(events=((TASK.stream(self.task_id), done), *following), result=Done(id=self.task_id))


class CancelTask(Command, frozen=True, kw_only=True):
    """The task is not to be done any more."""

    task_id: str
    reason: str

    def streams(self) -> Iterable[str]:
        return (TASK.stream(self.task_id),)

    def decide(self, states: States, at: Moment) -> Decision:
        require_open(states, self.task_id)
        return written(self.task_id, TaskCancelled(task_id=self.task_id, reason=self.reason))
