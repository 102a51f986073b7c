"""What complaints are about, what amends cost, how employees do, and who recommends the shop."""

from typing import Any

import pytest

from tests.support.api import World, add_store, cny, complain, fresh, line, problem, receive, sell

DAYS = "from=2000-01-01&to=2100-01-01"


@pytest.fixture
def store_id(shop: World) -> str:
    """A store of its own, so that nobody else's complaints count."""
    return add_store(shop, fresh("s"))["store_id"]


def employee(shop: World, store_id: str) -> str:
    body = {"employee_id": fresh("e"), "store_id": store_id, "name": "Li"}
    return shop.made("/v1/employees", body)["employee_id"]


def act(shop: World, complaint_id: str, what: str, **body: Any) -> dict[str, Any]:
    return shop.made(f"/v1/complaints/{complaint_id}/{what}", body)


def given_to(shop: World, store_id: str, employee_id: str, **about: Any) -> str:
    complaint_id = complain(shop, store_id=store_id, **about)
    act(shop, complaint_id, "assignments", employee_id=employee_id)
    return complaint_id


def resolved(shop: World, store_id: str, employee_id: str) -> str:
    complaint_id = given_to(shop, store_id, employee_id)
    act(shop, complaint_id, "resolutions", text="Replaced.")
    return complaint_id


def answered(shop: World, complaint_id: str, score: int) -> None:
    shop.stranger().made(act(shop, complaint_id, "survey-links")["path"], {"score": score})


def causes(shop: World, store_id: str, group_by: str) -> list[dict[str, Any]]:
    shop.catch_up()
    path = f"/v1/reports/complaint-causes?{DAYS}&store_id={store_id}&group_by={group_by}"
    return shop.read(path)["data"]


def quality(shop: World, store_id: str, group_by: str = "employee") -> dict[str | None, dict[str, Any]]:
    shop.catch_up()
    path = f"/v1/reports/service-quality?{DAYS}&store_id={store_id}&group_by={group_by}"
    return {each["key"]: each for each in shop.read(path)["data"]}


def test_causes_are_counted_with_their_share_and_those_of_nothing_apart(shop: World, store_id: str) -> None:
    for _ in range(2):
        complain(shop, store_id=store_id, sku="apple", lot="l-1")
    complain(shop, store_id=store_id)
    rows = causes(shop, store_id, "product,cause")
    assert [(row["group"], row["cases"], row["share_permille"]) for row in rows] == [
        ({"product": "apple", "cause": "quality"}, 2, 667),
        ({"product": None, "cause": "quality"}, 1, 333),
    ]
    assert [row["group"] for row in causes(shop, store_id, "lot")] == [{"lot": "l-1"}, {"lot": None}]


def test_shares_are_of_all_cases_also_of_those_that_are_not_shown(shop: World, store_id: str) -> None:
    complain(shop, store_id=store_id, sku="apple")
    complain(shop, store_id=store_id)
    shop.catch_up()
    path = f"/v1/reports/complaint-causes?{DAYS}&store_id={store_id}&group_by=product&limit=1"
    (row,) = shop.read(path)["data"]
    assert row["share_permille"] == 500


def test_what_amends_cost_stands_with_their_cause(shop: World, store_id: str) -> None:
    customer_id = shop.made("/v1/customers", {"name": "Ada"})["customer_id"]
    receive(shop, "apple", 4, store_id=store_id)
    sale = sell(shop, line("apple", 2), customer_id=customer_id, store_id=store_id)
    about = {"customer_id": customer_id, "sale_id": sale["sale_id"], "sku": "apple"}
    complaint_id = complain(shop, store_id=store_id, **about)
    refund = {"lines": [{"line": 1, "quantity": 1}], "reason": "soft"}
    settled = act(
        shop, complaint_id, "settlements", text="Sorry.", refund=refund, credit={"amount": cny(500)}
    )
    act(shop, complaint_id, "reopenings", text="Still.")
    act(shop, complaint_id, "settlements", text="Sorry.", credit={"amount": cny(200)}, again=True)
    complain(shop, store_id=store_id)

    with_amends, without = causes(shop, store_id, "product")
    assert with_amends["group"] == {"product": "apple"}
    refunded = settled["returned"]["total"]
    assert with_amends["amends"] == [
        {"refund": refunded, "credit": cny(700), "points": cny(0), "coupons": cny(0)}
    ]
    assert (with_amends["compensated"], with_amends["reopened"], with_amends["resolved"]) == (1, 1, 1)
    assert (without["compensated"], without["amends"]) == (0, [])


