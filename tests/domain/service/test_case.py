"""Complaints from their opening to their resolution, and again."""

import pytest

from domain.kernel.command import Command, Done
from domain.kernel.errors import AlreadyExists, NotFound
from domain.service.case import (
    COMPLAINT,
    CaseAssigned,
    CaseCommented,
    CaseIsOpen,
    CaseIsResolved,
    CaseKind,
    CaseOpened,
    CaseReopened,
    CaseResolved,
    CaseStatus,
)
from domain.service.handling import (
    AssignComplaint,
    CommentComplaint,
    OpenComplaint,
    ReopenComplaint,
    ResolveComplaint,
)
from tests.support.decisions import Shop, given
from tests.support.facts import a_customer, a_store, an_employee, by_piece, cash, check_out, sealed

TEXT, FIX, AGAIN = sealed("mouldy"), sealed("replaced"), sealed("mouldy again")
OPEN = OpenComplaint(case_id="q1", category="quality", text=TEXT)
OPENED = ("complaint-q1", CaseOpened(case_id="q1", kind=CaseKind.COMPLAINT, category="quality", text=TEXT))
ASSIGN = AssignComplaint(case_id="q1", employee_id="e1")
ASSIGNED = ("complaint-q1", CaseAssigned(case_id="q1", employee_id="e1"))
RESOLVE = ResolveComplaint(case_id="q1", text=FIX)
RESOLVED = ("complaint-q1", CaseResolved(case_id="q1", text=FIX))
REOPEN = ReopenComplaint(case_id="q1", text=AGAIN)


def test_a_complaint_may_be_about_nothing_in_particular() -> None:
    given().when(OPEN).then(OPENED)


def test_a_complaint_may_be_about_a_customer_a_store_a_sale_and_a_product() -> None:
    given(a_store(), a_customer(), by_piece("apple", 1000)).after(
        check_out(("apple", 1), tenders=(cash(1000),), sale_id="x1")
    ).when(
        OpenComplaint(
            case_id="q1",
            category="quality",
            text=TEXT,
            customer_id="c1",
            store_id="s1",
            sale_id="x1",
            sku="apple",
        )
    ).then_events(
        CaseOpened(
            case_id="q1",
            kind=CaseKind.COMPLAINT,
            category="quality",
            text=TEXT,
            customer_id="c1",
            store_id="s1",
            sale_id="x1",
            sku="apple",
        )
    )


def test_the_answer_names_the_complaint_and_nothing_personal() -> None:
    assert given().when(OPEN).answer == Done(id="q1")


def test_a_complaint_is_opened_once() -> None:
    given(OPENED).when(OPEN).refused(AlreadyExists, kind="complaint", id="q1")


@pytest.mark.parametrize(
    ("command", "kind"),
    [
        (OpenComplaint(case_id="q1", category="c", text=TEXT, customer_id="no"), "customer"),
        (OpenComplaint(case_id="q1", category="c", text=TEXT, store_id="no"), "store"),
        (OpenComplaint(case_id="q1", category="c", text=TEXT, sale_id="no"), "sale"),
        (OpenComplaint(case_id="q1", category="c", text=TEXT, sku="no"), "product"),
    ],
)
def test_a_complaint_is_only_about_what_exists(command: OpenComplaint, kind: str) -> None:
    given().when(command).refused(NotFound, kind=kind, id="no")


@pytest.mark.parametrize(
    "command",
    [ASSIGN, CommentComplaint(case_id="q1", text=TEXT), RESOLVE, REOPEN],
    ids=lambda c: type(c).__name__,
)
def test_nothing_can_be_done_to_a_complaint_that_does_not_exist(command: Command) -> None:
    given(an_employee()).when(command).refused(NotFound, kind="complaint", id="q1")


def test_a_complaint_is_assigned_to_an_employee() -> None:
    given(an_employee(), OPENED).when(ASSIGN).then(ASSIGNED)


def test_the_assigned_employee_assigned_again_writes_nothing() -> None:
    given(an_employee(), OPENED, ASSIGNED).when(ASSIGN).then()


def test_another_employee_takes_over() -> None:
    given(an_employee(), an_employee("e2"), OPENED, ASSIGNED).when(
        AssignComplaint(case_id="q1", employee_id="e2")
    ).then_events(CaseAssigned(case_id="q1", employee_id="e2"))


