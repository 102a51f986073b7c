"""Campaigns, codes drawn once, and coupons that can't be used."""

from typing import Any

import pytest

from tests.support.api import (
    LONG_AFTER,
    LONG_AGO,
    MIN_POSITION,
    World,
    add_campaign,
    basket,
    cny,
    draw_code,
    fresh,
    line,
    sell,
)

SALES = "/v1/stores/s1/sales"
CAMPAIGNS = "/v1/coupon-campaigns"


def campaign(**fields: Any) -> dict[str, Any]:
    body = {"name": "Autumn", "percent_off": 1000, "currency": "CNY"}
    return {**body, "valid_from": LONG_AGO, "valid_until": LONG_AFTER, **fields}


def test_a_campaign_is_opened_under_a_new_id(shop: World) -> None:
    response = shop.post(CAMPAIGNS, campaign())
    assert response.status_code == 201
    assert shop.read(f"{CAMPAIGNS}/{response.json()['campaign_id']}")["name"] == "Autumn"


def test_a_campaign_answers_with_the_position_it_wrote(shop: World) -> None:
    assert shop.post(CAMPAIGNS, campaign()).headers["Daybook-Position"] == str(shop.written()[0])


def test_a_campaign_is_read_with_its_rule(shop: World) -> None:
    rule = campaign(
        percent_off=None, amount_off=cny(500), minimum=cny(2000), limit_total=9, limit_per_customer=2
    )
    campaign_id = shop.made(CAMPAIGNS, rule)["campaign_id"]
    read = shop.read(f"{CAMPAIGNS}/{campaign_id}")
    told = {
        "kind": "amount",
        "percent_off": None,
        "amount_off": cny(500),
        "minimum": cny(2000),
        "valid_until": LONG_AFTER,
        "limit_total": 9,
        "limit_per_customer": 2,
    }
    assert told.items() <= read.items()


def test_a_campaign_is_read_with_what_it_did(shop: World) -> None:
    campaign_id = add_campaign(shop, fresh("a"), percent_off=1000, currency="CNY")["campaign_id"]
    shop.made(f"{CAMPAIGNS}/{campaign_id}/coupons", {"count": 2})
    sell(shop, line("apple", 3), coupon_codes=[draw_code(shop, campaign_id)])
    shop.catch_up()
    done = {"issued": 3, "redeemed": 1, "sales": 1, "discount": cny(300), "sales_total": cny(2700)}
    assert done.items() <= shop.read(f"{CAMPAIGNS}/{campaign_id}").items()


def test_a_campaign_may_be_waited_for(shop: World) -> None:
    position = shop.made(f"{CAMPAIGNS}/ten/coupons", {})["position"]
    shop.catch_up()
    assert shop.get(f"{CAMPAIGNS}/ten", **{MIN_POSITION: str(position)}).headers["ETag"] == '"1"'


def test_as_many_codes_are_drawn_as_asked_for(shop: World) -> None:
    response = shop.post(f"{CAMPAIGNS}/ten/coupons", {"count": 25})
    assert response.status_code == 201
    assert len({coupon["code"] for coupon in response.json()["coupons"]}) == 25


def test_a_coupon_is_read_without_its_code(shop: World) -> None:
    issued = shop.made(f"{CAMPAIGNS}/ten/coupons", {"customer_id": "c1"})["coupons"][0]
    assert shop.read(f"/v1/coupons/{issued['coupon_id']}") == {
        "coupon_id": issued["coupon_id"],
        "campaign_id": "ten",
        "status": "issued",
        "customer_id": "c1",
        "sale_id": None,
        "valid_until": None,
    }


def test_a_coupon_is_found_by_its_code(shop: World) -> None:
    issued = shop.made(f"{CAMPAIGNS}/ten/coupons", {})["coupons"][0]
    response = shop.post("/v1/coupons/lookup", {"code": issued["code"].lower()})
    assert (response.status_code, response.json()["coupon_id"]) == (200, issued["coupon_id"])


def test_a_coupon_that_was_used_names_the_sale(shop: World) -> None:
    code = draw_code(shop)
    sale_id = sell(shop, coupon_codes=[code])["sale_id"]
    coupon = shop.post("/v1/coupons/lookup", {"code": code}).json()
    assert (coupon["status"], coupon["sale_id"]) == ("redeemed", sale_id)


def test_a_coupons_etag_is_its_version(shop: World) -> None:
    code = draw_code(shop)
    sell(shop, coupon_codes=[code])
    assert shop.post("/v1/coupons/lookup", {"code": code}).headers["ETag"] == '"2"'


def test_an_unknown_code_is_not_found(shop: World) -> None:
    body = {"code": "2222-2222-2222-2222"}
    assert shop.refusal(lambda: shop.post("/v1/coupons/lookup", body)) == (404, "coupon_unknown")


@pytest.mark.parametrize("path", ["/v1/coupons/ghost", f"{CAMPAIGNS}/ghost"])
def test_what_was_never_issued_is_not_found(shop: World, path: str) -> None:
    assert shop.refusal(lambda: shop.get(path)) == (404, "not_found")


