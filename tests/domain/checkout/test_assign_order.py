"""Who takes care of an order: by load, capacity and skill, with all that was looked at on record."""

from itertools import permutations

import pytest

from domain.checkout.assign_order import AssignOrder, EndOrderWork, SetCrewMember
from domain.checkout.crew_work import DRAINED_AT_ONCE
from domain.kernel.command import Command
from domain.kernel.errors import InvalidCommand, NotFound
from domain.orders.order import ORDER, OrderAssigned
from domain.sales.sale import SaleCompleted
from domain.staff.crew import (
    CREW,
    FORMULA,
    Candidate,
    CrewMemberSet,
    WorkAssigned,
    WorkEnded,
    WorkQueued,
    choose,
)
from domain.staff.employee import EraseEmployee
from tests.support.decisions import NOON, Given, Shop, at, given
from tests.support.facts import a_store, an_employee, by_piece
from tests.support.orders import cancel, pay, place

FACTS = (a_store(), by_piece("book", 0, stocked=False), an_employee("e1"), an_employee("e2"))


def member(employee_id: str, capacity: int, *skills: str) -> SetCrewMember:
    return SetCrewMember(store_id="s1", employee_id=employee_id, capacity=capacity, skills=skills)


def order(order_id: str, *skills: str) -> tuple[Command, Command]:
    return place(("book", 1), order_id=order_id, skills=skills), AssignOrder(order_id=order_id)


def crew(*members: Command) -> Given:
    return given(*FACTS).after(*members)


def test_an_assignment_records_whom_it_found_with_what_load_and_skill_and_by_which_formula() -> None:
    orders = [*order("o1"), place(("book", 1), order_id="o2", skills=("cold",))]
    outcome = crew(member("e1", 2), member("e2", 4, "cold"), *orders).when(AssignOrder(order_id="o2"))
    outcome.then(
        (
            "crew-s1",
            WorkAssigned(
                store_id="s1",
                work="order-o2",
                employee_id="e2",
                candidates=(
                    Candidate(employee_id="e1", load=1, capacity=2),
                    Candidate(employee_id="e2", load=0, capacity=4, skills=("cold",)),
                ),
                skills=("cold",),
                formula=FORMULA,
            ),
        ),
        ("order-o2", OrderAssigned(order_id="o2", employee_id="e2")),
    )


@pytest.mark.parametrize(
    ("loads", "chosen"),
    [
        ([("a", 1, 2), ("b", 1, 4)], "b"),  # a half against a quarter
        ([("a", 2, 4), ("b", 1, 2)], "b"),  # both a half: the fewer
        ([("b", 0, 3), ("a", 0, 3)], "a"),  # nothing between them but the id
        ([("a", 2, 2), ("b", 3, 4)], "b"),  # no room
        ([("a", 2, 2), ("b", 0, 0)], None),
        ([], None),
    ],
)
def test_the_least_loaded_takes_it(loads: list[tuple[str, int, int]], chosen: str | None) -> None:
    candidates = [Candidate(employee_id=who, load=load, capacity=most) for who, load, most in loads]
    assert {choose(tuple(order), ()) for order in permutations(candidates)} == {chosen}


def test_whoever_lacks_a_skill_is_passed_over_however_idle() -> None:
    both = place(("book", 1), skills=("cold", "gift"))
    outcome = crew(member("e1", 9), member("e2", 1, "cold"), both).when(AssignOrder(order_id="o1"))
    assert outcome.only(WorkQueued).skills == ("cold", "gift")


def test_what_is_assigned_or_waits_is_not_assigned_again() -> None:
    crew(member("e1", 1), *order("o1")).when(AssignOrder(order_id="o1")).then()
    crew(member("e1", 1), *order("o1"), *order("o2")).when(AssignOrder(order_id="o2")).then()


def test_a_store_without_a_crew_assigns_nothing() -> None:
    given(*FACTS).after(place(("book", 1))).when(AssignOrder(order_id="o1")).then()


def test_room_that_comes_free_goes_to_what_waits_longest() -> None:
    waiting = crew(member("e1", 1), *order("o1"), *order("o2"), *order("o3"), cancel("o1"))
    outcome = waiting.when(EndOrderWork(order_id="o1"))
    assert outcome.only(WorkEnded) == WorkEnded(store_id="s1", work="order-o1", employee_id="e1")
    assert outcome.all(OrderAssigned) == [OrderAssigned(order_id="o2", employee_id="e1")]


