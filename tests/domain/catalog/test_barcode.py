"""Barcodes: check digits, and what a scale wrote into them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.catalog.barcode import BarcodeInvalid, Measure, ScaleCode, Scanned, check_digit, read, weight_for
from domain.kernel.quantity import Unit, amount_minor

PRICED = ScaleCode(prefix="21", measure=Measure.PRICE)
WEIGHED = ScaleCode(prefix="29", measure=Measure.WEIGHT)


def code_of(digits: str) -> str:
    return f"{digits}{check_digit(digits)}"


@pytest.mark.parametrize("code", ["4006381333931", "73513537", "036000291452", "10614141000415"])
def test_a_code_of_the_trade_is_its_own_number(code: str) -> None:
    assert read(code) == Scanned(number=code)


def test_a_price_stands_in_the_code() -> None:
    assert read(code_of("210012300500"), (PRICED,)) == Scanned(number="2100123", price_minor=500)


def test_a_weight_stands_in_the_code() -> None:
    assert read(code_of("290012301250"), (PRICED, WEIGHED)) == Scanned(number="2900123", weight_g=1250)


def test_a_value_may_count_tens() -> None:
    tens = ScaleCode(prefix="21", measure=Measure.PRICE, value_unit=10)
    assert read(code_of("210012300500"), (tens,)).price_minor == 5_000


def test_a_digit_that_protects_the_value_is_read_over() -> None:
    checked = ScaleCode(prefix="21", measure=Measure.PRICE, value_digits=4, has_value_check=True)
    assert read(code_of("210012390500"), (checked,)) == Scanned(number="2100123", price_minor=500)


def test_the_longer_prefix_counts() -> None:
    special = ScaleCode(prefix="215", measure=Measure.WEIGHT, item_digits=4)
    assert read(code_of("215012301250"), (PRICED, special)) == Scanned(number="2150123", weight_g=1250)


def test_without_a_layout_a_scales_code_is_a_number_like_others() -> None:
    assert read(code_of("210012300500")).price_minor is None


@pytest.mark.parametrize(
    "code", ["", "1", "4006381333932", "40063813339310", "400638133393x", "４006381333931"]
)
def test_what_can_be_no_barcode_is_refused(code: str) -> None:
    with pytest.raises(BarcodeInvalid):
        read(code, (PRICED,))


@given(st.from_regex(r"[0-9]{12}", fullmatch=True), st.integers(0, 12), st.integers(1, 9))
def test_one_wrong_digit_is_always_noticed(digits: str, at: int, by: int) -> None:
    code = code_of(digits)
    wrong = code[:at] + str((int(code[at]) + by) % 10) + code[at + 1 :]
    with pytest.raises(BarcodeInvalid):
        read(wrong)


@pytest.mark.parametrize(
    ("layout", "well_formed"),
    [
        (PRICED, True),
        (ScaleCode(prefix="02", measure=Measure.PRICE), True),
        (ScaleCode(prefix="40", measure=Measure.PRICE), False),
        (ScaleCode(prefix="2x", measure=Measure.PRICE), False),
        (ScaleCode(prefix="21", measure=Measure.PRICE, item_digits=4), False),
    ],
)
def test_a_layout_makes_thirteen_digits_of_the_scales_range(layout: ScaleCode, well_formed: bool) -> None:
    assert layout.is_well_formed() == well_formed


def test_a_printed_price_stands_for_a_weight_that_would_cost_less() -> None:
    weight_g = weight_for(500, 3990)
    assert (weight_g, amount_minor(3990, weight_g, Unit.GRAM)) == (125, 499)
