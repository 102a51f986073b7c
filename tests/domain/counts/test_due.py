"""What is counted how often: classes, risks and what is due."""

from datetime import date, timedelta

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from domain.counts.classes import CountPlan, ItemFacts, Risk, ValueClass, classes, raised, risks
from domain.counts.due import Why, due, grade
from domain.counts.plan import COUNT_PLAN, CountPlanSet
from domain.kernel.errors import InvalidCommand, NotFound
from domain.stockroom.count_plan import SetCountPlan
from tests.support.decisions import given
from tests.support.facts import a_store

TODAY = date(2026, 3, 2)
PLAN = CountPlan()
A, B, C = ValueClass

SILICON_CHIPS = {
    "#10286": 90_000_00,
    "#11526": 77_000_00,
    "#12760": 26_350_00,
    "#10867": 15_001_00,
    "#10500": 12_500_00,
    "#12572": 8_502_00,
    "#14075": 1_200_00,
    "#01036": 850_00,
    "#01307": 504_00,
    "#10572": 150_00,
}


def test_a_chip_makers_items_are_classed_as_printed() -> None:
    """Two A with 72 % of 232,057, three B with 23 %, five C with 5 %, cut at 70 and 90 %.

    (Heizer, Render, "Operations Management", "ABC analysis for a chip manufacturer".)
    """
    found = classes(SILICON_CHIPS, CountPlan(a_bp=7_000, b_bp=9_000))
    assert [found[sku].value for sku in SILICON_CHIPS] == ["A"] * 2 + ["B"] * 3 + ["C"] * 5


def test_an_item_across_a_cut_is_of_the_class_above() -> None:
    """70 + 15 + 12 + 3: 70 and 85 are before the second and third, 97 before the last."""
    assert classes({"a": 70, "b": 15, "c": 12, "d": 3}, PLAN) == {"a": A, "b": A, "c": B, "d": C}


def test_what_comes_to_exactly_the_cut_ends_the_class() -> None:
    assert classes({"a": 80, "b": 15, "c": 5}, PLAN) == {"a": A, "b": B, "c": C}


def test_the_largest_is_an_a_however_large() -> None:
    assert classes({"a": 99, "b": 1}, PLAN) == {"a": A, "b": C}


def test_what_issued_nothing_or_came_back_on_balance_is_a_c() -> None:
    assert classes({"a": 0, "b": -5}, PLAN) == {"a": C, "b": C}


@for_all(st.dictionaries(st.text(min_size=1, max_size=2), st.integers(-5, 50)))
def test_who_issues_more_is_never_of_a_lower_class(issued: dict[str, int]) -> None:
    found = classes(issued, PLAN)
    by_value = sorted(issued, key=lambda sku: (-issued[sku], sku))
    letters = [found[sku].value for sku in by_value]
    assert letters == sorted(letters)
    assert set(found) == set(issued)


@pytest.mark.parametrize(
    ("item", "found", "counted_as"),
    [
        (ItemFacts(sku="a", on_hand=5), (), C),
        (ItemFacts(sku="a", perishable=True), (Risk.PERISHABLE,), B),
        (ItemFacts(sku="a", expired=True, perishable=True), (Risk.EXPIRED, Risk.PERISHABLE), A),
        (ItemFacts(sku="a", on_hand=-1), (Risk.NEGATIVE,), A),
        (ItemFacts(sku="a", issued_minor=1_000, missing_minor=20), (), C),
        (ItemFacts(sku="a", issued_minor=1_000, missing_minor=21), (Risk.SHRINK,), B),
        (ItemFacts(sku="a", issued_minor=0, missing_minor=1), (Risk.SHRINK,), B),
        (ItemFacts(sku="a", issued_minor=0, missing_minor=-50), (), C),
    ],
)
def test_risk_raises_the_class(item: ItemFacts, found: tuple[Risk, ...], counted_as: ValueClass) -> None:
    assert risks(item, PLAN) == found
    assert raised(C, found) is counted_as


def counted(sku: str, days_ago: int | None, *, issued: int = 0, on_hand: int = 1) -> ItemFacts:
    """An item that was counted so many days ago, or never."""
    counted_on = None if days_ago is None else TODAY - timedelta(days=days_ago)
    return ItemFacts(sku=sku, on_hand=on_hand, issued_minor=issued, counted_on=counted_on)


def due_skus(*items: ItemFacts) -> list[str]:
    return [one.item.sku for one in due(grade(items, PLAN, TODAY), TODAY)]


@pytest.mark.parametrize(("issued", "days"), [(80, 30), (15, 90), (5, 180)])
def test_each_class_is_due_after_its_days(issued: int, days: int) -> None:
    others = [counted(f"other {value}", 0, issued=value) for value in (80, 15, 5) if value != issued]
    assert due_skus(counted("a", days - 1, issued=issued), *others) == []
    assert due_skus(counted("a", days, issued=issued), *others) == ["a"]


def test_what_is_below_zero_or_was_never_counted_is_due_at_once_and_first() -> None:
    found = due_skus(counted("old", 400), counted("new", None), counted("wrong", 0, on_hand=-3))
    assert found == ["wrong", "new", "old"]


def test_what_is_in_a_count_already_is_not_due() -> None:
    assert due_skus(ItemFacts(sku="a", on_hand=-1, counting=True)) == []


def test_why_an_item_is_due_is_said() -> None:
    items = [counted("old", 400), counted("new", None), counted("wrong", 0, on_hand=-3)]
    whys = {one.item.sku: one.why for one in grade(items, PLAN, TODAY)}
    assert whys == {"old": Why.PERIOD, "new": Why.NEVER, "wrong": Why.NEGATIVE}


def test_a_plan_is_set_once() -> None:
    plan = CountPlan(a_days=7)
    shop = given(a_store("s1"))
    shop.when(SetCountPlan(store_id="s1", plan=plan)).then_events(CountPlanSet(store_id="s1", plan=plan))
    after = shop.after(SetCountPlan(store_id="s1", plan=plan))
    after.when(SetCountPlan(store_id="s1", plan=plan)).then()
    assert after.state(COUNT_PLAN, "s1").a_days == 7


def test_the_usual_plan_needs_no_setting() -> None:
    given(a_store("s1")).when(SetCountPlan(store_id="s1", plan=PLAN)).then()


@pytest.mark.parametrize(
    "plan",
    [
        CountPlan(a_bp=9_600),
        CountPlan(a_bp=0),
        CountPlan(b_bp=10_001),
        CountPlan(c_days=0),
        CountPlan(shrink_bp=-1),
    ],
)
def test_a_plan_that_cant_be_meant_is_refused(plan: CountPlan) -> None:
    given(a_store("s1")).when(SetCountPlan(store_id="s1", plan=plan)).refused(InvalidCommand)


def test_only_a_store_has_a_plan() -> None:
    given().when(SetCountPlan(store_id="s9", plan=PLAN)).refused(NotFound)
