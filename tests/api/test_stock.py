"""Receipts, adjustments and waste, and the levels they lead to."""

from datetime import UTC, datetime, timedelta

import pytest

import api.stock
from tests.support.api import (
    MIN_POSITION,
    World,
    add_store,
    card,
    cny,
    fresh,
    line,
    order,
    product,
    receive,
    sell,
)

STOCK = "/v1/stores/s1/stock"


def a_product(shop: World) -> str:
    return shop.made("/v1/products", product(fresh("p")))["sku"]


def level(shop: World, sku: str) -> dict[str, object]:
    shop.catch_up()
    return shop.read(f"{STOCK}/{sku}")


def test_a_receipt_answers_cost_and_what_is_on_hand(shop: World) -> None:
    sku = a_product(shop)
    body = {"lines": [{"sku": sku, "quantity": 40, "unit_cost": cny(600), "lot": "L-7"}]}
    response = shop.post(f"{STOCK}/receipts", body)
    booked = [{"sku": sku, "quantity": 40, "cost": cny(24_000), "on_hand": 40}]
    assert (response.status_code, response.json()["lines"]) == (201, booked)


def test_a_stock_document_answers_with_the_position_it_wrote(shop: World) -> None:
    response = shop.post(f"{STOCK}/receipts", {"lines": [line(a_product(shop))]})
    position = shop.written()[0]
    assert (response.headers["Daybook-Position"], response.json()["position"]) == (str(position), position)


def test_waste_is_booked_at_the_books_cost(shop: World) -> None:
    sku = a_product(shop)
    receive(shop, sku, 10, unit_cost=600)
    booked = shop.made(f"{STOCK}/waste", {"lines": [{**line(sku, 3), "reason": "spoiled"}]})
    assert booked["lines"] == [{"sku": sku, "quantity": 3, "cost": cny(1800), "on_hand": 7}]


def test_an_adjustment_books_the_difference(shop: World) -> None:
    sku = a_product(shop)
    receive(shop, sku, 10)
    booked = shop.made(f"{STOCK}/adjustments", {"lines": [{**line(sku, -2), "reason": "counted"}]})
    assert booked["lines"][0]["on_hand"] == 8


def test_a_level_says_what_became_of_the_goods(shop: World) -> None:
    sku = a_product(shop)
    receive(shop, sku, 20, unit_cost=500)
    sale = sell(shop, line(sku, 6))
    returned = {"lines": [{"line": 1, "quantity": 1}], "reason": "soft"}
    shop.made(f"/v1/sales/{sale['sale_id']}/returns", returned)
    shop.made(f"{STOCK}/waste", {"lines": [{**line(sku, 2), "reason": "spoiled"}]})
    shop.made(f"{STOCK}/adjustments", {"lines": [line(sku, -1)]})
    moved = {"received": 20, "sold": 6, "returned": 1, "wasted": 2, "adjusted": -1, "on_hand": 12}
    assert moved.items() <= level(shop, sku).items()


def test_a_level_is_worth_what_the_goods_cost(shop: World) -> None:
    sku = a_product(shop)
    receive(shop, sku, 20, unit_cost=500)
    assert level(shop, sku)["value"] == cny(10_000)


def test_what_never_moved_is_at_zero(shop: World) -> None:
    assert level(shop, a_product(shop))["on_hand"] == 0


def test_a_document_is_booked_whole_or_not_at_all(shop: World) -> None:
    body = {"lines": [line(a_product(shop)), line("ghost")]}
    assert shop.refusal(lambda: shop.post(f"{STOCK}/receipts", body)) == (404, "not_found")


def test_a_sku_may_stand_on_two_lines(shop: World) -> None:
    sku = a_product(shop)
    booked = shop.made(f"{STOCK}/receipts", {"lines": [line(sku, 2), line(sku, 3)]})
    assert [line["on_hand"] for line in booked["lines"]] == [2, 5]


def test_no_more_is_wasted_than_there_is(shop: World) -> None:
    body = {"lines": [{**line(a_product(shop)), "reason": "spoiled"}]}
    assert shop.refusal(lambda: shop.post(f"{STOCK}/waste", body)) == (409, "stock_short")


@pytest.mark.parametrize("quantity", [0, -1, 1.0, 1.5, "1", 10**12 + 1, 10**30, None, True])
@pytest.mark.parametrize("document", ["receipts", "waste"])
def test_what_moves_is_a_positive_whole_number(shop: World, document: str, quantity: object) -> None:
    body = {"lines": [{"sku": "apple", "quantity": quantity, "reason": "spoiled"}]}
    if document == "receipts":
        body = {"lines": [{"sku": "apple", "quantity": quantity}]}
    assert shop.refusal(lambda: shop.post(f"{STOCK}/{document}", body)) == (400, "invalid_request")


@pytest.mark.parametrize("document", ["receipts", "adjustments", "waste"])
def test_a_document_has_lines(shop: World, document: str) -> None:
    assert shop.refusal(lambda: shop.post(f"{STOCK}/{document}", {"lines": []})) == (400, "invalid_request")


