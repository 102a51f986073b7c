"""Who takes care of a case: by skill and load, by hand, by an escalation; the crew's books follow."""

from itertools import permutations

import pytest

from domain.checkout.assign_case import SetCrewAbsence, SettleCaseWork
from domain.checkout.assign_order import AssignOrder, EndOrderWork, SetCrewMember
from domain.kernel.command import Command
from domain.kernel.errors import NotFound
from domain.service.calendar import Calendar
from domain.service.case import COMPLAINT, CaseAssigned, CaseKind, Channel, LevelPassed
from domain.service.desk import Desk, EscalationLevel, SkillNeeded
from domain.service.escalation import Crossing, EscalateCase
from domain.service.handling import AssignComplaint, OpenComplaint, ReopenComplaint, ResolveComplaint
from domain.service.kinds import ClockKind
from domain.service.terms import EVERY_STORE, ServiceTerms, SetServiceTerms
from domain.staff.crew import (
    BY_HAND,
    CREW,
    FORMULA,
    Candidate,
    CrewAbsenceSet,
    WorkAssigned,
    WorkEnded,
    WorkQueued,
)
from domain.staff.employee import EraseEmployee
from tests.support.decisions import NOON, Given, Shop, given
from tests.support.facts import a_store, an_employee, by_piece, sealed
from tests.support.orders import cancel, place

FACTS = (
    a_store(),
    by_piece("book", 0, stocked=False),
    *(an_employee(f"e{number}") for number in (1, 2, 3)),
)
TEXT = sealed("…")
NEEDED = (
    SkillNeeded(skill="phone", channel=Channel.PHONE),
    SkillNeeded(skill="repairs", kind=CaseKind.AFTER_SALES),
    SkillNeeded(skill="chemist", category="allergy"),
)
AWAY = SetCrewAbsence(store_id="s1", employee_id="e1", away=True)
BACK = SetCrewAbsence(store_id="s1", employee_id="e1", away=False)


def terms(*, assigns: bool = True) -> SetServiceTerms:
    calendar = Calendar(time_zone="UTC", weekly=((),) * 7)
    desk = Desk(assigns=assigns, skills=NEEDED)
    return SetServiceTerms(store_id=EVERY_STORE, terms=ServiceTerms(calendar=calendar), desk=desk)


def member(employee_id: str, capacity: int, *skills: str) -> SetCrewMember:
    return SetCrewMember(store_id="s1", employee_id=employee_id, capacity=capacity, skills=skills)


def came(
    case_id: str,
    kind: CaseKind = CaseKind.COMPLAINT,
    channel: Channel | None = None,
    category: str = "quality",
    store_id: str | None = "s1",
) -> OpenComplaint:
    return OpenComplaint(
        case_id=case_id, kind=kind, channel=channel, category=category, text=TEXT, store_id=store_id
    )


def settle(case_id: str, *, reopened: bool = False) -> SettleCaseWork:
    return SettleCaseWork(case_id=case_id, reopened=reopened)


def case(case_id: str) -> tuple[Command, Command]:
    return came(case_id), settle(case_id)


def resolve(case_id: str) -> ResolveComplaint:
    return ResolveComplaint(case_id=case_id, text=TEXT)


def desk(*commands: Command) -> Given:
    return given(*FACTS).after(terms(), *commands)


def holder(facts: Given, case_id: str) -> str | None:
    return facts.state(COMPLAINT, case_id).employee_id


def test_a_case_goes_to_whoever_has_its_skills_and_the_least_to_do_with_all_that_was_looked_at() -> None:
    wanted = came("q2", kind=CaseKind.AFTER_SALES, channel=Channel.PHONE)
    crew = (member("e1", 2, "phone"), member("e2", 4, "phone", "repairs"))

    desk(*crew, *case("q1"), wanted).when(settle("q2")).then(
        (
            "crew-s1",
            WorkAssigned(
                store_id="s1",
                work="complaint-q2",
                employee_id="e2",
                candidates=(
                    Candidate(employee_id="e1", load=1, capacity=2, skills=("phone",)),
                    Candidate(employee_id="e2", load=0, capacity=4, skills=("phone", "repairs")),
                ),
                skills=("phone", "repairs"),
                formula=FORMULA,
            ),
        ),
        ("complaint-q2", CaseAssigned(case_id="q2", employee_id="e2")),
    )


