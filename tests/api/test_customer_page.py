"""A customer's page is told in one answer: what they bought, how they shop, whom they live with."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from tests.support.api import Json, World, cny, complain, line, sell
from tests.support.care import add_customer, send_care, set_rule

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
    assert [page[part] for part in ("surveys", "care", "leads", "tasks")] == [[]] * 4


@pytest.fixture(scope="module")
def dealt_with(shop: World) -> str:
    """Somebody with another record: written to, asked, with a lead and things to be done, under both ids."""
    survivor, other = (add_customer(shop, id_, email=f"{id_}@example.com") for id_ in ("dora", "d2"))
    set_rule(shop, "hello")
    asyncio.run(send_care(shop, "hello", other))
    sell(shop, line("apple", 1), customer_id=survivor)

    complaint_id = complain(shop, customer_id=other, store_id="s1")
    shop.made(f"/v1/complaints/{complaint_id}/resolutions", {"text": "Replaced."})
    asked = shop.made(f"/v1/complaints/{complaint_id}/survey-links", {})
    shop.stranger().made(asked["path"], {"score": 4})

    lead = {"store_id": "s1", "source": "web"}
    lead_id = shop.made("/v1/leads", {**lead, "customer_id": survivor})["lead_id"]
    shop.made(f"/v1/leads/{lead_id}/stages", {"stage": "quoted", "amount": cny(900)})
    soon = datetime.now(UTC) + timedelta(days=1)
    about = {"thank": f"customer-{survivor}", "call": f"customer-{other}", "visit": f"lead-{lead_id}"}
    for days, (action, subject) in enumerate(about.items()):
        due_at = (soon - timedelta(days=days)).isoformat()
        task = {"store_id": "s1", "subject": subject, "action": action, "due_at": due_at}
        shop.made("/v1/tasks", {**task, "task_id": f"dora-{action}"})
    shop.made("/v1/tasks/dora-thank/completion", {"outcome": "reached"})

    shop.made(f"/v1/customers/{survivor}/merges", {"other_id": other})
    shop.catch_up()
    return survivor


def test_answers_to_surveys_are_told_under_all_ids(shop: World, dealt_with: str) -> None:
    (asked,) = shop.read(PATH.format(dealt_with))["surveys"]
    assert (asked["kind"], asked["asked"], asked["answered"], asked["last_score"]) == ("csat", 1, 1, 4)


def test_messages_are_told_with_what_was_bought_after_them_under_any_id(shop: World, dealt_with: str) -> None:
    (care,) = shop.read(PATH.format(dealt_with))["care"]
    assert (care["rule_id"], care["sent"], care["withheld"], care["converted"]) == ("hello", 1, 0, 1)
    assert (care["opened"], care["last_rating"]) == (0, None)


def test_leads_and_what_is_to_be_done_are_told_the_most_urgent_first(shop: World, dealt_with: str) -> None:
    page = shop.read(PATH.format(dealt_with))
    (lead,) = page["leads"]
    assert (lead["stage"], lead["amount"]) == ("quoted", cny(900))
    assert [task["action"] for task in page["tasks"]] == ["visit", "call"]


def test_each_look_at_a_page_is_on_record(shop: World, customer_id: str) -> None:
    shop.get(PATH.format(customer_id), Daybook_Purpose="birthday call")
    (access,) = shop.read(f"/v1/audit/accesses?subject=customer-{customer_id}&limit=1")["data"]
    assert (access["operation"], access["purpose"]) == ("getProfile", "birthday call")
