"""The wallet over HTTP: points by lot, tier, credit, open coupons, gift cards; who reads it is on record."""

from collections.abc import Generator

import pytest

from tests.support.api import (
    LONG_AFTER,
    LONG_AGO,
    MIN_POSITION,
    POSITION,
    Json,
    World,
    add_shop,
    basket,
    card,
    cash,
    cny,
    fresh,
    line,
    world,
)
from tests.support.calls import OFFER, PROGRAMME

SALES = "/v1/stores/s1/sales"
TERMS: Json = {
    **PROGRAMME,
    "days": 365,
    "rules": [{"name": "birthday", "multiplier_bp": 30_000, "birthday": True}],
    "tiers": [{"name": "gold", "from_minor": 5_000, "multiplier_bp": 20_000}],
}


@pytest.fixture(scope="module")
def till(worker_id: str, tmp_path_factory: pytest.TempPathFactory) -> Generator[World]:
    """A shop whose members climb to gold at 50.00, and get a tenth off there."""
    with world(worker_id, tmp_path_factory.mktemp("wallet")) as shop:
        add_shop(shop)
        assert shop.call("PUT", "/v1/loyalty/programme", TERMS, If_Match='"0"').status_code == 200
        shop.made("/v1/offers", {**OFFER, "offer_id": "gold", "conditions": {"tiers": ["gold"]}})
        shop.app.state.fact_finder.forget()
        yield shop


def register(till: World, **details: str) -> str:
    return till.made("/v1/customers", {"name": "Han", **details})["customer_id"]


def buys(till: World, customer_id: str, apples: int) -> Json:
    body = basket(line("apple", apples), tenders=[cash(100_000)], customer_id=customer_id)
    return till.made(SALES, body)


def wallet(till: World, customer_id: str) -> Json:
    till.catch_up()
    return till.read(f"/v1/customers/{customer_id}/wallet")


def test_a_tier_is_in_the_wallet_and_earns_faster(till: World) -> None:
    customer_id = register(till)
    buys(till, customer_id, 5)
    assert wallet(till, customer_id)["tier"] == {"name": "gold", "grace_until": None}
    assert wallet(till, customer_id)["spendable"] == 50
    buys(till, customer_id, 1)
    # A tenth off, and twice a point for each yuan.
    assert wallet(till, customer_id)["spendable"] == 50 + 18


def test_an_offer_asks_for_the_tier(till: World) -> None:
    customer_id = register(till)
    assert buys(till, customer_id, 5)["discount"] == cny(0)
    assert buys(till, customer_id, 5)["discount"] == cny(500)


def test_a_birthday_earns_more(till: World) -> None:
    # Whatever day it is here and where the test runs.
    days = [register(till, birthday=f"--{month:02}-{day:02}") for month, day in _days_around_today(till)]
    for customer_id in days:
        buys(till, customer_id, 1)
    assert 30 in [wallet(till, customer_id)["spendable"] for customer_id in days]


def _days_around_today(till: World) -> list[tuple[int, int]]:
    ((days,),) = till.query(
        "SELECT array_agg(to_char(now() + make_interval(days => day), 'MM-DD')) FROM generate_series(-1, 1) day"  # noqa: E501
    )
    return [(int(day[:2]), int(day[3:])) for day in days]


def test_credit_and_gift_cards_are_in_the_wallet(till: World) -> None:
    customer_id = register(till)
    till.made(
        f"/v1/customers/{customer_id}/credits",
        {"amount": cny(700), "reason": "goodwill", "expires_at": LONG_AFTER},
    )
    (made,) = till.made("/v1/gift-cards", {"currency": "CNY", "customer_id": customer_id})["cards"]
    load = {"code": made["code"], "amount": cny(900), "tenders": [card(900)]}
    till.made("/v1/stores/s1/gift-cards/loads", load)
    found = wallet(till, customer_id)
    assert found["credit"] == {
        "balance": cny(700),
        "lots": [{"amount": cny(700), "expires_at": LONG_AFTER}],
    }
    assert [(each["card_id"], each["balance"]) for each in found["gift_cards"]] == [
        (made["card_id"], cny(900))
    ]


def test_a_coupon_is_in_the_wallet_until_it_is_used(till: World) -> None:
    customer_id, campaign_id = register(till), fresh("c")
    till.made(
        "/v1/coupon-campaigns",
        {
            "campaign_id": campaign_id,
            "name": "Ten",
            "amount_off": cny(10),
            "valid_from": LONG_AGO,
            "valid_until": LONG_AFTER,
        },
    )
    path = f"/v1/coupon-campaigns/{campaign_id}/coupons"
    (coupon,) = till.made(path, {"customer_id": customer_id})["coupons"]
    assert wallet(till, customer_id)["coupons"] == [
        {"coupon_id": coupon["coupon_id"], "campaign_id": campaign_id}
    ]
    till.made(SALES, basket(line("apple"), customer_id=customer_id, coupon_codes=[coupon["code"]]))
    assert wallet(till, customer_id)["coupons"] == []


def test_who_reads_a_wallet_is_on_record(till: World) -> None:
    customer_id = register(till)
    wallet(till, customer_id)
    accesses = till.read(f"/v1/audit/accesses?subject=customer-{customer_id}")["data"]
    assert "getWallet" in [access["operation"] for access in accesses]


def test_a_wallet_waits_for_what_was_written(till: World) -> None:
    customer_id = register(till)
    response = till.post("/v1/gift-cards", {"currency": "CNY", "customer_id": customer_id})
    till.catch_up()
    path = f"/v1/customers/{customer_id}/wallet"
    found = till.get(path, **{MIN_POSITION.replace("-", "_"): response.headers[POSITION]}).json()
    assert len(found["gift_cards"]) == 1


def test_the_forgotten_have_no_wallet(till: World) -> None:
    customer_id = register(till)
    till.made(f"/v1/customers/{customer_id}/erasure", {})
    assert till.refusal(lambda: till.get(f"/v1/customers/{customer_id}/wallet")) == (410, "erased")
