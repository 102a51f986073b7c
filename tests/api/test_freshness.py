"""Goods near their end over HTTP: the board, ladders and proposals, disposals, and the report of waste."""

from typing import Any

import pytest

from tests.support.api import World, basket, cny, fresh, product
from tests.support.freshness import day_after, look_at, lot, proposed

Json = dict[str, Any]


@pytest.fixture
def store(shop: World) -> str:
    """A store of the test's own, by the clocks of UTC, with a cold room."""
    opened = {"store_id": fresh("s"), "name": "Harbour", "currency": "CNY", "time_zone": "UTC"}
    return shop.made("/v1/stores", {**opened, "locations": ["cold room"]})["store_id"]


@pytest.fixture
def sku(shop: World) -> str:
    return product_of(shop, fresh("category"))


def product_of(shop: World, category: str) -> str:
    return shop.made("/v1/products", {**product(fresh("p")), "category": category})["sku"]


def receive(shop: World, store: str, *lines: Json) -> None:
    shop.made(f"/v1/stores/{store}/stock/receipts", {"lines": list(lines)})
    shop.catch_up()


def board(shop: World, store: str, **asked: Any) -> list[tuple[str, int | None]]:
    query = "&".join(f"{name}={value}" for name, value in asked.items())
    found = shop.read(f"/v1/stores/{store}/expiry-board?{query}")["data"]
    return [(one["lot"], one["days_left"]) for one in found]


def ladder(shop: World, name: str, **body: Any) -> Json:
    answer = shop.call("PUT", f"/v1/markdown-ladders/{name}", body)
    assert answer.status_code == 200, answer.text
    return answer.json()


# --- the board --------------------------------------------------------------------------------------


def test_what_expires_first_stands_first_and_what_keeps_last(shop: World, store: str, sku: str) -> None:
    receive(shop, store, lot(sku, "K", None), lot(sku, "L", 9), lot(sku, "E", -1), lot(sku, "S", 0))

    assert board(shop, store) == [("E", -1), ("S", 0), ("L", 9), ("K", None)]
    assert board(shop, store, days=0) == [("E", -1), ("S", 0)]


def test_a_lot_tells_what_is_there_where_and_what_it_is_worth(shop: World, store: str, sku: str) -> None:
    receive(shop, store, {**lot(sku, "A", 3), "location": "cold room"}, lot(sku, "B", 4))
    held = {"sku": sku, "quantity": 2, "reason": "recalled", "lot": "B"}
    shop.made(f"/v1/stores/{store}/stock/quarantine", {"lines": [held]})
    shop.catch_up()

    a, b = shop.read(f"/v1/stores/{store}/expiry-board?sku={sku}")["data"]

    assert (a["on_hand"], a["value"], a["locations"]) == (5, cny(500), {"cold room": 5})
    assert (b["on_hand"], b["value"], b["held"], b["held_value"]) == (3, cny(300), 2, cny(200))
    assert (b["received_on"], b["sell_by"]) == (day_after(0).isoformat(), day_after(4).isoformat())
    assert (b["unit_cost"], b["expired_on"]) == (cny(100), None)