def test_what_customers_have_not_said_is_neither_yes_nor_no(shop: World, store_id: str) -> None:
    employee_id = employee(shop, store_id)
    accepted, disputed, _ = (resolved(shop, store_id, employee_id) for _ in range(3))
    act(shop, accepted, "acceptance")
    act(shop, disputed, "disputes", text="No.")
    (row,) = causes(shop, store_id, "store")
    assert (row["accepted"], row["disputed"], row["unjudged"], row["resolved"]) == (1, 1, 1, 2)


def test_an_employees_resolutions_count_and_those_that_do_not_last_count_against_them(
    shop: World, store_id: str
) -> None:
    one, other = employee(shop, store_id), employee(shop, store_id)
    lasting, undone = resolved(shop, store_id, one), resolved(shop, store_id, one)
    act(shop, undone, "reopenings", text="Still soft.")
    act(shop, undone, "assignments", employee_id=other)
    act(shop, undone, "resolutions", text="Replaced again.")
    answered(shop, lasting, 5)
    answered(shop, undone, 2)

    rows = quality(shop, store_id)
    told = ("cases", "resolved", "resolutions", "reopened", "reopening_permille", "csat_mean_milli")
    assert [rows[one][name] for name in told] == [1, 1, 2, 1, 500, 5000]
    assert [rows[other][name] for name in told] == [1, 1, 1, 0, 0, 2000]


def test_csat_counts_for_whose_resolution_it_was_also_when_the_case_has_moved_on(
    shop: World, store_id: str
) -> None:
    one, other = employee(shop, store_id), employee(shop, store_id)
    complaint_id = resolved(shop, store_id, one)
    link = act(shop, complaint_id, "survey-links")["path"]
    act(shop, complaint_id, "reopenings", text="Still soft.")
    act(shop, complaint_id, "assignments", employee_id=other)
    shop.stranger().made(link, {"score": 1})

    rows = quality(shop, store_id)
    assert (rows[one]["answered"], rows[one]["csat_mean_milli"], rows[one]["cases"]) == (1, 1000, 0)
    assert (rows[other]["answered"], rows[other]["csat_mean_milli"]) == (0, None)


def test_each_opening_and_reopening_has_one_first_word_and_it_is_of_who_spoke(
    shop: World, store_id: str
) -> None:
    one, other = employee(shop, store_id), employee(shop, store_id)
    complaint_id = given_to(shop, store_id, one)
    for _ in range(2):
        act(shop, complaint_id, "responses", text="We look into it.", employee_id=other)
    act(shop, complaint_id, "resolutions", text="Replaced.")
    act(shop, complaint_id, "reopenings", text="Still soft.")
    act(shop, complaint_id, "resolutions", text="Replaced again.")

    rows = quality(shop, store_id)
    assert (rows[one]["responses"], rows[other]["responses"]) == (1, 1)
    assert rows[one]["response_mean_s"] is not None


def test_without_cases_answers_and_resolutions_there_are_no_rates(shop: World, store_id: str) -> None:
    complain(shop, store_id=store_id)
    (row,) = quality(shop, store_id).values()
    rates = ("response_mean_s", "reopening_permille", "csat_mean_milli")
    assert (row["key"], row["solution_permille"], [row[name] for name in rates]) == (None, 0, [None] * 3)


def test_stores_and_months_add_up_to_the_same(shop: World, store_id: str) -> None:
    for _ in range(2):
        answered(shop, resolved(shop, store_id, employee(shop, store_id)), 4)
    by_store = quality(shop, store_id, "store")[store_id]
    (by_month,) = quality(shop, store_id, "month").values()
    assert {**by_month, "key": store_id} == by_store
    assert (by_store["cases"], by_store["answered"], by_store["csat_mean_milli"]) == (2, 2, 4000)


def test_the_shop_is_recommended_by_promoters_less_detractors(shop: World) -> None:
    neighbour = shop.neighbour()
    planned = neighbour.call("PUT", "/v1/survey-plan", {"nps": "year"}, If_Match='"0"')
    assert planned.status_code == 200
    for score in (10, 9, 8, 0, None):
        customer_id = neighbour.made("/v1/customers", {"name": "Ada"})["customer_id"]
        link = neighbour.made(f"/v1/customers/{customer_id}/survey-links", {})
        if score is not None:
            neighbour.stranger().made(link["path"], {"score": score})
    neighbour.catch_up()
    (row,) = neighbour.read("/v1/reports/recommendations")["data"]
    del row["period"]
    assert row == {"asked": 5, "answered": 4, "promoters": 2, "passives": 1, "detractors": 1, "nps": 25}


@pytest.mark.parametrize("group_by", ["colour", "product,cause,lot", ""])
def test_causes_are_grouped_by_one_or_two_things(shop: World, store_id: str, group_by: str) -> None:
    path = f"/v1/reports/complaint-causes?{DAYS}&store_id={store_id}&group_by={group_by}"
    assert problem(shop.get(path)) == (400, "invalid_request")
