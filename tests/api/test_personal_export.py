"""An export holds everything that is known of the customer, in clear, and nothing of anybody else."""

import pytest

from api import personal_export
from tests.api.test_erasure import PERSON, PHONE, make_known
from tests.support.api import World, add_campaign, cny, complain, draw_code, line, problem, receive, sell

WHY = {"Daybook_Purpose": "customer asked"}
TELL = """
INSERT INTO messages (message_id, kind, about, store_id, customer_id)
VALUES (%s, 'remind_to_pay', 'order-o1', 's1', %s)
"""


def test_it_holds_everything_that_was_said(new_shop: World) -> None:
    ids = make_known(new_shop)
    export = new_shop.post("/v1/customers/gone/export", None, **WHY).json()
    assert export["details"]["phone"] == PHONE
    assert export["details"]["name"] == PERSON["name"]
    assert [step["purpose"] for step in export["consents"]] == ["marketing"]
    assert {entry["data"]["sale_id"] for entry in export["purchases"]} == {ids["sale"]}
    assert [entry["data"]["reason"] for entry in export["returns"]] == ["It smelled of feet."]
    issued = [entry["data"] for entry in export["coupons"] if entry["type"] == "coupon.issued.v1"]
    assert [data["code"] for data in issued] == [ids["code"]]
    texts = [entry["data"]["text"] for entry in export["complaints"]]
    assert sorted(texts) == [
        "Nobody asked for my name.",
        "She called from the hospital.",
        "The melon hit my foot.",
    ]


def test_it_tells_who_has_read_it(new_shop: World) -> None:
    make_known(new_shop)
    new_shop.get("/v1/customers/gone", Daybook_Purpose="curiosity")
    export = new_shop.post("/v1/customers/gone/export", None, **WHY).json()
    purposes = [access["purpose"] for access in export["accesses"]]
    assert "curiosity" in purposes
    assert purposes[0] == "customer asked"


def test_it_holds_nothing_of_others(new_shop: World) -> None:
    make_known(new_shop)
    complain(new_shop, "Another's words.", customer_id="c1")
    sell(new_shop, line("apple"), customer_id="c1")
    text = new_shop.post("/v1/customers/gone/export", None, **WHY).text
    assert "Another's words." not in text
    assert "customer-c1" not in text


def test_a_long_history_comes_in_pages_and_is_whole(new_shop: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(personal_export, "STREAMS_AT_ONCE", 2)
    monkeypatch.setattr(personal_export, "ACCESSES_AT_ONCE", 2)
    texts = [f"Complaint number {number}." for number in range(7)]
    for text in texts:
        complain(new_shop, text, customer_id="c1")
    export = new_shop.post("/v1/customers/c1/export", None, **WHY).json()
    assert sorted(entry["data"]["text"] for entry in export["complaints"]) == texts
    ids = [access["access_id"] for access in export["accesses"]]
    assert len(ids) == len(set(ids)) >= 5


def test_baskets_put_aside_and_what_was_told_are_in_it(new_shop: World) -> None:
    parked = {"customer_id": "c1", "lines": [{"sku": "apple", "quantity": 3}]}
    parked_id = new_shop.made("/v1/stores/s1/parked-sales", parked)["parked_id"]
    for message_id, customer_id in (("m1", "c1"), ("m2", "another")):
        new_shop.query(TELL, message_id, customer_id)
    export = new_shop.post("/v1/customers/c1/export", None, **WHY).json()
    assert [entry["data"]["parked_id"] for entry in export["parked_sales"]] == [parked_id]
    assert [message["message_id"] for message in export["messages"]] == ["m1"]


def test_of_a_coupon_that_several_used_it_tells_the_customers_uses_alone(new_shop: World) -> None:
    add_campaign(new_shop, "often", amount_off=cny(100), limit_per_code=5)
    code = draw_code(new_shop, "often")
    new_shop.made("/v1/customers", {"customer_id": "another"})
    for customer_id in ("another", "c1"):
        receive(new_shop, "apple", 1)
        sell(new_shop, line("apple"), customer_id=customer_id, coupon_codes=[code])
    text = new_shop.post("/v1/customers/c1/export", None, **WHY).text
    assert "coupon.redeemed.v1" in text
    assert '"another"' not in text


def test_it_must_say_why(shop: World) -> None:
    refusal = shop.refusal(lambda: shop.post("/v1/customers/c1/export"))
    assert refusal == (400, "purpose_missing")


def test_of_nobody_there_is_none(shop: World) -> None:
    assert problem(shop.post("/v1/customers/ghost/export", None, **WHY)) == (404, "not_found")
