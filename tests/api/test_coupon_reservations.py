"""Coupons kept for a basket: by programs, until a time limit."""

from tests.support.api import World, basket, draw_code, sell
from tests.support.routes import soon

RESERVATIONS = "/v1/coupons/reservations"
RELEASES = "/v1/coupons/releases"


def reserve(shop: World, code: str, reference: str = "order-1") -> None:
    body = {"coupons": [{"code": code}], "reference": reference, "until": soon()}
    assert shop.post(RESERVATIONS, body).status_code == 201


def test_a_reserved_coupon_is_redeemed_under_its_reference_alone(shop: World) -> None:
    code = draw_code(shop)
    reserve(shop, code)
    assert shop.post("/v1/coupons/lookup", {"code": code}).json()["status"] == "reserved"
    refused = shop.refusal(lambda: shop.post("/v1/stores/s1/sales", basket(coupon_codes=[code])))
    assert refused == (409, "coupon_reserved")
    sell(shop, coupon_codes=[code], coupon_reference="order-1")
    assert shop.post("/v1/coupons/lookup", {"code": code}).json()["status"] == "redeemed"


def test_a_quote_knows_the_reference_too(shop: World) -> None:
    code = draw_code(shop)
    reserve(shop, code)
    body = {"store_id": "s1", "lines": [{"sku": "apple", "quantity": 1}], "coupon_codes": [code]}
    assert shop.post("/v1/quotes", body).json()["unusable_coupons"][0]["code"] == "coupon_reserved"
    assert shop.post("/v1/quotes", {**body, "coupon_reference": "order-1"}).json()["unusable_coupons"] == []


def test_a_released_coupon_is_anybodys(shop: World) -> None:
    code = draw_code(shop)
    reserve(shop, code)
    assert shop.post(RELEASES, {"code": code, "reference": "order-1"}).json()["until"] is None
    sell(shop, coupon_codes=[code])


def test_nothing_is_released_that_is_not_reserved(shop: World) -> None:
    body = {"code": draw_code(shop), "reference": "order-1"}
    assert shop.refusal(lambda: shop.post(RELEASES, body)) == (404, "coupon_not_reserved")


def test_a_limit_for_a_budget_is_in_the_campaigns_currency(shop: World) -> None:
    at_most = {"amount": 100, "currency": "EUR"}
    coupons = [{"code": draw_code(shop), "at_most": at_most}]
    body = {"coupons": coupons, "reference": "order-1", "until": soon()}
    assert shop.refusal(lambda: shop.post(RESERVATIONS, body)) == (422, "currency_mismatch")


def test_a_coupon_of_a_returned_sale_is_issued_again_where_the_campaign_says_so(shop: World) -> None:
    campaign = {"name": "Back", "percent_off": 1000, "currency": "CNY", "restored_on_return": True}
    dates = {"valid_from": "2020-01-01T00:00:00Z", "valid_until": "2090-01-01T00:00:00Z"}
    campaign_id = shop.made("/v1/coupon-campaigns", {**campaign, **dates})["campaign_id"]
    code = draw_code(shop, campaign_id)
    sale_id = sell(shop, coupon_codes=[code])["sale_id"]
    shop.made(f"/v1/sales/{sale_id}/returns", {"lines": [{"line": 1, "quantity": 1}], "reason": "soft"})
    assert shop.post("/v1/coupons/lookup", {"code": code}).json()["status"] == "issued"
    shop.catch_up()
    told = shop.read(f"/v1/coupon-campaigns/{campaign_id}")
    assert (told["issued"], told["redeemed"], told["returned"], told["discount"]["amount"]) == (1, 0, 1, 0)