def test_a_complaint_is_not_assigned_to_nobody() -> None:
    given(OPENED).when(ASSIGN).refused(NotFound, kind="employee", id="e1")


def test_a_resolved_complaint_is_not_assigned() -> None:
    given(an_employee(), OPENED, RESOLVED).when(ASSIGN).refused(CaseIsResolved, status="resolved")


def test_a_note_is_added_by_whoever_wrote_it() -> None:
    given(an_employee(), OPENED).when(CommentComplaint(case_id="q1", text=AGAIN, employee_id="e1")).then(
        ("complaint-q1", CaseCommented(case_id="q1", text=AGAIN, employee_id="e1"))
    )


def test_a_note_may_be_nobodys() -> None:
    given(OPENED).when(CommentComplaint(case_id="q1", text=AGAIN)).then_events(
        CaseCommented(case_id="q1", text=AGAIN)
    )


def test_a_resolved_complaint_still_takes_notes() -> None:
    given(OPENED, RESOLVED).when(CommentComplaint(case_id="q1", text=AGAIN)).then_events(
        CaseCommented(case_id="q1", text=AGAIN)
    )


def test_a_note_is_not_by_somebody_who_does_not_exist() -> None:
    given(OPENED).when(CommentComplaint(case_id="q1", text=AGAIN, employee_id="e1")).refused(
        NotFound, kind="employee", id="e1"
    )


def test_a_resolution_counts_for_whoever_has_the_complaint() -> None:
    given(an_employee(), OPENED, ASSIGNED).when(RESOLVE).then(
        ("complaint-q1", CaseResolved(case_id="q1", text=FIX, employee_id="e1"))
    )


def test_a_complaint_that_nobody_has_can_be_resolved() -> None:
    given(OPENED).when(RESOLVE).then(RESOLVED)


def test_a_complaint_is_resolved_once() -> None:
    given(OPENED, RESOLVED).when(RESOLVE).refused(CaseIsResolved, status="resolved")


def test_a_reopened_complaint_is_still_with_whoever_had_it() -> None:
    given(an_employee(), OPENED, ASSIGNED, RESOLVED).when(REOPEN).then(
        ("complaint-q1", CaseReopened(case_id="q1", text=AGAIN, employee_id="e1"))
    )


@pytest.mark.parametrize(
    ("facts", "status"), [((OPENED,), "open"), ((OPENED, ASSIGNED), "assigned")], ids=["open", "assigned"]
)
def test_what_is_not_resolved_cannot_be_reopened(
    facts: tuple[tuple[str, CaseOpened | CaseAssigned], ...], status: str
) -> None:
    given(*facts).when(REOPEN).refused(CaseIsOpen, status=status)


def test_a_complaint_is_reopened_once_for_each_resolution() -> None:
    given(OPENED, RESOLVED).after(REOPEN).when(REOPEN).refused(CaseIsOpen, status="open")


@pytest.mark.parametrize(
    ("commands", "status"),
    [
        ([OPEN], CaseStatus.OPEN),
        ([OPEN, ASSIGN], CaseStatus.ASSIGNED),
        ([OPEN, ASSIGN, RESOLVE], CaseStatus.RESOLVED),
        ([OPEN, ASSIGN, RESOLVE, REOPEN], CaseStatus.ASSIGNED),
        ([OPEN, RESOLVE, REOPEN], CaseStatus.OPEN),
    ],
)
def test_the_status_follows_the_last_step(commands: list[Command], status: CaseStatus) -> None:
    shop = Shop(an_employee())
    for command in commands:
        shop.do(command)
    assert shop.state(COMPLAINT, "q1").status is status


def test_the_texts_are_kept_in_order_with_their_role_and_reopenings_are_counted() -> None:
    shop = Shop(an_employee())
    for command in (OPEN, ASSIGN, CommentComplaint(case_id="q1", text=AGAIN), RESOLVE, REOPEN):
        shop.do(command)
    case = shop.state(COMPLAINT, "q1")
    assert [note.role for note in case.notes] == ["opening", "comment", "resolution", "reopening"]
    assert case.reopenings == 1
