"""Incentive schemes through the API: statements name what they are for, and closed months stay."""

from typing import Any

import pytest

from tests.support.api import REPLAYED, Json, World, cash, cny, fresh, line, receive, sell

MARCH, APRIL = "2026-03", "2026-04"

IN_MARCH, IN_APRIL = "2026-03-05T03:00:00Z", "2026-04-05T03:00:00Z"
# An apple is 10.00 with 9 % tax inside: 9.17 without.
THREE_PER_CENT: Json = {"commission": [{"base": "net", "tiers": [{"from_minor": 0, "rate_bp": 300}]}]}


def set_scheme(shop: World, scheme_id: str, start: str = MARCH, **terms: Any) -> int:
    path = f"/v1/schemes/{scheme_id}"
    found = shop.get(path)
    version = found.headers["ETag"] if found.status_code == 200 else '"0"'
    body = {"from_period": start, "terms": {"currency": "CNY", **(terms or THREE_PER_CENT)}}
    answer = shop.call("PUT", path, body, If_Match=version)
    assert answer.status_code == 200, answer.text
    return answer.json()["version"]


def close(shop: World, scheme_id: str, period: str = MARCH) -> None:
    shop.catch_up()
    shop.made(f"/v1/schemes/{scheme_id}/periods/{period}/closing", {})


def statement(shop: World, scheme_id: str, employee_id: str, period: str = MARCH) -> Json:
    shop.catch_up()
    return shop.read(f"/v1/schemes/{scheme_id}/periods/{period}/statements/{employee_id}?limit=250")


def told(statement: Json) -> list[tuple[str, int]]:
    return [(entry["document"], entry["amount"]["amount"]) for entry in statement["data"]]


@pytest.fixture
def seller(shop: World) -> str:
    employee_id = fresh("e")
    shop.made("/v1/employees", {"employee_id": employee_id, "name": "Wang", "store_id": "s1"})
    receive(shop, "apple", 1_000)
    return employee_id


@pytest.fixture
def floor(shop: World) -> str:
    """A scheme of three per cent from March on."""
    scheme_id = fresh("floor")
    set_scheme(shop, scheme_id)
    return scheme_id


def sold(shop: World, employee_id: str, at: str = IN_MARCH, apples: int = 1) -> str:
    return sell(shop, line("apple", apples), employee_id=employee_id, occurred_at=at)["sale_id"]


def taken_back(shop: World, sale_id: str, at: str = IN_MARCH, quantity: int = 1) -> str:
    back = {"lines": [{"line": 1, "quantity": quantity}], "reason": "soft", "occurred_at": at}
    return shop.made(f"/v1/sales/{sale_id}/returns", back)["return_id"]


def test_a_statement_names_each_sale_and_return(shop: World, seller: str, floor: str) -> None:
    sale_id = sold(shop, seller, apples=3)
    return_id = taken_back(shop, sale_id)

    found = statement(shop, floor, seller)

    assert told(found) == [(f"sale-{sale_id}", 83), (f"return-{return_id}", -28)]
    assert (found["commission"], found["bonus"], found["closed"]) == (cny(55), cny(0), False)
    assert [entry["base"]["amount"] for entry in found["data"]] == [2_752, -917]


def test_a_sale_that_was_recorded_wrongly_gives_nothing(shop: World, seller: str, floor: str) -> None:
    wrong = {"reason": "wrong customer", "occurred_at": IN_MARCH}
    shop.made(f"/v1/sales/{sold(shop, seller, apples=3)}/corrections", wrong)

    found = statement(shop, floor, seller)
    assert [amount for _, amount in told(found)] == [83, -83]
    assert found["commission"] == cny(0)


def test_an_exchange_takes_the_one_commission_and_gives_the_other(
    shop: World, seller: str, floor: str
) -> None:
    sale_id = sold(shop, seller)
    swap = {
        "lines": [{"line": 1, "quantity": 1}],
        "reason": "soft",
        "occurred_at": IN_MARCH,
        "sale": {
            "lines": [line("apple", 2)],
            "employee_id": seller,
            "tenders": [cash(5_000)],
        },
    }
    shop.made(f"/v1/sales/{sale_id}/exchanges", swap)

    assert [amount for _, amount in told(statement(shop, floor, seller))] == [28, -28, 55]


