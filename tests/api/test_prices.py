"""Prices over HTTP: lists, barcodes, and what a till scans."""

from typing import Any

import pytest

from domain.catalog.barcode import check_digit
from tests.support.api import World, basket, cny, fresh, line, problem, product
from tests.support.routes import fresh_barcode

Json = dict[str, Any]


@pytest.fixture(scope="module")
def till(shop: World) -> World:
    """A shop whose scales print prices behind 21 and weights behind 29; cherries are item 00123, at 39.90."""
    shop.made("/v1/products", {**product("sweet"), "unit": "gram", "price": cny(3990)})
    put(shop, "/v1/products/sweet/barcodes", {"scale_numbers": ["2100123", "2900123"]}, 1)
    layouts = [{"prefix": "21", "measure": "price"}, {"prefix": "29", "measure": "weight"}]
    put(shop, "/v1/scales", {"layouts": layouts}, 0)
    return shop


@pytest.fixture
def sku(till: World) -> str:
    """A product of the test's own, at 10.00."""
    return till.made("/v1/products", product(fresh("p")))["sku"]


def put(till: World, path: str, body: Json, version: int, status: int = 200) -> Json:
    answer = till.call("PUT", path, body, If_Match=f'"{version}"')
    assert answer.status_code == status, answer.text
    return answer.json()


def a_list(till: World, **terms: Any) -> str:
    return till.made("/v1/price-lists", {"name": "South", "currency": "CNY", **terms})["list_id"]


def scale_code(value: int, prefix: str = "21") -> str:
    digits = f"{prefix}00123{value:05}"
    return f"{digits}{check_digit(digits)}"


def test_a_list_is_read_as_it_was_given(till: World) -> None:
    list_id = a_list(till, stores=["s1"], segments=["vip"], valid_from="2026-01-01T00:00:00Z")
    told = till.read(f"/v1/price-lists/{list_id}")
    assert told == {
        "list_id": list_id,
        "version": 1,
        "name": "South",
        "currency": "CNY",
        "stores": ["s1"],
        "segments": ["vip"],
        "valid_from": "2026-01-01T00:00:00Z",
        "valid_until": None,
    }
    assert told in till.read("/v1/price-lists")["data"]


def test_prices_are_set_and_stand_with_their_products(till: World, sku: str) -> None:
    list_id = a_list(till)
    prices = [{"sku": sku, "price": cny(900)}]
    set_ = till.post(f"/v1/price-lists/{list_id}/prices", {"prices": prices})
    assert (set_.status_code, set_.json()) == (200, {"list_id": list_id, "version": 2, "changed": 1})
    (told,) = till.read(f"/v1/products/{sku}")["prices"]
    assert told == {"list_id": list_id, "version": 2, "price": cny(900), "piece_price": None}


def test_a_thousand_prices_are_set_at_once(till: World) -> None:
    list_id = a_list(till)
    skus = [till.made("/v1/products", product(fresh("p")))["sku"] for _ in range(20)]
    prices: list[Json] = [{"sku": sku, "price": cny(5)} for sku in skus]
    assert till.post(f"/v1/price-lists/{list_id}/prices", {"prices": prices}).json()["changed"] == 20
    too_many = [{"sku": f"ghost-{number}", "price": cny(5)} for number in range(1001)]
    refused = till.post(f"/v1/price-lists/{list_id}/prices", {"prices": too_many})
    assert problem(refused) == (400, "invalid_request")


def test_one_wrong_price_leaves_all_as_they_were(till: World, sku: str) -> None:
    list_id = a_list(till)
    prices = [{"sku": sku, "price": cny(900)}, {"sku": "ghost", "price": cny(1)}]
    refused = till.post(f"/v1/price-lists/{list_id}/prices", {"prices": prices})
    assert problem(refused) == (404, "not_found")
    assert till.read(f"/v1/products/{sku}")["prices"] == []


def test_a_sale_costs_what_the_list_says_until_it_ends(till: World, sku: str) -> None:
    list_id = a_list(till, stores=["s1"])
    till.post(f"/v1/price-lists/{list_id}/prices", {"prices": [{"sku": sku, "price": cny(900)}]})
    assert till.made("/v1/stores/s1/sales", basket(line(sku, 2)))["total"] == cny(1800)
    ended = till.call("DELETE", f"/v1/price-lists/{list_id}", If_Match='"2"')
    assert ended.status_code == 200
    assert till.made("/v1/stores/s1/sales", basket(line(sku, 2)))["total"] == cny(2000)


