"""Barcodes of products: no code ever means two, and what is no code is refused."""

import pytest

from domain.catalog.barcode import Measure, ScaleCode
from domain.catalog.barcodes import (
    BARCODE,
    MAX_BARCODES,
    BarcodeAssigned,
    BarcodeTaken,
    ScalesSet,
    SetBarcodes,
    SetScales,
    barcode_id,
)
from domain.catalog.product import BarcodesSet
from domain.kernel.errors import InvalidCommand, NotFound, VersionConflict
from tests.support.decisions import Shop, given
from tests.support.facts import by_piece

CODE = "4006381333931"
OTHER = "73513537"
LAYOUT = ScaleCode(prefix="21", measure=Measure.PRICE)


def test_a_code_means_its_product() -> None:
    given(by_piece("apple")).when(SetBarcodes(sku="apple", barcodes=(CODE,))).then(
        (f"barcode-0{CODE}", BarcodeAssigned(code=f"0{CODE}", sku="apple")),
        ("product-apple", BarcodesSet(sku="apple", barcodes=(CODE,))),
    )


def test_a_code_means_one_product_only() -> None:
    given(by_piece("apple"), by_piece("pear")).after(SetBarcodes(sku="apple", barcodes=(CODE,))).when(
        SetBarcodes(sku="pear", barcodes=(CODE,))
    ).refused(BarcodeTaken, sku="apple")


def test_noughts_before_a_code_make_no_other_code() -> None:
    assert barcode_id("036000291452") == barcode_id("0036000291452")
    given(by_piece("apple"), by_piece("pear")).after(
        SetBarcodes(sku="apple", barcodes=("036000291452",))
    ).when(SetBarcodes(sku="pear", barcodes=("0036000291452",))).refused(BarcodeTaken)


def test_a_number_of_a_scale_is_no_code_of_the_trade() -> None:
    assert barcode_id("73513537", of_scale=True) != barcode_id("73513537")


def test_a_code_that_is_given_up_can_be_given_to_another() -> None:
    shop = Shop(by_piece("apple"), by_piece("pear"))
    shop.do(SetBarcodes(sku="apple", barcodes=(CODE,), scale_numbers=("2100123",)))
    shop.do(SetBarcodes(sku="apple", barcodes=(OTHER,)))
    shop.do(SetBarcodes(sku="pear", barcodes=(CODE,), scale_numbers=("2100123",)))
    owners = {id_: shop.state(BARCODE, id_).sku for id_ in (f"0{CODE}", f"000000{OTHER}", "scale.2100123")}
    assert owners == {f"0{CODE}": "pear", f"000000{OTHER}": "apple", "scale.2100123": "pear"}


def test_a_retry_changes_nothing() -> None:
    again = SetBarcodes(sku="apple", barcodes=(CODE,))
    given(by_piece("apple")).after(again).when(again).then()


def test_codes_are_given_to_what_there_is() -> None:
    given().when(SetBarcodes(sku="ghost", barcodes=(CODE,))).refused(NotFound)


def test_a_change_of_what_changed_meanwhile_is_refused() -> None:
    given(by_piece("apple")).when(SetBarcodes(sku="apple", expected_version=7)).refused(VersionConflict)


@pytest.mark.parametrize("code", ["4006381333932", "123", "", "40063813339x1"])
def test_what_is_no_code_is_refused(code: str) -> None:
    given(by_piece("apple")).when(SetBarcodes(sku="apple", barcodes=(code,))).refused(InvalidCommand)


@pytest.mark.parametrize("number", ["21", "21x0123", "²100123"])
def test_what_is_no_scales_number_is_refused(number: str) -> None:
    given(by_piece("apple")).when(SetBarcodes(sku="apple", scale_numbers=(number,))).refused(InvalidCommand)


def test_a_product_has_each_code_once_and_not_too_many() -> None:
    shop = given(by_piece("apple"))
    shop.when(SetBarcodes(sku="apple", barcodes=(CODE, f"0{CODE}"))).refused(InvalidCommand)
    many = tuple(f"21{number:05}" for number in range(MAX_BARCODES + 1))
    shop.when(SetBarcodes(sku="apple", scale_numbers=many)).refused(InvalidCommand)


def test_layouts_are_set_whole() -> None:
    given().when(SetScales(layouts=(LAYOUT,), expected_version=0)).then(
        ("scales-main", ScalesSet(layouts=(LAYOUT,)))
    )
    given().after(SetScales(layouts=(LAYOUT,))).when(SetScales(layouts=(LAYOUT,))).then()


@pytest.mark.parametrize(
    "layouts",
    [
        (LAYOUT, LAYOUT),
        (ScaleCode(prefix="40", measure=Measure.PRICE),),
        (ScaleCode(prefix="21", measure=Measure.PRICE, item_digits=11, value_digits=-1),),
        tuple(ScaleCode(prefix=f"2{n:02}", measure=Measure.PRICE, item_digits=4) for n in range(21)),
    ],
)
def test_layouts_that_can_not_be_meant_are_refused(layouts: tuple[ScaleCode, ...]) -> None:
    given().when(SetScales(layouts=layouts)).refused(InvalidCommand)


def test_layouts_that_changed_meanwhile_are_not_overwritten() -> None:
    given().after(SetScales(layouts=(LAYOUT,))).when(SetScales(layouts=(), expected_version=0)).refused(
        VersionConflict
    )
