"""Suppliers, purchase orders, deliveries and returns over HTTP, and the lists that they lead to."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pytest

from projections.supply_terms.queries import valid_terms
from projections.transfer_board.queries import in_transit
from tests.support.api import (
    Caller,
    World,
    cny,
    fresh,
    line,
    product,
    purchase,
    receive,
    supplier,
)
from tests.support.reacting import connect

Json = dict[str, Any]


def bought(shop: World, *, sku: str, quantity: int = 10, supplier_id: str | None = None) -> tuple[str, str]:
    """A supplier and an order to them that was sent: (supplier_id, purchase_id)."""
    supplier_id = supplier_id or supplier(shop)
    wanted = {"sku": sku, "quantity": quantity, "unit_cost": cny(300)}
    drafted = {"supplier_id": supplier_id, "lines": [wanted]}
    purchase_id = shop.made("/v1/stores/s1/purchase-orders", drafted)["purchase_id"]
    shop.made(f"/v1/purchase-orders/{purchase_id}/sending", {"by_mail": False})
    return supplier_id, purchase_id


def a_product(shop: World) -> str:
    return shop.made("/v1/products", product(fresh("p")))["sku"]


def delivered(shop: World, purchase_id: str, *lines: Json) -> Json:
    return shop.made(f"/v1/purchase-orders/{purchase_id}/receipts", {"lines": list(lines)})


def test_a_supplier_is_changed_at_the_version_that_was_read(shop: World) -> None:
    supplier_id = supplier(shop)
    found = shop.call("GET", f"/v1/suppliers/{supplier_id}")
    change = {"over_bp": 500, "active": False}
    changed = shop.call(
        "PATCH", f"/v1/suppliers/{supplier_id}", change, If_Match=found.headers["ETag"]
    ).json()
    assert (changed["over_bp"], changed["active"]) == (500, False)


def test_who_is_written_to_is_told_in_the_clear_and_stored_sealed(shop: World) -> None:
    supplier_id, contact_id = supplier(shop), fresh("p")
    said = {"contact_id": contact_id, "name": "Bo Zhu", "email": "bo@orchard.example", "phone": "138 0000"}
    shop.made(f"/v1/suppliers/{supplier_id}/contacts", said)
    assert shop.read(f"/v1/contacts/{contact_id}") == {**said, "supplier_id": supplier_id}
    assert shop.read(f"/v1/suppliers/{supplier_id}")["contact_id"] == contact_id
    assert "Bo Zhu" not in shop.everything_stored()


@pytest.mark.parametrize("email", ["a@b.example,c.example", "a;b@c", "<a@b>", "(a)b@c", "a\x00@b", '"a"@b'])
def test_an_address_is_one_address(shop: World, email: str) -> None:
    path = f"/v1/suppliers/{supplier(shop)}/contacts"
    body = {"contact_id": fresh("p"), "name": "Bo", "email": email}
    assert shop.refusal(lambda: shop.post(path, body)) == (400, "invalid_request")


def test_nobody_reads_who_was_forgotten(shop: World) -> None:
    supplier_id, contact_id = supplier(shop), fresh("p")
    shop.made(f"/v1/suppliers/{supplier_id}/contacts", {"contact_id": contact_id, "name": "Bo"})
    shop.made(f"/v1/contacts/{contact_id}/erasure", {"reason": "left"})
    assert shop.refusal(lambda: shop.call("GET", f"/v1/contacts/{contact_id}")) == (410, "erased")
    again = {"contact_id": contact_id, "name": "Bo"}
    assert shop.post(f"/v1/suppliers/{supplier_id}/contacts", again).status_code == 410
    assert shop.read(f"/v1/suppliers/{supplier_id}")["contact_id"] is None


def test_terms_are_listed_page_by_page(shop: World) -> None:
    supplier_id = supplier(shop)
    sku = a_product(shop)
    terms = [
        {"sku": sku, "valid_from": day, "unit_cost": cny(200), "pack_size": 6}
        for day in ("2026-01-01", "2026-02-01")
    ]
    shop.made(f"/v1/suppliers/{supplier_id}/terms", {"lines": terms})
    shop.catch_up()
    listed: list[tuple[str, str]] = []
    cursor = ""
    while True:
        page = shop.read(f"/v1/suppliers/{supplier_id}/terms?limit=2{cursor}")
        listed += [(row["sku"], row["valid_from"]) for row in page["data"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert listed == [("apple", "2026-01-01"), (sku, "2026-01-01"), (sku, "2026-02-01")]


def test_a_cursor_with_what_no_text_can_hold_is_refused(shop: World) -> None:
    """The scores' cursor is any text: also the empty one, which stands for all SKUs. This one holds a NUL."""
    path = f"/v1/suppliers/{supplier(shop)}/scores?cursor=WyJhXHUwMDAwIl0"
    assert shop.refusal(lambda: shop.get(path)) == (400, "invalid_request")


