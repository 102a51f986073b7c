"""Reports, profiles and scores agree with the sales that were made."""

from collections.abc import Generator
from typing import Any

import pytest

from tests.support.api import (
    MIN_POSITION,
    World,
    add_shop,
    cny,
    draw_code,
    line,
    product,
    receive,
    sell,
    world,
)

YEAR = "from=2026-01-01&to=2026-12-31"
MARCH_1 = "2026-03-01T10:15:00+08:00"
MARCH_2 = "2026-03-02T23:45:00+08:00"
APRIL = "2026-04-01T00:30:00+08:00"


@pytest.fixture(scope="module")
def trade(worker_id: str, tmp_path_factory: pytest.TempPathFactory) -> Generator[World]:
    """Four sales in two stores and one return, all folded.

    s1, 1 March: 3 apples by e1 to c1, with 10 % off (27.00). s1, 2 March: 1 apple, 500 g of cherries (29.95).
    s2, 2 March: 2 soaps (8.00). s1, 1 April: 2 apples by e1 to c1 (20.00), of which one comes back.
    """
    with world(worker_id, tmp_path_factory.mktemp("trade")) as opened:
        add_shop(opened)
        opened.made("/v1/products", product("soap", category="care", price=cny(400)))
        receive(opened, "apple", 10, unit_cost=600)
        of_e1 = {"customer_id": "c1", "employee_id": "e1"}
        sell(opened, line("apple", 3), **of_e1, coupon_codes=[draw_code(opened)], occurred_at=MARCH_1)
        sell(opened, line("apple", 1), line("cherry", 500), occurred_at=MARCH_2)
        sell(opened, line("soap", 2), store_id="s2", occurred_at=MARCH_2)
        sale = sell(opened, line("apple", 2), **of_e1, occurred_at=APRIL)
        returned = {"lines": [{"line": 1, "quantity": 1}], "reason": "soft", "occurred_at": APRIL}
        opened.made(f"/v1/sales/{sale['sale_id']}/returns", returned)
        opened.catch_up()
        yield opened


def net_by(trade: World, group: str, query: str = YEAR) -> dict[str, int]:
    """Net by the group's values, joined where there are several."""
    rows = trade.read(f"/v1/reports/sales?{query}&group_by={group}")["data"]
    return {"/".join(row["group"].values()): row["net"]["amount"] for row in rows}


def test_a_report_without_groups_is_one_row(trade: World) -> None:
    (row,) = trade.read(f"/v1/reports/sales?{YEAR}")["data"]
    assert row == {
        "group": {},
        "gross": cny(3000 + 2995 + 800 + 2000),
        "discount": cny(300),
        "tax": cny(223 + 83 + 165 - 83),
        "net": cny(2700 + 2995 + 800 + 1000),
        "returns": cny(1000),
        "cost": cny(3 * 600 + 600 + 2 * 600 - 600),
        "units": 3 + 1 + 500 + 2 + 2,
        "returned_units": 1,
        "lines": 5,
    }


def test_a_report_by_day_follows_the_stores_clock(trade: World) -> None:
    assert net_by(trade, "day") == {"2026-03-01": 2700, "2026-03-02": 2995 + 800, "2026-04-01": 1000}


def test_a_report_by_product_adds_up(trade: World) -> None:
    assert net_by(trade, "product") == {"apple": 2700 + 1000 + 1000, "cherry": 1995, "soap": 800}


def test_a_report_by_employee_has_a_row_for_nobody(trade: World) -> None:
    assert net_by(trade, "employee") == {"": 2995 + 800, "e1": 2700 + 1000}


def test_a_report_by_category_adds_up(trade: World) -> None:
    assert net_by(trade, "category") == {"care": 800, "fruit": 2700 + 2995 + 1000}


def test_a_report_by_store_month_and_hour_follows_the_stores_clock(trade: World) -> None:
    assert net_by(trade, "store,month,hour") == {
        "s1/2026-03/10": 2700,
        "s1/2026-03/23": 2995,
        "s1/2026-04/0": 1000,
        "s2/2026-03/23": 800,
    }


def test_groups_stand_in_the_order_they_were_asked_in(trade: World) -> None:
    (row, *_) = trade.read(f"/v1/reports/sales?{YEAR}&group_by=product,day")["data"]
    assert list(row["group"]) == ["sku", "day"]


@pytest.mark.parametrize("group", ["store", "day", "month", "hour", "product", "employee", "category"])
def test_every_report_adds_up_to_the_whole(trade: World, group: str) -> None:
    assert sum(net_by(trade, group).values()) == 2700 + 2995 + 800 + 1000


def test_both_days_of_a_report_belong_to_it(trade: World) -> None:
    assert net_by(trade, "day", "from=2026-03-01&to=2026-03-01") == {"2026-03-01": 2700}


def test_a_report_of_a_store_leaves_the_others_out(trade: World) -> None:
    assert net_by(trade, "store", f"{YEAR}&store_id=s2") == {"s2": 800}


