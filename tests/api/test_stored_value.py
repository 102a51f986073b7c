"""Gift cards and store credit over HTTP: made, loaded, paying, refunded, blocked; codes stay secret."""

from collections.abc import Generator

import pytest

from tests.support.api import (
    Json,
    World,
    add_shop,
    basket,
    card,
    cash,
    cny,
    fresh,
    line,
    order,
    problem,
    receive,
    world,
)

SALES = "/v1/stores/s1/sales"
CARDS = "/v1/gift-cards"
LOADS = "/v1/stores/s1/gift-cards/loads"


@pytest.fixture(scope="module")
def till(worker_id: str, tmp_path_factory: pytest.TempPathFactory) -> Generator[World]:
    """A shop that sells apples."""
    with world(worker_id, tmp_path_factory.mktemp("stored")) as shop:
        add_shop(shop)
        yield shop


@pytest.fixture
def code(till: World) -> str:
    """The code of a card that holds 20.00."""
    (made,) = till.made(CARDS, {"currency": "CNY", "valid_days": 365})["cards"]
    load(till, made["code"], 2_000)
    return made["code"]


def load(till: World, code: str, amount: int) -> Json:
    return till.made(LOADS, {"code": code, "amount": cny(amount), "tenders": [cash(amount)]})


def by_card(code: str, amount: int) -> Json:
    return {"method": "gift_card", "amount": cny(amount), "code": code}


def by_credit(amount: int) -> Json:
    return {"method": "store_credit", "amount": cny(amount)}


def held(till: World, code: str) -> int:
    response = till.post(f"{CARDS}/lookup", {"code": code}, Idempotency_Key="")
    assert response.status_code == 200, response.text
    return response.json()["balance"]["amount"]


def test_a_load_says_what_the_card_holds(till: World, code: str) -> None:
    assert load(till, code, 500)["balance"] == cny(2_500)


def test_a_card_pays_and_a_return_fills_it_again(till: World, code: str) -> None:
    sale = till.made(SALES, basket(line("apple", 2), tenders=[by_card(code, 1_500), card(500)]))
    assert held(till, code) == 500
    back = {"lines": [{"line": 1, "quantity": 1}], "reason": "soft"}
    till.made(f"/v1/sales/{sale['sale_id']}/returns", back)
    assert held(till, code) == 1_250


def paying(order_id: str) -> str:
    return f"/v1/orders/{order_id}/payments"


def test_a_card_pays_an_order_and_is_filled_again_when_it_is_given_up(till: World, code: str) -> None:
    receive(till, "apple", 100)
    order_id = order(till)
    till.made(paying(order_id), {"payments": [by_card(code, 700), card(300)]})
    assert held(till, code) == 1_300
    returned = till.made(f"/v1/orders/{order_id}/cancellation", {"cause": "changed mind"})["returned"]
    assert [(each["method"], each["amount"]["amount"]) for each in returned["refunds"]] == [
        ("gift_card", 700),
        ("card", 300),
    ]
    assert held(till, code) == 2_000


def test_the_same_payment_sent_twice_takes_from_the_card_once(till: World, code: str) -> None:
    receive(till, "apple", 100)
    order_id, key = order(till), fresh()
    first, again = (
        till.post(paying(order_id), {"payments": [by_card(code, 1_000)]}, Idempotency_Key=key)
        for _ in range(2)
    )
    assert (first.content, held(till, code)) == (again.content, 1_000)


@pytest.mark.parametrize(
    "payment",
    [
        {"method": "gift_card", "amount": cny(1_000)},
        {"method": "gift_card", "amount": cny(1_000), "reference": "a"},
        {**card(1_000), "code": "XXXX"},
        {"method": "gift_card", "amount": cny(1_000), "code": "XXXX", "reference": "a"},
    ],
)
def test_an_orders_code_goes_with_a_gift_card_in_the_place_of_a_reference(till: World, payment: Json) -> None:
    receive(till, "apple", 100)
    assert problem(till.post(paying(order(till)), {"payments": [payment]})) == (400, "invalid_request")


def test_a_code_is_read_as_people_type_it(till: World, code: str) -> None:
    assert held(till, f" {code.lower()} ") == 2_000


