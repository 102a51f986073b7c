"""Offers over HTTP: published, changed, ended; what they do at the till; quotes that say why."""

from collections.abc import Generator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.support.api import (
    Json,
    World,
    add_shop,
    add_store,
    basket,
    card,
    cny,
    draw_code,
    fresh,
    line,
    world,
)
from tests.support.calls import OFFER

OFFERS = "/v1/offers"
QUOTES = "/v1/quotes"
TEN_PERCENT: Json = {**OFFER, "conditions": {}}


@pytest.fixture(scope="module")
def till(worker_id: str, tmp_path_factory: pytest.TempPathFactory) -> Generator[World]:
    """A shop of its own: what is in the book applies to every sale."""
    with world(worker_id, tmp_path_factory.mktemp("offers")) as shop:
        add_shop(shop)
        yield shop


@pytest.fixture
def offer(till: World) -> Generator[dict[str, Any]]:
    """Ten per cent off every order, as long as a test runs."""
    made = till.made(OFFERS, {**TEN_PERCENT, "offer_id": fresh("o")})
    yield made
    path = f"{OFFERS}/{made['offer_id']}"
    version = till.get(path).headers.get("ETag")
    if version is not None:
        till.call("DELETE", path, If_Match=version)


def quoted(till: World, *lines: dict[str, Any], **fields: Any) -> dict[str, Any]:
    response = till.post(QUOTES, {"store_id": "s1", "lines": list(lines) or [line()], **fields})
    assert response.status_code == 200, response.text
    return response.json()


# --- the book ---------------------------------------------------------------------------------------


def test_a_new_offer_is_version_one(offer: dict[str, Any]) -> None:
    assert offer["version"] == 1


def test_an_offer_is_read_whole(till: World, offer: dict[str, Any]) -> None:
    read = till.read(f"{OFFERS}/{offer['offer_id']}")
    assert (read["benefit"], read["target"], read["limits"]["budget_minor"], read["on_return"]) == (
        {"kind": "percent_off", "rate_bp": 1000},
        {"skus": [], "categories": [], "without_skus": []},
        None,
        "keep",
    )


def test_every_kind_of_benefit_is_published_and_read_as_given(till: World) -> None:
    benefits = [
        {"kind": "amount_off", "amount_minor": 5},
        {"kind": "fixed_price", "price_minor": 990},
        {"kind": "buy_get", "buy": 2, "get": 1, "rate_bp": 10_000},
        {"kind": "bundle", "parts": [{"skus": ["a", "b"], "quantity": 2}], "price_minor": 9},
        {"kind": "gift", "sku": "mug", "quantity": 1},
    ]
    for benefit in benefits:
        body = {**OFFER, "offer_id": fresh("o"), "phase": "line", "benefit": benefit}
        path = f"{OFFERS}/{till.made(OFFERS, body)['offer_id']}"
        assert till.read(path)["benefit"] == benefit
        assert till.call("DELETE", path, If_Match='"1"').status_code == 200


def test_the_list_has_what_is_in_the_book(till: World, offer: dict[str, Any]) -> None:
    assert [found["offer_id"] for found in till.read(OFFERS)["data"]] == [offer["offer_id"]]


def test_a_change_is_the_next_version(till: World, offer: dict[str, Any]) -> None:
    response = till.call(
        "PUT", f"{OFFERS}/{offer['offer_id']}", {**TEN_PERCENT, "priority": 3}, If_Match='"1"'
    )
    assert (response.json()["version"], response.headers["ETag"]) == (2, '"2"')


def test_a_change_of_what_changed_meanwhile_is_refused(till: World, offer: dict[str, Any]) -> None:
    path = f"{OFFERS}/{offer['offer_id']}"
    till.call("PUT", path, {**TEN_PERCENT, "priority": 3}, If_Match='"1"')
    refusal = till.refusal(lambda: till.call("PUT", path, TEN_PERCENT, If_Match='"1"'))
    assert refusal == (412, "version_conflict")


