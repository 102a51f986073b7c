"""Return policies, exchanges and corrections over HTTP."""

from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.access.limits import GivenLimits
from tests.support.api import (
    Json,
    World,
    add_shop,
    card,
    cash,
    cny,
    fresh,
    line,
    problem,
    product,
    receive,
    sell,
    world,
)
from tests.support.people import PersonAtWork, signed_in

POLICY: Json = {
    "default": {"days": 14, "without_receipt_days": 0},
    "categories": {"services": {"final_sale": True}},
    "reasons": ["quality", "changed mind"],
}
PATH = "/v1/return-policy"


@pytest.fixture(scope="module")
def till(worker_id: str, tmp_path_factory: pytest.TempPathFactory) -> Generator[World]:
    """A shop with a return policy."""
    with world(worker_id, tmp_path_factory.mktemp("returns")) as shop:
        add_shop(shop)
        assert shop.call("PUT", PATH, POLICY, If_Match='"0"').status_code == 200
        yield shop


@pytest.fixture(scope="module")
def cashier(till: World) -> PersonAtWork:
    return signed_in(till, "cashier", store_id="s1", limits=GivenLimits(refund_minor={"CNY": 100_000}))


@pytest.fixture(scope="module")
def manager(till: World) -> PersonAtWork:
    return signed_in(till, "manager", store_id="s1")


def sold(till: World, **fields: Any) -> str:
    """Two apples at 10.00, paid by card unless told otherwise."""
    fields.setdefault("tenders", [card(2000)])
    return sell(till, line("apple", 2), **fields)["sale_id"]


def a_return(quantity: int = 1, **fields: Any) -> Json:
    what = {"line": 1, "quantity": quantity}
    return {"lines": [what], "reason": "It was soft.", "reason_code": "quality", **fields}


def an_exchange(*lines: Json, tenders: list[Json] | None = None, **fields: Any) -> Json:
    return {**a_return(), "sale": {"lines": list(lines), "tenders": tenders or [], **fields}}


def long_ago(days: int) -> str:
    return (datetime.now(UTC) - timedelta(days=days)).isoformat()


# --- the policy ---------------------------------------------------------------------------------------


def test_the_policy_is_read_as_it_was_set(till: World) -> None:
    terms = {"days": None, "without_receipt_days": None, "final_sale": False}
    assert till.read(PATH) == {
        "default": {**terms, **POLICY["default"]},
        "categories": {"services": {**terms, "final_sale": True}},
        "skus": {},
        "reasons": POLICY["reasons"],
        "version": 1,
    }


def test_before_the_first_there_is_none(till: World) -> None:
    neighbour = till.neighbour()
    assert till.refusal(lambda: neighbour.get(PATH)) == (404, "not_found")


def test_a_policy_that_changed_meanwhile_is_not_overwritten(till: World) -> None:
    refusal = till.refusal(lambda: till.call("PUT", PATH, {}, If_Match='"0"'))
    assert refusal == (412, "version_conflict")


def test_the_return_keeps_the_policy_that_it_went_by(till: World) -> None:
    sale_id = sold(till)
    returned = till.made(f"/v1/sales/{sale_id}/returns", a_return())
    (entry,) = till.read(f"/v1/streams/return-{returned['return_id']}/events")["data"]
    assert entry["data"]["policy"] == {
        "version": 1,
        "days_since": 0,
        "lines": [{"line": 1, "by": "default", "days": 14}],
    }
    assert entry["data"]["reason_code"] == "quality"


def test_after_the_window_it_is_refused_with_the_days(till: World) -> None:
    sale_id = sold(till, occurred_at=long_ago(20))
    response = till.post(f"/v1/sales/{sale_id}/returns", a_return())
    assert problem(response) == (422, "return_outside_policy")
    facts = response.json()["facts"]
    assert (facts["line"], facts["days"], facts["final_sale"]) == (1, 14, False)


def test_a_reason_that_the_policy_does_not_list_is_refused(till: World) -> None:
    path = f"/v1/sales/{sold(till)}/returns"
    refusal = till.refusal(lambda: till.post(path, a_return(reason_code="boredom")))
    assert refusal == (422, "return_reason_unknown")