def test_an_adjustment_of_zero_is_none(shop: World) -> None:
    body = {"lines": [line("apple", 0)]}
    assert shop.refusal(lambda: shop.post(f"{STOCK}/adjustments", body)) == (422, "invalid_command")


def test_goods_cost_what_the_store_pays_with(shop: World) -> None:
    body = {"lines": [{**line("apple"), "unit_cost": {"amount": 1, "currency": "EUR"}}]}
    assert shop.refusal(lambda: shop.post(f"{STOCK}/receipts", body)) == (422, "currency_mismatch")


def test_a_delivery_is_not_worth_more_than_a_report_can_add_up(shop: World) -> None:
    body = {"lines": [{**line("apple", 10**12), "unit_cost": cny(10**12)}]}
    assert shop.refusal(lambda: shop.post(f"{STOCK}/receipts", body)) == (422, "amount_too_large")


def test_a_million_times_a_dear_piece_is_not_booked_either(shop: World) -> None:
    sku = a_product(shop)
    receive(shop, sku, 1, unit_cost=10**12)
    body = {"lines": [line(sku, 10**12)]}
    assert shop.refusal(lambda: shop.post(f"{STOCK}/adjustments", body)) == (422, "amount_too_large")


def test_a_service_holds_no_stock(shop: World) -> None:
    sku = shop.made("/v1/products", product(fresh("p"), stocked=False))["sku"]
    body = {"lines": [line(sku)]}
    assert shop.refusal(lambda: shop.post(f"{STOCK}/receipts", body)) == (422, "invalid_command")


@pytest.mark.parametrize("path", [f"{STOCK}/ghost", "/v1/stores/ghost/stock", "/v1/stores/ghost/stock/apple"])
def test_levels_of_what_does_not_exist_are_not_found(shop: World, path: str) -> None:
    assert shop.refusal(lambda: shop.get(path)) == (404, "not_found")


def test_levels_are_listed_by_sku_page_by_page(shop: World) -> None:
    store_id = add_store(shop, fresh("s"))["store_id"]
    skus = sorted(a_product(shop) for _ in range(5))
    for sku in skus:
        receive(shop, sku, 1, store_id=store_id)
    shop.catch_up()
    pages: list[list[str]] = []
    cursor: str | None = ""
    while cursor is not None:
        given = f"&cursor={cursor}" if cursor else ""
        page = shop.read(f"/v1/stores/{store_id}/stock?limit=2{given}")
        pages.append([row["sku"] for row in page["data"]])
        cursor = page["next_cursor"]
    assert pages == [skus[:2], skus[2:4], skus[4:]]


def test_the_last_page_is_the_last_even_if_it_is_full(shop: World) -> None:
    store_id = add_store(shop, fresh("s"))["store_id"]
    for _ in range(2):
        receive(shop, a_product(shop), 1, store_id=store_id)
    shop.catch_up()
    assert shop.read(f"/v1/stores/{store_id}/stock?limit=2")["next_cursor"] is None


def test_a_level_may_be_waited_for(shop: World) -> None:
    sku = a_product(shop)
    position = receive(shop, sku, 7)["position"]
    shop.catch_up()
    assert shop.read(f"{STOCK}/{sku}", **{MIN_POSITION: str(position)})["on_hand"] == 7


def promised(shop: World, sku: str) -> tuple[object, object, object]:
    told = level(shop, sku)
    return told["on_hand"], told["reserved"], told["available"]


def test_what_an_order_reserves_is_on_hand_and_not_available_until_it_is_paid(shop: World) -> None:
    sku = a_product(shop)
    receive(shop, sku, 10)
    order(shop, lines=[line(sku, 2), line(sku, 1)])
    paid = order(shop, lines=[line(sku, 4)])
    assert promised(shop, sku) == (10, 7, 3)
    shop.made(f"/v1/orders/{paid}/payments", {"payments": [card(4000)]})
    assert promised(shop, sku) == (6, 3, 3)
    (listed,) = [row for row in shop.read(f"{STOCK}?limit=250")["data"] if row["sku"] == sku]
    assert (listed["reserved"], listed["available"]) == (3, 3)


def test_what_is_given_up_is_available_again(shop: World) -> None:
    sku = a_product(shop)
    receive(shop, sku, 10)
    given_up = order(shop, lines=[line(sku, 2)])
    shop.made(f"/v1/orders/{given_up}/cancellation", {"cause": "changed mind"})
    assert promised(shop, sku) == (10, 0, 10)


def test_a_reservation_that_lapsed_counts_no_more_though_nobody_has_released_it(
    shop: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    sku = a_product(shop)
    receive(shop, sku, 10)
    order(shop, lines=[line(sku, 2)], hold_s=60)
    order(shop, lines=[line(sku, 3)], hold_s=600)
    later = datetime.now(UTC) + timedelta(seconds=61)
    monkeypatch.setattr(api.stock, "now_utc", lambda: later)
    assert promised(shop, sku) == (10, 3, 7)
