"""What is known of a customer is told to whoever may read it, sealed in between, and found by the card."""

import pytest

from tests.api.test_customer_search import found
from tests.support.api import Json, World
from tests.support.personal import follow

HOME: Json = {
    "lines": ["1 Harbour Road", "Room 5"],
    "city": "Ningbo",
    "region": None,
    "postal_code": "315000",
    "country": "CN",
}


@pytest.fixture(scope="module")
def customer_id(shop: World) -> str:
    return shop.made("/v1/customers", {"name": "Han Mei"})["customer_id"]


def change(shop: World, customer_id: str, **facts: object) -> Json:
    version = int(shop.get(f"/v1/customers/{customer_id}").headers["ETag"].strip('"'))
    changed = shop.patch(f"/v1/customers/{customer_id}/facts", dict(facts), version=version)
    assert changed.status_code == 200, changed.text
    return changed.json()


def test_facts_are_told_as_they_were_set(shop: World, customer_id: str) -> None:
    facts = {
        "gender": "female",
        "card": "8600 1234-5678",
        "tags": ["early-bird", "tall"],
        "acquisition": "trade-fair",
        "owner_id": "e1",
        "household_id": "han",
    }
    changed = change(shop, customer_id, **facts)
    assert {name: changed[name] for name in facts} == {**facts, "card": "860012345678"}
    assert shop.read(f"/v1/customers/{customer_id}") == changed


def test_an_address_is_told_by_its_place_until_it_is_removed(shop: World) -> None:
    customer_id = shop.made("/v1/customers", {})["customer_id"]
    path = f"/v1/customers/{customer_id}/addresses"
    second_home = {"place": "second-home", "address": HOME}
    there = shop.call("PUT", path, second_home, If_Match='"1"')
    assert there.json()["addresses"] == [second_home]
    assert there.headers["ETag"] == '"2"'
    gone = shop.call("PUT", path, {**second_home, "address": None}, If_Match='"2"')
    assert gone.json()["addresses"] == []


def test_a_customer_is_found_by_the_card_however_it_is_typed(shop: World) -> None:
    customer_id = shop.made("/v1/customers", {})["customer_id"]
    change(shop, customer_id, card="ab 77-1001")
    assert found(shop, card="AB771001") == found(shop, card="ab-77 1001") == [customer_id]
    change(shop, customer_id, card=None)
    follow(shop)
    assert found(shop, card="AB771001") == []


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"gender": "unknown"},
        {"card": "0"},
        {"card": "12\n34"},
        {"tags": None},
        {"name": "Han"},
    ],
    ids=str,
)
def test_what_is_no_fact_is_refused(shop: World, customer_id: str, wrong: Json) -> None:
    path = f"/v1/customers/{customer_id}/facts"
    assert shop.refusal(lambda: shop.patch(path, wrong, version=1)) == (400, "invalid_request")