def test_a_cashier_makes_no_exception_alone_and_a_manager_allows_it(
    till: World, cashier: PersonAtWork, manager: PersonAtWork
) -> None:
    sale_id = sold(till, occurred_at=long_ago(20))
    path, body = f"/v1/sales/{sale_id}/returns", a_return(exception="goodwill")
    refused = cashier.post(path, body)
    assert problem(refused) == (403, "approval_required")
    asked = {name: refused.json()["facts"][name] for name in ("operation", "store_id", "target")}
    approved = manager.made("/v1/approvals", {**asked, "up_to": cny(refused.json()["facts"]["needed"])})
    returned = cashier.made(path, body, Daybook_Approval=approved["approval_id"])
    (entry,) = till.read(f"/v1/streams/return-{returned['return_id']}/events")["data"]
    assert entry["data"]["policy"]["exception"] == "goodwill"
    assert entry["data"]["allowance"]["approved_by"] == f"person:{manager.user_id}"


def test_the_cashier_chooses_the_tender(till: World) -> None:
    sale_id = sold(till, tenders=[card(1000), cash(1000)])
    refunds = [{"tender": 2, "amount": cny(1000)}]
    returned = till.made(f"/v1/sales/{sale_id}/returns", a_return(refunds=refunds))
    assert returned["refunds"] == [cash(1000)]


def test_a_refund_in_another_currency_is_refused(till: World) -> None:
    refunds = [{"tender": 1, "amount": {"amount": 1000, "currency": "EUR"}}]
    path = f"/v1/sales/{sold(till)}/returns"
    refusal = till.refusal(lambda: till.post(path, a_return(refunds=refunds)))
    assert refusal == (422, "currency_mismatch")


def test_spoiled_goods_do_not_come_back_onto_the_shelf(till: World) -> None:
    sku = till.made("/v1/products", product(fresh("p")))["sku"]
    receive(till, sku, 9)
    sale_id = sell(till, line(sku, 3), tenders=[card(3000)])["sale_id"]
    spoiled = {"line": 1, "quantity": 3, "wasted": 2, "condition": "spoiled"}
    till.made(f"/v1/sales/{sale_id}/returns", {**a_return(), "lines": [spoiled]})
    till.catch_up()
    level = till.read(f"/v1/stores/s1/stock/{sku}")
    assert (level["on_hand"], level["returned"], level["wasted"]) == (7, 3, 2)


# --- exchanges ----------------------------------------------------------------------------------------


def test_an_even_exchange_moves_no_money(till: World) -> None:
    sale_id = sold(till)
    done = till.made(f"/v1/sales/{sale_id}/exchanges", an_exchange(line("apple")))
    assert (done["carried"], done["paid"], done["paid_out"]) == (cny(1000), cny(0), [])
    assert done["sale"]["receipt_number"] == done["returned"]["receipt_number"] + 1


def test_the_difference_is_paid(till: World) -> None:
    sale_id = sold(till)
    body = an_exchange(line("apple", 2), tenders=[cash(1500)])
    done = till.made(f"/v1/sales/{sale_id}/exchanges", body)
    assert (done["paid"], done["sale"]["change"]) == (cny(1000), cny(500))


def test_the_difference_is_paid_out(till: World) -> None:
    sale_id = sold(till)
    done = till.made(f"/v1/sales/{sale_id}/exchanges", {**an_exchange(line("apple")), **a_return(2)})
    assert done["paid_out"] == [card(1000)]


def test_a_sale_that_is_refused_takes_nothing_back(till: World) -> None:
    sale_id = sold(till)
    body = an_exchange(line("apple", 2), tenders=[cash(999)])
    path = f"/v1/sales/{sale_id}/exchanges"
    assert till.refusal(lambda: till.post(path, body)) == (422, "tenders_do_not_add_up")
    assert till.read(f"/v1/sales/{sale_id}")["refunded"] == cny(0)


def test_an_exchange_sent_again_is_made_once(till: World) -> None:
    sale_id, key = sold(till), fresh()
    path = f"/v1/sales/{sale_id}/exchanges"
    with ThreadPoolExecutor(4) as tills:
        tries = [
            tills.submit(till.post, path, an_exchange(line("apple")), Idempotency_Key=key) for _ in range(4)
        ]
        answers = [tried.result() for tried in tries]
    accepted = {answer.content for answer in answers if answer.status_code == 201}
    assert len(accepted) == 1
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert till.read(f"/v1/sales/{sale_id}")["refunded"] == cny(1000)


def test_of_many_exchanges_at_once_no_more_comes_back_than_was_bought(till: World) -> None:
    sale_id = sold(till)
    path = f"/v1/sales/{sale_id}/exchanges"
    with ThreadPoolExecutor(6) as tills:
        tries = [tills.submit(till.post, path, an_exchange(line("apple"))) for _ in range(6)]
        statuses = sorted(tried.result().status_code for tried in tries)
    assert statuses == [201, 201, 409, 409, 409, 409]