def test_what_was_sent_is_on_order_until_it_comes(shop: World) -> None:
    sku = a_product(shop)
    _, purchase_id = bought(shop, sku=sku)
    assert on_order(shop, sku) == 10
    delivered(shop, purchase_id, {"sku": sku, "accepted": 4, "rejected": 1, "cause": "bruised"})
    assert on_order(shop, sku) == 6
    shop.made(f"/v1/purchase-orders/{purchase_id}/closing", {"cause": "sold out"})
    assert on_order(shop, sku) is None


def on_order(shop: World, sku: str) -> int | None:
    shop.catch_up()
    rows = shop.read("/v1/stores/s1/on-order?limit=250")["data"]
    return next((row["quantity"] for row in rows if row["sku"] == sku), None)


def test_a_delivery_is_on_the_shelf_and_closes_its_order(shop: World) -> None:
    sku = a_product(shop)
    _, purchase_id = bought(shop, sku=sku)
    booked = delivered(shop, purchase_id, {"sku": sku, "accepted": 10, "lot": "L-1", "sell_by": "2030-01-01"})
    assert (booked["status"], booked["lines"][0]["cost"]) == ("closed", cny(3_000))
    shop.catch_up()
    level = shop.read(f"/v1/stores/s1/stock/{sku}")
    assert (level["on_hand"], level["value"]) == (10, cny(3_000))
    (row,) = shop.read(f"/v1/purchase-orders/{purchase_id}")["lines"]
    assert (row["received"], row["owed"]) == (10, 0)


def test_a_delivery_that_is_sent_again_is_booked_once(shop: World) -> None:
    sku = a_product(shop)
    _, purchase_id = bought(shop, sku=sku)
    path = f"/v1/purchase-orders/{purchase_id}/receipts"
    key, body = fresh(), {"lines": [{"sku": sku, "accepted": 4}]}
    first, again = (shop.call("POST", path, body, Idempotency_Key=key) for _ in range(2))
    assert again.headers["Idempotent-Replayed"] == "true"
    assert first.json() == again.json()
    assert shop.read(f"/v1/purchase-orders/{purchase_id}")["lines"][0]["received"] == 4


def test_a_delivery_that_two_servers_are_told_of_at_once_is_received_once(shop: World) -> None:
    sku = a_product(shop)
    _, purchase_id = bought(shop, sku=sku)
    path = f"/v1/purchase-orders/{purchase_id}/receipts"
    body = {"receipt_id": "DN-1", "lines": [{"sku": sku, "accepted": 4}]}

    def book(caller: Caller) -> int:
        return caller.post(path, body).status_code

    with shop.restarted() as other, ThreadPoolExecutor(4) as clerks:
        assert sorted(clerks.map(book, (shop, other, shop, other))) == [201, 409, 409, 409]
    assert shop.read(f"/v1/purchase-orders/{purchase_id}")["lines"][0]["received"] == 4


def test_more_than_was_ordered_is_refused(shop: World) -> None:
    sku = a_product(shop)
    _, purchase_id = bought(shop, sku=sku)
    body = {"lines": [{"sku": sku, "accepted": 11}]}
    response = shop.post(f"/v1/purchase-orders/{purchase_id}/receipts", body)
    assert (response.status_code, response.json()["code"]) == (409, "delivery_exceeds_order")


def test_the_paper_tells_what_is_confirmed_by_now(shop: World) -> None:
    sku = a_product(shop)
    _, purchase_id = bought(shop, sku=sku)
    confirmed = {"lines": [{"sku": sku, "quantity": 8, "unit_cost": cny(310)}]}
    shop.made(f"/v1/purchase-orders/{purchase_id}/confirmations", confirmed)
    paper = shop.read(f"/v1/purchase-orders/{purchase_id}/paper")
    assert (paper["lines"][0]["quantity"], paper["total_minor"]) == (8, 2_480)
    text = shop.call("GET", f"/v1/purchase-orders/{purchase_id}/lines").text
    head, row = text.splitlines()
    assert head.startswith("sku,supplier_sku,name,packs")
    assert row.endswith("8,piece,310,2480,CNY")


def test_suggestions_make_a_draft_for_each_supplier_once(shop: World) -> None:
    suppliers = sorted((supplier(shop), supplier(shop)))
    lines = [
        {"supplier_id": supplier_id, "store_id": "s1", "sku": "apple", "quantity": 3}
        for supplier_id in suppliers
    ]
    key = fresh()
    first, again = (
        shop.call("POST", "/v1/purchase-orders/batches", {"lines": lines}, Idempotency_Key=key).json()
        for _ in range(2)
    )
    assert first == again
    drafted = [shop.read(f"/v1/purchase-orders/{each}") for each in first["purchase_ids"]]
    assert [(one["supplier_id"], one["status"]) for one in drafted] == [(each, "draft") for each in suppliers]


@pytest.mark.parametrize("status", ["draft", "sent"])
def test_the_board_shows_orders_by_status_and_supplier(shop: World, status: str) -> None:
    supplier_id = supplier(shop)
    ids = {name: purchase(shop, supplier_id, sent=name == "sent") for name in ("draft", "sent")}
    shop.catch_up()
    page = shop.read(f"/v1/purchase-orders?supplier_id={supplier_id}&status={status}")
    assert [row["purchase_id"] for row in page["data"]] == [ids[status]]
    assert page["data"][0]["total"] == cny(3_000)


