"""Sales that tills made offline: each once, in its shift, in whatever order and however often they come."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from tests.support.api import Json, World, cash, cny, fresh, line, receive, sell

MORNING = datetime(2026, 3, 2, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def made(
    register_id: str, minute: int, quantity: int = 1, *, at: datetime = MORNING, **fields: object
) -> Json:
    """A sale of apples that happened so many minutes after an instant."""
    return {
        "sale_id": fresh("off"),
        "register_id": register_id,
        "lines": [{"sku": "apple", "quantity": quantity, "total": cny(1000 * quantity)}],
        "tenders": [cash(5000 * quantity)],
        "occurred_at": (at + timedelta(minutes=minute)).isoformat(),
        **fields,
    }


def send(shop: World, sales: list[Json]) -> list[Json]:
    answer = shop.post("/v1/stores/s1/sales/batch", {"sales": sales})
    assert answer.status_code == 200, answer.text
    return answer.json()["results"]


def run_shift(shop: World, register_id: str, at: datetime, counted: int) -> Json:
    """A shift of ten hours with nothing in the drawer at first; its Z report."""
    path = f"/v1/stores/s1/registers/{register_id}/shift"
    shop.made(path, {"opening_float": cny(0), "occurred_at": at.isoformat()})
    shop.made(f"{path}/counts", {"cash": cny(counted)})
    ended = (at + timedelta(hours=10)).isoformat()
    return shop.made(f"{path}/closing", {"occurred_at": ended})


@pytest.mark.parametrize("seed", [1, 2])
def test_a_batch_sent_three_times_shuffled_and_split_is_one_sale_each_in_the_right_shift(
    shop: World, seed: int
) -> None:
    """Two registers; each has a shift that is closed by now and one that is open."""
    random = Random(seed)
    registers = [fresh("till"), fresh("till")]
    sales: list[Json] = []
    expected: dict[str, tuple[int, int]] = {}
    for register_id in registers:
        assert run_shift(shop, register_id, MORNING, 0)["receipts"] == 0
        opened = {"opening_float": cny(0), "occurred_at": (MORNING + DAY).isoformat()}
        shop.made(f"/v1/stores/s1/registers/{register_id}/shift", opened)
        for number in range(12):
            day, quantity = random.choice((0, 1)), random.randint(1, 3)
            sale = made(register_id, number * 20, quantity, at=MORNING + DAY * day)
            sales.append(sale)
            expected[sale["sale_id"]] = (day + 1, 1000 * quantity)

    found: dict[str, set[tuple[int, int]]] = {}
    statuses: list[str] = []
    for _ in range(3):
        random.shuffle(sales)
        cut = random.randrange(1, len(sales))
        for part in (sales[:cut], sales[cut:]):
            for result in send(shop, part):
                statuses.append(result["status"])
                told = (result["shift"], result["total"]["amount"])
                found.setdefault(result["sale_id"], set()).add(told)

    assert sorted(statuses) == ["created"] * 24 + ["replayed"] * 48
    assert found == {sale_id: {told} for sale_id, told in expected.items()}
    for register_id in registers:
        own = [s for s in sales if s["register_id"] == register_id]
        report = shop.read(f"/v1/stores/s1/registers/{register_id}/shift")
        ours = [expected[s["sale_id"]] for s in own]
        open_total = sum(total for number, total in ours if number == 2)
        assert (report["shift"], report["total"]) == (2, cny(open_total))
        assert report["takings"] == [{"method": "cash", "amount": cny(open_total)}]
        closing = shop.made(f"/v1/stores/s1/registers/{register_id}/closings", {})
        assert (closing["receipts"], closing["total"]) == (12, cny(sum(total for _, total in ours)))


def test_one_bad_sale_does_not_stop_the_others(shop: World) -> None:
    register_id = fresh("till")
    unknown = {"sku": "typo", "quantity": 1, "total": cny(1)}
    sales: list[Json] = [
        made(register_id, 1),
        {**made(register_id, 2), "lines": [unknown], "tenders": [cash(1)]},
        {**made(register_id, 3), "colour": "red"},
        {"lines": 7},
        made(register_id, 4, tenders=[cash(1)]),
        made(register_id, 5, occurred_at="1969-01-01T00:00:00Z"),
        made(register_id, 6),
    ]
    results = send(shop, sales)
    assert [result["status"] for result in results] == ["created", *["refused"] * 5, "created"]
    assert [result["problem"]["code"] for result in results[1:6]] == [
        "not_found",
        "invalid_request",
        "invalid_request",
        "tenders_do_not_add_up",
        "occurred_at_implausible",
    ]
    assert results[1]["sale_id"] == sales[1]["sale_id"]
    assert results[3]["sale_id"] is None


def test_the_same_sale_twice_in_a_batch_is_one(shop: World) -> None:
    sale = made(fresh("till"), 1)
    first, second = send(shop, [sale, sale])
    assert (first["status"], second["status"]) == ("created", "replayed")
    assert first["receipt_number"] == second["receipt_number"]


def test_another_sale_under_the_same_id_is_refused(shop: World) -> None:
    sale = made(fresh("till"), 1)
    other = made(sale["register_id"], 1, 2, sale_id=sale["sale_id"])
    within = send(shop, [sale, other])
    later = send(shop, [other])
    assert [result["status"] for result in within] == ["created", "refused"]
    assert {result["problem"]["code"] for result in (within[1], later[0])} == {"idempotency_key_reused"}


def test_a_sale_that_was_made_online_is_not_made_again(shop: World) -> None:
    sale_id = sell(shop, line("apple", 1))["sale_id"]
    (result,) = send(shop, [made("main", 1, sale_id=sale_id)])
    assert (result["status"], result["problem"]["code"]) == ("refused", "already_exists")


def test_whoever_sends_it_again_it_is_the_same_sale(shop: World) -> None:
    """The till's key was replaced in between."""
    sale = made(fresh("till"), 1)
    body = {"sales": [sale]}
    first = shop.caller("sales:offline").post("/v1/stores/s1/sales/batch", body)
    again = shop.caller("sales:offline").post("/v1/stores/s1/sales/batch", body)
    statuses = [answer.json()["results"][0]["status"] for answer in (first, again)]
    assert statuses == ["created", "replayed"]


