"""Orders through the API: from the web shop to the customer's door, and what goes wrong on the way."""

from typing import Any

import pytest

from tests.support.api import (
    LONG_AFTER,
    LONG_AGO,
    World,
    add_store,
    basket,
    card,
    cny,
    fresh,
    line,
    order,
    problem,
    product,
    receive,
)

Json = dict[str, Any]


@pytest.fixture
def store(shop: World) -> str:
    """A store of its own with ten apples."""
    store_id = add_store(shop, fresh("s"))["store_id"]
    receive(shop, "apple", 10, store_id=store_id)
    return store_id


def exceptions(shop: World, store_id: str) -> dict[str, list[str]]:
    """What is wrong with which order of the store."""
    position = shop.catch_up()
    here = shop.caller("orders:read", stores=[store_id])
    listed = here.read("/v1/orders/exceptions", Daybook_Min_Position=str(position))["data"]
    return {row["order_id"]: row["exceptions"] for row in listed}


@pytest.mark.parametrize("said", ["Call Wang Xiaoming", "wang@example.cn"])
def test_a_reference_that_stays_in_the_clear_has_no_room_for_a_person(shop: World, said: str) -> None:
    receive(shop, "apple", 1)
    order_id = order(shop, "shipped")
    payments = [{"method": "card", "amount": cny(1000), "reference": said}]
    event = {"shipment_id": "p1", "event_id": said, "status": "in_transit", "happened_at": LONG_AGO}
    for path, body in (("payments", {"payments": payments}), ("carrier-events", event)):
        assert problem(shop.post(f"/v1/orders/{order_id}/{path}", body)) == (400, "invalid_request")


def carrier(shop: World, order_id: str, status: str, event_id: str, happened_at: str = LONG_AGO) -> Json:
    event = {"shipment_id": "p1", "event_id": event_id, "status": status, "happened_at": happened_at}
    return shop.made(f"/v1/orders/{order_id}/carrier-events", event)


def test_an_order_goes_its_way_and_its_history_says_who_did_what_when(shop: World, store: str) -> None:
    order_id = order(shop, "shipped", store_id=store)
    carrier(shop, order_id, "delivered", "1")

    told = shop.read(f"/v1/orders/{order_id}")

    assert (told["status"], told["sale_id"], told["total"]) == ("received", order_id, cny(1000))
    assert told["shipments"][0]["status"] == "delivered"
    assert [each["type"].split(".")[1] for each in told["history"]] == [
        "placed",
        "paid",
        "allocated",
        "picked",
        "shipped",
        "carrier_reported",
        "received",
    ]
    assert {each["actor"].partition(":")[0] for each in told["history"]} == {"key"}


def test_a_paid_order_is_a_sale_like_any_other(shop: World, store: str) -> None:
    order_id = order(shop, "paid", store_id=store)
    sale = shop.read(f"/v1/sales/{order_id}")
    assert (sale["total"], sale["register_id"], sale["tenders"]) == (cny(1000), "orders.web", [card(1000)])


def test_reports_need_nothing_new(shop: World, store: str) -> None:
    order(shop, "paid", store_id=store)
    shop.catch_up()
    report = shop.read(f"/v1/reports/sales?from=2020-01-01&to=2099-12-31&store_id={store}")
    assert (report["data"][0]["gross"], report["data"][0]["units"]) == (cny(1000), 1)


def test_a_paid_order_is_cancelled_by_a_return(shop: World, store: str) -> None:
    order_id = order(shop, "paid", store_id=store)
    cancelled = shop.made(f"/v1/orders/{order_id}/cancellation", {"cause": "changed mind"})
    assert cancelled["returned"]["refunds"] == [card(1000)]
    assert shop.read(f"/v1/sales/{order_id}")["refunded"] == cny(1000)


def test_what_is_ordered_is_not_promised_twice(shop: World, store: str) -> None:
    wish = {"channel": "web", "lines": [line("apple", 6)]}
    shop.made(f"/v1/stores/{store}/orders", wish)
    refused = shop.refusal(lambda: shop.post(f"/v1/stores/{store}/orders", wish))
    assert refused == (409, "stock_short")


