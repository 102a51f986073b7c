"""Shifts of a till over HTTP: who may see what is in the drawer, and what a close answers."""

import pytest

from infra.access.roles import BUILT_IN
from tests.support.api import REPLAYED, Json, World, card, cash, cny, fresh, line, problem, sell
from tests.support.people import signed_in


@pytest.fixture
def register_id() -> str:
    return fresh("till")


@pytest.fixture
def shift(shop: World, register_id: str) -> str:
    """A till's open shift with 200.00 in the drawer: its address."""
    path = f"/v1/stores/s1/registers/{register_id}/shift"
    shop.made(path, {"opening_float": cny(20_000)})
    return path


def by_method(parts: list[Json]) -> dict[str, int]:
    return {part["method"]: part["amount"]["amount"] for part in parts}


def test_an_x_report_says_what_should_be_there_and_changes_nothing(
    shop: World, shift: str, register_id: str
) -> None:
    sell(shop, line("apple", 2), tenders=[card(500), cash(5000)], register_id=register_id)
    shop.made(f"{shift}/cash-movements", {"kind": "drop", "amount": cny(10_000), "reason": "safe"})
    before = shop.written()

    report = shop.read(shift)

    assert by_method(report["takings"]) == {"card": 500, "cash": 1500}
    assert by_method(report["expected"]) == {"card": 500, "cash": 11_500}
    assert (report["closed_at"], report["counted"], report["over_short"]) == (None, [], [])
    assert shop.read(shift) == report
    assert shop.written() == before


def test_a_close_answers_the_z_report(shop: World, shift: str, register_id: str) -> None:
    sell(shop, line("apple", 2), tenders=[cash(2000)], register_id=register_id)
    shop.made(f"{shift}/counts", {"pieces": [{"value": 10_000, "pieces": 2}, {"value": 500, "pieces": 3}]})

    report = shop.made(f"{shift}/closing", {})

    assert (report["shift"], report["receipts"], report["total"]) == (1, 1, cny(2000))
    assert by_method(report["counted"]) == {"cash": 21_500}
    assert report["over_short"] == [
        {"method": "cash", "expected": cny(22_000), "counted": cny(21_500), "over": cny(-500)}
    ]
    assert problem(shop.get(shift)) == (409, "shift_not_open")


def test_a_repeat_of_the_close_gets_the_first_answer(shop: World, shift: str) -> None:
    shop.made(f"{shift}/counts", {"cash": cny(20_000)})
    key = fresh()
    first = shop.post(f"{shift}/closing", {}, Idempotency_Key=key)
    again = shop.post(f"{shift}/closing", {}, Idempotency_Key=key)
    assert (again.content, again.headers[REPLAYED]) == (first.content, "true")


def test_a_cashier_counts_blind(shop: World, shift: str) -> None:
    """No answer before the close tells what should be there, and reports need another permission."""
    ann = signed_in(shop, "cashier", store_id="s1")
    counted = ann.post(f"{shift}/counts", {"cash": cny(20_000)})
    assert set(counted.json()) == {"store_id", "register_id", "shift", "position"}
    assert problem(ann.get(shift)) == (403, "forbidden")
    assert "shifts:read" not in BUILT_IN["cashier"].permissions


def test_what_is_off_beyond_the_limit_takes_a_second_person(
    shop: World, shift: str, register_id: str
) -> None:
    ann, bob = signed_in(shop, "cashier", store_id="s1"), signed_in(shop, "manager", store_id="s1")
    ann.made(f"{shift}/counts", {"cash": cny(19_499)})
    refused = ann.post(f"{shift}/closing", {})
    assert problem(refused) == (403, "approval_required")
    needed = cny(refused.json()["facts"]["needed"])
    body = {"operation": "over_short", "store_id": "s1", "target": register_id, "up_to": needed}
    approval_id = bob.made("/v1/approvals", body)["approval_id"]

    closed = ann.post(f"{shift}/closing", {}, Daybook_Approval=approval_id)

    assert closed.status_code == 201
    assert closed.json()["over_short"][0]["over"] == cny(-501)


def test_an_approval_for_a_till_that_there_is_not_is_refused(shop: World) -> None:
    bob = signed_in(shop, "manager", store_id="s1")
    body = {"operation": "over_short", "store_id": "s1", "target": "typo", "up_to": cny(1)}
    assert shop.refusal(lambda: bob.post("/v1/approvals", body)) == (404, "not_found")


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("", {"opening_float": cny(1)}, (409, "shift_open")),
        ("/closing", {}, (409, "count_missing")),
        ("/counts", {}, (422, "invalid_command")),
        ("/counts", {"cash": {"amount": 1, "currency": "EUR"}}, (422, "currency_mismatch")),
        ("/counts", {"cash": cny(-1)}, (400, "invalid_request")),
        ("/cash-movements", {"kind": "gift", "amount": cny(1), "reason": "x"}, (400, "invalid_request")),
        ("/cash-movements", {"kind": "drop", "amount": cny(0), "reason": "x"}, (422, "invalid_command")),
        ("/cash-movements", {"kind": "drop", "amount": cny(1), "reason": "To Ann"}, (400, "invalid_request")),
    ],
)
def test_what_a_shift_does_not_allow_is_refused(
    shop: World, shift: str, path: str, body: Json, code: tuple[int, str]
) -> None:
    assert shop.refusal(lambda: shop.post(f"{shift}{path}", body)) == code


def test_a_store_that_sells_in_shifts_refuses_a_sale_without_one(shop: World) -> None:
    store_id = fresh("s")
    store = {"store_id": store_id, "name": "Pier", "currency": "CNY", "time_zone": "UTC"}
    shop.made("/v1/stores", {**store, "shifts_required": True, "cash_unit_minor": 50})
    assert shop.read(f"/v1/stores/{store_id}")["cash_unit_minor"] == 50
    body = {"lines": [line("apple", 1)], "tenders": [cash(1000)]}
    assert shop.refusal(lambda: shop.post(f"/v1/stores/{store_id}/sales", body)) == (409, "shift_not_open")
    shop.made(f"/v1/stores/{store_id}/registers/main/shift", {"opening_float": cny(0)})
    assert shop.post(f"/v1/stores/{store_id}/sales", body).status_code == 201
