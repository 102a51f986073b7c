"""Selling, looking a sale up, and taking lines back."""

from typing import Any

import pytest

from tests.support.api import (
    World,
    add_campaign,
    basket,
    card,
    cash,
    cny,
    draw_code,
    fresh,
    line,
    product,
    sell,
)

SALES = "/v1/stores/s1/sales"
EUROS = {"amount": 1000, "currency": "EUR"}


def take_back(*lines: tuple[int, int], **fields: Any) -> dict[str, Any]:
    """A return of (line, quantity)."""
    return {"lines": [{"line": n, "quantity": q} for n, q in lines], "reason": "They were soft.", **fields}


def test_a_sale_is_answered_as_the_till_prints_it(shop: World) -> None:
    sale_id, register_id = fresh("sale"), fresh("till")
    body = basket(line("apple", 2), line("cherry", 250), tenders=[cash(3000)])
    response = shop.post(SALES, {**body, "sale_id": sale_id, "register_id": register_id})
    apples = {
        "line": 1,
        "sku": "apple",
        "name": "Apple",
        "quantity": 2,
        "unit_price": cny(1000),
        "amount": cny(2000),
        "discount": cny(0),
        "tax": cny(165),
        "total": cny(2000),
    }
    cherries = {
        "line": 2,
        "sku": "cherry",
        "name": "Cherry",
        "quantity": 250,
        "unit_price": cny(3990),
        "amount": cny(998),
        "discount": cny(0),
        "tax": cny(0),
        "total": cny(998),
    }
    assert (response.status_code, response.json()) == (
        201,
        {
            "sale_id": sale_id,
            "receipt_number": 1,
            "lines": [apples, cherries],
            "subtotal": cny(2998),
            "discount": cny(0),
            "tax": cny(165),
            "total": cny(2998),
            "rounding": cny(0),
            "change": cny(2),
            "shift": None,
            "position": shop.written()[0],
        },
    )


def test_a_sale_answers_with_the_position_it_wrote(shop: World) -> None:
    response = shop.post(SALES, basket())
    assert response.headers["Daybook-Position"] == str(shop.written()[0])


def test_a_sale_without_an_id_gets_one(shop: World) -> None:
    assert sell(shop)["sale_id"] != sell(shop)["sale_id"]


def test_receipts_of_a_till_are_numbered_without_gaps(shop: World) -> None:
    till = fresh("till")
    numbers = [sell(shop, register_id=till)["receipt_number"]]
    shop.post(SALES, basket(line("ghost"), register_id=till))
    numbers.append(sell(shop, register_id=till)["receipt_number"])
    assert numbers == [1, 2]


def test_a_sale_is_paid_by_several_tenders(shop: World) -> None:
    body = basket(line("apple", 2), tenders=[card(1500), cash(1000)])
    assert shop.made(SALES, body)["change"] == cny(500)


def test_a_sku_may_stand_on_two_lines_of_a_basket(shop: World) -> None:
    sale = sell(shop, line("apple", 1), line("apple", 2))
    assert [row["amount"] for row in sale["lines"]] == [cny(1000), cny(2000)]


def test_a_coupon_takes_off_its_share_of_each_line(shop: World) -> None:
    sale = sell(shop, line("apple", 1), line("cherry", 1000), coupon_codes=[draw_code(shop)])
    assert [row["discount"] for row in sale["lines"]] == [cny(100), cny(399)]


def test_a_code_is_taken_however_it_is_typed(shop: World) -> None:
    code = f" {draw_code(shop).lower()} "
    assert sell(shop, coupon_codes=[code])["discount"] == cny(100)


def test_an_old_sale_of_a_till_without_a_connection_is_taken(shop: World) -> None:
    sale = sell(shop, occurred_at="2026-03-01T23:30:00+08:00")
    assert shop.read(f"/v1/sales/{sale['sale_id']}")["business_day"] == "2026-03-01"


def test_a_sale_is_shared_with_others(shop: World) -> None:
    other = fresh("e")
    shop.made("/v1/employees", {"employee_id": other, "store_id": "s1", "name": "Wei"})

    sale = sell(shop, employee_id="e1", shared_with=[{"employee_id": other, "share": 2_500}])

    recorded = shop.read(f"/v1/sales/{sale['sale_id']}")
    assert recorded["employee_ids"] == ["e1", other]
    month = recorded["business_day"][:7]
    shop.catch_up()
    (total,) = shop.read(f"/v1/employees/{other}/scores?month={month}")["sales_total"]
    assert total["amount"] == sale["total"]["amount"] // 4


