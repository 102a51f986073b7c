"""Leads, and what is to be done about them."""

from domain.leads.lead import (
    FollowUpPlanned,
    LeadAdvanced,
    LeadGiven,
    LeadLost,
    LeadNoted,
    LeadOpened,
    LeadReopened,
    LeadWon,
)
from domain.leads.rules import FollowUpRulesSet
from domain.leads.task import TaskCancelled, TaskDone, TaskGiven, TaskOpened, TaskRescheduled
from workers.audit_words.telling import words


@words(LeadOpened)
def _(event: LeadOpened) -> str:
    goods = f", for {event.sku or event.category}" if event.sku or event.category else ""
    return f"opened for customer {event.customer_id} in store {event.store_id}, from {event.source}{goods}"


@words(LeadGiven)
def _(event: LeadGiven) -> str:
    return f"given to employee {event.employee_id}"


@words(LeadAdvanced)
def _(event: LeadAdvanced) -> str:
    amount = f", for {event.amount_minor} {event.currency}" if event.amount_minor is not None else ""
    return f"came to {event.stage}{amount}"


@words(LeadNoted)
def _(_: LeadNoted) -> str:
    return "a note was added"


@words(LeadWon)
def _(event: LeadWon) -> str:
    return f"won{f' in sale {event.sale_id}' if event.sale_id else ''}{_by(event.employee_id)}"


@words(LeadLost)
def _(event: LeadLost) -> str:
    return f"lost for {event.reason}{_by(event.employee_id)}"


@words(LeadReopened)
def _(_: LeadReopened) -> str:
    return "taken up again"


@words(FollowUpPlanned)
def _(event: FollowUpPlanned) -> str:
    return f"rule {event.rule} asks for task {event.task_id}"


@words(FollowUpRulesSet)
def _(event: FollowUpRulesSet) -> str:
    told = ", ".join(
        f"{rule.rule} ({rule.action} {rule.in_days} days after {rule.on or rule.after})"
        for rule in event.rules
    )
    return f"follow-up rules are: {told or 'none'}"


@words(TaskOpened)
def _(event: TaskOpened) -> str:
    return f"{event.action} about {event.subject} until {event.due_at:%Y-%m-%d %H:%M}{_by(event.employee_id)}"


@words(TaskGiven)
def _(event: TaskGiven) -> str:
    return f"given to employee {event.employee_id}"


@words(TaskRescheduled)
def _(event: TaskRescheduled) -> str:
    return f"is due at {event.due_at:%Y-%m-%d %H:%M}"


@words(TaskDone)
def _(event: TaskDone) -> str:
    return f"done: {event.outcome}{_by(event.employee_id)}"


@words(TaskCancelled)
def _(event: TaskCancelled) -> str:
    return f"cancelled: {event.reason}"


def _by(employee_id: str | None) -> str:
    return f", employee {employee_id}" if employee_id else ""