def test_no_codes_are_drawn_for_a_campaign_that_does_not_exist(shop: World) -> None:
    assert shop.refusal(lambda: shop.post(f"{CAMPAIGNS}/ghost/coupons", {})) == (404, "not_found")


def test_no_codes_are_drawn_for_a_customer_who_does_not_exist(shop: World) -> None:
    body = {"customer_id": "ghost"}
    assert shop.refusal(lambda: shop.post(f"{CAMPAIGNS}/ten/coupons", body)) == (404, "not_found")


@pytest.mark.parametrize("count", [0, -1, 1001, 1.0, "1"])
def test_codes_are_drawn_by_the_piece_and_up_to_a_thousand(shop: World, count: object) -> None:
    refusal = shop.refusal(lambda: shop.post(f"{CAMPAIGNS}/ten/coupons", {"count": count}))
    assert refusal == (400, "invalid_request")


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"percent_off": None}, (400, "invalid_request")),
        ({"amount_off": cny(1)}, (400, "invalid_request")),
        ({"currency": None}, (400, "invalid_request")),
        ({"minimum": {"amount": 1, "currency": "EUR"}}, (400, "invalid_request")),
        ({"percent_off": 10_001}, (400, "invalid_request")),
        ({"percent_off": 0}, (400, "invalid_request")),
        ({"limit_total": 0}, (400, "invalid_request")),
        ({"priority": 10**30}, (400, "invalid_request")),
        ({"valid_from": "2026-01-01T00:00:00"}, (400, "invalid_request")),
        ({"valid_from": LONG_AFTER}, (422, "invalid_command")),
        ({"percent_off": None, "amount_off": cny(0)}, (422, "invalid_command")),
    ],
)
def test_a_campaign_that_can_mean_nothing_is_refused(
    shop: World, fields: dict[str, Any], refusal: tuple[int, str]
) -> None:
    assert shop.refusal(lambda: shop.post(CAMPAIGNS, campaign(**fields))) == refusal


def unusable(shop: World, **rule: Any) -> tuple[int, str]:
    """What a sale with a new coupon of such a campaign is answered."""
    campaign_id = shop.made(CAMPAIGNS, campaign(**rule))["campaign_id"]
    body = basket(coupon_codes=[draw_code(shop, campaign_id)])
    return shop.refusal(lambda: shop.post(SALES, body))


def test_an_expired_coupon_is_refused(shop: World) -> None:
    assert unusable(shop, valid_until="2020-01-01T00:00:00Z") == (422, "coupon_expired")


def test_a_coupon_is_refused_before_its_time(shop: World) -> None:
    assert unusable(shop, valid_from="2099-01-01T00:00:00Z") == (422, "coupon_expired")


def test_a_coupon_below_its_minimum_is_refused(shop: World) -> None:
    assert unusable(shop, minimum=cny(1001)) == (422, "coupon_below_minimum")


def test_a_coupon_that_counts_by_customer_needs_one(shop: World) -> None:
    assert unusable(shop, limit_per_customer=1) == (422, "coupon_needs_customer")


def test_a_coupon_of_another_currency_is_refused(shop: World) -> None:
    assert unusable(shop, currency="EUR") == (422, "currency_mismatch")


def test_a_campaign_of_all_times_can_be_used(shop: World) -> None:
    ever = campaign(valid_from="0001-01-01T00:00:00+14:00", valid_until="9999-12-31T23:59:59-12:00")
    campaign_id = shop.made(CAMPAIGNS, ever)["campaign_id"]
    assert sell(shop, coupon_codes=[draw_code(shop, campaign_id)])["discount"] == cny(100)


def test_a_spent_coupon_is_refused(shop: World) -> None:
    code = draw_code(shop)
    sell(shop, coupon_codes=[code])
    assert shop.refusal(lambda: shop.post(SALES, basket(coupon_codes=[code]))) == (409, "coupon_spent")


def test_a_coupon_is_taken_once_in_a_basket(shop: World) -> None:
    codes = [draw_code(shop)] * 2
    assert shop.refusal(lambda: shop.post(SALES, basket(coupon_codes=codes))) == (422, "invalid_command")


def test_a_coupon_of_another_customer_is_refused(shop: World) -> None:
    code = shop.made(f"{CAMPAIGNS}/ten/coupons", {"customer_id": "c1"})["coupons"][0]["code"]
    refusal = shop.refusal(lambda: shop.post(SALES, basket(coupon_codes=[code])))
    assert refusal == (422, "coupon_of_another_customer")


def test_a_campaign_that_is_used_up_is_refused(shop: World) -> None:
    campaign_id = add_campaign(shop, fresh("a"), amount_off=cny(1), limit_total=1)["campaign_id"]
    first, second = draw_code(shop, campaign_id), draw_code(shop, campaign_id)
    sell(shop, coupon_codes=[first])
    refusal = shop.refusal(lambda: shop.post(SALES, basket(coupon_codes=[second])))
    assert refusal == (409, "coupon_limit_reached")
