"""Batches: issued at once, read by who may, redeemed like any coupon, revoked together."""

import pytest

from tests.support.api import LONG_AGO, World, add_campaign, basket, cny, fresh, sell
from tests.support.routes import soon

CAMPAIGNS = "/v1/coupon-campaigns"
BATCHES = "/v1/coupon-batches"


def issue(shop: World, count: int = 3, campaign_id: str = "ten", **fields: str) -> str:
    return shop.made(f"{CAMPAIGNS}/{campaign_id}/batches", {"count": count, **fields})["batch_id"]


def codes(shop: World, batch_id: str, first: int = 0) -> list[list[str]]:
    response = shop.get(f"{BATCHES}/{batch_id}/codes?first={first}")
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    header, *lines = response.text.splitlines()
    assert header == "number,code,coupon_id"
    return [line.split(",") for line in lines]


def test_a_batch_has_exactly_the_codes_that_were_asked_for(shop: World) -> None:
    batch_id = issue(shop, 2_500)
    found = codes(shop, batch_id)
    assert [int(number) for number, *_ in found] == list(range(2_500))
    assert len({code for _, code, _ in found}) == 2_500


def test_a_download_goes_on_where_it_was_cut_off(shop: World) -> None:
    batch_id = issue(shop, 5)
    assert codes(shop, batch_id, first=3) == codes(shop, batch_id)[3:]
    assert codes(shop, batch_id, first=5) == []


def test_a_repeat_of_the_request_issues_no_second_batch(shop: World) -> None:
    path, body = f"{CAMPAIGNS}/ten/batches", {"count": 3}
    first = shop.post(path, body, Idempotency_Key=(key := fresh()))
    again = shop.post(path, body, Idempotency_Key=key)
    assert (again.headers["Idempotent-Replayed"], again.json()) == ("true", first.json())


def test_who_reads_the_codes_is_on_record(shop: World) -> None:
    batch_id = issue(shop, 3)
    codes(shop, batch_id)
    access = shop.read("/v1/audit/accesses?limit=1")["data"][0]
    assert (access["operation"], access["subjects"], access["texts"]) == (
        "exportBatchCodes",
        ["campaign-ten"],
        3,
    )


def test_a_code_of_a_batch_is_looked_up_and_redeemed(shop: World) -> None:
    (_, code, coupon_id), *_ = codes(shop, issue(shop))
    assert shop.post("/v1/coupons/lookup", {"code": code.lower()}).json() == {
        "coupon_id": coupon_id,
        "campaign_id": "ten",
        "status": "issued",
        "customer_id": None,
        "sale_id": None,
        "valid_until": None,
    }
    sale_id = sell(shop, coupon_codes=[code])["sale_id"]
    coupon = shop.read(f"/v1/coupons/{coupon_id}")
    assert (coupon["status"], coupon["sale_id"]) == ("redeemed", sale_id)


def test_a_code_that_was_typed_wrong_is_told_apart_from_one_that_is_not_there(shop: World) -> None:
    (_, code, _), *_ = codes(shop, issue(shop))
    wrong = code[:-1] + ("2" if code[-1] != "2" else "3")
    assert shop.refusal(lambda: shop.post("/v1/coupons/lookup", {"code": wrong})) == (422, "coupon_mistyped")


@pytest.mark.parametrize("coupon", ["3", "03", "x", "-1"])
def test_what_the_batch_does_not_hold_is_not_there(shop: World, coupon: str) -> None:
    batch_id = issue(shop, 3)
    assert shop.refusal(lambda: shop.get(f"/v1/coupons/{batch_id}.{coupon}")) == (404, "not_found")


def test_a_batch_shows_what_became_of_its_coupons(shop: World) -> None:
    campaign_id = add_campaign(shop, fresh("c"), amount_off=cny(100))["campaign_id"]
    batch_id = issue(shop, 4, campaign_id)
    (_, used, _), (_, kept, _), (_, _, gone), _ = codes(shop, batch_id)
    sell(shop, coupon_codes=[used])
    kept_until = {"coupons": [{"code": kept}], "reference": "order-1", "until": soon()}
    shop.made("/v1/coupons/reservations", kept_until)
    assert shop.post(f"/v1/coupons/{gone}/revocation", {"reason": "copied"}).status_code == 200
    shop.catch_up()
    told = shop.read(f"{BATCHES}/{batch_id}")
    assert {
        name: told[name] for name in ("count", "redeemed", "reserved", "returned", "codes_revoked", "expired")
    } == {"count": 4, "redeemed": 1, "reserved": 1, "returned": 0, "codes_revoked": 1, "expired": 0}


def test_a_revoked_batch_is_of_no_use(shop: World) -> None:
    batch_id = issue(shop)
    (_, code, coupon_id), *_ = codes(shop, batch_id)
    named = {"reason": "Wang Xiaoming lost it"}
    assert shop.refusal(lambda: shop.post(f"{BATCHES}/{batch_id}/revocation", named))[0] == 400
    assert shop.post(f"{BATCHES}/{batch_id}/revocation", {"reason": "lost"}).status_code == 200
    assert shop.read(f"/v1/coupons/{coupon_id}")["status"] == "revoked"
    assert shop.refusal(lambda: shop.post("/v1/stores/s1/sales", basket(coupon_codes=[code]))) == (
        409,
        "coupon_revoked",
    )
    shop.catch_up()
    assert shop.read(f"{BATCHES}/{batch_id}")["codes_revoked"] == 3


def test_what_ended_unused_is_expired(shop: World) -> None:
    body = {"name": "Gone", "amount_off": cny(100)}
    body |= {"valid_from": LONG_AGO, "valid_until": "2025-01-02T00:00:00Z"}
    campaign_id = shop.made(CAMPAIGNS, body)["campaign_id"]
    batch_id = issue(shop, 3, campaign_id)
    shop.catch_up()
    assert shop.read(f"{BATCHES}/{batch_id}")["expired"] == 3
    assert shop.read(f"{CAMPAIGNS}/{campaign_id}")["expired"] == 3
