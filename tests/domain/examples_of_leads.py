"""Examples of what is stored of leads and tasks."""

from datetime import UTC, datetime

from domain.kernel.event import Event
from domain.kernel.sealed import Sealed
from domain.leads.lead import (
    FollowUpPlanned,
    LeadAdvanced,
    LeadGiven,
    LeadLost,
    LeadNoted,
    LeadOpened,
    LeadReopened,
    LeadStage,
    LeadWon,
)
from domain.leads.rules import FollowUpRule, FollowUpRulesSet
from domain.leads.task import TaskCancelled, TaskDone, TaskGiven, TaskOpened, TaskRescheduled


def _text(place: str) -> Sealed:
    return Sealed(key_id="key-1", subject="customer-c1", place=place, box="bm9uY2UrYm94")


_DUE = datetime(2026, 3, 5, 9, tzinfo=UTC)

LEAD_EXAMPLES: dict[type[Event], tuple[Event, ...]] = {
    LeadOpened: (
        LeadOpened(
            lead_id="l1",
            customer_id="c1",
            store_id="s1",
            source="trade fair",
            employee_id="e1",
            sku="apple",
            category="fruit",
            text=_text("lead.opened.v1/text"),
        ),
        LeadOpened(lead_id="l1", customer_id="c1", store_id="s1", source="web"),
    ),
    LeadGiven: (LeadGiven(lead_id="l1", employee_id="e1"),),
    LeadAdvanced: (
        LeadAdvanced(
            lead_id="l1", stage=LeadStage.QUOTED, employee_id="e1", amount_minor=120_000, currency="CNY"
        ),
        LeadAdvanced(lead_id="l1", stage=LeadStage.CONTACTED),
    ),
    LeadNoted: (LeadNoted(lead_id="l1", text=_text("lead.noted.v1/text")),),
    LeadWon: (
        LeadWon(lead_id="l1", employee_id="e1", sale_id="x1"),
        LeadWon(lead_id="l1"),
        LeadWon(lead_id="l1", employee_id="e1", store_id="s1"),
    ),
    LeadLost: (
        LeadLost(lead_id="l1", reason="price", employee_id="e1"),
        LeadLost(lead_id="l1", reason="price"),
        LeadLost(lead_id="l1", reason="price", store_id="s1"),
    ),
    LeadReopened: (
        LeadReopened(lead_id="l1"),
        LeadReopened(lead_id="l2"),
        LeadReopened(lead_id="l1", ended=LeadStage.WON, employee_id="e1", store_id="s1"),
    ),
    FollowUpPlanned: (FollowUpPlanned(lead_id="l1", task_id="l1.1", rule="call"),),
    FollowUpRulesSet: (
        FollowUpRulesSet(
            rules=(
                FollowUpRule(rule="call", action="call", in_days=1, on=LeadStage.OPENED),
                FollowUpRule(rule="visit", action="visit", in_days=3, after="call"),
            )
        ),
        FollowUpRulesSet(),
    ),
    TaskOpened: (
        TaskOpened(
            task_id="l1.1",
            store_id="s1",
            subject="lead-l1",
            action="call",
            due_at=_DUE,
            customer_id="c1",
            employee_id="e1",
            text=_text("task.opened.v1/text"),
            rule="call",
        ),
        TaskOpened(task_id="t1", store_id="s1", subject="order-o1", action="call", due_at=_DUE),
    ),
    TaskGiven: (TaskGiven(task_id="t1", employee_id="e1"),),
    TaskRescheduled: (TaskRescheduled(task_id="t1", due_at=_DUE),),
    TaskDone: (
        TaskDone(task_id="t1", outcome="reached", employee_id="e1", text=_text("task.done.v1/text")),
        TaskDone(task_id="t1", outcome="reached"),
    ),
    TaskCancelled: (TaskCancelled(task_id="t1", reason="lead is over"),),
}
