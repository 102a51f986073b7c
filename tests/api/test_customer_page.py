"""A customer's page is told in one answer: what they bought, how they shop, whom they live with."""

import pytest

from tests.support.api import Json, World, cny, complain, line, sell

PATH = "/v1/customers/{}/profile"


@pytest.fixture(scope="module")
def customer_id(shop: World) -> str:
    """Somebody with two purchases a week apart, half of the second back, a coupon and a complaint."""
    customer_id = shop.made("/v1/customers", {})["customer_id"]
    coupons = shop.made("/v1/coupon-campaigns/ten/coupons", {"customer_id": customer_id, "count": 2})
    code = coupons["coupons"][0]["code"]
    first, second = "2026-03-02T09:30:00+08:00", "2026-03-09T12:30:00+08:00"
    sell(shop, line("apple", 1), customer_id=customer_id, coupon_codes=[code], occurred_at=first)
    sold = sell(shop, line("apple", 2), customer_id=customer_id, occurred_at=second)
    sale_id = sold["sale_id"]
    back = {"lines": [{"line": 1, "quantity": 1}], "reason": "soft"}
    shop.made(f"/v1/sales/{sale_id}/returns", back)
    complain(shop, "They were soft.", customer_id=customer_id)
    return customer_id


@pytest.fixture(scope="module")
def page(shop: World, customer_id: str) -> Json:
    shop.catch_up()
    return shop.read(PATH.format(customer_id))


def test_value_is_net_of_what_went_back(page: Json) -> None:
    (value,) = page["value"]
    assert value["spent"]["amount"] - value["returned"]["amount"] == value["net"]["amount"]
    assert [value["net"]] == page["spend"]
    assert value["returned"] == cny(1000)


def test_somebody_who_came_twice_is_expected_after_the_same_time(page: Json) -> None:
    assert page["rhythm"] == {
        "formula": "interval.v1",
        "purchase_days": 2,
        "median_days": 7,
        "expected_next_on": "2026-03-16",
    }


def test_times_of_day_are_by_the_stores_clock(page: Json) -> None:
    found = {each["value"]: each["share_permille"] for each in page["preferences"]["times_of_day"]}
    assert found == {"midday": 500, "morning": 500}


def test_purchases_are_told_newest_first_with_what_came_back(page: Json) -> None:
    assert [purchase["returned"] for purchase in page["recent_purchases"]] == [cny(1000), cny(0)]


def test_responses_to_campaigns_and_cases_are_told(page: Json) -> None:
    assert page["campaigns"] == [{"campaign_id": "ten", "coupons": 2, "redeemed": 1, "revoked": 0}]
    (case,) = page["cases"]
    assert (case["kind"], case["cases"], case["open"]) == ("complaint", 1, 1)


def test_those_who_live_together_are_on_each_others_page(shop: World, customer_id: str) -> None:
    other_id = shop.made("/v1/customers", {})["customer_id"]
    for member in (customer_id, other_id):
        assert shop.read(PATH.format(member))["household"] == []
        facts = {"household_id": "together"}
        assert shop.patch(f"/v1/customers/{member}/facts", facts, version=1).status_code == 200
    shop.catch_up()
    assert shop.read(PATH.format(other_id))["household"] == sorted([customer_id, other_id])


def test_somebody_without_purchases_has_an_empty_page(shop: World) -> None:
    customer_id = shop.made("/v1/customers", {})["customer_id"]
    page = shop.read(PATH.format(customer_id))
    assert (page["value"], page["recent_purchases"], page["campaigns"], page["cases"]) == ([], [], [], [])
    assert page["rhythm"]["expected_next_on"] is None
    assert page["preferences"]["price_levels"] == []


def test_each_look_at_a_page_is_on_record(shop: World, customer_id: str) -> None:
    shop.get(PATH.format(customer_id), Daybook_Purpose="birthday call")
    (access,) = shop.read(f"/v1/audit/accesses?subject=customer-{customer_id}&limit=1")["data"]
    assert (access["operation"], access["purpose"]) == ("getProfile", "birthday call")