def test_orders_and_cases_count_alike() -> None:
    ordered = (place(("book", 1), order_id="o1"), AssignOrder(order_id="o1"))

    assert holder(desk(member("e1", 2), member("e2", 2), *ordered, *case("q1")), "q1") == "e2"


def test_where_nobody_has_room_it_waits_and_is_given_out_when_an_order_has_left() -> None:
    ordered = (place(("book", 1), order_id="o1"), AssignOrder(order_id="o1"))
    waits = desk(member("e1", 1), *ordered, came("q1"))
    waits.when(settle("q1")).then_events(
        WorkQueued(
            store_id="s1",
            work="complaint-q1",
            candidates=(Candidate(employee_id="e1", load=1, capacity=1),),
            formula=FORMULA,
        )
    )

    waits.after(settle("q1"), cancel("o1"), EndOrderWork(order_id="o1"))

    assert holder(waits, "q1") == "e1"


def test_what_is_resolved_makes_room_for_what_waits() -> None:
    busy = desk(member("e1", 1), *case("q1"), *case("q2"), *case("q3"), resolve("q1"))

    busy.when(settle("q1")).then_events(
        WorkEnded(store_id="s1", work="complaint-q1", employee_id="e1"),
        WorkAssigned(
            store_id="s1",
            work="complaint-q2",
            employee_id="e1",
            candidates=(Candidate(employee_id="e1", load=0, capacity=1),),
            formula=FORMULA,
        ),
        CaseAssigned(case_id="q2", employee_id="e1"),
    )


def test_what_was_resolved_while_it_waited_lets_others_pass() -> None:
    busy = desk(member("e1", 1), *case("q1"), *case("q2"), *case("q3"), resolve("q2"), resolve("q1"))

    busy.after(settle("q1"), settle("q2"))

    assert (holder(busy, "q2"), holder(busy, "q3")) == (None, "e1")
    assert busy.state(CREW, "s1").waiting == {}


def test_what_is_given_by_hand_counts_for_whoever_has_it_and_frees_whoever_had_it() -> None:
    crew = (member("e1", 1), member("e2", 1, "phone"))
    given_away = desk(*crew, *case("q1"), AssignComplaint(case_id="q1", employee_id="e2"))

    assert given_away.when(settle("q1")).only(WorkAssigned).formula == BY_HAND
    given_away.after(settle("q1"), *case("q2"))
    assert given_away.state(CREW, "s1").work == {"complaint-q1": "e2", "complaint-q2": "e1"}


def test_what_is_given_by_hand_while_it_waits_is_given_to_nobody_else() -> None:
    waits = desk(member("e1", 1), member("e2", 0), *case("q1"), *case("q2"))
    waits.after(AssignComplaint(case_id="q2", employee_id="e2"), resolve("q1"), settle("q1"))
    assert holder(waits, "q2") == "e2"

    waits.after(settle("q2"))
    assert waits.state(CREW, "s1").work == {"complaint-q2": "e2"}


def test_whoever_is_not_of_the_crew_may_have_a_case_and_no_book_counts_it() -> None:
    taken = desk(member("e1", 1), *case("q1"), AssignComplaint(case_id="q1", employee_id="e3"))

    taken.when(settle("q1")).then_events(WorkEnded(store_id="s1", work="complaint-q1", employee_id="e1"))


def test_an_escalation_that_reassigns_moves_the_work_too() -> None:
    passed = Crossing(
        passed=LevelPassed(ClockKind.SOLUTION, 1, 1),
        to=EscalationLevel(percent=100, employee_id="e2", reassigns=True),
        at=NOON,
    )
    moved = desk(member("e1", 1), member("e2", 0), *case("q1"))

    moved.after(EscalateCase(case_id="q1", version=2, passed=(passed,)), settle("q1"))

    assert moved.state(CREW, "s1").work == {"complaint-q1": "e2"}