def test_a_sale_that_is_sent_twice_takes_once(till: World, code: str) -> None:
    body, key = basket(line("apple"), tenders=[by_card(code, 1_000)]), fresh()
    for _ in range(2):
        till.made(SALES, body, Idempotency_Key=key)
    assert held(till, code) == 1_000


def test_cards_that_are_made_twice_have_the_same_codes(till: World) -> None:
    body, key = {"currency": "CNY", "count": 3}, fresh()
    first, second = (till.made(CARDS, body, Idempotency_Key=key)["cards"] for _ in range(2))
    assert first == second


def test_the_code_is_stored_nowhere(till: World, code: str) -> None:
    till.made(SALES, basket(line("apple"), tenders=[by_card(code, 1_000)]))
    assert code not in till.everything_stored()


def test_more_than_the_card_holds_is_refused(till: World, code: str) -> None:
    body = basket(line("apple", 3), tenders=[by_card(code, 2_001), card(999)])
    assert till.refusal(lambda: till.post(SALES, body)) == (422, "stored_value_short")


def test_a_code_that_was_never_drawn_is_unknown(till: World) -> None:
    body = basket(line("apple"), tenders=[by_card("XXXX-XXXX-XXXX-XXXX", 1_000)])
    assert till.refusal(lambda: till.post(SALES, body)) == (404, "card_unknown")


@pytest.mark.parametrize(
    "tender", [{"method": "gift_card", "amount": cny(1_000)}, {**card(1_000), "code": "XXXX"}]
)
def test_a_code_goes_with_a_gift_card_and_only_with_it(till: World, tender: Json) -> None:
    body = basket(line("apple"), tenders=[tender])
    assert till.refusal(lambda: till.post(SALES, body)) == (400, "invalid_request")


def test_a_coupons_code_is_no_gift_card(till: World) -> None:
    campaign = {
        "campaign_id": fresh("c"),
        "name": "Ten",
        "amount_off": cny(10),
        "valid_from": "2000-01-01T00:00:00Z",
        "valid_until": "2100-01-01T00:00:00Z",
    }
    till.made("/v1/coupon-campaigns", campaign)
    (coupon,) = till.made(f"/v1/coupon-campaigns/{campaign['campaign_id']}/coupons", {})["coupons"]
    lookup = {"code": coupon["code"]}
    assert till.refusal(lambda: till.post(f"{CARDS}/lookup", lookup, Idempotency_Key="")) == (
        404,
        "card_unknown",
    )


def test_a_blocked_card_pays_nothing_until_it_is_unblocked(till: World, code: str) -> None:
    card_id = till.post(f"{CARDS}/lookup", {"code": code}, Idempotency_Key="").json()["card_id"]
    till.made(f"{CARDS}/{card_id}/block", {"reason": "lost"})
    body = basket(line("apple"), tenders=[by_card(code, 1_000)])
    assert till.refusal(lambda: till.post(SALES, body)) == (409, "card_blocked")
    till.made(f"{CARDS}/{card_id}/unblock", {"reason": "found"})
    till.made(SALES, body)


def test_a_load_is_no_revenue(till: World) -> None:
    (made,) = till.made(CARDS, {"currency": "CNY"})["cards"]
    body = {"code": made["code"], "amount": cny(500), "tenders": [cash(500)], "register_id": "cards"}
    till.made(LOADS, body)
    closed = till.made("/v1/stores/s1/registers/cards/closings", {"period": "day"})
    assert "'amount': 500" not in str(closed)


def test_credit_pays_for_its_customer(till: World) -> None:
    customer_id = till.made("/v1/customers", {"name": "Han"})["customer_id"]
    till.made(f"/v1/customers/{customer_id}/credits", {"amount": cny(1_000), "reason": "goodwill"})
    till.made(SALES, basket(line("apple"), tenders=[by_credit(1_000)], customer_id=customer_id))
    again = basket(line("apple"), tenders=[by_credit(1_000)], customer_id=customer_id)
    assert till.refusal(lambda: till.post(SALES, again)) == (422, "stored_value_short")


def test_credit_of_nobody_does_not_pay(till: World) -> None:
    body = basket(line("apple"), tenders=[by_credit(1_000)])
    assert till.refusal(lambda: till.post(SALES, body)) == (422, "credit_needs_customer")