def test_the_same_order_sent_again_is_one_order(shop: World, store: str) -> None:
    wish = {"channel": "web", "lines": [line("apple", 6)]}
    key = fresh()
    first = shop.made(f"/v1/stores/{store}/orders", wish, Idempotency_Key=key)
    assert shop.made(f"/v1/stores/{store}/orders", wish, Idempotency_Key=key) == first


def test_a_carriers_event_sent_again_changes_nothing(shop: World, store: str) -> None:
    order_id = order(shop, "shipped", store_id=store)
    first = carrier(shop, order_id, "in_transit", "1")
    assert carrier(shop, order_id, "in_transit", "1")["position"] == first["position"]


def test_a_delivery_is_not_undone_by_what_was_said_before_and_comes_after(shop: World, store: str) -> None:
    order_id = order(shop, "shipped", store_id=store)
    carrier(shop, order_id, "delivered", "2")
    carrier(shop, order_id, "in_transit", "1", LONG_AFTER)
    told = shop.read(f"/v1/orders/{order_id}")
    assert (told["status"], told["shipments"][0]["status"]) == ("received", "delivered")


def test_a_step_that_does_not_follow_is_refused(shop: World, store: str) -> None:
    order_id = order(shop, store_id=store)
    for step in ("allocation", "picking", "receipt"):
        refused = shop.refusal(lambda step=step: shop.post(f"/v1/orders/{order_id}/{step}"))
        assert refused == (409, "order_not_ready")


def test_the_wrong_currency_is_refused(shop: World, store: str) -> None:
    order_id = order(shop, store_id=store)
    payment = {"payments": [{"method": "card", "amount": {"amount": 1000, "currency": "EUR"}}]}
    refused = shop.refusal(lambda: shop.post(f"/v1/orders/{order_id}/payments", payment))
    assert refused == (422, "currency_mismatch")


def test_exceptions_are_what_somebody_has_to_act_on(shop: World, store: str) -> None:
    fine = order(shop, "paid", store_id=store)
    late = order(shop, "paid", store_id=store, ship_by=LONG_AGO)
    delayed = order(shop, "picked", store_id=store)
    shop.made(f"/v1/orders/{delayed}/delays", {"ship_by": LONG_AFTER, "cause": "supplier late"})
    broken = order(shop, "received", store_id=store)
    crushed = {"lines": [{"line": 1, "quantity": 1}], "cause": "crushed"}
    shop.made(f"/v1/orders/{broken}/damages", crushed)
    undelivered = order(shop, "shipped", store_id=store)
    carrier(shop, undelivered, "failed", "1")

    found = exceptions(shop, store)

    assert fine not in found
    assert found == {
        late: ["not_shipped"],
        delayed: ["delayed"],
        broken: ["damaged"],
        undelivered: ["delivery_failed"],
    }


def pay_and_ship(shop: World, order_id: str, amount: int) -> None:
    shop.made(f"/v1/orders/{order_id}/payments", {"payments": [card(amount)]})
    for step, body in (
        ("allocation", {}),
        ("picking", {}),
        ("shipments", {"carrier": "sf"}),
        ("receipt", {}),
    ):
        shop.made(f"/v1/orders/{order_id}/{step}", body)


def test_an_order_that_comes_back_whole_is_over_and_one_of_which_part_does_shows_it(
    shop: World, store: str
) -> None:
    whole = order(shop, "shipped", store_id=store)
    part = order(shop, store_id=store, lines=[line("apple", 2)])
    pay_and_ship(shop, part, 2000)
    for order_id in (whole, part):
        back = {"lines": [{"line": 1, "quantity": 1}], "reason": "soft"}
        shop.made(f"/v1/sales/{order_id}/returns", back)
    position = shop.catch_up()
    listed = shop.read("/v1/orders?limit=250", Daybook_Min_Position=str(position))["data"]
    board = {row["order_id"]: (row["status"], row["came_back"]) for row in listed}
    assert (board[whole], board[part]) == (("returned", True), ("received", True))
    told = shop.read(f"/v1/orders/{part}")
    assert (told["status"], told["lines"][0]["returned"]) == ("received", 1)