def test_a_sale_tells_which_list_in_which_version_gave_the_price(till: World, sku: str) -> None:
    list_id = a_list(till, stores=["s1"])
    till.post(f"/v1/price-lists/{list_id}/prices", {"prices": [{"sku": sku, "price": cny(900)}]})
    sale_id = till.made("/v1/stores/s1/sales", basket(line(sku, 2)))["sale_id"]
    (told,) = till.read(f"/v1/sales/{sale_id}")["lines"]
    assert (told["price_list"], told["price_list_version"], told["barcode"]) == (list_id, 2, None)


def test_a_segment_has_its_own_price_in_sale_and_quote(till: World, sku: str) -> None:
    list_id = a_list(till, segments=["vip"])
    till.post(f"/v1/price-lists/{list_id}/prices", {"prices": [{"sku": sku, "price": cny(800)}]})
    customer_id = till.made("/v1/customers", {"name": "Ada"})["customer_id"]
    put(till, f"/v1/customers/{customer_id}/segments", {"segments": ["vip"]}, 1)
    asked = {"store_id": "s1", "customer_id": customer_id, "lines": [line(sku, 1)]}
    assert till.post("/v1/quotes", asked).json()["total"] == cny(800)
    sold = till.made("/v1/stores/s1/sales", basket(line(sku, 1), customer_id=customer_id))
    assert sold["total"] == cny(800)


def test_a_till_sells_what_it_scans(till: World, sku: str) -> None:
    code = fresh_barcode()
    put(till, f"/v1/products/{sku}/barcodes", {"barcodes": [code]}, 1)
    assert till.read(f"/v1/barcodes/{code}")["product"]["sku"] == sku
    sold = till.made("/v1/stores/s1/sales", basket({"barcode": code, "quantity": 3}))
    assert sold["lines"][0]["sku"] == sku
    assert sold["total"] == cny(3000)


def test_a_code_that_another_product_has_is_refused(till: World, sku: str) -> None:
    code = fresh_barcode()
    put(till, f"/v1/products/{sku}/barcodes", {"barcodes": [code]}, 1)
    other = till.made("/v1/products", product(fresh("p")))["sku"]
    taken = till.call("PUT", f"/v1/products/{other}/barcodes", {"barcodes": [code]}, If_Match='"1"')
    assert problem(taken) == (409, "barcode_taken")


def test_a_printed_price_is_what_is_paid_and_tells_the_weight(till: World) -> None:
    told = till.read(f"/v1/barcodes/{scale_code(500)}")
    assert (told["product"]["sku"], told["price_minor"], told["weight_g"]) == ("sweet", 500, None)
    sold = till.made("/v1/stores/s1/sales", basket({"barcode": scale_code(500)}))
    assert (sold["total"], sold["lines"][0]["quantity"]) == (cny(500), 125)


def test_a_printed_weight_is_priced_by_the_kilogram(till: World) -> None:
    sold = till.made("/v1/stores/s1/sales", basket({"barcode": scale_code(125, "29")}))
    assert (sold["total"], sold["lines"][0]["quantity"]) == (cny(499), 125)


@pytest.mark.parametrize(
    ("wrong", "answer"),
    [
        ({}, (400, "invalid_request")),
        ({"sku": "apple"}, (400, "invalid_request")),
        ({"sku": "sweet", "barcode": scale_code(500)}, (400, "invalid_request")),
        ({"barcode": scale_code(500), "quantity": 1}, (400, "invalid_request")),
        ({"barcode": "4006381333931"}, (404, "not_found")),
        ({"barcode": "4006381333932", "quantity": 1}, (422, "barcode_invalid")),
        ({"sku": "sweet", "quantity": 1, "unit": "piece"}, (422, "invalid_command")),
    ],
)
def test_a_line_that_can_not_be_meant_is_refused(till: World, wrong: Json, answer: tuple[int, str]) -> None:
    assert problem(till.post("/v1/stores/s1/sales", basket(wrong))) == answer


