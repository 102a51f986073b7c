"""The programme and the wallets over HTTP: earning, paying with points, returning."""

from collections.abc import Generator

import pytest

from tests.support.api import Json, World, add_shop, basket, card, cny, fresh, line, world
from tests.support.calls import PROGRAMME

PATH = "/v1/loyalty/programme"
SALES = "/v1/stores/s1/sales"


@pytest.fixture(scope="module")
def till(worker_id: str, tmp_path_factory: pytest.TempPathFactory) -> Generator[World]:
    """A shop with a programme: a point for each yuan, a fen for each point."""
    with world(worker_id, tmp_path_factory.mktemp("loyalty")) as shop:
        add_shop(shop)
        assert shop.call("PUT", PATH, PROGRAMME, If_Match='"0"').status_code == 200
        yield shop


@pytest.fixture
def member(till: World) -> str:
    """A customer who bought two apples for 20.00."""
    customer_id = till.made("/v1/customers", {"name": "Han"})["customer_id"]
    till.made(SALES, basket(line("apple", 2), tenders=[card(2_000)], customer_id=customer_id))
    return customer_id


def wallet(till: World, customer_id: str) -> Json:
    return till.read(f"/v1/customers/{customer_id}/wallet")


def points(amount: int) -> Json:
    return {"method": "points", "amount": cny(amount)}


def test_the_programme_is_read_as_it_was_set(till: World) -> None:
    read = till.read(PATH)
    assert read == {
        **PROGRAMME,
        "days": None,
        "grace_days": None,
        "pays": "tender",
        "rules": [],
        "excluded_skus": [],
        "excluded_categories": [],
        "tiers": [],
        "tier_window": "rolling",
        "tier_months": 12,
        "tier_grace_days": None,
        "version": 1,
    }


def test_before_the_first_there_is_none(till: World) -> None:
    neighbour = till.neighbour()
    assert till.refusal(lambda: neighbour.get(PATH)) == (404, "not_found")


def test_a_change_of_what_changed_meanwhile_is_refused(till: World) -> None:
    changed = {**PROGRAMME, "earn_points": 7}
    refusal = till.refusal(lambda: till.call("PUT", PATH, changed, If_Match='"0"'))
    assert refusal == (412, "version_conflict")


def test_a_purchase_fills_the_wallet(till: World, member: str) -> None:
    assert wallet(till, member) == {
        "customer_id": member,
        "spendable": 20,
        "worth": cny(20),
        "owed": 0,
        "lots": [{"points": 20, "expires_at": None}],
        "tier": None,
        "credit": None,
        "coupons": [],
        "gift_cards": [],
        "accounts": [{"customer_id": member, "spendable": 20, "owed": 0, "tier": None, "credit": None}],
    }


def test_points_pay(till: World, member: str) -> None:
    body = basket(line("apple"), tenders=[points(15), card(985)], customer_id=member)
    till.made(SALES, body)
    # Nine more for what was paid otherwise.
    assert wallet(till, member)["spendable"] == 14


def test_points_that_are_not_there_do_not_pay(till: World, member: str) -> None:
    body = basket(line("apple"), tenders=[points(21), card(979)], customer_id=member)
    assert till.refusal(lambda: till.post(SALES, body)) == (422, "points_short")


def test_points_of_nobody_do_not_pay(till: World) -> None:
    body = basket(line("apple"), tenders=[points(21), card(979)])
    assert till.refusal(lambda: till.post(SALES, body)) == (422, "points_need_customer")


def test_a_sale_that_is_sent_twice_earns_once(till: World, member: str) -> None:
    body, key = basket(line("apple"), tenders=[card(1_000)], customer_id=member), fresh()
    for _ in range(2):
        till.made(SALES, body, Idempotency_Key=key)
    assert wallet(till, member)["spendable"] == 30


def test_a_return_empties_the_wallet_again(till: World, member: str) -> None:
    body = basket(line("apple"), tenders=[points(20), card(980)], customer_id=member)
    sale = till.made(SALES, body)
    back = {"lines": [{"line": 1, "quantity": 1}], "reason": "soft"}
    refunds = till.made(f"/v1/sales/{sale['sale_id']}/returns", back)["refunds"]
    assert refunds == [points(20), card(980)]
    assert wallet(till, member)["spendable"] == 20


def test_a_stranger_has_no_wallet(till: World) -> None:
    assert till.refusal(lambda: till.get("/v1/customers/ghost/wallet")) == (404, "not_found")