def test_goods_go_back_and_are_credited(shop: World) -> None:
    sku = a_product(shop)
    supplier_id, purchase_id = bought(shop, sku=sku)
    delivered(shop, purchase_id, {"sku": sku, "accepted": 6, "quarantined": 4, "lot": "L1", "cause": "wet"})
    body = {
        "supplier_id": supplier_id,
        "purchase_id": purchase_id,
        "cause": "wet",
        "lines": [{"sku": sku, "quantity": 4, "source": "quarantine", "lot": "L1", "claim": cny(1_100)}],
    }
    return_id = shop.made("/v1/stores/s1/supplier-returns", body)["return_id"]
    note = {"amount": cny(1_000), "reference": "CN-7"}
    shop.made(f"/v1/supplier-returns/{return_id}/credits", note)
    found = shop.read(f"/v1/supplier-returns/{return_id}")
    assert (found["claimed"], found["credited"], found["lines"][0]["cost"]) == (
        cny(1_100),
        cny(1_000),
        cny(1_200),
    )


def test_a_supplier_is_scored_by_what_came(shop: World) -> None:
    sku = a_product(shop)
    supplier_id, purchase_id = bought(shop, sku=sku)
    delivered(shop, purchase_id, {"sku": sku, "accepted": 6, "quarantined": 2, "lot": "L1", "cause": "wet"})
    shop.made(f"/v1/purchase-orders/{purchase_id}/closing", {"cause": "sold out"})
    for day, cost in (("2026-02-01", 330), ("2026-03-01", 297)):
        terms = {"sku": "apple", "valid_from": day, "unit_cost": cny(cost)}
        shop.made(f"/v1/suppliers/{supplier_id}/terms", {"lines": [terms]})
    shop.catch_up()
    whole, *by_sku = shop.read(f"/v1/suppliers/{supplier_id}/scores")["data"]
    figures = {name: whole[name] for name in ("deliveries", "lead_time_days", "accepted_bp", "filled_bp")}
    assert figures == {"deliveries": 1, "lead_time_days": 0.0, "accepted_bp": 7_500, "filled_bp": 8_000}
    assert (whole["price_changes"], whole["price_change_bp"]) == (2, 0)
    assert {row["sku"] for row in by_sku} == {"apple", sku}


def test_a_transfer_is_read_in_both_its_stores_and_in_no_other(shop: World) -> None:
    sku = a_product(shop)
    receive(shop, sku, 10)
    body = {"to_store_id": "s2", "lines": [{"sku": sku, "quantity": 4}]}
    transfer_id = shop.made("/v1/stores/s1/transfers", body)["transfer_id"]
    arrived = {"lines": [{"sku": sku, "good": 2, "damaged": 1}]}
    there, here = shop.caller(stores=["s2"]), shop.caller(stores=["s1"])
    path = f"/v1/transfers/{transfer_id}"
    assert here.post(f"{path}/arrivals", arrived).status_code == 403
    booked = there.made(f"{path}/arrivals", arrived)
    assert booked["lines"] == [{"sku": sku, "good": 2, "damaged": 1, "missing": 1, "over": 0}]
    assert here.read(path) == there.read(path)
    shop.catch_up()
    assert here.read(f"/v1/stores/s1/stock-value?sku={sku}")["in_transit"] == cny(0)
    assert here.read("/v1/transfers")["data"][0]["missing"] == 1
    assert shop.caller(stores=["s9"]).call("GET", path).status_code == 403


def test_a_list_waits_for_the_write_that_it_is_to_show(shop: World) -> None:
    purchase(shop, supplier(shop))
    refused = shop.call("GET", "/v1/purchase-orders", Daybook_Min_Position=str(10**9))
    assert refused.status_code == 503


def test_what_is_on_its_way_and_whose_terms_are_valid_is_found_for_whoever_orders(shop: World) -> None:
    sku = a_product(shop)
    receive(shop, sku, 10)
    supplier_id = supplier(shop)
    terms = [
        {"sku": sku, "valid_from": "2026-01-01", "unit_cost": cny(200)},
        {"sku": sku, "valid_from": "2026-02-01", "valid_until": "2026-02-07", "unit_cost": cny(150)},
    ]
    shop.made(f"/v1/suppliers/{supplier_id}/terms", {"lines": terms})
    shop.made("/v1/stores/s1/transfers", {"to_store_id": "s2", "lines": [line(sku, 4)]})
    shop.catch_up()

    async def read() -> tuple[list[int], list[int]]:
        async with await connect(shop) as connection:
            costs = [
                row.unit_cost_minor
                for day in (date(2025, 12, 31), date(2026, 2, 7), date(2026, 2, 8))
                for row in await valid_terms(connection, day, [sku])
            ]
            return costs, [row.quantity for row in await in_transit(connection, "s2") if row.sku == sku]

    assert asyncio.run(read()) == ([150, 200], [4])
