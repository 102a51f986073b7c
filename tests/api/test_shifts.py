"""Shifts of a till over HTTP: who may see what is in the drawer, and what a close answers."""

import pytest

from domain.access.limits import GivenLimits
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


def test_the_journal_tells_what_happened_at_the_register_newest_first(
    shop: World, shift: str, register_id: str
) -> None:
    sold = sell(shop, line("apple", 2), tenders=[card(500), cash(5000)], register_id=register_id)
    shop.made(f"{shift}/cash-movements", {"kind": "pay_out", "amount": cny(300), "reason": "stamps"})
    shop.catch_up()

    entries = shop.read(f"/v1/stores/s1/registers/{register_id}/journal")["data"]

    assert [(entry["kind"], entry["amount"], by_method(entry["by_method"])) for entry in entries] == [
        ("pay_out", cny(-300), {"cash": -300}),
        ("receipt", cny(2000), {"card": 500, "cash": 1500}),
        ("shift_opened", cny(20_000), {"cash": 20_000}),
    ]
    assert entries[1]["document"] == f"sale-{sold['sale_id']}"
    assert {entry["shift"] for entry in entries} == {1}
    assert entries[0]["reason"] == "stamps"


def test_pages_of_the_journal_hold_each_entry_once(shop: World, shift: str, register_id: str) -> None:
    for _ in range(4):
        shop.made(f"{shift}/counts", {"cash": cny(1)})
    shop.catch_up()
    path = f"/v1/stores/s1/registers/{register_id}/journal?limit=2"
    entries: list[int] = []
    cursor = ""
    while True:
        page = shop.read(path + cursor)
        entries += [entry["entry"] for entry in page["data"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert entries == [5, 4, 3, 2, 1]
    assert shop.read(f"{path}&shift=2")["data"] == []


def test_what_was_put_on_gift_cards_is_told_of_each_shift(shop: World, shift: str, register_id: str) -> None:
    (made,) = shop.made("/v1/gift-cards", {"currency": "CNY"})["cards"]
    load = {"code": made["code"], "amount": cny(3000), "tenders": [card(3000)], "register_id": register_id}
    shop.made("/v1/stores/s1/gift-cards/loads", load)
    sell(shop, line("apple", 1), tenders=[card(1000)], register_id=register_id)
    shop.made(f"{shift}/counts", {"cash": cny(20_000)})
    report = shop.made(f"{shift}/closing", {})
    shop.catch_up()

    (row,) = shop.read(f"/v1/stores/s1/registers/{register_id}/shifts")["data"]

    same = ("receipts", "sales", "refunds", "takings", "rounding", "loaded")
    assert {name: row[name] for name in same} == {name: report[name] for name in same}
    assert row["loaded"] == cny(3000)


def test_what_comes_late_is_shown_beside_the_z_report_and_not_in_it(
    shop: World, shift: str, register_id: str
) -> None:
    sell(shop, line("apple", 1), tenders=[card(1000)], register_id=register_id)
    shop.made(f"{shift}/counts", {"cash": cny(21_000)})
    report = shop.made(f"{shift}/closing", {})
    late = {
        "sale_id": fresh("off"),
        "register_id": register_id,
        "lines": [{"sku": "apple", "quantity": 1, "unit_price": cny(900), "total": cny(900)}],
        "tenders": [cash(1000)],
        "occurred_at": report["opened_at"],
    }
    (result,) = shop.post("/v1/stores/s1/sales/batch", {"sales": [late]}).json()["results"]
    shop.catch_up()

    (row,) = shop.read(f"/v1/stores/s1/registers/{register_id}/shifts")["data"]

    same = ("receipts", "sales", "refunds", "takings", "opened_at", "closed_at", "counted")
    assert {name: row[name] for name in same} == {name: report[name] for name in same}
    assert by_method(row["over_short"]) == {"cash": 1000}
    assert (row["late_receipts"], row["late"], by_method(row["late_takings"])) == (1, cny(900), {"cash": 900})
    exceptions = shop.read("/v1/stores/s1/sales/exceptions?limit=250")["data"]
    (exception,) = [each for each in exceptions if each["sale_id"] == late["sale_id"]]
    assert (exception["code"], exception["expected"], exception["found"]) == ("price_differs", 1000, 900)
    assert result["exceptions"][0]["code"] == exception["code"]


def test_exceptions_are_listed_newest_first_in_pages(shop: World, register_id: str) -> None:
    sales = [
        {
            "sale_id": fresh("off"),
            "register_id": register_id,
            "lines": [{"sku": "apple", "quantity": 1, "total": cny(900)}] * 2,
            "tenders": [cash(1800)],
            "occurred_at": f"2025-03-0{day}T10:00:00Z",
        }
        for day in (1, 2)
    ]
    store_id = fresh("s")
    shop.made("/v1/stores", {"store_id": store_id, "name": "Pier", "currency": "CNY", "time_zone": "UTC"})
    shop.post(f"/v1/stores/{store_id}/sales/batch", {"sales": sales})
    shop.catch_up()
    path = f"/v1/stores/{store_id}/sales/exceptions?limit=3"
    first = shop.read(path)
    second = shop.read(f"{path}&cursor={first['next_cursor']}")
    told = [(each["sale_id"], each["line"]) for each in (*first["data"], *second["data"])]
    one, two = (str(sale["sale_id"]) for sale in sales)
    assert told == [(two, 1), (two, 2), (one, 1), (one, 2)]
    assert second["next_cursor"] is None


def test_cash_rounding_is_a_line_of_its_own(shop: World) -> None:
    store_id = fresh("s")
    store = {"store_id": store_id, "name": "Pier", "currency": "CNY", "time_zone": "UTC"}
    shop.made("/v1/stores", {**store, "cash_unit_minor": 300})
    body = {"lines": [line("apple", 1)], "tenders": [cash(1500)]}
    sale = shop.made(f"/v1/stores/{store_id}/sales", body)
    assert (sale["total"], sale["rounding"], sale["change"]) == (cny(1000), cny(-100), cny(600))
    assert shop.read(f"/v1/sales/{sale['sale_id']}")["rounding"] == cny(-100)
    back = {"lines": [{"line": 1, "quantity": 1}], "reason": "soft"}
    returned = shop.made(f"/v1/sales/{sale['sale_id']}/returns", back)
    assert (returned["total"], returned["rounding"]) == (cny(1000), cny(-100))
    assert returned["refunds"] == [{"method": "cash", "amount": cny(900)}]


def a_void(register_id: str, amount: int = 1000, **fields: str) -> Json:
    lines = [{**line("apple"), "amount": cny(amount)}]
    return {"register_id": register_id, "lines": lines, "whole": True, "reason": "customer left", **fields}


def test_voids_stand_in_the_journal_and_in_x_and_z_report(shop: World, shift: str, register_id: str) -> None:
    first = shop.made("/v1/stores/s1/voids", a_void(register_id))
    shop.made("/v1/stores/s1/voids", a_void(register_id, 250, void_id=fresh("v")))
    assert (first["shift"], first["amount"]) == (1, cny(1000))
    report = shop.read(shift)
    assert (report["voids"], report["voided"], report["receipts"]) == (2, cny(1250), 0)
    shop.made(f"{shift}/counts", {"cash": cny(20_000)})
    assert shop.made(f"{shift}/closing", {})["voided"] == cny(1250)
    late = shop.made("/v1/stores/s1/voids", a_void(register_id, occurred_at=report["opened_at"]))
    assert late["shift"] == 1
    shop.catch_up()
    (row,) = shop.read(f"/v1/stores/s1/registers/{register_id}/shifts")["data"]
    assert (row["voids"], row["voided"], row["late_voids"]) == (2, cny(1250), 1)
    entries = shop.read(f"/v1/stores/s1/registers/{register_id}/journal")["data"]
    (oldest, *_) = [each for each in reversed(entries) if each["kind"] == "void"]
    assert (oldest["document"], oldest["reason"]) == (first["void_id"], "customer left")
    assert (oldest["amount"], oldest["shift"]) == (cny(1000), 1)


def test_a_cashier_voids_a_large_basket_with_a_second_person(shop: World, register_id: str) -> None:
    cashier, manager = signed_in(shop, "cashier", store_id="s1"), signed_in(shop, "manager", store_id="s1")
    body = a_void(register_id, 20_001, void_id=fresh("v"))
    assert problem(cashier.post("/v1/stores/s1/voids", body)) == (403, "approval_required")
    grant = {"operation": "void", "store_id": "s1", "target": body["void_id"], "up_to": cny(20_001)}
    approval = manager.made("/v1/approvals", grant)["approval_id"]
    assert cashier.made("/v1/stores/s1/voids", body, Daybook_Approval=approval)["amount"] == cny(20_001)


def test_small_voids_of_one_shift_come_to_a_limit_of_their_own(
    shop: World, shift: str, register_id: str
) -> None:
    limits = GivenLimits(shift_voids_minor={"CNY": 1500})
    cashier = signed_in(shop, "cashier", store_id="s1", limits=limits)
    assert cashier.made("/v1/stores/s1/voids", a_void(register_id))["shift"] == 1
    assert problem(cashier.post("/v1/stores/s1/voids", a_void(register_id))) == (403, "approval_required")


def test_no_two_voids_of_a_store_have_one_id(shop: World, register_id: str) -> None:
    body = a_void(register_id, void_id=fresh("v"))
    shop.made("/v1/stores/s1/voids", body)
    elsewhere = {**body, "register_id": fresh("till")}
    assert problem(shop.post("/v1/stores/s1/voids", elsewhere)) == (409, "already_exists")


def test_a_settled_exception_stays_listed_with_who_settled_it_and_why(shop: World, register_id: str) -> None:
    sale = {
        "sale_id": fresh("off"),
        "register_id": register_id,
        "lines": [{"sku": "apple", "quantity": 1, "total": cny(900)}] * 2,
        "tenders": [cash(1800)],
        "occurred_at": "2025-03-01T10:00:00Z",
    }
    store_id = fresh("s")
    shop.made("/v1/stores", {"store_id": store_id, "name": "Pier", "currency": "CNY", "time_zone": "UTC"})
    shop.post(f"/v1/stores/{store_id}/sales/batch", {"sales": [sale]})
    sales = f"/v1/stores/{store_id}/sales"
    path = f"{sales}/{sale['sale_id']}/settlements"
    manager = signed_in(shop, "manager", store_id=store_id)

    settled = manager.made(path, {"number": 1, "reason": "old price label"})

    assert (settled["code"], settled["still_open"]) == ("total_differs", 1)
    again = manager.post(path, {"number": 1, "reason": "once more"})
    assert problem(again) == (409, "exception_settled")
    shop.catch_up()
    (closed,) = shop.read(f"{sales}/exceptions?status=settled")["data"]
    assert (closed["number"], closed["settled_reason"]) == (1, "old price label")
    assert closed["settled_by"].startswith("person:")
    (still,) = shop.read(f"{sales}/exceptions?status=open")["data"]
    assert (still["number"], still["settled_at"]) == (2, None)
    assert len(shop.read(f"{sales}/exceptions")["data"]) == 2


def test_a_cashier_settles_nothing(shop: World) -> None:
    cashier = signed_in(shop, "cashier", store_id="s1")
    refused = cashier.post("/v1/stores/s1/sales/x1/settlements", {"number": 1, "reason": "nothing"})
    assert problem(refused) == (403, "forbidden")
