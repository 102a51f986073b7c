"""Leads of the story in tests/support/shop_day.py: one won, one lost and taken up again, one just begun."""

from collections.abc import Iterator
from datetime import UTC, datetime

from domain.kernel.command import Command
from domain.leads.handling import AdvanceLead, GiveLead, LoseLead, NoteLead, OpenLead, ReopenLead, WinLead
from domain.leads.lead import LeadStage
from domain.leads.rules import FollowUpRule, SetFollowUpRules
from domain.leads.tasking import CancelTask, CompleteTask, GiveTask, OpenTask, RescheduleTask
from tests.support.facts import sealed

_TEXT = sealed("asked for a hamper")
_SOON = datetime(2026, 3, 26, 9, tzinfo=UTC)
_LATER = datetime(2026, 3, 27, 9, tzinfo=UTC)
_CALL = FollowUpRule(rule="call", on=LeadStage.OPENED, action="call", in_days=1)
_THANK = FollowUpRule(rule="thank", on=LeadStage.WON, action="thank", in_days=7)
_AGAIN = FollowUpRule(rule="again", after="call", action="visit", in_days=3)


def leads() -> Iterator[Command]:
    """Rules ask for a call and a visit after it; the lost one's visit is cancelled with it."""
    yield SetFollowUpRules(rules=(_CALL, _THANK, _AGAIN))
    yield OpenLead(
        lead_id="l1",
        customer_id="c1",
        store_id="s1",
        source="trade fair",
        employee_id="e1",
        sku="apple",
        category="fruit",
        text=_TEXT,
    )
    yield CompleteTask(task_id="l1.1", outcome="reached", text=_TEXT)
    yield AdvanceLead(lead_id="l1", stage=LeadStage.CONTACTED)
    yield AdvanceLead(lead_id="l1", stage=LeadStage.VISITED)
    yield AdvanceLead(lead_id="l1", stage=LeadStage.QUOTED, amount_minor=120_000, currency="CNY")
    yield WinLead(lead_id="l1", sale_id="back-2")
    yield OpenLead(lead_id="l2", customer_id="c2", store_id="s2", source="web")
    yield GiveLead(lead_id="l2", employee_id="e2")
    yield NoteLead(lead_id="l2", text=sealed("calls back", "customer-c2"))
    yield LoseLead(lead_id="l2", reason="price")
    yield ReopenLead(lead_id="l2")
    yield OpenLead(lead_id="l3", customer_id="c3", store_id="s1", source="web")
    yield OpenTask(
        task_id="t1", store_id="s1", subject="customer-c3", action="call", due_at=_SOON, text=sealed("soon")
    )
    yield GiveTask(task_id="t1", employee_id="e1")
    yield RescheduleTask(task_id="t1", due_at=_LATER)
    yield OpenTask(task_id="t2", store_id="s1", subject="order-o1", action="wrap", due_at=_SOON)
    yield CancelTask(task_id="t2", reason="not wanted")