def test_a_price_of_the_tills_own_needs_its_scope_in_an_exchange_too(till: World) -> None:
    path = f"/v1/sales/{sold(till)}/exchanges"
    body = an_exchange({**line("apple"), "unit_price": cny(1), "price_reason": "bruised"})
    plain = till.caller("sales:write")
    assert till.refusal(lambda: plain.post(path, body)) == (403, "forbidden")


def test_without_another_customer_the_sale_is_to_the_same(till: World) -> None:
    customer_id = till.made("/v1/customers", {"name": "Han"})["customer_id"]
    sale_id = sold(till, customer_id=customer_id)
    done = till.made(f"/v1/sales/{sale_id}/exchanges", an_exchange(line("apple")))
    assert till.read(f"/v1/sales/{done['sale']['sale_id']}")["customer_id"] == customer_id


# --- corrections --------------------------------------------------------------------------------------


def test_a_correction_undoes_the_sale_and_records_the_right_one(till: World) -> None:
    sale_id = sold(till)
    right = {"lines": [line("apple", 3)], "tenders": [card(1000)]}
    done = till.made(f"/v1/sales/{sale_id}/corrections", {"reason": "Three, not two.", "sale": right})
    assert (done["returned"]["total"], done["sale"]["total"], done["paid"]) == (
        cny(2000),
        cny(3000),
        cny(1000),
    )
    assert till.read(f"/v1/sales/{sale_id}")["refunded"] == cny(2000)


def test_a_correction_alone_pays_everything_back(till: World) -> None:
    sale_id = sold(till)
    done = till.made(f"/v1/sales/{sale_id}/corrections", {"reason": "Rung up twice."})
    assert (done["sale"], done["paid_out"]) == (None, [card(2000)])


def test_a_sale_of_an_earlier_day_is_not_corrected(till: World) -> None:
    path = f"/v1/sales/{sold(till, occurred_at=long_ago(2))}/corrections"
    refusal = till.refusal(lambda: till.post(path, {"reason": "Rung up twice."}))
    assert refusal == (422, "correction_too_late")


def test_a_cashier_corrects_nothing(till: World, cashier: PersonAtWork) -> None:
    path = f"/v1/sales/{sold(till)}/corrections"
    refusal = till.refusal(lambda: cashier.post(path, {"reason": "Rung up twice."}))
    assert refusal == (403, "forbidden")


def test_the_words_of_a_reason_are_nowhere_in_the_clear(till: World) -> None:
    till.made(f"/v1/sales/{sold(till)}/corrections", {"reason": "Zanzibar was rung up twice."})
    assert "Zanzibar" not in till.everything_stored()


# --- without a sale -----------------------------------------------------------------------------------


def without_a_sale(refund: int = 1000, **fields: Any) -> Json:
    return {
        "lines": [{"sku": "apple", "quantity": 1, "refund": cny(refund)}],
        "method": "cash",
        "because": "no receipt",
        "reason": "soft",
        "reason_code": "quality",
        **fields,
    }


def test_goods_without_their_sale_come_back_at_what_they_cost_today(till: World) -> None:
    returned = till.made("/v1/stores/s1/returns", without_a_sale())
    assert (returned["sale_id"], returned["refunds"]) == (None, [cash(1000)])
    receipt = till.read(f"/v1/returns/{returned['return_id']}/receipt")
    assert receipt["lines"][0]["name"] == "apple"


def test_goods_without_their_sale_are_not_worth_more(till: World) -> None:
    refusal = till.refusal(lambda: till.post("/v1/stores/s1/returns", without_a_sale(1001)))
    assert refusal == (422, "refund_above_price")


def test_a_cashier_takes_nothing_back_without_its_sale_alone(
    till: World, cashier: PersonAtWork, manager: PersonAtWork
) -> None:
    body = without_a_sale(return_id=fresh("r"))
    refused = cashier.post("/v1/stores/s1/returns", body)
    assert problem(refused) == (403, "approval_required")
    asked = {name: refused.json()["facts"][name] for name in ("operation", "store_id", "target")}
    approved = manager.made("/v1/approvals", {**asked, "up_to": cny(1000)})
    cashier.made("/v1/stores/s1/returns", body, Daybook_Approval=approved["approval_id"])
