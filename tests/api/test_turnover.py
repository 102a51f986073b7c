"""Turnover over HTTP."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.support.api import World, add_store, cny, fresh, line, product, receive, sell

TURNOVER = "/v1/stores/s1/turnover"
Json = dict[str, Any]


def this_month() -> str:
    """The store is ahead of UTC: what was sold at a month's end may be of its next."""
    now = datetime.now(UTC)
    following = f"{now.year + now.month // 12}-{now.month % 12 + 1:02}"
    return f"from={now:%Y-%m}&to={following}"


def report(shop: World, **asked: str) -> list[Json]:
    shop.catch_up()
    more = "".join(f"&{name}={value}" for name, value in asked.items())
    return shop.read(f"{TURNOVER}?{this_month()}{more}")["data"]


@pytest.fixture
def sku(shop: World) -> str:
    """Ten received at 6.00, four of them sold at 10.00."""
    found = shop.made("/v1/products", product(fresh("p"), category=fresh("c")))["sku"]
    receive(shop, found, 10)
    sell(shop, line(found, 4))
    return found


def test_a_sku_tells_its_margin_and_its_stock(shop: World, sku: str) -> None:
    (row,) = report(shop, sku=sku)
    assert row["cost_of_goods_sold"] == cny(2_400)
    assert row["gross_margin"]["amount"] == row["net_sales"]["amount"] - 2_400
    assert (row["opening_stock"], row["closing_stock"]) == (cny(0), cny(3_600))
    assert row["gmroi_milli"] > 0


def test_a_category_and_the_store_have_the_sums_of_their_skus(shop: World, sku: str) -> None:
    by_sku = report(shop)
    for group in ("category", "store"):
        rows = report(shop, group_by=group)
        assert sum(row["cost_of_goods_sold"]["amount"] for row in rows) == sum(
            row["cost_of_goods_sold"]["amount"] for row in by_sku
        )
    assert [row["sku"] for row in rows] == [None]


def test_pages_are_the_report_in_parts(shop: World, sku: str) -> None:
    receive(shop, shop.made("/v1/products", product(fresh("p")))["sku"], 1)
    whole = [row["sku"] for row in report(shop)]
    found: list[str] = []
    cursor = ""
    for _ in whole:
        page = shop.read(f"{TURNOVER}?{this_month()}&limit=1{cursor}")
        found += [row["sku"] for row in page["data"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert found == whole
    assert len(whole) > 1


def test_as_of_a_position_the_same_is_answered_again(shop: World, sku: str) -> None:
    position = str(shop.catch_up())
    before = report(shop, sku=sku, as_of=position)
    sell(shop, line(sku, 1))
    assert report(shop, sku=sku, as_of=position) == before
    assert before[0]["cost_of_goods_sold"] == cny(2_400)


def test_as_of_the_last_instant_that_last_sale_counts(shop: World, sku: str) -> None:
    shop.catch_up()
    moved = shop.read(f"/v1/stores/s1/stock/{sku}/movements")["data"][0]
    (row,) = report(shop, sku=sku, as_of=moved["recorded_at"])
    assert row["cost_of_goods_sold"] == cny(2_400)


def test_a_month_to_come_has_nothing_to_tell(shop: World, sku: str) -> None:
    assert shop.read(f"{TURNOVER}?from=2098-01&to=2098-12")["data"] == []


@pytest.mark.parametrize(
    "asked",
    ["from=2026-02&to=2026-01", "from=2020-01&to=2026-01", "from=9999-12&to=9999-12", "from=2026-13&to=x"],
)
def test_months_that_cant_be_meant_are_refused(shop: World, asked: str) -> None:
    assert shop.get(f"{TURNOVER}?{asked}").status_code == 400


STORAGE: Json = {"costs": [{"month": cny(31_000)}, {"month": cny(6_200), "location": "cold room"}]}


@pytest.fixture
def rented(shop: World) -> str:
    """A store whose floor costs 310.00 a month and its cold room 62.00; one product lies on the floor."""
    store_id = add_store(shop, fresh("s"), locations=["cold room"])["store_id"]
    receive(shop, "apple", 10, store_id=store_id)
    assert shop.call("PUT", f"/v1/stores/{store_id}/storage-costs", STORAGE).status_code == 200
    return f"/v1/stores/{store_id}"


def test_what_the_places_cost_is_told_as_it_was_set(shop: World, rented: str) -> None:
    assert shop.read(f"{rented}/storage-costs")["costs"] == [
        {"location": None, "month": cny(31_000)},
        {"location": "cold room", "month": cny(6_200)},
    ]


def test_an_empty_place_is_paid_for_by_nobody_and_a_full_one_by_what_lies_there(
    shop: World, rented: str
) -> None:
    shop.catch_up()
    rows = shop.read(f"{rented}/storage-report?{this_month()}&group_by=sku")["data"]
    assert [(row["location"], row["sku"], row["used"]) for row in rows] == [
        (None, "apple", True),
        ("cold room", None, False),
    ]
    (turned,) = shop.read(f"{rented}/turnover?{this_month()}")["data"]
    assert 0 < turned["storage"]["amount"] <= 31_000
    assert turned["gmroi_after_storage_milli"] < turned["gmroi_milli"] == 0


@pytest.mark.parametrize(
    ("costs", "answer"),
    [
        ([{"month": cny(1), "location": "attic"}], (404, "not_found")),
        ([{"month": {"amount": 1, "currency": "EUR"}}], (422, "currency_mismatch")),
        ([{"month": cny(1)}, {"month": cny(2)}], (422, "invalid_command")),
    ],
)
def test_costs_that_cant_be_meant_are_refused(
    shop: World, rented: str, costs: list[Json], answer: tuple[int, str]
) -> None:
    refused = shop.refusal(lambda: shop.call("PUT", f"{rented}/storage-costs", {"costs": costs}))
    assert refused == answer
