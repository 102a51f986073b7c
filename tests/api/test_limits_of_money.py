"""Cash that leaves a drawer, value on gift cards, and credit: limits, and a second person above them."""

import pytest

from domain.access.limits import GivenLimits
from tests.support.api import Json, World, card, cny, fresh, problem
from tests.support.people import PersonAtWork, signed_in

APPROVAL = "Daybook_Approval"


@pytest.fixture
def register_id(shop: World) -> str:
    register_id = fresh("till")
    path = f"/v1/stores/s1/registers/{register_id}/shift"
    shop.made(path, {"opening_float": cny(500_000)})
    return register_id


def approve(person: PersonAtWork, refused: Json) -> str:
    """Approves exactly what a refusal asked for."""
    facts = refused["facts"]
    body = {name: facts[name] for name in ("operation", "store_id", "target")}
    amount = {"amount": facts["needed"], "currency": facts["currency"]}
    return person.made("/v1/approvals", {**body, "up_to": amount})["approval_id"]


def moved(kind: str, amount: int) -> Json:
    return {"kind": kind, "amount": cny(amount), "reason": "safe"}


@pytest.mark.parametrize(("kind", "limit"), [("pay_out", 20_000), ("drop", 500_000)])
def test_cash_beyond_the_limit_leaves_the_drawer_with_a_second_person(
    shop: World, register_id: str, kind: str, limit: int
) -> None:
    ann, bob = signed_in(shop, "cashier", store_id="s1"), signed_in(shop, "manager", store_id="s1")
    path = f"/v1/stores/s1/registers/{register_id}/shift/cash-movements"
    ann.made(path, moved(kind, limit))

    refused = ann.post(path, moved(kind, 1))

    assert problem(refused) == (403, "approval_required")
    assert refused.json()["facts"]["target"] == register_id
    ann.made(path, moved(kind, 1), **{APPROVAL: approve(bob, refused.json())})


def load(code: str, amount: int) -> Json:
    return {"code": code, "amount": cny(amount), "tenders": [card(amount)]}


def test_a_card_is_loaded_beyond_the_limit_with_a_second_person(shop: World) -> None:
    ann, bob = signed_in(shop, "cashier", store_id="s1"), signed_in(shop, "manager", store_id="s1")
    (made,) = shop.made("/v1/gift-cards", {"currency": "CNY", "count": 1})["cards"]
    path = "/v1/stores/s1/gift-cards/loads"
    ann.made(path, load(made["code"], 100_000))

    refused = ann.post(path, load(made["code"], 1))

    assert problem(refused) == (403, "approval_required")
    loaded = ann.made(path, load(made["code"], 1), **{APPROVAL: approve(bob, refused.json())})
    assert loaded["balance"] == cny(100_001)


def test_credit_beyond_the_limit_is_given_with_a_second_person(shop: World) -> None:
    customer_id = fresh("c")
    shop.made("/v1/customers", {"customer_id": customer_id})
    ann = signed_in(shop, "manager", limits=GivenLimits(credit_minor={"CNY": 1000}))
    bob = signed_in(shop, "manager")
    path, credit = f"/v1/customers/{customer_id}/credits", {"amount": cny(600), "reason": "delay"}
    ann.made(path, credit)

    refused = ann.post(path, credit)

    assert problem(refused) == (403, "approval_required")
    assert (refused.json()["facts"]["store_id"], refused.json()["facts"]["needed"]) == ("*", 1200)
    ann.made(path, credit, **{APPROVAL: approve(bob, refused.json())})
    (_, entry) = shop.read(f"/v1/streams/credit-{customer_id}/events")["data"]
    assert entry["data"]["allowance"]["approved_by"] == f"person:{bob.user_id}"


def test_a_manager_of_one_store_approves_no_credit_that_pays_in_all(shop: World) -> None:
    bob = signed_in(shop, "manager", store_id="s1")
    body = {"operation": "credit", "target": "c1", "up_to": cny(1)}
    assert shop.refusal(lambda: bob.post("/v1/approvals", {**body, "store_id": "*"})) == (403, "forbidden")
    answer = shop.refusal(lambda: bob.post("/v1/approvals", {**body, "store_id": "s1"}))
    assert answer == (400, "invalid_request")


@pytest.mark.parametrize(
    ("operation", "store_id"),
    [("pay_out", "s1"), ("drop", "s1"), ("card_load", "s1"), ("credit", "*")],
)
def test_nothing_is_approved_for_what_there_is_not(shop: World, operation: str, store_id: str) -> None:
    bob = signed_in(shop, "manager")
    body = {"operation": operation, "store_id": store_id, "target": "typo", "up_to": cny(1)}
    assert shop.refusal(lambda: bob.post("/v1/approvals", body)) == (404, "not_found")


def test_keys_have_no_limits(shop: World, register_id: str) -> None:
    shop.made(f"/v1/stores/s1/registers/{register_id}/shift/cash-movements", moved("pay_out", 500_000))


@pytest.mark.parametrize("scope", ["shifts:write", "stored_value:write", "returns:unlinked", "sales:write"])
def test_whoever_has_a_limit_makes_no_key_that_has_none(shop: World, scope: str) -> None:
    owner = signed_in(shop, "owner", limits=GivenLimits(pay_out_minor={"CNY": 1}))
    body = {"name": fresh("key"), "scopes": [scope]}
    assert shop.refusal(lambda: owner.post("/v1/keys", body)) == (403, "forbidden")