def test_a_sale_is_read_as_recorded(shop: World) -> None:
    sale = sell(
        shop,
        line("apple", 2),
        customer_id="c1",
        employee_id="e1",
        coupon_codes=[draw_code(shop)],
        tenders=[card(1800)],
    )
    read = shop.read(f"/v1/sales/{sale['sale_id']}")
    answered = {key: sale[key] for key in ("sale_id", "receipt_number", "subtotal", "tax", "total", "change")}
    recorded = {
        **answered,
        "store_id": "s1",
        "customer_id": "c1",
        "employee_ids": ["e1"],
        "lines": [
            {
                **sale["lines"][0],
                "price_list": None,
                "price_list_version": 0,
                "price_reason": None,
                "barcode": None,
                "markdown": None,
                "lot": None,
                "returned": 0,
            }
        ],
        "tenders": [card(1800)],
        "refunded": cny(0),
    }
    assert recorded.items() <= read.items()


def test_a_sale_tells_which_rule_took_off_what(shop: World) -> None:
    sale = sell(shop, line("apple", 2), coupon_codes=[draw_code(shop)])
    (discount,) = shop.read(f"/v1/sales/{sale['sale_id']}")["discounts"]
    assert (discount["rule_id"], discount["rule_version"], discount["shares"]) == (
        "ten",
        1,
        [{"line": 1, "amount": cny(200)}],
    )


def test_a_sales_etag_counts_its_returns(shop: World) -> None:
    path = f"/v1/sales/{sell(shop)['sale_id']}"
    before = shop.get(path).headers["ETag"]
    shop.made(f"{path}/returns", take_back((1, 1)))
    assert (before, shop.get(path).headers["ETag"]) == ('"1"', '"2"')


def test_a_return_refunds_to_the_tenders_of_the_sale(shop: World) -> None:
    sale = sell(shop, line("apple", 4), tenders=[card(1000), cash(3000)])
    taken = shop.made(f"/v1/sales/{sale['sale_id']}/returns", take_back((1, 1)))
    assert taken["refunds"] == [card(250), cash(750)]


def test_a_return_is_answered_with_what_was_paid_back(shop: World) -> None:
    sale = sell(shop, line("apple", 2))
    response = shop.post(f"/v1/sales/{sale['sale_id']}/returns", take_back((1, 1)))
    lines = [{"line": 1, "sku": "apple", "quantity": 1, "refund": cny(1000), "tax": cny(83)}]
    assert (response.status_code, response.json()["lines"]) == (201, lines)


def test_a_return_answers_with_the_position_it_wrote(shop: World) -> None:
    response = shop.post(f"/v1/sales/{sell(shop)['sale_id']}/returns", take_back((1, 1)))
    assert response.headers["Daybook-Position"] == str(shop.written()[0])


def test_what_came_back_is_seen_in_the_sale(shop: World) -> None:
    path = f"/v1/sales/{sell(shop, line('apple', 3))['sale_id']}"
    shop.made(f"{path}/returns", take_back((1, 2)))
    sale = shop.read(path)
    assert (sale["lines"][0]["returned"], sale["refunded"]) == (2, cny(2000))


def test_no_more_comes_back_than_was_bought(shop: World) -> None:
    path = f"/v1/sales/{sell(shop, line('apple', 1))['sale_id']}/returns"
    assert shop.refusal(lambda: shop.post(path, take_back((1, 2)))) == (409, "return_exceeds_sale")


def test_a_return_is_made_once(shop: World) -> None:
    path, back = (
        f"/v1/sales/{sell(shop, line('apple', 2))['sale_id']}/returns",
        take_back((1, 1), return_id="r1"),
    )
    shop.made(path, back)
    assert shop.refusal(lambda: shop.post(path, back)) == (409, "already_exists")


def test_a_line_that_was_not_bought_is_not_found(shop: World) -> None:
    path = f"/v1/sales/{sell(shop)['sale_id']}/returns"
    assert shop.refusal(lambda: shop.post(path, take_back((2, 1)))) == (404, "not_found")


def test_a_sale_that_was_not_made_is_not_found(shop: World) -> None:
    assert shop.refusal(lambda: shop.post("/v1/sales/ghost/returns", take_back((1, 1)))) == (404, "not_found")