def test_goods_are_sold_by_the_piece_though_kept_by_the_gram(till: World) -> None:
    melon = {**product("melon"), "unit": "gram", "piece": {"price": cny(1200), "weight_g": 1300}}
    assert till.made("/v1/products", melon)["piece"] == {"price": cny(1200), "weight_g": 1300}
    sold = till.made("/v1/stores/s1/sales", basket({"sku": "melon", "quantity": 2, "unit": "piece"}))
    assert sold["total"] == cny(2400)


# --- tax by category --------------------------------------------------------------------------------


def taxed_at(till: World, sku: str) -> Json:
    (sold,) = till.made("/v1/stores/s1/sales", basket(line(sku)))["lines"]
    return sold["tax"]


def test_a_product_without_a_rate_is_taxed_by_its_category(till: World) -> None:
    category = fresh("c")
    till.post("/v1/tax-rates", {"category": category, "valid_from": "2026-01-01", "rate": 900})
    added = till.made("/v1/products", product(fresh("p"), category=category))
    assert added["tax_rate"] is None
    assert taxed_at(till, added["sku"]) == cny(83)


def test_a_product_has_a_rate_of_its_own_until_null_gives_it_to_its_category(till: World, sku: str) -> None:
    path = f"/v1/products/{sku}"
    assert till.patch(path, {"tax_rate": 500}, version=1).json()["tax_rate"] == 500
    assert till.patch(path, {"tax_rate": None}, version=2).json()["tax_rate"] is None


def test_rates_of_categories_are_told_in_the_order_of_their_days(till: World) -> None:
    category = fresh("c")
    for day, rate in (("2027-01-01", None), ("2026-01-01", 900)):
        till.post("/v1/tax-rates", {"category": category, "valid_from": day, "rate": rate})
    told = [one for one in till.read("/v1/tax-rates")["data"] if one["category"] == category]
    assert told == [
        {"category": category, "valid_from": "2026-01-01", "rate": 900},
        {"category": category, "valid_from": "2027-01-01", "rate": None},
    ]


# --- the prices of one list -------------------------------------------------------------------------


def priced(till: World, list_id: str, *skus: str, price: Json | None) -> None:
    prices = [{"sku": sku, "price": price} for sku in skus]
    assert till.post(f"/v1/price-lists/{list_id}/prices", {"prices": prices}).status_code == 200


def some_products(till: World, count: int) -> list[str]:
    return sorted(till.made("/v1/products", product(fresh("p")))["sku"] for _ in range(count))


def test_the_prices_of_a_list_come_in_pages_by_sku(till: World) -> None:
    list_id, skus = a_list(till), some_products(till, 5)
    priced(till, list_id, *skus, price=cny(900))
    priced(till, a_list(till), *skus, price=cny(1))
    till.catch_up()
    path = f"/v1/price-lists/{list_id}/prices?limit=2"
    page, told = till.read(path), []
    while page["next_cursor"] is not None:
        told += page["data"]
        page = till.read(f"{path}&cursor={page['next_cursor']}")
    told += page["data"]
    assert [one["sku"] for one in told] == skus
    assert told[0] == {"sku": skus[0], "version": 2, "price": cny(900), "piece_price": None}


def test_what_has_left_a_list_is_not_on_its_pages(till: World) -> None:
    list_id, (left, stays) = a_list(till), some_products(till, 2)
    priced(till, list_id, left, stays, price=cny(900))
    priced(till, list_id, left, price=None)
    till.catch_up()
    assert [one["sku"] for one in till.read(f"/v1/price-lists/{list_id}/prices")["data"]] == [stays]


def test_a_list_that_nobody_made_has_no_page(till: World) -> None:
    assert till.refusal(lambda: till.get("/v1/price-lists/nobodys/prices")) == (404, "not_found")


def test_a_page_of_prices_can_ask_for_what_was_just_set(till: World, sku: str) -> None:
    list_id = a_list(till)
    prices = {"prices": [{"sku": sku, "price": cny(700)}]}
    position = till.post(f"/v1/price-lists/{list_id}/prices", prices).headers["Daybook-Position"]
    behind = till.get(f"/v1/price-lists/{list_id}/prices", Daybook_Min_Position=position)
    assert problem(behind) == (503, "not_caught_up")
    till.catch_up()
    told = till.read(f"/v1/price-lists/{list_id}/prices", Daybook_Min_Position=position)
    assert [one["price"] for one in told["data"]] == [cny(700)]