def test_a_key_of_one_store_sees_its_own_sales_only(trade: World) -> None:
    (row,) = trade.caller("reports:read", stores=["s2"]).read(f"/v1/reports/sales?{YEAR}")["data"]
    assert row["net"] == cny(800)


def test_a_report_of_days_without_sales_is_empty(trade: World) -> None:
    assert trade.read("/v1/reports/sales?from=2025-01-01&to=2025-12-31") == {"data": []}


def test_a_report_may_be_waited_for(trade: World) -> None:
    position = str(trade.written()[0])
    assert trade.get(f"/v1/reports/sales?{YEAR}", **{MIN_POSITION: position}).status_code == 200


def test_a_profile_is_net_of_discounts_and_returns(trade: World) -> None:
    profile = trade.read("/v1/customers/c1/profile")
    told = {"visits": 2, "returns": 1, "spend": [cny(3700)], "coupons_redeemed": 1, "complaints": 0}
    assert told.items() <= profile.items()


def test_a_profile_names_what_the_customer_likes(trade: World) -> None:
    profile = trade.read("/v1/customers/c1/profile")
    assert profile["favourite_categories"] == [
        {"category": "fruit", "net": {"amount": 3700, "currency": "CNY"}}
    ]


def test_a_profile_tells_first_and_last_purchase(trade: World) -> None:
    profile = trade.read("/v1/customers/c1/profile")
    purchases = (profile["first_purchase_at"], profile["last_purchase_at"])
    assert purchases == ("2026-03-01T02:15:00Z", "2026-03-31T16:30:00Z")


def test_a_customer_without_purchases_has_an_empty_profile(trade: World) -> None:
    customer_id = trade.made("/v1/customers", {})["customer_id"]
    assert trade.read(f"/v1/customers/{customer_id}/profile")["visits"] == 0


def test_scores_count_a_month_by_the_stores_clock(trade: World) -> None:
    scores = trade.read("/v1/employees/e1/scores?month=2026-03")
    told = {"sales": 1, "sales_total": [cny(2700)], "units": 3, "returns": 0, "returned_units": 0}
    assert told.items() <= scores.items()


def test_a_return_counts_in_the_month_it_came_back(trade: World) -> None:
    scores = trade.read("/v1/employees/e1/scores?month=2026-04")
    told = {"sales": 1, "returns": 1, "returns_total": [cny(1000)], "returned_units": 1}
    assert told.items() <= scores.items()


def test_a_month_without_work_scores_nothing(trade: World) -> None:
    assert trade.read("/v1/employees/e1/scores?month=2025-01")["sales"] == 0


@pytest.mark.parametrize(
    "query",
    [
        "",
        "from=2026-01-01",
        "from=x&to=2026-12-31",
        "from=2026-02-30&to=2026-12-31",
        "from=2026-1-1&to=2026-12-31",
        "from=1770000000&to=2026-12-31",
        "from=2026-01-01T00:00:00Z&to=2026-12-31",
        "from=2026-12-31&to=2026-01-01",
        f"from=2026-05-01&{YEAR}",
        f"{YEAR}&group_by=weather",
        f"{YEAR}&group_by=day,",
        f"{YEAR}&store_id=",
        f"{YEAR}&store_id=a%00b",
        f"{YEAR}&sotre_id=s1",
    ],
)
def test_a_report_of_something_else_is_refused(trade: World, query: str) -> None:
    assert trade.refusal(lambda: trade.get(f"/v1/reports/sales?{query}")) == (400, "invalid_request")


def test_a_bad_parameter_is_named_as_it_was_sent(trade: World) -> None:
    assert trade.get("/v1/reports/sales?from=x&to=2026-12-31").json()["detail"].startswith("from:")


def test_a_report_of_a_store_that_does_not_exist_is_not_found(trade: World) -> None:
    assert trade.refusal(lambda: trade.get(f"/v1/reports/sales?{YEAR}&store_id=ghost")) == (404, "not_found")


@pytest.mark.parametrize(
    "query", ["", "month=", "month=2026", "month=2026-13", "month=2026-11%0A", "month=202611"]
)
def test_a_month_is_a_year_and_a_month(trade: World, query: str) -> None:
    assert trade.refusal(lambda: trade.get(f"/v1/employees/e1/scores?{query}")) == (400, "invalid_request")


@pytest.mark.parametrize(
    "path", ["/v1/customers/ghost/profile", "/v1/employees/ghost/scores?month=2026-03", "/v1/sales/ghost"]
)
def test_figures_of_who_does_not_exist_are_not_found(trade: World, path: str) -> None:
    refusal: Any = trade.refusal(lambda: trade.get(path))
    assert refusal == (404, "not_found")


@pytest.mark.parametrize(
    "report",
    [
        "leads?group_by=month",
        "complaints?group_by=product",
        "service-quality?group_by=store",
    ],
)
def test_a_report_may_be_of_all_days_there_are(shop: World, report: str) -> None:
    shop.catch_up()
    assert shop.get(f"/v1/reports/{report}&from=0001-01-01&to=9999-12-31").status_code == 200
