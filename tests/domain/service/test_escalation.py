"""Escalations: once for each level of each clock, and only of what is still so."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest

from domain.kernel.errors import Erased, InvalidCommand
from domain.kernel.event import Event, Recorded
from domain.service.calendar import Calendar, Hours
from domain.service.case import (
    CaseAssigned,
    CaseEscalated,
    CaseKind,
    CaseOpened,
    CasePaused,
    CasePrioritised,
    CaseReopened,
    CaseResolved,
    CaseResponded,
    CaseResumed,
    LevelPassed,
)
from domain.service.contact import ServiceContactSet, SetServiceContact
from domain.service.desk import Desk, EscalationLevel
from domain.service.escalation import (
    Crossing,
    Deadline,
    EscalateCase,
    Escalations,
    crossings,
    deadline,
    look,
)
from domain.service.kinds import ClockKind
from domain.service.terms import (
    EVERY_STORE,
    Goals,
    Priority,
    PriorityGoals,
    ServiceTerms,
    SetServiceTerms,
    TermsUsed,
    TermsVersions,
)
from domain.staff.employee import EmployeeErased
from tests.support.decisions import given
from tests.support.facts import an_employee, sealed

MONDAY = datetime(2026, 11, 2, tzinfo=UTC)
TEXT = sealed("…")
OPENED = CaseOpened(
    case_id="q1",
    kind=CaseKind.COMPLAINT,
    category="quality",
    text=TEXT,
    terms=TermsUsed(store_id=EVERY_STORE, version=1),
)
RESPONDED = CaseResponded(case_id="q1", text=TEXT)
PAUSED, RESUMED = CasePaused(case_id="q1", reason="photo"), CaseResumed(case_id="q1")
RESOLVED, REOPENED = CaseResolved(case_id="q1", text=TEXT), CaseReopened(case_id="q1", text=TEXT)
URGENT = CasePrioritised(case_id="q1", priority=Priority.URGENT)
LOW = CasePrioritised(case_id="q1", priority=Priority.LOW)

RESPONSE, SOLUTION = ClockKind.FIRST_RESPONSE, ClockKind.SOLUTION
HALF, WHOLE = EscalationLevel(percent=50), EscalationLevel(percent=100, employee_id="e1", reassigns=True)
OFFICE = Calendar(time_zone="UTC", weekly=((Hours(from_min=9 * 60, until_min=17 * 60),),) * 7)
VERSIONS = TermsVersions(
    all=(
        ServiceTerms(
            calendar=OFFICE,
            goals=(
                PriorityGoals(
                    priority=Priority.NORMAL, goals=Goals(first_response_min=60, solution_min=8 * 60)
                ),
                PriorityGoals(priority=Priority.URGENT, goals=Goals(first_response_min=10)),
            ),
        ),
    ),
    desks=(Desk(escalations=(HALF, WHOLE)),),
)


def at(hour: int, minute: int = 0, day: int = 0) -> datetime:
    return MONDAY + timedelta(days=day, hours=hour, minutes=minute)


Happened = tuple[Event, datetime]


def told(*facts: Happened) -> Iterable[Recorded[Event]]:
    return (
        Recorded(
            data=event,
            occurred_at=occurred_at,
            recorded_at=occurred_at,
            actor="tester",
            channel="till",
            command_id="c",
            correlation_id="c",
            version=number,
        )
        for number, (event, occurred_at) in enumerate(facts, 1)
    )


def ahead(*facts: Happened, now: datetime) -> list[tuple[LevelPassed, datetime]]:
    return [(one.passed, one.at) for one in crossings(look(told(*facts)), VERSIONS, now)]


def escalated(clock: ClockKind, level: int, number: int = 1) -> CaseEscalated:
    return CaseEscalated(
        case_id="q1", clock=clock, number=number, level=level, percent=50, passed_at=at(9, 30)
    )


def test_a_level_is_passed_when_so_much_of_the_goal_is_used_in_open_time() -> None:
    assert ahead((OPENED, at(16, 45)), now=at(16, 50)) == [
        (LevelPassed(RESPONSE, 1, 1), at(9, 15, day=1)),
        (LevelPassed(RESPONSE, 1, 2), at(9, 45, day=1)),
        (LevelPassed(SOLUTION, 1, 1), at(12, 45, day=1)),
        (LevelPassed(SOLUTION, 1, 2), at(16, 45, day=1)),
    ]


def test_while_the_shop_waits_for_the_customer_only_what_was_passed_before_is_to_be_told() -> None:
    assert ahead((OPENED, at(9)), (PAUSED, at(9, 40)), now=at(15)) == [
        (LevelPassed(RESPONSE, 1, 1), at(9, 30))
    ]


def test_the_time_of_a_pause_is_not_used() -> None:
    facts = ((OPENED, at(9)), (PAUSED, at(9, 20)), (RESUMED, at(10, 20)))

    assert ahead(*facts, now=at(10, 20))[0] == (LevelPassed(RESPONSE, 1, 1), at(10, 30))


def test_a_clock_that_was_stopped_calls_nobody_though_nobody_was_told_in_time() -> None:
    left = ahead((OPENED, at(9)), (RESPONDED, at(9, 50)), now=at(9, 55))

    assert {passed.clock for passed, _ in left} == {SOLUTION}


def test_a_level_that_was_told_of_is_told_of_no_more() -> None:
    left = ahead((OPENED, at(9)), (escalated(RESPONSE, 1), at(9, 31)), now=at(9, 32))

    assert LevelPassed(RESPONSE, 1, 1) not in [passed for passed, _ in left]


def test_a_reopening_has_a_response_clock_that_escalates_anew_and_the_solution_clock_goes_on() -> None:
    facts = (
        (OPENED, at(9)),
        (escalated(RESPONSE, 1), at(9, 31)),
        (escalated(SOLUTION, 1), at(13, 1)),
        (RESOLVED, at(14)),
        (REOPENED, at(15)),
    )

    assert ahead(*facts, now=at(15, 1)) == [
        (LevelPassed(RESPONSE, 2, 1), at(15, 30)),
        (LevelPassed(RESPONSE, 2, 2), at(16)),
        (LevelPassed(SOLUTION, 1, 2), at(10, day=1)),
    ]


def test_a_higher_priority_may_have_passed_levels_already_and_a_lower_one_takes_none_back() -> None:
    urgent = ahead((OPENED, at(9)), (URGENT, at(9, 20)), now=at(9, 20))
    calm = look(told((OPENED, at(9)), (escalated(RESPONSE, 1), at(9, 31)), (LOW, at(9, 40))))

    assert urgent == [(LevelPassed(RESPONSE, 1, 1), at(9, 5)), (LevelPassed(RESPONSE, 1, 2), at(9, 10))]
    assert (list(crossings(calm, VERSIONS, at(9, 40))), len(calm.case.escalated)) == ([], 1)


def test_what_is_due_first_is_known_with_the_next_level_and_the_highest_that_was_told_of() -> None:
    facts = ((OPENED, at(9)), (escalated(RESPONSE, 1), at(9, 31)))

    assert deadline(look(told(*facts)), VERSIONS, at(9, 40)) == Deadline(
        clock=RESPONSE, due_at=at(10), next_at=at(10), level=1
    )
    answered = (*facts, (RESPONDED, at(9, 50)))
    assert deadline(look(told(*answered)), VERSIONS, at(9, 55)) == Deadline(
        clock=SOLUTION, due_at=at(17), next_at=at(13), level=0
    )


@pytest.mark.parametrize(
    "facts",
    [
        pytest.param([(OPENED, at(9)), (RESOLVED, at(10))], id="resolved"),
        pytest.param([(OPENED, at(9)), (PAUSED, at(9, 1))], id="waiting"),
        pytest.param([(OPENED, at(9)), (LOW, at(9, 1))], id="without limits"),
    ],
)
def test_nothing_is_due_of_what_is(facts: list[Happened]) -> None:
    assert deadline(look(told(*facts)), VERSIONS, at(9, 30)) == Deadline()


def test_a_case_that_was_opened_without_terms_has_no_deadlines() -> None:
    opened = CaseOpened(case_id="q1", kind=CaseKind.COMPLAINT, category="quality", text=TEXT)

    assert deadline(look(told((opened, at(9)))), TermsVersions(), at(10)) == Deadline()


# --- the decision -----------------------------------------------------------------------------------

CASE = ("complaint-q1", OPENED)
TO_STAFF = Crossing(passed=LevelPassed(SOLUTION, 1, 1), to=HALF, at=at(13))
TO_E1 = Crossing(passed=LevelPassed(SOLUTION, 1, 2), to=WHOLE, at=at(17))


def escalate(*passed: Crossing, version: int = 1) -> EscalateCase:
    return EscalateCase(case_id="q1", version=version, passed=passed)


def test_each_level_that_was_passed_is_told_of_and_one_that_reassigns_gives_the_case_away() -> None:
    given(an_employee(), CASE).when(escalate(TO_STAFF, TO_E1)).then_events(
        CaseEscalated(case_id="q1", clock=SOLUTION, number=1, level=1, percent=50, passed_at=at(13)),
        CaseEscalated(
            case_id="q1",
            clock=SOLUTION,
            number=1,
            level=2,
            percent=100,
            passed_at=at(17),
            employee_id="e1",
        ),
        CaseAssigned(case_id="q1", employee_id="e1"),
    )


def test_the_same_look_told_twice_tells_once() -> None:
    again = given(an_employee(), CASE).after(escalate(TO_STAFF)).when(escalate(TO_STAFF))

    again.then()
    assert again.answer == Escalations(told=0)


def test_a_level_that_was_told_of_is_not_told_again_by_a_newer_look() -> None:
    given(an_employee(), CASE).after(escalate(TO_STAFF)).when(escalate(TO_STAFF, version=2)).then()


@pytest.mark.parametrize("since", [RESPONDED, PAUSED, RESOLVED], ids=lambda event: type(event).__name__)
def test_a_case_that_has_moved_on_since_the_look_is_not_escalated_by_it(since: Event) -> None:
    given(an_employee(), CASE, ("complaint-q1", since)).when(escalate(TO_STAFF)).then()


def test_of_whom_was_forgotten_since_the_staff_are_told_and_nobody_gets_the_case() -> None:
    forgotten = ("employee-e1", EmployeeErased(employee_id="e1", reason="left"))

    told_of = given(an_employee(), forgotten, CASE).when(escalate(TO_E1)).decision.events

    assert [event for _, event in told_of] == [
        CaseEscalated(case_id="q1", clock=SOLUTION, number=1, level=2, percent=100, passed_at=at(17))
    ]


# --- levels and addresses -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "levels",
    [
        pytest.param((WHOLE, HALF), id="falling"),
        pytest.param((HALF, HALF), id="twice the same"),
        pytest.param((EscalationLevel(percent=0),), id="at once"),
        pytest.param((EscalationLevel(percent=1_001),), id="never"),
        pytest.param((EscalationLevel(percent=50, reassigns=True),), id="reassigned to nobody"),
        pytest.param(tuple(EscalationLevel(percent=one) for one in range(1, 12)), id="too many"),
    ],
)
def test_levels_that_make_no_sense_are_refused(levels: tuple[EscalationLevel, ...]) -> None:
    terms = SetServiceTerms(store_id=EVERY_STORE, terms=VERSIONS.all[0], desk=Desk(escalations=levels))

    given(an_employee()).when(terms).refused(InvalidCommand)


def test_new_levels_are_a_new_version_and_the_same_ones_are_none() -> None:
    terms = SetServiceTerms(store_id=EVERY_STORE, terms=VERSIONS.all[0], desk=VERSIONS.desks[0])
    plain = SetServiceTerms(store_id=EVERY_STORE, terms=VERSIONS.all[0])

    assert given(an_employee()).after(plain).when(terms).answer.version == 2
    given(an_employee()).after(plain, terms).when(terms).then()


def test_addresses_are_of_employees_who_are_there() -> None:
    email = sealed("e1@shop.example", "employee-e1")
    forgotten = ("employee-e1", EmployeeErased(employee_id="e1", reason="left"))
    set_ = SetServiceContact(employee_id="e1", email=email)

    given(an_employee()).when(set_).then_events(ServiceContactSet(employee_id="e1", email=email))
    given(an_employee(), forgotten).when(set_).refused(Erased)
    given(an_employee()).when(SetServiceContact(employee_id="e1")).then()
