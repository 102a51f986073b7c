"""Markdowns over HTTP: what is scanned, sold and refused."""

from typing import Any

import pytest

from tests.support.api import World, basket, cny, fresh, line, product
from tests.support.people import signed_in
from tests.support.routes import fresh_barcode

Json = dict[str, Any]
PATH = "/v1/stores/s1/markdowns"


@pytest.fixture
def sku(shop: World) -> str:
    """A product of the test's own, at 10.00."""
    return shop.made("/v1/products", product(fresh("p")))["sku"]


def marked(sku: str, **fields: Any) -> Json:
    terms = {"lot": "l-17", "labels": 2, "off": 5_000, "reason": "near expiry"}
    return {"sku": sku, "until": "2199-01-01T00:00:00Z", **terms, **fields}


def scan(code: str, quantity: int = 1) -> Json:
    return {"barcode": code, "quantity": quantity}


def test_a_markdown_is_read_as_it_was_made(shop: World, sku: str) -> None:
    label = shop.made(PATH, marked(sku))["label"]
    assert shop.read(f"{PATH}/{label}") == {
        **marked(sku),
        "label": label,
        "price": None,
        "sold": 0,
        "ended": False,
    }


@pytest.mark.parametrize("code", [fresh_barcode, lambda: fresh("half.")], ids=["of the trade", "any other"])
def test_what_was_scanned_has_the_labels_price_and_lot(shop: World, sku: str, code: Any) -> None:
    label = code()
    shop.made(PATH, marked(sku, label=label, off=None, price=cny(300)))
    sold = shop.made("/v1/stores/s1/sales", basket(scan(label), line(sku)))
    recorded = shop.read(f"/v1/sales/{sold['sale_id']}")["lines"]
    assert [one["total"] for one in recorded] == [cny(300), cny(1000)]
    assert [one["lot"] for one in recorded] == ["l-17", None]
    assert shop.read(f"{PATH}/{label}")["sold"] == 1


def test_a_quote_tells_the_labels_price(shop: World, sku: str) -> None:
    label = shop.made(PATH, marked(sku))["label"]
    quoted = shop.post("/v1/quotes", {"store_id": "s1", "lines": [scan(label)]}).json()
    assert quoted["total"] == cny(500)


def test_a_scanned_label_says_that_it_is_one(shop: World, sku: str) -> None:
    label = shop.made(PATH, marked(sku, label=fresh_barcode()))["label"]
    assert shop.read(f"/v1/barcodes/{label}")["label"] == label


def test_the_third_of_two_labels_is_refused(shop: World, sku: str) -> None:
    label = shop.made(PATH, marked(sku))["label"]
    shop.made("/v1/stores/s1/sales", basket(scan(label, 2)))
    refused = shop.refusal(lambda: shop.post("/v1/stores/s1/sales", basket(scan(label))))
    assert refused == (409, "labels_used_up")


def test_an_ended_markdown_is_refused(shop: World, sku: str) -> None:
    label = shop.made(PATH, marked(sku))["label"]
    assert shop.post(f"{PATH}/{label}/ending").json()["ended"] is True
    refused = shop.refusal(lambda: shop.post("/v1/stores/s1/sales", basket(scan(label))))
    assert refused == (409, "markdown_over")


def test_another_store_does_not_see_it(shop: World, sku: str) -> None:
    label = shop.made(PATH, marked(sku))["label"]
    assert shop.refusal(lambda: shop.get(f"/v1/stores/s2/markdowns/{label}")) == (404, "not_found")


def test_a_till_that_was_offline_names_the_label(shop: World, sku: str) -> None:
    label = shop.made(PATH, marked(sku))["label"]
    sale = {
        "sale_id": fresh("x"),
        "lines": [{"sku": sku, "quantity": 3, "label": label, "total": cny(1500)}],
        "tenders": [{"method": "cash", "amount": cny(1500)}],
        "occurred_at": "2026-11-01T10:00:00Z",
    }
    (result,) = shop.post("/v1/stores/s1/sales/batch", {"sales": [sale]}).json()["results"]
    assert [one["code"] for one in result["exceptions"]] == ["labels_used_up"]


def test_a_till_that_was_offline_names_a_label_that_nobody_can_know(shop: World, sku: str) -> None:
    sale = {
        "sale_id": fresh("x"),
        "lines": [{"sku": sku, "quantity": 1, "label": "4006381333932", "total": cny(500)}],
        "tenders": [{"method": "cash", "amount": cny(500)}],
        "occurred_at": "2026-03-01T09:00:00Z",
    }
    (result,) = shop.post("/v1/stores/s1/sales/batch", {"sales": [sale]}).json()["results"]
    assert result["status"] == "created"
    assert ("label_unknown", "4006381333932") in [(e["code"], e["reference"]) for e in result["exceptions"]]


def test_who_counts_the_stock_marks_down_with_a_second_person(shop: World, sku: str) -> None:
    stock, manager = signed_in(shop, "stock", store_id="s1"), signed_in(shop, "manager", store_id="s1")
    label = fresh("half.")
    refused = shop.refusal(lambda: stock.post(PATH, marked(sku, label=label)))
    assert refused == (403, "approval_required")
    grant = {"operation": "discount", "store_id": "s1", "target": label, "up_to": 5_000}
    approval = manager.made("/v1/approvals", grant)["approval_id"]
    made = stock.made(PATH, marked(sku, label=label), Daybook_Approval=approval)
    assert made["label"] == label