def test_pages_of_the_board_are_all_of_it(shop: World, store: str, sku: str) -> None:
    receive(shop, store, *(lot(sku, f"L{day}", day) for day in range(4)), lot(sku, "K", None))
    found: list[str] = []
    cursor = ""
    while True:
        page = shop.read(f"/v1/stores/{store}/expiry-board?limit=2{cursor}")
        found += [one["lot"] for one in page["data"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"

    assert found == ["L0", "L1", "L2", "L3", "K"]


def test_a_sold_lot_leaves_the_board(shop: World, store: str, sku: str) -> None:
    receive(shop, store, lot(sku, "A", 3, 1), lot(sku, "B", 4))
    sale = basket({"sku": sku, "quantity": 1})
    shop.made(f"/v1/stores/{store}/sales", sale)
    shop.catch_up()

    assert board(shop, store) == [("B", 4)]


def test_what_the_watch_wrote_down_stands_on_the_board(shop: World, store: str, sku: str) -> None:
    receive(shop, store, lot(sku, "A", -1))
    look_at(shop, store, sku)
    shop.catch_up()

    (one,) = shop.read(f"/v1/stores/{store}/expiry-board")["data"]
    assert one["expired_on"] == day_after(0).isoformat()


# --- ladders and proposals --------------------------------------------------------------------------


def test_a_ladder_is_told_with_its_version(shop: World, sku: str) -> None:
    name, steps = fresh("ladder"), [{"days_left": 2, "off": 2_000}]
    ladder(shop, name, sku=sku, steps=steps)
    later = ladder(shop, name, sku=sku, steps=[*steps, {"days_left": 1, "off": 5_000, "automatic": True}])

    assert later["version"] == 2
    assert later in shop.read("/v1/markdown-ladders")["data"]


def test_who_has_one_store_sets_no_ladder_of_all(shop: World, sku: str) -> None:
    name = fresh("ladder")
    ladder(shop, name, sku=sku, steps=[{"days_left": 2, "off": 2_000}])
    of_one = shop.caller("offers:write", stores=["s1"])

    taken: Json = {"sku": sku, "store_id": "s1", "steps": []}
    answer = of_one.call("PUT", f"/v1/markdown-ladders/{name}", taken)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_command")


def test_a_proposal_is_accepted_once_and_is_a_live_markdown(shop: World, store: str) -> None:
    sku = proposed(shop, store)
    shop.catch_up()
    path = f"/v1/stores/{store}/markdown-proposals"
    (waiting,) = shop.read(path)["data"]
    assert (waiting["lot"], waiting["off"], waiting["days_left"], waiting["quantity"]) == ("A", 2_000, 3, 5)

    label = shop.post(f"{path}/{sku}/decision", {"number": 1, "accept": True}).json()["label"]

    shop.catch_up()
    assert shop.read(path)["data"] == []
    (live,) = shop.read(f"/v1/stores/{store}/markdowns")["data"]
    assert (live["label"], live["labels"], live["off"]) == (label, 5, 2_000)
    again = shop.post(f"{path}/{sku}/decision", {"number": 1, "accept": False, "reason": "no"})
    assert (again.status_code, again.json()["code"]) == (409, "proposal_settled")


def test_a_rejected_proposal_says_why_and_who(shop: World, store: str) -> None:
    sku = proposed(shop, store)
    path = f"/v1/stores/{store}/markdown-proposals"
    assert shop.post(f"{path}/{sku}/decision", {"number": 1, "accept": False}).status_code == 400
    shop.post(f"{path}/{sku}/decision", {"number": 1, "accept": False, "reason": "sells anyway"})
    shop.catch_up()

    (rejected,) = shop.read(f"{path}?status=rejected")["data"]
    assert (rejected["reason"], rejected["label"]) == ("sells anyway", None)
    assert rejected["settled_by"] is not None


def test_an_ended_markdown_is_no_live_one(shop: World, store: str) -> None:
    sku = proposed(shop, store)
    decision = {"number": 1, "accept": True}
    path = f"/v1/stores/{store}/markdowns"
    label = shop.post(f"/v1/stores/{store}/markdown-proposals/{sku}/decision", decision).json()["label"]
    shop.post(f"{path}/{label}/ending")
    shop.catch_up()

    assert shop.read(path)["data"] == []
    (ended,) = shop.read(f"{path}?status=any")["data"]
    assert (ended["label"], ended["ended"]) == (label, True)


# --- disposals and waste ----------------------------------------------------------------------------


def dispose(shop: World, store: str, **body: Any) -> Json:
    done = shop.made(f"/v1/stores/{store}/stock/expired-disposals", {"reason": "expired", **body})
    shop.catch_up()
    return done


def test_all_that_expired_is_disposed_of_in_one_call(shop: World, store: str, sku: str) -> None:
    other = product_of(shop, "dairy")
    receive(shop, store, lot(sku, "A", -1), lot(other, "B", -2, 3), lot(sku, "C", 1))

    done = dispose(shop, store)

    assert [(one["sku"], one["lot"], one["quantity"], one["left"]) for one in done["lines"]] == [
        (other, "B", 3, 0),
        (sku, "A", 5, 0),
    ]
    assert (done["cost"], done["more"]) == (cny(800), False)
    assert board(shop, store) == [("C", 1)]
    assert dispose(shop, store)["lines"] == []


def test_a_part_of_a_lot_may_be_disposed_of_and_fresh_goods_not(shop: World, store: str, sku: str) -> None:
    receive(shop, store, lot(sku, "A", -1), lot(sku, "C", 1))

    done = dispose(shop, store, lots=[{"sku": sku, "lot": "A", "quantity": 2}])
    assert [(one["quantity"], one["cost"], one["left"]) for one in done["lines"]] == [(2, cny(200), 3)]

    fresh_lot = {"reason": "expired", "lots": [{"sku": sku, "lot": "C"}]}
    refused = shop.post(f"/v1/stores/{store}/stock/expired-disposals", fresh_lot)
    assert (refused.status_code, refused.json()["code"]) == (409, "lot_not_expired")


def waste(shop: World, store: str, **asked: str) -> list[tuple[str, str, str, Json]]:
    query = "".join(f"&{name}={value}" for name, value in asked.items())
    period = f"from={day_after(-1)}&to={day_after(1)}&store_id={store}{query}"
    rows = shop.read(f"/v1/reports/waste?{period}")["data"]
    return [(row["category"], row["place"], row["cause"], row["cost"]) for row in rows]


def test_what_is_lost_is_told_by_category_and_cause(shop: World, store: str) -> None:
    milk, tea = product_of(shop, "dairy"), product_of(shop, "tea")
    receive(shop, store, lot(milk, "A", -1), lot(tea, "T", 9))
    dispose(shop, store)
    missing = {"lines": [{"sku": tea, "quantity": -1, "reason": "stolen"}]}
    shop.made(f"/v1/stores/{store}/stock/adjustments", missing)
    shop.catch_up()

    of_dairy = ("dairy", "waste", "expired", cny(500))
    assert waste(shop, store) == [of_dairy, ("tea", "count_difference", "stolen", cny(100))]
    assert waste(shop, store, category="dairy") == [of_dairy]


def test_the_report_of_what_is_over_does_not_change_with_category_and_clock(shop: World, store: str) -> None:
    milk = product_of(shop, "dairy")
    receive(shop, store, lot(milk, "A", -1))
    dispose(shop, store)
    before = waste(shop, store)

    assert shop.patch(f"/v1/products/{milk}", {"category": "drinks"}, 1).status_code == 200
    clock = {"time_zone": "Pacific/Kiritimati"}
    assert shop.patch(f"/v1/stores/{store}", clock, 1).status_code == 200
    shop.catch_up()

    assert waste(shop, store) == before == [("dairy", "waste", "expired", cny(500))]
