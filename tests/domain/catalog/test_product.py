"""Adding and changing products."""

import pytest

from domain.catalog.product import (
    PRODUCT,
    AddProduct,
    ChangeProduct,
    NegativeStock,
    ProductAdded,
    ProductChanged,
)
from domain.kernel.command import Done
from domain.kernel.errors import AlreadyExists, InvalidCommand, NotFound, VersionConflict
from domain.kernel.quantity import Unit
from tests.support.decisions import Shop, given
from tests.support.facts import by_piece


def add_product(price_minor: int = 3990, tax_rate_bp: int = 900) -> AddProduct:
    return AddProduct(
        sku="cherry",
        name="Cherries",
        category="fruit",
        unit=Unit.GRAM,
        price_minor=price_minor,
        currency="CNY",
        tax_rate_bp=tax_rate_bp,
        stocked=False,
        negative_stock=NegativeStock.BLOCK,
    )


def test_a_product_is_added_as_described() -> None:
    given().when(add_product()).then(
        (
            "product-cherry",
            ProductAdded(
                sku="cherry",
                name="Cherries",
                category="fruit",
                unit=Unit.GRAM,
                price_minor=3990,
                currency="CNY",
                tax_rate_bp=900,
                stocked=False,
                negative_stock=NegativeStock.BLOCK,
            ),
        )
    )


def test_the_answer_names_the_product() -> None:
    assert given().when(add_product()).answer == Done(id="cherry")


def test_a_sku_is_added_once() -> None:
    given().after(add_product()).when(add_product()).refused(AlreadyExists, kind="product", id="cherry")


def test_a_product_may_be_free() -> None:
    assert given().when(add_product(price_minor=0)).only(ProductAdded).price_minor == 0


def test_a_price_is_not_below_zero() -> None:
    given().when(add_product(price_minor=-1)).refused(InvalidCommand, price_minor=-1)


@pytest.mark.parametrize("rate", [0, 10_000])
def test_a_tax_rate_is_from_nothing_to_the_whole(rate: int) -> None:
    assert given().when(add_product(tax_rate_bp=rate)).only(ProductAdded).tax_rate_bp == rate


@pytest.mark.parametrize("rate", [-1, 10_001])
def test_another_tax_rate_is_refused(rate: int) -> None:
    given().when(add_product(tax_rate_bp=rate)).refused(InvalidCommand, tax_rate=rate)


def test_only_what_is_given_is_changed() -> None:
    given(by_piece("apple")).when(ChangeProduct(sku="apple", price_minor=0, currency="CNY")).then(
        ("product-apple", ProductChanged(sku="apple", price_minor=0))
    )


def test_what_is_not_given_stays() -> None:
    shop = Shop(
        by_piece("apple", 1000, tax_rate_bp=900), ("product-apple", ProductChanged(sku="apple", name="A"))
    )
    product = shop.state(PRODUCT, "apple")
    assert (product.name, product.price_minor, product.tax_rate_bp) == ("A", 1000, 900)


def test_every_detail_can_be_changed() -> None:
    change = ChangeProduct(
        sku="apple",
        name="A",
        category="c",
        price_minor=1,
        tax_rate_bp=2,
        negative_stock=NegativeStock.BLOCK,
    )
    shop = Shop(by_piece("apple"))
    shop.do(change)
    product = shop.state(PRODUCT, "apple")
    assert (product.name, product.category, product.price_minor) == ("A", "c", 1)
    assert (product.tax_rate_bp, product.negative_stock) == (2, NegativeStock.BLOCK)


def test_a_change_that_changes_nothing_writes_nothing() -> None:
    given(by_piece("apple", 1000)).when(ChangeProduct(sku="apple", price_minor=1000)).then()


def test_the_same_change_again_writes_nothing() -> None:
    change = ChangeProduct(sku="apple", price_minor=900)
    given(by_piece("apple", 1000)).after(change).when(change).then()


def test_a_product_that_does_not_exist_cannot_be_changed() -> None:
    given().when(ChangeProduct(sku="apple", name="x")).refused(NotFound, kind="product", id="apple")


def test_a_change_decided_on_an_older_version_is_refused() -> None:
    given(by_piece("apple")).after(ChangeProduct(sku="apple", name="x")).when(
        ChangeProduct(sku="apple", name="y", expected_version=1)
    ).refused(VersionConflict, expected=1, actual=2)


def test_a_changed_price_is_not_below_zero() -> None:
    given(by_piece("apple")).when(ChangeProduct(sku="apple", price_minor=-1)).refused(
        InvalidCommand, price_minor=-1
    )


@pytest.mark.parametrize("rate", [-1, 10_001])
def test_a_changed_tax_rate_is_from_nothing_to_the_whole(rate: int) -> None:
    given(by_piece("apple")).when(ChangeProduct(sku="apple", tax_rate_bp=rate)).refused(
        InvalidCommand, tax_rate=rate
    )


def test_a_product_never_changes_its_currency() -> None:
    given(by_piece("apple")).when(ChangeProduct(sku="apple", price_minor=1, currency="EUR")).refused(
        InvalidCommand, currency="EUR"
    )
