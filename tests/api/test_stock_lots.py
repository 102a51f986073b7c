"""Lots, quarantine, locations and late costs over HTTP."""

from urllib.parse import urlencode

import pytest

from tests.support.api import World, cny, fresh, line, product, sell

STOCK = "/v1/stores/s1/stock"
LONG = "2099-01-31"
SOON = "2099-01-01"


def a_product(shop: World) -> str:
    return shop.made("/v1/products", product(fresh("p")))["sku"]


def deliver(shop: World, sku: str, lot: str, quantity: int = 10, **fields: object) -> None:
    delivered = {**line(sku, quantity), "unit_cost": cny(100), "lot": lot, **fields}
    shop.made(f"{STOCK}/receipts", {"lines": [delivered]})


def lots(shop: World, sku: str) -> dict[str | None, dict[str, object]]:
    return {lot["lot"]: lot for lot in shop.read(f"{STOCK}/{sku}/lots")["lots"]}


@pytest.fixture
def sku(shop: World) -> str:
    """A product of which two lots were delivered, the one that keeps longer first."""
    found = a_product(shop)
    deliver(shop, found, "late", sell_by=LONG)
    deliver(shop, found, "early", sell_by=SOON)
    return found


def test_the_lots_of_a_product_are_listed_as_they_expire(shop: World, sku: str) -> None:
    assert list(lots(shop, sku)) == ["early", "late"]


def test_a_sale_takes_the_lot_that_expires_first(shop: World, sku: str) -> None:
    sell(shop, line(sku, 12))
    assert {name: lot["on_hand"] for name, lot in lots(shop, sku).items()} == {"late": 8}


def test_what_was_sold_comes_back_to_its_lot(shop: World, sku: str) -> None:
    sale = sell(shop, line(sku, 3))
    back = {"lines": [{"line": 1, "quantity": 1}], "reason": "soft"}
    shop.made(f"/v1/sales/{sale['sale_id']}/returns", back)
    assert lots(shop, sku)["early"]["on_hand"] == 8


def test_what_is_in_quarantine_is_not_sold(shop: World, sku: str) -> None:
    shop.made(f"{STOCK}/quarantine", {"lines": [{**line(sku, 10), "lot": "early", "reason": "recalled"}]})
    sell(shop, line(sku, 1))
    early, late = (lots(shop, sku)[name] for name in ("early", "late"))
    assert (early["held"], early["held_value"], late["on_hand"]) == (10, cny(1000), 9)


def test_what_is_released_is_on_the_shelf_again(shop: World, sku: str) -> None:
    shop.made(f"{STOCK}/quarantine", {"lines": [{**line(sku, 4), "lot": "late", "reason": "recalled"}]})
    shop.made(f"{STOCK}/releases", {"lines": [{**line(sku, 3), "lot": "late"}]})
    late = lots(shop, sku)["late"]
    assert (late["on_hand"], late["held"]) == (9, 1)


def test_no_more_is_released_than_is_held(shop: World, sku: str) -> None:
    body = {"lines": [{**line(sku, 1), "lot": "late"}]}
    assert shop.refusal(lambda: shop.post(f"{STOCK}/releases", body)) == (409, "stock_short")


def test_what_is_held_is_wasted_from_there(shop: World, sku: str) -> None:
    held = {**line(sku, 4), "lot": "late", "reason": "recalled"}
    shop.made(f"{STOCK}/quarantine", {"lines": [held]})
    shop.made(f"{STOCK}/waste", {"lines": [{**held, "from_quarantine": True}]})
    shop.catch_up()
    level = shop.read(f"{STOCK}/{sku}")
    assert (level["on_hand"], level["held"], level["wasted"]) == (16, 0, 4)


def test_waste_takes_the_lot_that_it_names(shop: World, sku: str) -> None:
    shop.made(f"{STOCK}/waste", {"lines": [{**line(sku, 2), "lot": "late", "reason": "crushed"}]})
    assert lots(shop, sku)["late"]["on_hand"] == 8


def test_a_lot_that_is_not_there_can_not_be_wasted(shop: World, sku: str) -> None:
    body = {"lines": [{**line(sku, 2), "lot": "other", "reason": "crushed"}]}
    assert shop.refusal(lambda: shop.post(f"{STOCK}/waste", body)) == (404, "not_found")


def test_a_lot_has_one_sell_by(shop: World, sku: str) -> None:
    body = {"lines": [{**line(sku, 2), "lot": "late", "sell_by": SOON}]}
    assert shop.refusal(lambda: shop.post(f"{STOCK}/receipts", body)) == (409, "lot_differs")


def test_a_receipts_reference_is_the_lot_of_what_has_a_sell_by(shop: World) -> None:
    sku = a_product(shop)
    body = {"lines": [{**line(sku, 2), "sell_by": SOON}], "reference": "delivery-9"}
    shop.made(f"{STOCK}/receipts", body)
    assert lots(shop, sku)["delivery-9"]["sell_by"] == SOON


