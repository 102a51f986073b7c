"""Four eyes: beyond a limit it takes a second person, once, and the journal tells who."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from msgspec import UNSET

from domain.access.limits import GivenLimits
from tests.support.api import Json, World, basket, card, cny, fresh, line, problem, sell
from tests.support.people import PersonAtWork, signed_in

APPROVAL = "Daybook_Approval"


@pytest.fixture(scope="module")
def cashier(shop: World) -> PersonAtWork:
    """Refunds up to 10.00 alone, and gives up to 10 % off."""
    return signed_in(shop, "cashier", store_id="s1", limits=GivenLimits(refund_minor={"CNY": 1000}))


@pytest.fixture(scope="module")
def manager(shop: World) -> PersonAtWork:
    """Refunds anything, and gives up to half off."""
    return signed_in(shop, "manager", store_id="s1")


def sold(shop: World, apples: int = 3) -> str:
    """A sale of apples at 10.00."""
    return sell(shop, line("apple", apples), tenders=[card(1000 * apples)])["sale_id"]


def a_return(quantity: int = 3) -> Json:
    return {"lines": [{"line": 1, "quantity": quantity}], "reason": "soft"}


def a_price(amount: int) -> Json:
    bruised = {**line(), "unit_price": cny(amount), "price_reason": "bruised"}
    return basket(bruised, sale_id=fresh("x"), tenders=[card(amount)])


def approve(person: PersonAtWork, **fields: object) -> str:
    body = {"operation": "refund", "store_id": "s1", "up_to": cny(3000), **fields}
    return person.made("/v1/approvals", body)["approval_id"]


def test_a_refund_beyond_the_limit_is_refused_with_what_is_needed(shop: World, cashier: PersonAtWork) -> None:
    sale_id = sold(shop)
    response = cashier.post(f"/v1/sales/{sale_id}/returns", a_return())
    assert problem(response) == (403, "approval_required")
    assert response.json()["facts"] == {
        "operation": "refund",
        "store_id": "s1",
        "target": sale_id,
        "limit": 1000,
        "needed": 3000,
        "currency": "CNY",
    }


def test_with_the_approval_of_a_second_person_it_is_done(
    shop: World, cashier: PersonAtWork, manager: PersonAtWork
) -> None:
    sale_id = sold(shop)
    approval_id = approve(manager, target=sale_id)
    path = f"/v1/sales/{sale_id}/returns"
    returned = cashier.made(path, a_return(), **{APPROVAL: approval_id})
    (entry,) = shop.read(f"/v1/streams/return-{returned['return_id']}/events")["data"]
    assert entry["actor"] == f"person:{cashier.user_id}"
    assert entry["data"]["allowance"] == {
        "limit": 1000,
        "needed": 3000,
        "approval_id": approval_id,
        "approved_by": f"person:{manager.user_id}",
    }


def test_a_refusal_for_want_of_approval_is_decided_anew_under_the_same_key(
    shop: World, cashier: PersonAtWork, manager: PersonAtWork
) -> None:
    sale_id, key = sold(shop), fresh()
    path = f"/v1/sales/{sale_id}/returns"
    assert cashier.post(path, a_return(), Idempotency_Key=key).status_code == 403
    approval_id = approve(manager, target=sale_id)
    first = cashier.post(path, a_return(), Idempotency_Key=key, **{APPROVAL: approval_id})
    again = cashier.post(path, a_return(), Idempotency_Key=key, **{APPROVAL: approval_id})
    assert (first.status_code, again.status_code, first.content == again.content) == (201, 201, True)


def test_of_many_who_bring_the_same_approval_at_once_one_is_served(
    shop: World, cashier: PersonAtWork, manager: PersonAtWork
) -> None:
    sale_id = sold(shop, 8)
    approval_id = approve(manager, target=sale_id, up_to=cny(8000))
    path = f"/v1/sales/{sale_id}/returns"
    with ThreadPoolExecutor(8) as tills:
        tries = [tills.submit(cashier.post, path, a_return(2), **{APPROVAL: approval_id}) for _ in range(4)]
        answers = [tried.result() for tried in tries]
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    assert shop.read(f"/v1/sales/{sale_id}")["refunded"] == cny(2000)


def test_nobody_approves_their_own(shop: World) -> None:
    both = signed_in(shop, "manager", limits=GivenLimits(refund_minor={"CNY": 1000}))
    sale_id = sold(shop)
    approval_id = approve(both, target=sale_id, up_to=cny(1000))
    answer = both.post(f"/v1/sales/{sale_id}/returns", a_return(), **{APPROVAL: approval_id})
    assert problem(answer) == (403, "approval_own")


def test_nobody_approves_beyond_their_own_limit(shop: World, manager: PersonAtWork) -> None:
    body = {"operation": "discount", "store_id": "s1", "target": "x", "up_to": 5001}
    assert shop.refusal(lambda: manager.post("/v1/approvals", body)) == (403, "approval_beyond_limit")


def test_a_manager_approves_in_their_own_store(shop: World, manager: PersonAtWork) -> None:
    body = {"operation": "discount", "store_id": "s2", "target": "x", "up_to": 100}
    assert shop.refusal(lambda: manager.post("/v1/approvals", body)) == (403, "forbidden")


def test_a_cashier_approves_nothing(shop: World, cashier: PersonAtWork) -> None:
    body = {"operation": "discount", "store_id": "s1", "target": "x", "up_to": 100}
    assert shop.refusal(lambda: cashier.post("/v1/approvals", body)) == (403, "forbidden")


def test_a_refund_is_approved_for_a_sale_of_the_store(shop: World, manager: PersonAtWork) -> None:
    sale_id = sell(shop, store_id="s2")["sale_id"]
    for target in (sale_id, "ghost"):
        body = {"operation": "refund", "store_id": "s1", "target": target, "up_to": cny(1)}
        assert shop.refusal(lambda body=body: manager.post("/v1/approvals", body)) == (404, "not_found")


@pytest.mark.parametrize(("operation", "up_to"), [("refund", 500), ("discount", cny(500))])
def test_a_refund_is_approved_in_money_and_a_discount_in_basis_points(
    shop: World, manager: PersonAtWork, operation: str, up_to: object
) -> None:
    body = {"operation": operation, "store_id": "s1", "target": sold(shop), "up_to": up_to}
    assert shop.refusal(lambda: manager.post("/v1/approvals", body)) == (400, "invalid_request")


@pytest.mark.parametrize("approval_id", ["a b", "../x", "x" * 65, "a%00"])
def test_what_can_be_no_approval_is_refused(shop: World, cashier: PersonAtWork, approval_id: str) -> None:
    path = f"/v1/sales/{sold(shop)}/returns"
    answer = shop.refusal(lambda: cashier.post(path, a_return(), **{APPROVAL: approval_id}))
    assert answer == (400, "invalid_request")


def test_a_guessed_approval_is_not_found(shop: World, cashier: PersonAtWork) -> None:
    path = f"/v1/sales/{sold(shop)}/returns"
    answer = shop.refusal(lambda: cashier.post(path, a_return(), **{APPROVAL: "a1"}))
    assert answer == (404, "not_found")


def test_a_price_beyond_the_limit_takes_a_second_person(
    shop: World, cashier: PersonAtWork, manager: PersonAtWork
) -> None:
    wish = a_price(500)
    refused = cashier.post("/v1/stores/s1/sales", wish)
    assert problem(refused) == (403, "approval_required")
    facts = refused.json()["facts"]
    approval_id = approve(manager, operation="discount", target=facts["target"], up_to=facts["needed"])
    assert cashier.post("/v1/stores/s1/sales", wish, **{APPROVAL: approval_id}).status_code == 201


def test_a_till_without_sale_ids_of_its_own_is_told_one_to_come_back_with(
    cashier: PersonAtWork, manager: PersonAtWork
) -> None:
    wish = {name: value for name, value in a_price(500).items() if name != "sale_id"}
    target = cashier.post("/v1/stores/s1/sales", wish).json()["facts"]["target"]
    approval_id = approve(manager, operation="discount", target=target, up_to=5000)
    answer = cashier.post("/v1/stores/s1/sales", {**wish, "sale_id": target}, **{APPROVAL: approval_id})
    assert (answer.status_code, answer.json()["sale_id"]) == (201, target)


def test_within_the_limit_a_price_is_the_tills_own(cashier: PersonAtWork) -> None:
    assert cashier.post("/v1/stores/s1/sales", a_price(900)).status_code == 201


def test_a_key_has_no_limit_as_before(shop: World) -> None:
    assert shop.post("/v1/stores/s1/sales", a_price(1)).status_code == 201
    assert shop.post(f"/v1/sales/{sold(shop)}/returns", a_return()).status_code == 201


def test_a_tenant_sets_the_limits_of_a_built_in_role(new_shop: World) -> None:
    cashier = signed_in(new_shop, "cashier")
    body = {"limits": {"refund": {"CNY": 2999}}}
    assert new_shop.call("PUT", "/v1/roles/cashier", body).status_code == 200
    answer = cashier.post(f"/v1/sales/{sold(new_shop)}/returns", a_return())
    assert answer.json()["facts"]["limit"] == 2999


def test_a_persons_own_limit_stands_in_place_of_the_roles(shop: World) -> None:
    strict = signed_in(shop, "owner", limits=GivenLimits(refund_minor={}, discount_bp=UNSET))
    answer = strict.post(f"/v1/sales/{sold(shop, 1)}/returns", a_return(1))
    assert problem(answer) == (403, "approval_required")


def an_exchange(sale_id: str) -> tuple[str, Json]:
    """Three apples come back for 30.00, and two bruised ones are taken at half the price."""
    bruised = {**line("apple", 2), "unit_price": cny(500), "price_reason": "bruised"}
    new = {"sale_id": fresh("x"), "lines": [bruised], "tenders": []}
    return f"/v1/sales/{sale_id}/exchanges", {**a_return(), "sale": new}


def test_an_exchange_brings_an_approval_for_each_of_its_operations(
    shop: World, cashier: PersonAtWork, manager: PersonAtWork
) -> None:
    path, body = an_exchange(sold(shop))
    brought: list[str] = []
    for operation in ("refund", "discount"):
        refused = cashier.post(path, body, **({APPROVAL: ", ".join(brought)} if brought else {}))
        assert problem(refused) == (403, "approval_required")
        facts = refused.json()["facts"]
        assert facts["operation"] == operation
        up_to = facts["needed"] if operation == "discount" else cny(facts["needed"])
        brought.append(approve(manager, operation=operation, target=facts["target"], up_to=up_to))

    done = cashier.made(path, body, **{APPROVAL: ",".join(reversed(brought))})

    assert done["sale"]["total"] == cny(1000)
    again = cashier.post(*an_exchange(sold(shop)), **{APPROVAL: ",".join(brought)})
    assert problem(again) == (403, "approval_required")


def test_what_one_of_two_approvals_is_short_of_is_told(
    shop: World, cashier: PersonAtWork, manager: PersonAtWork
) -> None:
    sale_id = sold(shop)
    path, body = an_exchange(sale_id)
    target = body["sale"]["sale_id"]
    brought = [
        approve(manager, operation="discount", target=target, up_to=1_500),
        approve(manager, target=sale_id),
    ]
    refused = cashier.post(path, body, **{APPROVAL: ",".join(brought)})
    assert problem(refused) == (403, "approval_unfit")
    assert refused.json()["facts"] == {"up_to": 1_500, "needed": 5_000}


def test_five_approvals_are_a_slip(shop: World, cashier: PersonAtWork) -> None:
    path = f"/v1/sales/{sold(shop)}/returns"
    answer = shop.refusal(lambda: cashier.post(path, a_return(), **{APPROVAL: ",".join(["a1"] * 5)}))
    assert answer == (400, "invalid_request")
