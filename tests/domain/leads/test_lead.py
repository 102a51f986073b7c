"""Leads: forward through their stages, to a win or a loss, with the tasks that rules ask for."""

from datetime import timedelta

import pytest

from domain.customers.customer import CustomerErased, CustomerRegistered
from domain.kernel.errors import AlreadyExists, Erased, InvalidCommand, NotFound
from domain.leads.handling import AdvanceLead, GiveLead, LoseLead, NoteLead, OpenLead, ReopenLead, WinLead
from domain.leads.lead import (
    LEAD,
    FollowUpPlanned,
    LeadAdvanced,
    LeadGiven,
    LeadIsClosed,
    LeadIsFurther,
    LeadIsOpen,
    LeadLost,
    LeadNoted,
    LeadOpened,
    LeadReopened,
    LeadStage,
    LeadWon,
)
from domain.leads.rules import BOOK, FollowUpRule, FollowUpRulesSet, SetFollowUpRules
from domain.leads.task import TASK, TaskCancelled, TaskOpened
from domain.leads.tasking import CompleteTask
from domain.staff.employee import EmployeeHired
from tests.support.decisions import NOON, Fact, Shop, given
from tests.support.facts import a_store, sealed

STORE: Fact = a_store("s1")
CUSTOMER: Fact = ("customer-c1", CustomerRegistered(customer_id="c1"))
EMPLOYEE: Fact = ("employee-e1", EmployeeHired(employee_id="e1", store_id="s1", name=sealed("Li")))
OPENED: Fact = ("lead-l1", LeadOpened(lead_id="l1", customer_id="c1", store_id="s1", source="web"))
QUOTED: Fact = (
    "lead-l1",
    LeadAdvanced(lead_id="l1", stage=LeadStage.QUOTED, amount_minor=900, currency="CNY"),
)
WON: Fact = ("lead-l1", LeadWon(lead_id="l1"))
OPEN = OpenLead(lead_id="l1", customer_id="c1", store_id="s1", source="web")
WIN = WinLead(lead_id="l1")
LOSE = LoseLead(lead_id="l1", reason="price")
CALL = FollowUpRule(rule="call", action="call", in_days=1, on=LeadStage.OPENED)
VISIT = FollowUpRule(rule="visit", action="visit", in_days=3, after="call")
THANK = FollowUpRule(rule="thank", action="thank", in_days=7, on=LeadStage.WON)
RULES: Fact = (f"followups-{BOOK}", FollowUpRulesSet(rules=(CALL, VISIT, THANK)))


def reached(stage: LeadStage) -> AdvanceLead:
    return AdvanceLead(lead_id="l1", stage=stage)


def test_a_customer_who_has_bought_nothing_yet_is_a_lead() -> None:
    given(STORE, CUSTOMER).when(OPEN).then(OPENED)


def test_a_lead_is_opened_once() -> None:
    given(STORE, CUSTOMER, OPENED).when(OPEN).refused(AlreadyExists)


def test_whom_nobody_knows_is_no_lead() -> None:
    given(STORE).when(OPEN).refused(NotFound)


def test_whom_the_shop_has_forgotten_is_no_lead() -> None:
    forgotten = ("customer-c1", CustomerErased(customer_id="c1", reason="asked"))
    given(STORE, CUSTOMER, forgotten).when(OPEN).refused(Erased)


def test_stages_may_be_left_out() -> None:
    given(OPENED).when(reached(LeadStage.VISITED)).then(
        ("lead-l1", LeadAdvanced(lead_id="l1", stage=LeadStage.VISITED))
    )


def test_no_stage_comes_back() -> None:
    given(OPENED, QUOTED).when(reached(LeadStage.CONTACTED)).refused(LeadIsFurther)


def test_the_stage_where_it_stands_changes_nothing() -> None:
    given(OPENED, QUOTED).when(reached(LeadStage.QUOTED)).then()


def test_a_second_quotation_has_another_amount() -> None:
    cheaper = AdvanceLead(lead_id="l1", stage=LeadStage.QUOTED, amount_minor=800, currency="CNY")
    shop = Shop(OPENED, QUOTED)
    shop.do(cheaper)
    assert shop.state(LEAD, "l1").amount_minor == 800


@pytest.mark.parametrize("stage", [LeadStage.WON, LeadStage.LOST])
def test_no_lead_is_won_or_lost_by_the_way(stage: LeadStage) -> None:
    given(OPENED).when(reached(stage)).refused(InvalidCommand)


def test_only_a_quotation_has_an_amount() -> None:
    command = AdvanceLead(lead_id="l1", stage=LeadStage.VISITED, amount_minor=1, currency="CNY")
    given(OPENED).when(command).refused(InvalidCommand)


def test_a_win_counts_for_who_had_the_lead() -> None:
    given(EMPLOYEE, OPENED, ("lead-l1", LeadGiven(lead_id="l1", employee_id="e1"))).when(WIN).then(
        ("lead-l1", LeadWon(lead_id="l1", employee_id="e1", store_id="s1"))
    )


def test_a_win_names_a_sale_that_there_is() -> None:
    given(OPENED).when(WinLead(lead_id="l1", sale_id="nowhere")).refused(NotFound)