def test_goods_are_carried_from_one_location_to_another(shop: World) -> None:
    store = {"store_id": fresh("s"), "name": "Side Street", "currency": "CNY", "time_zone": "Asia/Shanghai"}
    store_id = shop.made("/v1/stores", {**store, "locations": ["cold room"]})["store_id"]
    sku = a_product(shop)
    stock = f"/v1/stores/{store_id}/stock"
    shop.made(f"{stock}/receipts", {"lines": [{**line(sku, 9), "lot": "A", "location": "cold room"}]})
    shop.made(f"{stock}/relocations", {"lines": [{**line(sku, 4), "lot": "A", "from_location": "cold room"}]})
    (lot,) = shop.read(f"{stock}/{sku}/lots")["lots"]
    assert lot["locations"] == {"": 4, "cold room": 5}


def test_a_store_has_no_location_that_it_does_not_name(shop: World, sku: str) -> None:
    body = {"lines": [{**line(sku, 1), "to_location": "attic"}]}
    assert shop.refusal(lambda: shop.post(f"{STOCK}/relocations", body)) == (404, "not_found")


def test_freight_that_arrives_late_is_split_between_what_is_there_and_what_has_gone(shop: World) -> None:
    sku = a_product(shop)
    deliver(shop, sku, "A")
    sell(shop, line(sku, 6))
    body = {"amount": cny(1000), "basis": "quantity", "lines": [{**line(sku, 10), "lot": "A"}]}
    (share,) = shop.made(f"{STOCK}/landed-costs", body)["lines"]
    assert (share["stock"], share["variance"]) == (cny(400), cny(600))
    assert lots(shop, sku)["A"]["value"] == cny(800)


def test_a_cost_of_a_receipt_that_never_was_is_refused_and_not_spent(shop: World) -> None:
    sku = a_product(shop)
    shop.made(f"{STOCK}/receipts", {"lines": [{**line(sku, 10), "unit_cost": cny(100)}], "reference": "DN-1"})
    shop.catch_up()
    billed = [{**line(sku, 10), "receipt": receipt} for receipt in ("DN-1", "DN-7")]
    body = {"amount": cny(1000), "basis": "quantity", "lines": billed}
    assert shop.refusal(lambda: shop.post(f"{STOCK}/landed-costs", body)) == (404, "not_found")
    shop.made(f"{STOCK}/landed-costs", {**body, "lines": billed[:1]})


def test_a_receipt_is_known_before_any_read_model_has_seen_it(shop: World) -> None:
    sku = a_product(shop)
    shop.made(f"{STOCK}/receipts", {"lines": [{**line(sku, 10), "unit_cost": cny(100)}], "reference": "DN-8"})
    body = {"amount": cny(1000), "basis": "quantity", "lines": [{**line(sku, 10), "receipt": "DN-8"}]}
    (share,) = shop.made(f"{STOCK}/landed-costs", body)["lines"]
    assert share["stock"] == cny(1000)


def test_stock_may_be_valued_first_in_first_out(shop: World) -> None:
    shop.call("PUT", "/v1/stock-policy", {"cost_method": "fifo"})
    try:
        sku = a_product(shop)
        for cost in (100, 300):
            shop.made(f"{STOCK}/receipts", {"lines": [{**line(sku, 10), "unit_cost": cny(cost)}]})
        sell(shop, line(sku, 10))
        shop.catch_up()
        assert shop.read(f"{STOCK}/{sku}")["value"] == cny(3000)
    finally:
        shop.call("PUT", "/v1/stock-policy", {"cost_method": "average"})


def value(shop: World, sku: str, **asked: str) -> dict[str, object]:
    shop.catch_up()
    return shop.read(f"{STOCK[:-6]}/stock-value?{urlencode({'sku': sku, **asked})}")


def test_the_value_of_the_stock_is_told_as_of_an_instant(shop: World) -> None:
    sku = a_product(shop)
    deliver(shop, sku, "A")
    shop.catch_up()
    (received,) = shop.read(f"{STOCK}/{sku}/movements")["data"]
    sell(shop, line(sku, 6))
    assert value(shop, sku)["value"] == cny(400)
    then = value(shop, sku, as_of=received["recorded_at"])
    assert (then["on_hand"], then["value"]) == (10, cny(1000))


def test_waste_and_shrink_are_told_in_money_by_cause(shop: World, sku: str) -> None:
    crushed = {**line(sku, 2), "lot": "late", "reason": "crushed"}
    shop.made(f"{STOCK}/waste", {"lines": [crushed]})
    shop.made(f"{STOCK}/adjustments", {"lines": [{**line(sku, -3), "reason": "count"}]})
    shop.catch_up()
    asked = urlencode({"from": "2000-01-01", "to": "2098-12-31", "sku": sku})
    rows = shop.read(f"{STOCK[:-6]}/waste-report?{asked}")["data"]
    assert [(row["place"], row["cause"], row["cost"]) for row in rows] == [
        ("count_difference", "count", cny(300)),
        ("waste", "crushed", cny(200)),
    ]


def test_a_donation_leaves_the_shelf_at_its_cost_and_names_its_recipient(shop: World, sku: str) -> None:
    given = {**line(sku, 4), "lot": "early", "reason": "surplus"}
    shop.made(f"{STOCK}/donations", {"recipient": "food-bank", "lines": [given]})
    shop.catch_up()
    moved = shop.read(f"{STOCK}/{sku}/movements")["data"][0]
    assert (moved["to_place"], moved["cost"], moved["reference"]) == ("donated", cny(400), "food-bank")
    assert shop.read(f"{STOCK}/{sku}")["on_hand"] == 16
