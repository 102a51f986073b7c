"""Closing a till's day, month or year."""

import psycopg
import pytest

from infra.event_store.closings import READ_CLOSINGS
from infra.postgres.pools import tenant_conninfo
from tests.support.api import REPLAYED, Caller, World, card, cny, fresh, line, problem, sell

LONG_AGO = "2026-01-05T12:00:00+08:00"


@pytest.fixture
def till(shop: World) -> str:
    """A till that has sold two apples in cash and taken one back: where its closings are."""
    register_id = fresh("till")
    sold = sell(shop, line("apple", 2), register_id=register_id)
    back = {"register_id": register_id, "lines": [{"line": 1, "quantity": 1}], "reason": "soft"}
    shop.made(f"/v1/sales/{sold['sale_id']}/returns", back)
    return f"/v1/stores/s1/registers/{register_id}/closings"


def sell_at(shop: Caller, till: str, **fields: str) -> None:
    sell(shop, line("apple", 1), tenders=[card(1000)], register_id=till.split("/")[5], **fields)


def test_a_closing_answers_what_the_receipts_add_up_to(shop: World, till: str) -> None:
    closing = shop.made(till, {"period": "day"})

    whole = {"receipts": 2, "sales": cny(2000), "refunds": cny(1000), "total": cny(1000)}
    nothing = {"receipts": 0, "sales": cny(0), "refunds": cny(0), "total": cny(0)}
    assert {name: closing[name] for name in whole} == whole
    assert closing["taxes"] == [{"tax_rate": 900, "gross": cny(1000), "tax": cny(82)}]
    assert (closing["number"], closing["first_receipt"], closing["last_receipt"]) == (1, 1, 2)
    assert (closing["perpetual_before"], closing["perpetual_after"]) == (nothing, whole)
    assert (closing["unsplit"], closing["late_receipts"], closing["late"]) == (cny(0), 0, cny(0))
    assert closing["covers_from"] is None


def test_a_day_is_what_is_closed_where_nothing_else_is_said(shop: World, till: str) -> None:
    assert shop.made(till, {})["period"] == "day"


def test_a_repeat_gets_the_first_answer_and_closes_nothing(shop: World, till: str) -> None:
    key = fresh()
    first = shop.post(till, {}, Idempotency_Key=key)
    again = shop.post(till, {}, Idempotency_Key=key)

    assert (again.content, again.headers[REPLAYED]) == (first.content, "true")
    assert len(shop.read(till)["data"]) == 1


def test_closings_are_listed_as_they_were_answered_newest_first(shop: World, till: str) -> None:
    """A month closes the day first, so three are there."""
    day = shop.made(till, {"period": "day"})
    sell_at(shop, till)
    month = shop.made(till, {"period": "month"})

    listed = shop.read(till)["data"]

    assert [(each["period"], each["number"], each["receipts"]) for each in listed] == [
        ("month", 1, 3),
        ("day", 2, 1),
        ("day", 1, 2),
    ]
    assert (listed[0], listed[2]) == (month, day)


def test_pages_of_closings_hold_each_once(shop: World, till: str) -> None:
    for _ in range(5):
        shop.made(till, {})
    numbers: list[int] = []
    path = f"{till}?limit=2"
    while True:
        page = shop.read(path)
        numbers += [each["number"] for each in page["data"]]
        if page["next_cursor"] is None:
            break
        path = f"{till}?limit=2&cursor={page['next_cursor']}"
    assert numbers == [5, 4, 3, 2, 1]


def test_a_closing_without_receipts_names_none(shop: World, till: str) -> None:
    shop.made(till, {})
    empty = shop.made(till, {})
    assert (empty["first_receipt"], empty["last_receipt"], empty["receipts"]) == (None, None, 0)


def test_what_came_late_stands_in_the_next_closing(shop: World, till: str) -> None:
    shop.made(till, {})
    sell_at(shop, till, occurred_at=LONG_AGO)
    sell_at(shop, till)
    closing = shop.made(till, {})
    assert (closing["receipts"], closing["late_receipts"], closing["late"]) == (2, 1, cny(1000))


@pytest.mark.parametrize(
    "path", ["/v1/stores/s1/registers/typo/closings", "/v1/stores/s9/registers/main/closings"]
)
def test_a_till_that_there_is_not_has_no_closings(shop: World, path: str) -> None:
    assert shop.refusal(lambda: shop.post(path, {})) == (404, "not_found")
    assert problem(shop.get(path)) == (404, "not_found")


@pytest.mark.parametrize("cursor", ["x", "WyIxIiwiMiJd", "WyJ4Il0", "WzFd"])
def test_a_cursor_that_is_none_is_refused(shop: World, till: str, cursor: str) -> None:
    assert problem(shop.get(f"{till}?cursor={cursor}")) == (400, "invalid_request")


def test_a_period_that_there_is_not_is_refused(shop: World, till: str) -> None:
    assert shop.refusal(lambda: shop.post(till, {"period": "week"})) == (400, "invalid_request")


def test_closings_are_found_without_reading_the_receipts(shop: World, till: str) -> None:
    """By the index that holds nothing else, also where the statement was prepared for any till."""
    shop.made(till, {})
    with psycopg.connect(tenant_conninfo(shop.tenant.service_url, shop.tenant.name)) as connection:
        connection.execute("SET plan_cache_mode = force_generic_plan")
        values = {"stream": "till-s1/main", "before": 9, "limit": 2}
        plan = connection.execute("EXPLAIN " + READ_CLOSINGS, values, prepare=True).fetchall()
    assert any("period_closings" in line for (line,) in plan), plan
