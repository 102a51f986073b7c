"""An export holds everything that is known of the customer, in clear, and nothing of anybody else."""

import pytest

from api import personal_export
from tests.api.test_erasure import PERSON, PHONE, make_known
from tests.support.api import World, complain, line, problem, sell

WHY = {"Daybook_Purpose": "customer asked"}


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


def test_it_must_say_why(shop: World) -> None:
    refusal = shop.refusal(lambda: shop.post("/v1/customers/c1/export"))
    assert refusal == (400, "purpose_missing")


def test_of_nobody_there_is_none(shop: World) -> None:
    assert problem(shop.post("/v1/customers/ghost/export", None, **WHY)) == (404, "not_found")