# --- baskets that are refused -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"lines": [line("ghost")]}, (404, "not_found")),
        ({"customer_id": "ghost"}, (404, "not_found")),
        ({"employee_id": "ghost"}, (404, "not_found")),
        ({"lines": []}, (400, "invalid_request")),
        ({"tenders": []}, (422, "tenders_do_not_add_up")),
        ({"tenders": [cash(999)]}, (422, "tenders_do_not_add_up")),
        ({"tenders": [card(1001)]}, (422, "tenders_do_not_add_up")),
        ({"tenders": [card(1000), cash(1)]}, (422, "tenders_do_not_add_up")),
        ({"tenders": [cash(0), card(1000)]}, (422, "tenders_do_not_add_up")),
        ({"tenders": [cash(-1000)]}, (400, "invalid_request")),
        ({"tenders": [{"method": "cash", "amount": EUROS}]}, (422, "currency_mismatch")),
        ({"tenders": [{"method": "cash", "amount": {"amount": 1000}}]}, (400, "invalid_request")),
        ({"tenders": [{"method": "cash", "amount": 1000}]}, (400, "invalid_request")),
        ({"tenders": [{"method": "IOU\n", "amount": cny(1000)}]}, (400, "invalid_request")),
        ({"tenders": [cash(10**12)] * 21}, (400, "invalid_request")),
        ({"lines": [{**line(), "unit_price": cny(1)}]}, (422, "invalid_command")),
        (
            {"lines": [{**line(), "unit_price": EUROS, "price_reason": "dented"}]},
            (422, "currency_mismatch"),
        ),
        ({"lines": [{**line(), "unit_price": cny(1), "price_reason": "Han :-)"}]}, (400, "invalid_request")),
        ({"coupon_codes": ["2222-2222-2222-2222"]}, (404, "coupon_unknown")),
        ({"coupon_codes": [""]}, (400, "invalid_request")),
        ({"coupon_codes": ["x"] * 11}, (400, "invalid_request")),
        ({"sale_id": "sale/1"}, (400, "invalid_request")),
        ({"register_id": "till 1"}, (400, "invalid_request")),
        ({"occurred_at": "2026-03-01T10:00:00"}, (400, "invalid_request")),
        ({"occurred_at": "2026-03-01"}, (400, "invalid_request")),
        ({"occurred_at": "2026-02-30T10:00:00Z"}, (400, "invalid_request")),
        ({"occurred_at": 1_772_000_000}, (400, "invalid_request")),
        ({"occurred_at": "0001-01-01T00:00:00+14:00"}, (422, "occurred_at_implausible")),
        ({"occurred_at": "9999-12-31T23:59:59-12:00"}, (422, "occurred_at_implausible")),
        ({"occurred_at": "1969-12-31T23:59:59Z"}, (422, "occurred_at_implausible")),
        ({"total": cny(1000)}, (400, "invalid_request")),
    ],
)  # fmt: skip
def test_a_basket_that_can_not_be_sold_is_refused(
    shop: World, fields: dict[str, Any], refusal: tuple[int, str]
) -> None:
    assert shop.refusal(lambda: shop.post(SALES, {**basket(tenders=[cash(1000)]), **fields})) == refusal


@pytest.mark.parametrize("quantity", [0, -1, 1.0, 1.5, "1", 10**12 + 1, 10**30, None, True, [1], {"n": 1}])
def test_a_quantity_is_a_positive_whole_number(shop: World, quantity: object) -> None:
    body = basket({"sku": "apple", "quantity": quantity})
    assert shop.refusal(lambda: shop.post(SALES, body)) == (400, "invalid_request")


def test_a_line_is_not_worth_more_than_a_report_can_add_up(shop: World) -> None:
    sku = shop.made("/v1/products", product(fresh("p"), price=cny(10**12)))["sku"]
    free = add_campaign(shop, fresh("free"), percent_off=10_000, currency="CNY")["campaign_id"]
    body = basket(line(sku, 10**12), coupon_codes=[draw_code(shop, free)])
    assert shop.refusal(lambda: shop.post(SALES, body)) == (422, "amount_too_large")


def test_a_product_of_another_currency_is_not_sold(shop: World) -> None:
    sku = shop.made("/v1/products", product(fresh("p"), price={"amount": 100, "currency": "EUR"}))["sku"]
    assert shop.refusal(lambda: shop.post(SALES, basket(line(sku)))) == (422, "currency_mismatch")


def test_what_is_not_there_is_not_sold_where_the_product_says_so(shop: World) -> None:
    sku = shop.made("/v1/products", product(fresh("p"), negative_stock="block"))["sku"]
    assert shop.refusal(lambda: shop.post(SALES, basket(line(sku)))) == (409, "stock_short")


def test_a_sale_is_made_once(shop: World) -> None:
    sale_id = sell(shop)["sale_id"]
    assert shop.refusal(lambda: shop.post(SALES, basket(sale_id=sale_id))) == (409, "already_exists")


def test_a_store_that_does_not_exist_sells_nothing(shop: World) -> None:
    assert shop.refusal(lambda: shop.post("/v1/stores/ghost/sales", basket())) == (404, "not_found")


def test_a_price_of_the_tills_own_needs_a_scope_of_its_own(shop: World) -> None:
    till = shop.caller("sales:write")
    body = basket({**line(), "unit_price": cny(500), "price_reason": "dented"})
    assert shop.refusal(lambda: till.post(SALES, body)) == (403, "forbidden")


def test_a_price_of_the_tills_own_counts(shop: World) -> None:
    sale = sell(shop, {**line(), "unit_price": cny(500), "price_reason": "dented"})
    assert sale["total"] == cny(500)