def test_an_offer_that_ended_is_not_found(till: World) -> None:
    path = f"{OFFERS}/{till.made(OFFERS, {**OFFER, 'offer_id': fresh('o')})['offer_id']}"
    till.call("DELETE", path, If_Match='"1"')
    assert till.get(path).status_code == 404


def test_an_id_is_published_once(till: World, offer: dict[str, Any]) -> None:
    body = {**OFFER, "offer_id": offer["offer_id"]}
    assert till.refusal(lambda: till.post(OFFERS, body)) == (409, "already_exists")


@pytest.mark.parametrize(
    "terms",
    [
        {"benefit": {"kind": "percent_off", "rate_pb": 1000}},
        {"benefit": {"kind": "percent_off", "rate_bp": 1000, "amount_minor": 5}},
        {"benefit": {"kind": "half_off"}},
        {"benefit": {"rate_bp": 1000}},
        {"conditions": {"minimum": 5}},
        {"limits": {"cap": 5}},
        {"target": {"sku": "apple"}},
        {"phase": "tender"},
        {"currency": "yuan"},
        {"conditions": {"valid_from": "2026-03-01T00:00:00"}},
    ],
)
def test_what_is_misspelt_is_refused_and_not_passed_over(till: World, terms: dict[str, Any]) -> None:
    body = {**OFFER, "offer_id": fresh("o"), **terms}
    assert till.refusal(lambda: till.post(OFFERS, body)) == (400, "invalid_request")


def test_what_can_not_be_meant_is_refused(till: World) -> None:
    body = {**OFFER, "benefit": {"kind": "percent_off", "rate_bp": 10_001}}
    assert till.refusal(lambda: till.post(OFFERS, body)) == (422, "invalid_command")


# --- at the till ------------------------------------------------------------------------------------


def test_a_sale_is_cheaper_by_the_offer(till: World, offer: dict[str, Any]) -> None:
    sale = till.made("/v1/stores/s1/sales", basket(line("apple", 2), tenders=[card(1_800)]))
    (row,) = till.read(f"/v1/sales/{sale['sale_id']}")["discounts"]
    assert (sale["discount"], row["source"], row["rule_id"], row["rule_version"]) == (
        cny(200),
        "offer",
        offer["offer_id"],
        1,
    )


def test_a_quote_costs_what_the_sale_will(till: World, offer: dict[str, Any]) -> None:
    code = draw_code(till)
    total = quoted(till, line("apple", 3), coupon_codes=[code])["total"]
    body = basket(line("apple", 3), tenders=[card(total["amount"])], coupon_codes=[code])
    assert till.made("/v1/stores/s1/sales", body)["total"] == total


def test_a_quote_writes_nothing(till: World) -> None:
    before = till.written()
    quoted(till, line("apple", 3))
    assert till.written() == before


def test_a_quote_tells_what_each_offer_takes_off_which_line(till: World, offer: dict[str, Any]) -> None:
    (told,) = quoted(till, line("apple", 2))["lines"]
    assert (told["amount"], told["discounts"], told["total"]) == (
        cny(2_000),
        [{"offer_id": offer["offer_id"], "amount": cny(200)}],
        cny(1_800),
    )


def test_a_quote_says_why_an_offer_does_not_apply(till: World) -> None:
    with_minimum = {**OFFER, "offer_id": fresh("o"), "conditions": {"minimum_minor": 5_000}}
    offer_id = till.made(OFFERS, with_minimum)["offer_id"]
    verdicts = {verdict["offer_id"]: verdict for verdict in quoted(till, line("apple", 2))["offers"]}
    till.call("DELETE", f"{OFFERS}/{offer_id}", If_Match='"1"')
    told = verdicts[offer_id]
    assert (told["reason"], told["facts"]) == ("below_minimum", {"minimum": 5_000, "basket": 2_000})