def test_goods_that_a_till_sold_are_an_exception_until_others_come_in(shop: World, store: str) -> None:
    wish = {"order_id": (id_ := fresh("o")), "channel": "web", "lines": [line("apple", 8)]}
    shop.made(f"/v1/stores/{store}/orders", wish)
    shop.made(f"/v1/stores/{store}/sales", basket(line("apple", 5)))
    shop.made(f"/v1/orders/{id_}/payments", {"payments": [card(8000)]})
    shop.post(f"/v1/orders/{id_}/allocation")
    assert exceptions(shop, store) == {id_: ["allocation_short"]}
    assert shop.read(f"/v1/orders/{id_}")["missing"] == [{"sku": "apple", "missing": 3}]

    receive(shop, "apple", 3, store_id=store)
    shop.post(f"/v1/orders/{id_}/allocation")

    assert exceptions(shop, store) == {}


def test_a_failed_delivery_that_succeeds_is_none_any_more(shop: World, store: str) -> None:
    order_id = order(shop, "shipped", store_id=store)
    carrier(shop, order_id, "failed", "1", LONG_AGO)
    assert exceptions(shop, store) == {order_id: ["delivery_failed"]}
    carrier(shop, order_id, "delivered", "2", LONG_AGO)
    assert exceptions(shop, store) == {}


def test_the_board_is_read_by_status_and_by_who_takes_care(shop: World, store: str) -> None:
    placed, paid = order(shop, store_id=store), order(shop, "paid", store_id=store)
    shop.catch_up()
    here = shop.caller("orders:read", stores=[store])
    board = here.read("/v1/orders")["data"]
    assert [row["order_id"] for row in board] == [paid, placed]
    assert [row["order_id"] for row in here.read("/v1/orders?status=placed")["data"]] == [placed]
    assert here.read("/v1/orders?employee_id=e1")["data"] == []
    first = here.read("/v1/orders?limit=1")
    rest = here.read(f"/v1/orders?limit=1&cursor={first['next_cursor']}")
    assert [row["order_id"] for row in (*first["data"], *rest["data"])] == [paid, placed]
    assert rest["next_cursor"] is None


def test_a_crew_is_shown_with_its_work(shop: World, store: str) -> None:
    employee = {"employee_id": fresh("e"), "store_id": store, "name": "Li Lei"}
    employee_id = shop.made("/v1/employees", employee)["employee_id"]
    set_ = shop.call("PUT", f"/v1/stores/{store}/crew/{employee_id}", {"capacity": 2, "skills": ["cold"]})
    assert set_.status_code == 200
    assert shop.read(f"/v1/stores/{store}/crew") == {
        "store_id": store,
        "members": [
            {"employee_id": employee_id, "capacity": 2, "skills": ["cold"], "away": False, "work": []}
        ],
        "waiting": [],
    }


def test_a_customers_orders_stand_in_their_export(shop: World, store: str) -> None:
    customer_id = shop.made("/v1/customers", {"name": "Han"})["customer_id"]
    order_id = order(shop, "paid", store_id=store, customer_id=customer_id)
    exported = shop.post(f"/v1/customers/{customer_id}/export", Daybook_Purpose="customer asked").json()
    assert {entry["stream"] for entry in exported["orders"]} == {f"order-{order_id}"}
    assert {entry["stream"] for entry in exported["purchases"]} == {f"sale-{order_id}"}


def test_a_service_is_ordered_and_shipped_without_stock(shop: World, store: str) -> None:
    sku = shop.made("/v1/products", product(fresh("p"), stocked=False))["sku"]
    wish = {"channel": "web", "lines": [line(sku)]}
    order_id = shop.made(f"/v1/stores/{store}/orders", wish)["order_id"]
    assert shop.post(f"/v1/orders/{order_id}/payments", {"payments": [card(1000)]}).status_code == 201
