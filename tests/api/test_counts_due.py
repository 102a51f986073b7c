"""What is due to be counted, over HTTP."""

from typing import Any

import pytest

from tests.support.api import World, add_store, cny, fresh, line, product, receive, sell

Json = dict[str, Any]


@pytest.fixture
def store(shop: World) -> str:
    """A store with one product that sold much, one that sold little and one below zero."""
    store_id = add_store(shop, fresh("s"))["store_id"]
    for sku, sold in (("much", 9), ("little", 1), ("wrong", 11)):
        name = shop.made("/v1/products", product(fresh(sku)))["sku"]
        receive(shop, name, 10, store_id=store_id)
        sell(shop, line(name, sold), store_id=store_id)
    shop.catch_up()
    return f"/v1/stores/{store_id}"


def test_what_was_never_counted_is_due_and_what_is_below_zero_comes_first(shop: World, store: str) -> None:
    rows = shop.read(f"{store}/counts/due")["data"]
    assert [row["why"] for row in rows] == ["negative", "never", "never"]
    assert rows[0]["sku"].startswith("wrong")
    assert {row["counted_on"] for row in rows} == {None}


def test_who_counts_is_not_told_what_the_book_holds(shop: World, store: str) -> None:
    for row in shop.read(f"{store}/counts/due")["data"]:
        assert set(row) == {"sku", "why", "counted_as", "due_on", "counted_on"}


def test_pages_are_the_list_in_parts(shop: World, store: str) -> None:
    whole = [row["sku"] for row in shop.read(f"{store}/counts/due")["data"]]
    found: list[str] = []
    page: Json = {"next_cursor": ""}
    for number, _ in enumerate(whole):
        cursor = f"&cursor={page['next_cursor']}" if number else ""
        page = shop.read(f"{store}/counts/due?limit=1{cursor}")
        found += [row["sku"] for row in page["data"]]
    assert (found, page["next_cursor"]) == (whole, None)


def test_classes_are_by_what_was_issued_and_raised_by_risk(shop: World, store: str) -> None:
    rows = shop.read(f"{store}/stock-classes")["data"]
    found = {row["sku"].rstrip("0123456789"): row for row in rows}
    assert {name: row["by_value"] for name, row in found.items()} == {
        "wrong": "A",
        "much": "A",
        "little": "C",
    }
    assert found["wrong"]["risks"] == ["negative"]
    assert found["little"]["issued"] == cny(600)


def test_a_plan_is_told_as_it_was_set_and_usual_before(shop: World, store: str) -> None:
    usual = shop.read(f"{store}/count-plan")
    assert (usual["a_bp"], usual["a_days"], usual["b_days"], usual["c_days"]) == (8_000, 30, 90, 180)
    answer = shop.call("PUT", f"{store}/count-plan", {"a_days": 7})
    assert answer.json() == shop.read(f"{store}/count-plan") == {**usual, "a_days": 7}


@pytest.mark.parametrize(
    ("plan", "status"), [({"a_bp": 9_600}, 422), ({"a_days": 0}, 400), ({"b_bp": 10_001}, 400)]
)
def test_a_plan_that_cant_be_meant_is_refused(shop: World, store: str, plan: Json, status: int) -> None:
    assert shop.call("PUT", f"{store}/count-plan", plan).status_code == status