def test_what_was_charged_stands_and_what_differs_is_told(shop: World) -> None:
    price = {"sku": "apple", "quantity": 2, "unit_price": cny(900), "total": cny(1800)}
    (result,) = send(shop, [made(fresh("till"), 1, lines=[price], tenders=[cash(1800)])])
    assert (result["status"], result["total"]) == ("created", cny(1800))
    assert result["exceptions"] == [
        {"code": "price_differs", "line": 1, "expected": 1000, "found": 900, "reference": "apple"}
    ]


def test_a_late_sale_leaves_the_z_report_as_it_was(shop: World) -> None:
    register_id = fresh("till")
    report = run_shift(shop, register_id, MORNING, 700)
    (result,) = send(shop, [made(register_id, 5)])
    assert result["shift"] == 1
    assert (report["receipts"], report["over_short"][0]["over"]) == (0, cny(700))


@pytest.mark.parametrize("count", [0, 501])
def test_a_batch_has_one_to_five_hundred_sales(shop: World, count: int) -> None:
    nothing: Json = {}
    body = {"sales": [nothing] * count}
    refusal = shop.refusal(lambda: shop.post("/v1/stores/s1/sales/batch", body))
    assert refusal == (400, "invalid_request")


def test_a_whole_batch_is_recorded_at_once(shop: World) -> None:
    receive(shop, "apple", 500)
    register_id = fresh("till")
    results = send(shop, [made(register_id, number) for number in range(500)])
    assert {result["status"] for result in results} == {"created"}
    assert sorted(result["receipt_number"] for result in results) == list(range(1, 501))
