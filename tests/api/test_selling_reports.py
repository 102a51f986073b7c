"""Reports on products and promotions agree with the sales that were made."""

from collections.abc import Generator
from typing import Any

import pytest

from tests.support.api import World, add_shop, cny, line, problem, product, sell, world

Json = dict[str, Any]
YEAR = "from=2026-01-01&to=2026-12-31"
MARCH_1 = "2026-03-01T10:15:00+08:00"
MARCH_2 = "2026-03-02T11:15:00+08:00"
TEN_PERCENT: Json = {
    "offer_id": "ten-off",
    "name": "Ten",
    "currency": "CNY",
    "phase": "order",
    "benefit": {"kind": "percent_off", "rate_bp": 1000},
    "conditions": {"minimum_minor": 2_000},
}


@pytest.fixture(scope="module")
def trade(worker_id: str, tmp_path_factory: pytest.TempPathFactory) -> Generator[World]:
    """Ten per cent off from 20.00; apples are 10.00.

    1 March, s1: 3 apples to c1, 1 apple to c2. 2 March, s1: 2 apples to c2, s2: 1 apple. One of the
    three comes back.
    """
    with world(worker_id, tmp_path_factory.mktemp("reports")) as opened:
        add_shop(opened)
        opened.made("/v1/customers", {"customer_id": "c2", "name": "Ada"})
        opened.made("/v1/offers", TEN_PERCENT)
        sale = sell(opened, line("apple", 3), customer_id="c1", occurred_at=MARCH_1)
        sell(opened, line("apple", 1), customer_id="c2", occurred_at=MARCH_1)
        sell(opened, line("apple", 2), customer_id="c2", occurred_at=MARCH_2)
        sell(opened, line("apple", 1), store_id="s2", occurred_at=MARCH_2)
        back = {"lines": [{"line": 1, "quantity": 1}], "reason": "soft", "occurred_at": MARCH_2}
        opened.made(f"/v1/sales/{sale['sale_id']}/returns", back)
        opened.catch_up()
        yield opened


def test_a_promotion_has_its_sales_and_those_without_it(trade: World) -> None:
    (row,) = trade.read(f"/v1/reports/promotions?{YEAR}")["data"]
    assert row == {
        "source": "offer",
        "rule_id": "ten-off",
        "sales": 2,
        "uses": 2,
        "discount": cny(300 + 200),
        "revenue": cny(2700 + 1800),
        "sales_without": 2,
        "revenue_without": cny(1000 + 1000),
        "new_customers": 1,
        "returning_customers": 1,
    }


def test_a_promotion_is_reported_for_the_days_and_stores_that_are_asked_for(trade: World) -> None:
    (row,) = trade.read("/v1/reports/promotions?from=2026-03-02&to=2026-03-02&store_id=s1")["data"]
    assert (row["sales"], row["sales_without"], row["returning_customers"]) == (1, 0, 1)
    assert trade.read(f"/v1/reports/promotions?{YEAR}&store_id=s2")["data"] == []


def test_a_product_has_its_sums(trade: World) -> None:
    (row,) = trade.read(f"/v1/reports/products?{YEAR}")["data"]
    assert (row["sku"], row["quantity"], row["returned_quantity"]) == ("apple", 7, 1)
    assert (row["gross"], row["discount"], row["returns"]) == (cny(7000), cny(500), cny(900))
    assert row["net"] == cny(5600)


def test_products_come_in_pages(trade: World) -> None:
    trade.made("/v1/products", product("zucchini"))
    sell(trade, line("zucchini"), occurred_at="2025-01-01T10:00:00+08:00")
    trade.catch_up()
    asked = "/v1/reports/products?from=2025-01-01&to=2026-12-31&limit=1"
    first = trade.read(asked)
    second = trade.read(f"{asked}&cursor={first['next_cursor']}")
    assert [row["sku"] for row in (*first["data"], *second["data"])] == ["apple", "zucchini"]
    assert second["next_cursor"] is None


def test_a_product_has_a_row_a_day_and_store(trade: World) -> None:
    rows = trade.read(f"/v1/reports/products/apple?{YEAR}")["data"]
    assert [(row["business_day"], row["store_id"], row["quantity"]) for row in rows] == [
        ("2026-03-01", "s1", 4),
        ("2026-03-02", "s1", 2),
        ("2026-03-02", "s2", 1),
    ]


def test_a_report_that_can_not_be_meant_is_refused(trade: World) -> None:
    backwards = trade.get("/v1/reports/products?from=2026-02-01&to=2026-01-01")
    too_long = trade.get("/v1/reports/products/apple?from=2020-01-01&to=2026-01-01")
    no_cursor = trade.get(f"/v1/reports/promotions?{YEAR}&cursor=abc")
    assert problem(backwards) == problem(too_long) == problem(no_cursor) == (400, "invalid_request")


def test_a_key_for_a_store_sees_that_store(trade: World) -> None:
    clerk = trade.caller("reports:read", stores=["s2"])
    (row,) = clerk.read(f"/v1/reports/products?{YEAR}")["data"]
    assert row["quantity"] == 1
    assert problem(clerk.get(f"/v1/reports/promotions?{YEAR}&store_id=s1")) == (403, "forbidden")
