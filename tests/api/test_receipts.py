"""Receipts over HTTP: data, text or page, in two languages, and a copy unless the till knows better."""

from typing import Any

import pytest

from tests.support.api import World, add_store, basket, card, cash, cny, draw_code, fresh, line, product, sell


def sold(shop: World, **fields: Any) -> str:
    return sell(shop, line("apple", 2), tenders=[cash(3000)], occurred_at="2026-03-01T18:30:00Z", **fields)[
        "sale_id"
    ]


def test_the_receipt_as_data(shop: World) -> None:
    sale_id, register_id = fresh("sale"), fresh("till")
    sold(shop, sale_id=sale_id, register_id=register_id)
    assert shop.read(f"/v1/sales/{sale_id}/receipt") == {
        "kind": "sale",
        "document": sale_id,
        "number": 1,
        "store_name": "Main Street",
        "store_address": None,
        "register_id": register_id,
        "issued_at": "2026-03-02T02:30:00+08:00",
        "currency": "CNY",
        "lines": [
            {
                "sku": "apple",
                "name": "Apple",
                "unit": "piece",
                "quantity": 2,
                "unit_price_minor": 1000,
                "amount_minor": 2000,
                "discounts": [],
                "total_minor": 2000,
            }
        ],
        "subtotal_minor": 2000,
        "discount_minor": 0,
        "tax_included": True,
        "taxes": [{"rate_bp": 900, "gross_minor": 2000, "tax_minor": 165}],
        "tax_minor": 165,
        "total_minor": 2000,
        "rounding_minor": 0,
        "tenders": [{"method": "cash", "amount_minor": 3000, "carried": False}],
        "change_minor": 1000,
        "points": None,
        "of_sale": None,
        "exchange": None,
        "copy": True,
    }


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("*/*", "application/json"),
        ("text/plain", "text/plain; charset=utf-8"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "text/html; charset=utf-8"),
        ("application/json;q=0.5, text/plain;q=0.9", "text/plain; charset=utf-8"),
        ("text/html;q=x", "application/json"),
        ("image/png", "application/json"),
    ],
)
def test_the_form_is_what_the_reader_accepts(shop: World, accept: str, kind: str) -> None:
    response = shop.get(f"/v1/sales/{sold(shop)}/receipt", Accept=accept)
    assert (response.status_code, response.headers["content-type"]) == (200, kind)


def test_the_form_in_the_address_stands_before_the_header(shop: World) -> None:
    response = shop.get(f"/v1/sales/{sold(shop)}/receipt?format=text", Accept="text/html")
    assert response.headers["content-type"] == "text/plain; charset=utf-8"


def test_the_printer_and_the_language_are_chosen(shop: World) -> None:
    path = f"/v1/sales/{sold(shop)}/receipt?format=text&paper=58mm&language=zh-CN"
    lines = shop.get(path).text.splitlines()
    assert "合计 CNY                   20.00" in lines
    assert "-" * 32 in lines


def test_without_a_choice_the_language_is_the_readers(shop: World) -> None:
    page = shop.get(f"/v1/sales/{sold(shop)}/receipt?format=html", Accept_Language="zh-TW,zh;q=0.9").text
    assert '<html lang="zh-CN">' in page


def test_the_till_that_prints_first_says_that_it_is_no_copy(shop: World) -> None:
    path = f"/v1/sales/{sold(shop)}/receipt?format=text"
    assert "COPY" in shop.get(path).text
    assert "COPY" not in shop.get(f"{path}&copy=false").text


def test_a_page_may_run_and_fetch_nothing(shop: World) -> None:
    response = shop.get(f"/v1/sales/{sold(shop)}/receipt?format=html")
    assert "default-src 'none'" in response.headers["content-security-policy"]


@pytest.mark.parametrize("query", ["format=pdf", "paper=90mm", "language=fr", "copy=perhaps"])
def test_what_there_is_not_is_refused(shop: World, query: str) -> None:
    path = f"/v1/sales/{sold(shop)}/receipt?{query}"
    assert shop.refusal(lambda: shop.get(path)) == (400, "invalid_request")


def test_a_coupon_is_told_by_name_on_the_lines_that_it_took_off(shop: World) -> None:
    sale_id = sell(shop, line("apple", 2), tenders=[card(1800)], coupon_codes=[draw_code(shop)])["sale_id"]
    (told,) = shop.read(f"/v1/sales/{sale_id}/receipt")["lines"]
    assert told["discounts"] == [{"source": "coupon", "name": "Ten", "amount_minor": 200}]


def test_a_product_that_was_renamed_is_called_as_it_was_then(shop: World) -> None:
    sku = shop.made("/v1/products", product(fresh("p"), name="Old name"))["sku"]
    sale_id = sell(shop, line(sku))["sale_id"]
    shop.patch(f"/v1/products/{sku}", {"name": "New name"}, version=1)
    assert shop.read(f"/v1/sales/{sale_id}/receipt")["lines"][0]["name"] == "Old name"


def test_the_stores_address_stands_on_it(shop: World) -> None:
    store_id = add_store(shop, fresh("s"), address="1 Harbour Road")["store_id"]
    sale_id = shop.made(f"/v1/stores/{store_id}/sales", basket())["sale_id"]
    assert "1 Harbour Road" in shop.get(f"/v1/sales/{sale_id}/receipt?format=text").text


def test_a_return_has_a_receipt_that_names_its_sale(shop: World) -> None:
    sale_id = sold(shop)
    body = {"lines": [{"line": 1, "quantity": 1}], "reason": "soft"}
    return_id = shop.made(f"/v1/sales/{sale_id}/returns", body)["return_id"]
    receipt = shop.read(f"/v1/returns/{return_id}/receipt")
    assert (receipt["kind"], receipt["of_sale"], receipt["total_minor"]) == ("return", sale_id, 1000)
    assert receipt["lines"][0]["name"] == "Apple"
    assert receipt["tenders"] == [{"method": "cash", "amount_minor": 1000, "carried": False}]


def test_both_receipts_of_an_exchange_name_each_other(shop: World) -> None:
    sale_id = sold(shop)
    body = {
        "lines": [{"line": 1, "quantity": 1}],
        "reason": "soft",
        "sale": {"lines": [line("apple")], "tenders": []},
    }
    done = shop.made(f"/v1/sales/{sale_id}/exchanges", body)
    new_id, return_id = done["sale"]["sale_id"], done["returned"]["return_id"]
    receipts = [
        shop.read(f"/v1/sales/{new_id}/receipt"),
        shop.read(f"/v1/returns/{return_id}/receipt"),
    ]
    assert [receipt["exchange"] for receipt in receipts] == [return_id, new_id]
    assert receipts[0]["tenders"] == [{"method": "cash", "amount_minor": 1000, "carried": True}]
    assert done["carried"] == cny(1000)


@pytest.mark.parametrize("path", ["/v1/sales/nobody/receipt", "/v1/returns/nobody/receipt"])
def test_what_does_not_exist_has_no_receipt(shop: World, path: str) -> None:
    assert shop.refusal(lambda: shop.get(path)) == (404, "not_found")