def test_whoever_is_away_is_offered_nothing_and_no_candidate_and_gets_what_waits_when_back() -> None:
    alone = desk(member("e1", 2), AWAY, came("q1"))
    assert alone.when(settle("q1")).only(WorkQueued).candidates == ()

    outcome = alone.after(settle("q1")).when(BACK)

    assert outcome.only(CrewAbsenceSet).away is False
    assert outcome.only(CaseAssigned) == CaseAssigned(case_id="q1", employee_id="e1")


def test_whoever_goes_away_keeps_what_they_have() -> None:
    desk(member("e1", 2), member("e2", 2), *case("q1")).when(AWAY).then_events(
        CrewAbsenceSet(store_id="s1", employee_id="e1", away=True)
    )


def test_absence_is_of_the_crew_and_said_once() -> None:
    desk(member("e1", 1), AWAY).when(AWAY).then()
    desk().when(AWAY).refused(NotFound, kind="crew member", id="e1")


def reopened(*between: Command) -> Given:
    again = ReopenComplaint(case_id="q1", text=TEXT)
    return desk(member("e1", 1), member("e2", 1), *case("q1"), resolve("q1"), settle("q1"), *between, again)


def test_a_reopened_case_counts_again_for_whoever_had_it() -> None:
    back = reopened().after(settle("q1", reopened=True))

    assert back.state(CREW, "s1").work == {"complaint-q1": "e1"}


def test_a_case_reopened_while_whoever_had_it_is_away_goes_to_somebody_else() -> None:
    back = reopened(AWAY).after(settle("q1", reopened=True))

    assert (holder(back, "q1"), back.state(CREW, "s1").work) == ("e2", {"complaint-q1": "e2"})


def test_if_nobody_else_can_take_it_it_stays_with_whoever_had_it() -> None:
    back = reopened(AWAY, member("e2", 0)).after(settle("q1", reopened=True))

    assert (holder(back, "q1"), back.state(CREW, "s1").work) == ("e1", {"complaint-q1": "e1"})


def test_what_is_reopened_goes_to_somebody_else_where_the_holder_was_forgotten() -> None:
    forget = EraseEmployee(employee_id="e1", reason="left")
    back = reopened(forget, member("e2", 1)).after(settle("q1", reopened=True))

    assert (holder(back, "q1"), back.state(CREW, "s1").work) == ("e2", {"complaint-q1": "e2"})


@pytest.mark.parametrize(
    "facts",
    [
        pytest.param(desk(member("e1", 1), came("q1", store_id=None)), id="of no store"),
        pytest.param(desk(came("q1")), id="of a store without a crew"),
        pytest.param(
            given(*FACTS).after(terms(assigns=False), member("e1", 1), came("q1")), id="of terms that don't"
        ),
        pytest.param(given(*FACTS).after(member("e1", 1), came("q1")), id="without terms"),
        pytest.param(desk(member("e1", 1), *case("q1")), id="that somebody has"),
    ],
)
def test_no_work_is_made_of_a_case(facts: Given) -> None:
    facts.when(settle("q1")).then()


def test_in_whatever_order_it_is_heard_the_books_come_to_what_is_so() -> None:
    """Three cases, of which one is resolved and one given away; what is to be settled comes in any order."""
    for order in permutations(("q1", "q2", "q3")):
        shop = Shop(*FACTS)
        for command in (
            terms(),
            *(member(one, 1) for one in ("e1", "e2")),
            *(came(one) for one in ("q1", "q2", "q3")),
            resolve("q1"),
            AssignComplaint(case_id="q2", employee_id="e2"),
            *(settle(case_id) for case_id in order),
            *(settle(case_id) for case_id in order),
        ):
            shop.do(command)
        crew = shop.state(CREW, "s1")
        assert crew.work["complaint-q2"] == "e2"
        assert (crew.work, crew.waiting) == ({"complaint-q2": "e2", "complaint-q3": "e1"}, {})
        assert shop.state(COMPLAINT, "q3").employee_id == "e1"
