"""Barcodes: GTINs with their check digit, and the EAN-13 that a scale prints with price or weight inside.

GS1 General Specifications: 7.9 (check digit) and 2.1.12 (variable measure items, prefixes 02 and 20 to 29,
whose layout each country or shop sets for itself).
"""

import enum

import msgspec

from domain.kernel.errors import Refusal
from domain.kernel.money import half_up
from domain.kernel.quantity import GRAMS_PER_KG

GTIN_DIGITS = 14
"""Of the longest; the shorter ones are the same numbers with noughts before them."""
_GTIN_LENGTHS = (8, 12, 13, 14)
_EAN_DIGITS = 13


class BarcodeInvalid(Refusal):
    """The digits can't be a barcode: a misread, or a code of another kind."""

    code = "barcode_invalid"


class Measure(enum.StrEnum):
    """What a scale wrote into the code."""

    PRICE = "price"
    WEIGHT = "weight"


class ScaleCode(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A layout of the shop's scales: prefix, item number, value and check digit, thirteen digits together.

    `value_unit` is how many minor units or grams one step of the value is. With `has_value_check` a digit
    that protects the value stands before it; it is read over, since not all scales compute it alike.
    """

    prefix: str
    measure: Measure
    item_digits: int = 5
    value_digits: int = 5
    value_unit: int = 1
    has_value_check: bool = False

    def is_well_formed(self) -> bool:
        """Whether prefix, item, value and check digits make thirteen, in the range for scales."""
        digits = len(self.prefix) + self.item_digits + self.value_digits + int(self.has_value_check) + 1
        return (
            digits == _EAN_DIGITS
            and self.item_digits >= 0
            and self.value_digits > 0
            and self.value_unit > 0
            and self.prefix.isdecimal()
            and self.prefix[:2] in _SCALE_PREFIXES
        )


_SCALE_PREFIXES = frozenset({"02", *(str(prefix) for prefix in range(20, 30))})


class Scanned(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a code says: the number that a product is found by, and the price or weight of this piece.

    `label` is that of the markdown that it turned out to be of.
    """

    number: str
    price_minor: int | None = None
    weight_g: int | None = None
    label: str | None = None

    @property
    def of_scale(self) -> bool:
        """Whether a scale printed it."""
        return self.price_minor is not None or self.weight_g is not None


def check_digit(digits: str) -> int:
    """The last digit of a GTIN: from the right, weights 3 and 1 in turn."""
    total = sum(int(digit) * (3 if at % 2 == 0 else 1) for at, digit in enumerate(reversed(digits)))
    return -total % 10


def is_gtin(code: str) -> bool:
    """Whether it is a number of the trade with the right check digit."""
    return _has_digits(code) and check_digit(code[:-1]) == int(code[-1])


def _has_digits(code: str) -> bool:
    # "²".isdigit() holds, and int() refuses it.
    return len(code) in _GTIN_LENGTHS and code.isascii() and code.isdecimal()


def read(code: str, layouts: tuple[ScaleCode, ...] = ()) -> Scanned:
    """What stands in a scanned code, or BarcodeInvalid. The longest prefix among the layouts counts."""
    if not _has_digits(code):
        raise BarcodeInvalid("A barcode has 8, 12, 13 or 14 digits.", barcode=code[:20])
    if not is_gtin(code):
        raise BarcodeInvalid("The check digit is wrong. Scan it again.", barcode=code)
    fitting = [layout for layout in layouts if len(code) == _EAN_DIGITS and code.startswith(layout.prefix)]
    if not fitting:
        return Scanned(number=code)
    layout = max(fitting, key=lambda layout: len(layout.prefix))
    end_of_item = len(layout.prefix) + layout.item_digits
    number = code[:end_of_item]
    value = int(code[-1 - layout.value_digits : -1]) * layout.value_unit
    if layout.measure is Measure.PRICE:
        return Scanned(number=number, price_minor=value)
    return Scanned(number=number, weight_g=value)


def weight_for(price_minor: int, price_per_kg_minor: int) -> int:
    """The grams that a printed price stands for. The price is what counts; the weight follows from it.

    5.00 at 39.90 a kilogram are 125 g, though 125 g would cost 4.99. (Domain rule "Line".)
    """
    return half_up(price_minor * GRAMS_PER_KG, price_per_kg_minor)
