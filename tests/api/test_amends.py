"""A complaint is settled with amends: both or neither, within limits, once."""

from typing import Any

import pytest

from domain.access.limits import GivenLimits
from tests.support.api import (
    World,
    add_campaign,
    add_shop,
    cny,
    complain,
    fresh,
    line,
    problem,
    receive,
    sell,
)
from tests.support.calls import PROGRAMME
from tests.support.people import signed_in


@pytest.fixture
def customer_id(shop: World) -> str:
    return shop.made("/v1/customers", {"name": "Ada"})["customer_id"]


def about_apples(shop: World, customer_id: str) -> tuple[str, str]:
    """A complaint about a sale of four apples, and the sale."""
    receive(shop, "apple", 10)
    sale_id = sell(shop, line("apple", 4), customer_id=customer_id)["sale_id"]
    return complain(shop, customer_id=customer_id, sale_id=sale_id, store_id="s1"), sale_id


def path(complaint_id: str) -> str:
    return f"/v1/complaints/{complaint_id}/settlements"


def back(quantity: int = 1) -> dict[str, Any]:
    return {"lines": [{"line": 1, "quantity": quantity}], "reason": "soft"}


def settlement(**parts: Any) -> dict[str, Any]:
    return {"text": "We are sorry.", **parts}


def test_the_customer_gets_everything_and_the_complaint_is_resolved(shop: World, customer_id: str) -> None:
    shop.call("PUT", "/v1/loyalty/programme", PROGRAMME, If_Match='"0"')
    campaign_id = add_campaign(shop, fresh("sorry"), amount_off=cny(1000))["campaign_id"]
    complaint_id, _ = about_apples(shop, customer_id)
    parts = {"refund": back(), "credit": {"amount": cny(500)}, "points": 50}
    body = settlement(**parts, coupon={"campaign_id": campaign_id})
    settled = shop.made(path(complaint_id), body)
    assert settled["returned"]["total"]["amount"] > 0
    assert shop.read(f"/v1/complaints/{complaint_id}")["status"] == "resolved"
    found = shop.post("/v1/coupons/lookup", {"code": settled["coupon_code"]}).json()
    assert (found["customer_id"], found["status"]) == (customer_id, "issued")
    shop.catch_up()
    wallet = shop.read(f"/v1/customers/{customer_id}/wallet")
    assert wallet["credit"]["balance"] == cny(500)
    assert [each["coupon_id"] for each in wallet["coupons"]] == [settled["coupon_id"]]


def test_a_repeat_gives_nothing_more_and_tells_the_same_code(shop: World, customer_id: str) -> None:
    campaign_id = add_campaign(shop, fresh("sorry"), amount_off=cny(1000))["campaign_id"]
    complaint_id, _ = about_apples(shop, customer_id)
    body = settlement(coupon={"campaign_id": campaign_id}, credit={"amount": cny(100)})
    key = fresh("key")
    first = shop.post(path(complaint_id), body, Idempotency_Key=key)
    again = shop.post(path(complaint_id), body, Idempotency_Key=key)
    assert (first.status_code, again.json()) == (201, first.json())
    assert problem(shop.post(path(complaint_id), body)) == (409, "case_resolved")


def test_more_than_is_left_of_the_sale_is_not_paid_back_and_nothing_else_is_given(
    shop: World, customer_id: str
) -> None:
    complaint_id, sale_id = about_apples(shop, customer_id)
    shop.made(f"/v1/sales/{sale_id}/returns", back(3))
    before = shop.written()
    body = settlement(refund=back(2), credit={"amount": cny(500)})
    assert problem(shop.post(path(complaint_id), body)) == (409, "return_exceeds_sale")
    assert shop.written() == before
    assert shop.read(f"/v1/complaints/{complaint_id}")["status"] == "open"


def test_a_reopened_complaint_gets_more_only_if_that_is_said(shop: World, customer_id: str) -> None:
    complaint_id, _ = about_apples(shop, customer_id)
    body = settlement(credit={"amount": cny(500)})
    shop.made(path(complaint_id), body)
    shop.made(f"/v1/complaints/{complaint_id}/reopenings", {"text": "Still soft."})
    assert problem(shop.post(path(complaint_id), body)) == (409, "case_compensated")
    shop.made(path(complaint_id), {**body, "again": True})


def test_beyond_the_limit_a_second_person_approves(shop: World, customer_id: str) -> None:
    ann = signed_in(shop, "manager", limits=GivenLimits(compensation_minor={"CNY": 300}))
    bob = signed_in(shop, "owner")
    complaint_id, _ = about_apples(shop, customer_id)
    body = settlement(credit={"amount": cny(500)})
    refused = ann.post(path(complaint_id), body)
    assert problem(refused) == (403, "approval_required")
    wanted = refused.json()["facts"]
    asked = {name: wanted[name] for name in ("operation", "store_id", "target")}
    approval = bob.made("/v1/approvals", {**asked, "up_to": cny(wanted["needed"])})
    ann.made(path(complaint_id), body, Daybook_Approval=approval["approval_id"])


def test_a_complaint_of_no_store_is_approved_for_all(shop: World) -> None:
    bob = signed_in(shop, "owner")
    asked = {"operation": "compensation", "target": complain(shop), "up_to": cny(1)}
    bob.made("/v1/approvals", {**asked, "store_id": "*"})
    unknown = bob.post("/v1/approvals", {**asked, "target": "nothing", "store_id": "s1"})
    assert problem(unknown) == (404, "not_found")


def test_who_may_write_complaints_may_not_give_money(shop: World, customer_id: str) -> None:
    complaint_id, _ = about_apples(shop, customer_id)
    writer = shop.caller("complaints:write")
    refused = writer.post(path(complaint_id), settlement(credit={"amount": cny(1)}))
    assert problem(refused)[0] == 403


def test_a_key_of_one_store_gives_nothing_that_pays_in_all(shop: World, customer_id: str) -> None:
    complaint_id, _ = about_apples(shop, customer_id)
    here = shop.caller("complaints:compensate", stores=["s1"])
    assert problem(here.post(path(complaint_id), settlement(credit={"amount": cny(1)})))[0] == 403
    here.made(path(complaint_id), settlement(refund=back()))


def test_what_is_a_neighbours_is_not_there_to_be_given(shop: World) -> None:
    complaint_id, neighbour = complain(shop), shop.neighbour()
    add_shop(neighbour)
    receive(neighbour, "apple", 1)
    theirs, nobodys = sell(neighbour)["sale_id"], fresh("x")
    told = [
        shop.post(path(complaint_id), settlement(refund={**back(), "sale_id": each}))
        for each in (theirs, nobodys)
    ]
    assert [problem(each) for each in told] == [(404, "not_found")] * 2