def test_a_quote_names_the_coupon_that_can_not_be_used(till: World) -> None:
    code = draw_code(till)
    answer = quoted(till, line("apple", 2), coupon_codes=[code, "NEVER-DRAWN"])
    assert [(coupon["number"], coupon["code"]) for coupon in answer["unusable_coupons"]] == [
        (2, "coupon_unknown")
    ]


def test_a_quote_in_another_currency_is_refused(till: World) -> None:
    own = {**line("apple"), "unit_price": {"amount": 5, "currency": "EUR"}, "price_reason": "bruised"}
    body = {"store_id": "s1", "lines": [own]}
    assert till.refusal(lambda: till.post(QUOTES, body)) == (422, "currency_mismatch")


def test_a_price_of_ones_own_is_quoted_to_who_may_set_one(till: World) -> None:
    own = {**line("apple"), "unit_price": cny(5), "price_reason": "bruised"}
    body = {"store_id": "s1", "lines": [own]}
    caller = till.caller("quotes:read")
    assert till.refusal(lambda: caller.post(QUOTES, body)) == (403, "forbidden")


def test_a_quote_is_of_a_store_that_the_key_opens(till: World) -> None:
    elsewhere = till.caller("quotes:read", stores=["s2"])
    body = {"store_id": "s1", "lines": [line()]}
    assert till.refusal(lambda: elsewhere.post(QUOTES, body)) == (403, "forbidden")


# --- who it is --------------------------------------------------------------------------------------


@pytest.fixture
def asking(till: World) -> Generator[str]:
    """A store of its own, with an offer for first purchases and one for birthdays."""
    store_id = add_store(till, fresh("s"))["store_id"]
    paths: list[str] = []
    for fact in ("first_purchase", "birthday"):
        terms = {**OFFER, "offer_id": fresh(fact), "conditions": {fact: True, "stores": [store_id]}}
        paths.append(f"{OFFERS}/{till.made(OFFERS, terms)['offer_id']}")
    till.app.state.fact_finder.forget()
    yield store_id
    for path in paths:
        till.call("DELETE", path, If_Match='"1"')


def applied(till: World, store_id: str, customer_id: str | None) -> set[str]:
    answer = quoted(till, line("apple"), store_id=store_id, customer_id=customer_id)
    return {
        verdict["offer_id"].rstrip("0123456789")
        for verdict in answer["offers"]
        if verdict["reason"] == "applied"
    }


def test_a_first_purchase_is_one(till: World, asking: str) -> None:
    customer_id = till.made("/v1/customers", {"name": "Han"})["customer_id"]
    till.catch_up()
    assert applied(till, asking, customer_id) == {"first_purchase"}


def test_the_second_purchase_is_none(till: World, asking: str) -> None:
    customer_id = till.made("/v1/customers", {"name": "Han"})["customer_id"]
    till.made("/v1/stores/s1/sales", basket(line(), tenders=[card(1_000)], customer_id=customer_id))
    till.catch_up()
    assert applied(till, asking, customer_id) == set()


def test_a_birthday_is_by_the_stores_calendar(till: World, asking: str) -> None:
    today = datetime.now(ZoneInfo("Asia/Shanghai")).strftime("--%m-%d")
    customer_id = till.made("/v1/customers", {"birthday": today})["customer_id"]
    till.made("/v1/stores/s1/sales", basket(line(), tenders=[card(1_000)], customer_id=customer_id))
    till.catch_up()
    assert applied(till, asking, customer_id) == {"birthday"}


def test_nobody_has_no_birthday(till: World, asking: str) -> None:
    assert applied(till, asking, None) == set()


def test_what_was_known_of_the_customer_stands_in_the_sale(till: World, asking: str) -> None:
    customer_id = till.made("/v1/customers", {"name": "Han"})["customer_id"]
    till.catch_up()
    body = basket(line(), tenders=[card(900)], customer_id=customer_id)
    sale = till.made(f"/v1/stores/{asking}/sales", body)
    (entry,) = till.read(f"/v1/streams/sale-{sale['sale_id']}/events")["data"]
    assert entry["data"]["customer_facts"] == {"first_purchase": True}
