"""Campaigns for certain customers, for certain products, and codes that each customer uses so often."""

from typing import Any

import pytest

from tests.support.api import (
    Json,
    World,
    add_campaign,
    basket,
    card,
    cny,
    draw_code,
    fresh,
    line,
    problem,
    product,
)

SALES = "/v1/stores/s1/sales"


def open_campaign(shop: World, **fields: Any) -> str:
    terms = {"amount_off": cny(100), **fields}
    return add_campaign(shop, fresh("camp"), **terms)["campaign_id"]


@pytest.fixture
def targeted(shop: World) -> str:
    return open_campaign(shop, targeted=True)


def a_customer(shop: World) -> str:
    return shop.made("/v1/customers", {"name": "Li"})["customer_id"]


def name(shop: World, campaign_id: str, *customer_ids: str) -> int:
    path = f"/v1/coupon-campaigns/{campaign_id}/targets"
    return shop.made(path, {"customer_ids": list(customer_ids)})["position"]


def buying(code: str, customer_id: str | None = None, *, sku: str = "apple") -> Json:
    more = {} if customer_id is None else {"customer_id": customer_id}
    return basket(line(sku), coupon_codes=[code], tenders=[card(900)], **more)


def test_only_who_was_named_uses_a_targeted_campaign(shop: World, targeted: str) -> None:
    named, other = a_customer(shop), a_customer(shop)
    name(shop, targeted, named)
    code = draw_code(shop, targeted)
    for customer_id, refusal in ((other, "coupon_not_targeted"), (None, "coupon_needs_customer")):
        assert problem(shop.post(SALES, buying(code, customer_id))) == (422, refusal)
    shop.made(SALES, buying(code, named))


def test_more_may_follow_and_who_is_named_twice_is_told_once(shop: World, targeted: str) -> None:
    customers = sorted(a_customer(shop) for _ in range(5))
    name(shop, targeted, *customers[:3])
    position = name(shop, targeted, *customers[2:])
    shop.catch_up()
    path = f"/v1/coupon-campaigns/{targeted}/targets?limit=2"
    found: list[str] = []
    cursor = ""
    while True:
        page = shop.read(path + cursor, Daybook_Min_Position=str(position))
        found += [row["customer_id"] for row in page["data"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert found == customers


def test_a_campaign_for_everybody_has_no_targets(shop: World) -> None:
    path = f"/v1/coupon-campaigns/{open_campaign(shop)}/targets"
    refused = shop.refusal(lambda: shop.post(path, {"customer_ids": ["c1"]}))
    assert refused == (422, "invalid_command")
    assert shop.read(path)["data"] == []


def test_all_are_named_or_none(shop: World, targeted: str) -> None:
    path = f"/v1/coupon-campaigns/{targeted}/targets"
    body = {"customer_ids": [a_customer(shop), fresh("nobody")]}
    assert shop.refusal(lambda: shop.post(path, body)) == (404, "not_found")


@pytest.mark.parametrize("count", [0, 2_001])
def test_one_to_two_thousand_are_named_at_once(shop: World, targeted: str, count: int) -> None:
    path = f"/v1/coupon-campaigns/{targeted}/targets"
    body = {"customer_ids": ["c1"] * count}
    assert shop.refusal(lambda: shop.post(path, body)) == (400, "invalid_request")


def test_a_code_for_many_is_used_so_often_by_each(shop: World) -> None:
    campaign_id = open_campaign(shop, limit_per_code=None, limit_per_customer_and_code=1)
    code, other = draw_code(shop, campaign_id), draw_code(shop, campaign_id)
    for customer_id in (first := a_customer(shop), a_customer(shop)):
        shop.made(SALES, buying(code, customer_id))
    assert problem(shop.post(SALES, buying(code, first))) == (409, "coupon_limit_reached")
    shop.made(SALES, buying(other, first))
    assert problem(shop.post(SALES, buying(code))) == (422, "coupon_needs_customer")


def test_a_coupon_for_certain_products_needs_one_of_them(shop: World) -> None:
    campaign_id = open_campaign(shop, covers={"skus": ["apple"]})
    shop.made("/v1/products", product("plum"))
    code = draw_code(shop, campaign_id)
    assert problem(shop.post(SALES, buying(code, sku="plum"))) == (422, "coupon_covers_nothing")
    quote = {"store_id": "s1", "lines": [line("plum")], "coupon_codes": [code]}
    (unusable,) = shop.post("/v1/quotes", quote, Idempotency_Key="").json()["unusable_coupons"]
    assert unusable["code"] == "coupon_covers_nothing"
    shop.made(SALES, buying(code))


def test_a_campaign_tells_its_terms(shop: World) -> None:
    covers = {"skus": [], "categories": ["fruit"], "without_skus": ["pear"]}
    campaign_id = open_campaign(shop, covers=covers, targeted=True, limit_per_customer_and_code=2)
    told = shop.read(f"/v1/coupon-campaigns/{campaign_id}")
    assert told["covers"] == covers
    assert (told["targeted"], told["limit_per_customer_and_code"]) == (True, 2)
