"""Hiring and changing employees."""

from domain.kernel.command import Done
from domain.kernel.errors import (
    AlreadyExists,
    Erased,
    HoldUnknown,
    LegalHold,
    NotFound,
    VersionConflict,
)
from domain.staff.employee import (
    EMPLOYEE,
    ChangeEmployee,
    Employee,
    EmployeeChanged,
    EmployeeErased,
    EmployeeHired,
    EraseEmployee,
    HireEmployee,
)
from domain.staff.holds import HoldEmployee, ReleaseEmployee
from tests.support.decisions import Shop, given
from tests.support.facts import a_store, an_employee, sealed

HIRE = HireEmployee(employee_id="e1", store_id="s1", name=sealed("Ann"))


def test_an_employee_is_hired_for_a_store() -> None:
    given(a_store()).when(HIRE).then(
        ("employee-e1", EmployeeHired(employee_id="e1", store_id="s1", name=sealed("Ann")))
    )


def test_the_answer_names_the_employee_and_nothing_personal() -> None:
    assert given(a_store()).when(HIRE).answer == Done(id="e1")


def test_an_employee_is_hired_once() -> None:
    given(a_store()).after(HIRE).when(HIRE).refused(AlreadyExists, kind="employee", id="e1")


def test_nobody_is_hired_for_a_store_that_does_not_exist() -> None:
    given().when(HIRE).refused(NotFound, kind="store", id="s1")


def test_an_employee_moves_to_another_store() -> None:
    given(a_store(), a_store("s2"), an_employee()).when(ChangeEmployee(employee_id="e1", store_id="s2")).then(
        ("employee-e1", EmployeeChanged(employee_id="e1", store_id="s2"))
    )


def test_what_is_not_given_stays() -> None:
    shop = Shop(a_store(), an_employee())
    shop.do(ChangeEmployee(employee_id="e1", name=sealed("Anna")))
    assert shop.state(EMPLOYEE, "e1") == Employee(employee_id="e1", store_id="s1", name=sealed("Anna"))


def test_a_change_that_changes_nothing_writes_nothing() -> None:
    given(a_store(), an_employee()).when(ChangeEmployee(employee_id="e1", store_id="s1")).then()


def test_the_same_change_again_writes_nothing() -> None:
    change = ChangeEmployee(employee_id="e1", name=sealed("Anna"))
    given(a_store(), an_employee()).after(change).when(change).then()


def test_an_employee_who_does_not_exist_cannot_be_changed() -> None:
    given().when(ChangeEmployee(employee_id="e1", name=sealed("x"))).refused(
        NotFound, kind="employee", id="e1"
    )


def test_nobody_moves_to_a_store_that_does_not_exist() -> None:
    given(a_store(), an_employee()).when(ChangeEmployee(employee_id="e1", store_id="s2")).refused(
        NotFound, kind="store", id="s2"
    )


def test_a_change_decided_on_an_older_version_is_refused() -> None:
    given(a_store(), an_employee()).when(
        ChangeEmployee(employee_id="e1", name=sealed("x"), expected_version=7)
    ).refused(VersionConflict, expected=7, actual=1)


HOLD = HoldEmployee(employee_id="e1", reason="lawsuit")
RELEASE = ReleaseEmployee(employee_id="e1", reason="lawsuit")
ERASE = EraseEmployee(employee_id="e1", reason="left")


def test_an_erased_employee_keeps_the_store_and_loses_the_name() -> None:
    shop = Shop(a_store(), an_employee())
    shop.do(ERASE)
    assert shop.state(EMPLOYEE, "e1") == Employee(employee_id="e1", store_id="s1", erased=True)


def test_an_erasure_is_written_once() -> None:
    given(a_store(), an_employee()).when(ERASE).then(
        ("employee-e1", EmployeeErased(employee_id="e1", reason="left"))
    )
    given(a_store(), an_employee()).after(ERASE).when(ERASE).then()


def test_a_hold_forbids_to_forget_until_it_is_lifted() -> None:
    shop = given(a_store(), an_employee()).after(HOLD)
    shop.when(ERASE).refused(LegalHold, reasons=["lawsuit"])
    given(a_store(), an_employee()).after(HOLD, RELEASE).when(ERASE).then_events(
        EmployeeErased(employee_id="e1", reason="left")
    )


def test_each_hold_is_lifted_for_itself() -> None:
    audit = HoldEmployee(employee_id="e1", reason="tax audit")
    given(a_store(), an_employee()).after(HOLD, audit, RELEASE).when(ERASE).refused(
        LegalHold, reasons=["tax audit"]
    )


def test_the_same_hold_again_changes_nothing() -> None:
    given(a_store(), an_employee()).after(HOLD).when(HOLD).then()


def test_a_hold_that_there_is_not_is_not_lifted() -> None:
    given(a_store(), an_employee()).when(RELEASE).refused(HoldUnknown, reason="lawsuit")


def test_a_hold_comes_too_late_for_who_was_erased() -> None:
    for command in (HOLD, RELEASE):
        given(a_store(), an_employee()).after(ERASE).when(command).refused(Erased, kind="employee", id="e1")


def test_whoever_never_worked_here_is_not_erased() -> None:
    given().when(ERASE).refused(NotFound, kind="employee", id="e1")


def test_nothing_is_learnt_of_an_erased_employee() -> None:
    change = ChangeEmployee(employee_id="e1", name=sealed("Anna"))
    given(a_store(), an_employee()).after(ERASE).when(change).refused(Erased, kind="employee", id="e1")