def test_a_closed_month_keeps_its_amounts_and_later_returns_count_in_the_open_one(
    shop: World, seller: str, floor: str
) -> None:
    sale_id = sold(shop, seller)
    close(shop, floor)
    set_scheme(shop, floor, APRIL, commission=[{"base": "net", "tiers": [{"from_minor": 0, "rate_bp": 1}]}])
    before = statement(shop, floor, seller)

    return_id = taken_back(shop, sale_id, IN_APRIL)

    after = statement(shop, floor, seller)
    assert (after["data"], after["commission"]) == (before["data"], cny(28))
    (entry,) = statement(shop, floor, seller, APRIL)["data"]
    assert (entry["document"], entry["amount"], entry["version"]) == (f"return-{return_id}", cny(-28), 1)
    assert entry["of_period"] == MARCH


def test_an_offline_sale_that_comes_after_the_close_counts_in_the_open_month_and_names_its_shift(
    shop: World, seller: str, floor: str
) -> None:
    till = fresh("till")
    path = f"/v1/stores/s1/registers/{till}/shift"
    shop.made(path, {"opening_float": cny(0), "occurred_at": "2026-03-05T01:00:00Z"})
    close(shop, floor)
    sale_id = fresh("off")
    late = {
        "sale_id": sale_id,
        "register_id": till,
        "lines": [{"sku": "apple", "quantity": 1, "total": cny(1000)}],
        "tenders": [cash(1000)],
        "employee_id": seller,
        "occurred_at": IN_MARCH,
    }
    assert shop.post("/v1/stores/s1/sales/batch", {"sales": [late]}).status_code == 200

    assert told(statement(shop, floor, seller)) == []
    (entry,) = statement(shop, floor, seller, APRIL)["data"]
    assert (entry["document"], entry["amount"], entry["shift"]) == (f"sale-{sale_id}", cny(28), 1)
    assert (entry["of_period"], entry["business_day"]) == (MARCH, "2026-03-05")


def test_a_closing_writes_down_what_the_statements_say(shop: World, seller: str, floor: str) -> None:
    set_scheme(shop, floor, bonuses=[{"base": "net", "steps": [{"from_minor": 900, "amount_minor": 70}]}])
    sold(shop, seller)
    close(shop, floor)

    shop.catch_up()
    month = shop.read(f"/v1/schemes/{floor}/periods/{MARCH}?limit=250")
    amounts = {one["employee_id"]: (one["commission"], one["bonus"], one["entries"]) for one in month["data"]}
    assert month["closed"]
    assert amounts[seller] == (cny(0), cny(70), 1)
    scheme = shop.read(f"/v1/schemes/{floor}")
    assert (scheme["closed"][0]["period"], scheme["open_period"]) == (MARCH, APRIL)


def test_a_month_is_closed_once(shop: World, floor: str) -> None:
    path = f"/v1/schemes/{floor}/periods/{MARCH}/closing"
    key = fresh()
    shop.made(path, {}, Idempotency_Key=key)

    again = shop.post(path, {}, Idempotency_Key=key)
    assert (again.status_code, again.headers[REPLAYED]) == (201, "true")
    assert shop.refusal(lambda: shop.post(path, {})) == (409, "period_closed")


def test_the_month_of_today_is_not_closed(shop: World) -> None:
    scheme_id = fresh("new")
    set_scheme(shop, scheme_id, "2999-12")

    path = f"/v1/schemes/{scheme_id}/periods/2999-12/closing"
    assert shop.refusal(lambda: shop.post(path, {})) == (409, "period_not_over")
    path = f"/v1/schemes/{scheme_id}/periods/2999-11/closing"
    assert shop.refusal(lambda: shop.post(path, {})) == (409, "period_not_next")


def test_a_statement_comes_in_pages(shop: World, seller: str, floor: str) -> None:
    sales = [sold(shop, seller) for _ in range(3)]
    shop.catch_up()
    path = f"/v1/schemes/{floor}/periods/{MARCH}/statements/{seller}?limit=2"

    first = shop.read(path)
    rest = shop.read(f"{path}&cursor={first['next_cursor']}")

    assert [document for document, _ in told(first) + told(rest)] == [f"sale-{each}" for each in sales]
    assert rest["next_cursor"] is None
    assert first["commission"] == rest["commission"] == cny(83)


def test_months_that_cannot_be_are_refused(shop: World, floor: str, seller: str) -> None:
    for period in ("2026-13", "2026-1", "now"):
        path = f"/v1/schemes/{floor}/periods/{period}/statements/{seller}"
        assert shop.get(path).status_code == 400
