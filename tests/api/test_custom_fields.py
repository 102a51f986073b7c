"""Fields of a merchant's own are defined as data, noted of customers and products, and told again."""

import pytest

from tests.support.api import Json, World, line, product, sell


def define(shop: World, of: str, field: str, type_: str, **rest: object) -> Json:
    body = {"of": of, "field": field, "label": field.title(), "type": type_, **rest}
    defined = shop.call("PUT", "/v1/custom-fields", body)
    assert defined.status_code == 200, defined.text
    return defined.json()


@pytest.fixture(scope="module")
def fields(shop: World) -> list[Json]:
    return [
        define(shop, "customer", "shoe_size", "integer", personal=True),
        define(shop, "customer", "newsletter", "boolean"),
        define(shop, "product", "brand", "text"),
        define(shop, "product", "variety", "choice", choices=["Fuji", "Gala"]),
    ]


def test_fields_are_told_as_they_were_defined(shop: World, fields: list[Json]) -> None:
    told = shop.read("/v1/custom-fields")["data"]
    assert [field for field in told if field in fields] == sorted(
        fields, key=lambda field: (field["of"], field["field"])
    )


def test_values_of_a_customer_are_told_whether_sealed_or_not(shop: World, fields: list[Json]) -> None:
    customer_id = shop.made("/v1/customers", {})["customer_id"]
    path = f"/v1/customers/{customer_id}/fields"
    noted = shop.patch(path, {"values": {"shoe_size": 43, "newsletter": False}}, version=1)
    assert noted.json()["fields"] == {"shoe_size": 43, "newsletter": False}
    assert shop.read(f"/v1/customers/{customer_id}")["fields"] == noted.json()["fields"]
    gone = shop.patch(path, {"values": {"shoe_size": None}}, version=2)
    assert gone.json()["fields"] == {"newsletter": False}


def test_a_personal_value_that_does_not_fit_is_refused_before_it_is_sealed(
    shop: World, fields: list[Json]
) -> None:
    customer_id = shop.made("/v1/customers", {})["customer_id"]
    path = f"/v1/customers/{customer_id}/fields"
    wrong = {"values": {"shoe_size": "large"}}
    assert shop.refusal(lambda: shop.patch(path, wrong, version=1)) == (422, "invalid_command")


def test_a_page_tells_which_brands_and_varieties_somebody_buys(shop: World, fields: list[Json]) -> None:
    for sku, values in (
        ("fuji", {"brand": "Orchard", "variety": "Fuji"}),
        ("gala", {"brand": "Orchard", "variety": "Gala"}),
    ):
        shop.made("/v1/products", product(sku))
        noted = shop.patch(f"/v1/products/{sku}/fields", {"values": values}, version=1)
        assert noted.json()["fields"] == shop.read(f"/v1/products/{sku}")["fields"] == values
    customer_id = shop.made("/v1/customers", {})["customer_id"]
    sell(shop, line("fuji"), line("gala"), customer_id=customer_id)
    sell(shop, line("fuji"), line("apple"), customer_id=customer_id)
    shop.catch_up()
    liked = shop.read(f"/v1/customers/{customer_id}/profile")["preferences"]
    assert liked["brands"] == [{"value": "Orchard", "purchases": 2, "share_permille": 1000}]
    assert [(each["value"], each["share_permille"]) for each in liked["varieties"]] == [
        ("Fuji", 1000),
        ("Gala", 500),
    ]
    assert liked["sizes"] == []
