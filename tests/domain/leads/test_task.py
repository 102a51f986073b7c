"""Tasks: about somebody or something, given, put off, done or cancelled."""

from datetime import timedelta

import pytest

from domain.customers.customer import CustomerErased, CustomerRegistered
from domain.kernel.command import Command
from domain.kernel.errors import Erased, InvalidCommand, NotFound
from domain.leads.lead import LeadOpened
from domain.leads.task import (
    TASK,
    TaskCancelled,
    TaskDone,
    TaskGiven,
    TaskIsClosed,
    TaskOpened,
    TaskRescheduled,
)
from domain.leads.tasking import CancelTask, CompleteTask, GiveTask, OpenTask, RescheduleTask
from domain.staff.employee import EmployeeHired
from tests.support.decisions import NOON, Fact, Shop, given
from tests.support.facts import a_store, sealed

STORE: Fact = a_store("s1")
CUSTOMER: Fact = ("customer-c1", CustomerRegistered(customer_id="c1"))
EMPLOYEE: Fact = ("employee-e1", EmployeeHired(employee_id="e1", store_id="s1", name=sealed("Li")))
LEAD: Fact = ("lead-l1", LeadOpened(lead_id="l1", customer_id="c1", store_id="s1", source="web"))
OPENED: Fact = (
    "task-t1",
    TaskOpened(task_id="t1", store_id="s1", subject="order-o1", action="call", due_at=NOON),
)
GIVEN: Fact = ("task-t1", TaskGiven(task_id="t1", employee_id="e1"))
DONE: Fact = ("task-t1", TaskDone(task_id="t1", outcome="reached"))
CANCELLED: Fact = ("task-t1", TaskCancelled(task_id="t1", reason="not wanted"))
GIVE = GiveTask(task_id="t1", employee_id="e1")


def about(subject: str) -> OpenTask:
    return OpenTask(task_id="t1", store_id="s1", subject=subject, action="call", due_at=NOON)


@pytest.mark.parametrize("subject", ["customer-c1", "lead-l1"])
def test_a_task_knows_whom_it_is_about(subject: str) -> None:
    shop = Shop(STORE, CUSTOMER, LEAD)
    shop.do(about(subject))
    opened = shop.state(TASK, "t1").opened
    assert opened is not None
    assert (opened.subject, opened.customer_id) == (subject, "c1")


def test_a_task_is_about_what_there_is() -> None:
    given(STORE).when(about("order-o9")).refused(NotFound)


def test_a_task_is_about_nobody_whom_the_shop_has_forgotten() -> None:
    forgotten = ("customer-c1", CustomerErased(customer_id="c1", reason="asked"))
    given(STORE, CUSTOMER, forgotten).when(about("customer-c1")).refused(Erased)


def test_a_task_is_not_about_just_anything() -> None:
    given(STORE).when(about("store-s1")).refused(InvalidCommand)


def test_what_was_done_counts_for_who_had_it() -> None:
    given(EMPLOYEE, OPENED, GIVEN).when(CompleteTask(task_id="t1", outcome="reached")).then(
        ("task-t1", TaskDone(task_id="t1", outcome="reached", employee_id="e1"))
    )


def test_a_task_is_put_off() -> None:
    later = NOON + timedelta(days=1)
    given(OPENED).when(RescheduleTask(task_id="t1", due_at=later)).then(
        ("task-t1", TaskRescheduled(task_id="t1", due_at=later))
    )


def test_when_it_is_due_already_changes_nothing() -> None:
    given(OPENED).when(RescheduleTask(task_id="t1", due_at=NOON)).then()


def test_giving_it_to_whoever_has_it_changes_nothing() -> None:
    given(EMPLOYEE, OPENED, GIVEN).when(GIVE).then()


@pytest.mark.parametrize("over", [DONE, CANCELLED])
@pytest.mark.parametrize(
    "command",
    [
        GIVE,
        RescheduleTask(task_id="t1", due_at=NOON + timedelta(days=1)),
        CompleteTask(task_id="t1", outcome="reached"),
        CancelTask(task_id="t1", reason="not wanted"),
    ],
)
def test_what_is_over_is_over(over: Fact, command: Command) -> None:
    given(EMPLOYEE, OPENED, over).when(command).refused(TaskIsClosed)