@pytest.mark.parametrize(
    "command", [WIN, LOSE, reached(LeadStage.QUOTED), GiveLead(lead_id="l1", employee_id="e1")]
)
def test_what_is_over_is_taken_up_first(command: AdvanceLead | GiveLead | WinLead | LoseLead) -> None:
    given(EMPLOYEE, OPENED, WON).when(command).refused(LeadIsClosed)


def test_a_lead_that_is_taken_up_again_stands_where_it_stood() -> None:
    shop = Shop(OPENED, QUOTED, ("lead-l1", LeadLost(lead_id="l1", reason="price")))
    shop.do(ReopenLead(lead_id="l1"))
    lead = shop.state(LEAD, "l1")
    assert (lead.stage, lead.reason) == (LeadStage.QUOTED, None)


@pytest.mark.parametrize(("end", "ended"), [(WIN, LeadStage.WON), (LOSE, LeadStage.LOST)])
def test_a_lead_that_is_taken_up_again_says_how_it_had_ended_and_for_whom(
    end: WinLead | LoseLead, ended: LeadStage
) -> None:
    had = ("lead-l1", LeadGiven(lead_id="l1", employee_id="e1"))
    again = LeadReopened(lead_id="l1", ended=ended, employee_id="e1", store_id="s1")
    given(OPENED, had).after(end).when(ReopenLead(lead_id="l1")).then(("lead-l1", again))


def test_what_is_not_over_is_not_taken_up_again() -> None:
    given(OPENED).when(ReopenLead(lead_id="l1")).refused(LeadIsOpen)


def test_notes_are_welcome_at_any_time() -> None:
    text = sealed("calls back")
    given(OPENED, WON).when(NoteLead(lead_id="l1", text=text)).then(
        ("lead-l1", LeadNoted(lead_id="l1", text=text))
    )


def test_giving_it_to_whoever_has_it_changes_nothing() -> None:
    had = ("lead-l1", LeadGiven(lead_id="l1", employee_id="e1"))
    given(EMPLOYEE, OPENED, had).when(GiveLead(lead_id="l1", employee_id="e1")).then()


def test_rules_open_a_task_along_with_the_lead() -> None:
    due_at = NOON + timedelta(days=1)
    task = TaskOpened(
        task_id="l1.1",
        store_id="s1",
        subject="lead-l1",
        action="call",
        due_at=due_at,
        customer_id="c1",
        rule="call",
    )
    given(STORE, CUSTOMER, RULES).when(OPEN).then(
        OPENED,
        ("lead-l1", FollowUpPlanned(lead_id="l1", task_id="l1.1", rule="call")),
        ("task-l1.1", task),
    )


def test_a_task_that_is_done_leads_to_the_next() -> None:
    shop = Shop(STORE, CUSTOMER, RULES)
    shop.do(OPEN)
    shop.do(CompleteTask(task_id="l1.1", outcome="reached"))
    opened = shop.state(TASK, "l1.2").opened
    assert opened is not None
    assert (opened.action, opened.rule, opened.due_at) == ("visit", "visit", NOON + timedelta(days=3))


def test_with_the_lead_its_open_tasks_are_over_but_not_those_that_follow_from_its_end() -> None:
    shop = Shop(STORE, CUSTOMER, RULES)
    shop.do(OPEN)
    shop.do(CompleteTask(task_id="l1.1", outcome="reached"))
    shop.do(WIN)
    assert shop.events(TaskCancelled) == [TaskCancelled(task_id="l1.2", reason="lead is over")]
    thanks = shop.state(TASK, "l1.3").opened
    assert thanks is not None
    assert thanks.action == "thank"


def test_a_second_quotation_leads_to_no_second_task() -> None:
    rule = FollowUpRule(rule="ask", action="ask", in_days=2, on=LeadStage.QUOTED)
    shop = Shop(OPENED, (f"followups-{BOOK}", FollowUpRulesSet(rules=(rule,))))
    shop.do(AdvanceLead(lead_id="l1", stage=LeadStage.QUOTED, amount_minor=900, currency="CNY"))
    shop.do(AdvanceLead(lead_id="l1", stage=LeadStage.QUOTED, amount_minor=800, currency="CNY"))
    assert len(shop.events(TaskOpened)) == 1


@pytest.mark.parametrize(
    "rules",
    [
        (CALL, CALL),
        (FollowUpRule(rule="both", action="call", in_days=1, on=LeadStage.WON, after="call"), CALL),
        (FollowUpRule(rule="neither", action="call", in_days=1),),
        (VISIT,),
        (FollowUpRule(rule="never", action="call", in_days=367, on=LeadStage.WON),),
    ],
)
def test_rules_that_nobody_can_follow_are_refused(rules: tuple[FollowUpRule, ...]) -> None:
    given().when(SetFollowUpRules(rules=rules)).refused(InvalidCommand)


def test_the_same_rules_again_change_nothing() -> None:
    given(RULES).when(SetFollowUpRules(rules=(CALL, VISIT, THANK), expected=1)).then()


def test_a_lead_is_told_by_its_events_alone() -> None:
    shop = Shop(OPENED, QUOTED, WON, ("lead-l1", LeadReopened(lead_id="l1")))
    lead = shop.state(LEAD, "l1")
    assert (lead.stage, lead.reached, lead.amount_minor) == (LeadStage.QUOTED, LeadStage.QUOTED, 900)