def test_what_nobody_can_take_lets_others_pass() -> None:
    waiting = crew(member("e1", 1), *order("o1"), *order("o2", "cold"), *order("o3"), cancel("o1"))
    assert waiting.when(EndOrderWork(order_id="o1")).only(OrderAssigned).order_id == "o3"


def test_however_much_waits_for_a_skill_that_nobody_has_the_rest_is_given_out() -> None:
    frozen = [step for number in range(DRAINED_AT_ONCE) for step in order(f"f{number}", "frozen")]
    waiting = crew(member("e1", 1)).after(*order("o1"), *frozen, *order("o2"), pay(0, "o1"), cancel("o1"))
    ended = waiting.when(EndOrderWork(order_id="o1"))
    assert ended.only(OrderAssigned) == OrderAssigned(order_id="o2", employee_id="e1")


def test_more_capacity_drains_what_waits() -> None:
    outcome = crew(member("e1", 1), *order("o1"), *order("o2"), *order("o3")).when(member("e1", 3))
    assert outcome.only(CrewMemberSet).capacity == 3
    assert [assigned.order_id for assigned in outcome.all(OrderAssigned)] == ["o2", "o3"]


def test_what_was_given_up_while_it_waited_leaves_the_queue() -> None:
    shop = Shop(*FACTS)
    for command in (member("e1", 0), *order("o1"), cancel("o1"), member("e1", 1)):
        shop.record(shop.decide(command, at(NOON)).events)
    found = shop.state(CREW, "s1")
    assert (found.waiting, found.work) == ({}, {})


def test_work_that_goes_on_does_not_end() -> None:
    crew(member("e1", 1), *order("o1"), pay(0)).when(EndOrderWork(order_id="o1")).then()


def test_work_ends_once() -> None:
    crew(member("e1", 1), *order("o1"), cancel("o1"), EndOrderWork(order_id="o1")).when(
        EndOrderWork(order_id="o1")
    ).then()


def test_the_same_member_again_changes_nothing() -> None:
    crew(member("e1", 1, "cold", "gift")).when(member("e1", 1, "gift", "cold")).then()


def test_only_employees_of_the_shop_are_of_its_crew() -> None:
    given(*FACTS).when(member("e9", 1)).refused(NotFound, kind="employee", id="e9")
    given(*FACTS).when(member("e1", -1)).refused(InvalidCommand)


def test_nobody_ever_has_more_than_they_take() -> None:
    shop = Shop(*FACTS)
    for command in (member("e1", 2), member("e2", 1, "cold")):
        shop.record(shop.decide(command, at(NOON)).events)
    for number in range(20):
        for command in order(f"o{number}", *(("cold",) if number % 3 == 0 else ())):
            shop.do(command)
        if number % 4 == 3:
            shop.do(cancel(f"o{number - 2}"))
            shop.do(EndOrderWork(order_id=f"o{number - 2}"))
        loads = {one.employee_id: (one.load, one.capacity) for one in shop.state(CREW, "s1").candidates()}
        assert all(load <= capacity for load, capacity in loads.values()), loads


FORGET = EraseEmployee(employee_id="e1", reason="left")


def test_whoever_was_forgotten_is_given_no_order() -> None:
    found = crew(member("e1", 5), member("e2", 1), FORGET).after(*order("o1"), *order("o2"))

    assert found.state(ORDER, "o1").employee_id == "e2"
    assert found.state(CREW, "s1").waiting == {"order-o2": ()}


def test_what_waits_is_not_given_to_whoever_was_forgotten() -> None:
    shop = crew(member("e1", 1)).after(*order("o1"), *order("o2"), FORGET, cancel("o1"))

    assert shop.after(EndOrderWork(order_id="o1")).state(CREW, "s1").waiting == {"order-o2": ()}


def test_no_sale_is_that_of_whoever_was_forgotten_before_it_was_paid() -> None:
    shop = crew(member("e1", 5), member("e2", 1), FORGET).after(place(("book", 1), order_id="o1"))

    sale = shop.when(pay(0)).only(SaleCompleted)

    assert [one.employee_id for one in sale.attributions] == ["e2"]
