"""Parked sales: put aside at one till, called up at another, once."""

import pytest

from tests.support.api import (
    LONG_AFTER,
    REPLAYED,
    Json,
    World,
    basket,
    cny,
    fresh,
    line,
    problem,
    receive,
)


def park(shop: World, **fields: object) -> Json:
    body = {"register_id": "till-1", "lines": [line("apple", 2), line("cherry", 250)], **fields}
    return shop.made("/v1/stores/s1/parked-sales", body)


def address(parked: Json, what: str = "recall", store_id: str = "s1") -> str:
    return f"/v1/stores/{store_id}/parked-sales/{parked['parked_id']}/{what}"


def test_another_till_calls_up_what_was_put_aside(shop: World) -> None:
    parked = park(shop)
    recalled = shop.made(address(parked), {"register_id": "till-2"})
    told = [(each["sku"], each["quantity"], each["barcode"]) for each in recalled["lines"]]
    assert told == [("apple", 2, None), ("cherry", 250, None)]


def test_what_is_marked_down_is_still_so_when_it_is_called_up(shop: World) -> None:
    receive(shop, "apple", 5)
    terms = {"lot": "l-1", "sku": "apple", "labels": 2, "price": cny(300), "reason": "near expiry"}
    label = shop.made("/v1/stores/s1/markdowns", {**terms, "until": LONG_AFTER})["label"]
    parked = park(shop, lines=[{"barcode": label, "quantity": 1}])

    (recalled,) = shop.made(address(parked), {})["lines"]

    assert recalled == {"sku": "apple", "quantity": 1, "barcode": label}
    sold = shop.made("/v1/stores/s1/sales", basket({"barcode": recalled["barcode"], "quantity": 1}))
    assert sold["total"] == cny(300)


@pytest.mark.parametrize(
    ("given", "refused"),
    [
        ({"quantity": 1}, (400, "invalid_request")),
        ({"sku": "apple"}, (400, "invalid_request")),
        ({"sku": "apple", "barcode": "4006381333931", "quantity": 1}, (400, "invalid_request")),
        ({"barcode": "4006381333931", "quantity": 1}, (404, "not_found")),
    ],
    ids=["nothing", "no quantity", "both", "an unknown code"],
)
def test_a_line_that_names_nothing_or_two_things_is_refused(
    shop: World, given: Json, refused: tuple[int, str]
) -> None:
    path, body = "/v1/stores/s1/parked-sales", {"lines": [given]}
    assert shop.refusal(lambda: shop.post(path, body)) == refused


def test_of_two_tills_one_gets_it(shop: World) -> None:
    parked = park(shop)
    shop.made(address(parked), {})
    assert problem(shop.post(address(parked), {})) == (409, "parked_gone")


def test_a_till_whose_answer_was_lost_asks_again_and_gets_it(shop: World) -> None:
    parked, key = park(shop), fresh()
    first = shop.post(address(parked), {}, Idempotency_Key=key)
    again = shop.post(address(parked), {}, Idempotency_Key=key)
    assert (again.content, again.headers[REPLAYED]) == (first.content, "true")


def test_what_is_discarded_is_not_called_up(shop: World) -> None:
    parked = park(shop)
    shop.made(address(parked, "discarding"), {})
    assert shop.post(address(parked), {}).json()["facts"] == {"status": "discarded"}


def test_another_store_has_no_such_basket(shop: World) -> None:
    parked = park(shop)
    assert shop.refusal(lambda: shop.post(address(parked, store_id="s2"), {})) == (404, "not_found")


def test_what_is_put_aside_is_listed_until_it_is_taken_up(shop: World) -> None:
    store = {"store_id": fresh("s"), "name": "Pier", "currency": "CNY", "time_zone": "UTC"}
    path = f"/v1/stores/{shop.made('/v1/stores', store)['store_id']}/parked-sales"
    ids = [shop.made(path, {"lines": [line("apple", 1)]})["parked_id"] for _ in range(3)]
    shop.made(f"{path}/{ids[0]}/recall", {})
    shop.catch_up()
    first = shop.read(f"{path}?limit=1")
    second = shop.read(f"{path}?limit=1&cursor={first['next_cursor']}")
    assert [row["parked_id"] for row in (*first["data"], *second["data"])] == ids[1:]
    assert (first["data"][0]["lines"], second["next_cursor"]) == (1, None)


def test_nothing_is_held_for_a_parked_basket(shop: World) -> None:
    before = shop.read("/v1/stores/s1/stock/apple")
    park(shop)
    shop.catch_up()
    assert shop.read("/v1/stores/s1/stock/apple") == before


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"lines": []}, (400, "invalid_request")),
        ({"customer_id": "nobody"}, (404, "not_found")),
    ],
)
def test_what_can_not_be_put_aside_is_refused(shop: World, fields: Json, code: tuple[int, str]) -> None:
    body = {"lines": [line("apple", 1)], **fields}
    assert shop.refusal(lambda: shop.post("/v1/stores/s1/parked-sales", body)) == code
