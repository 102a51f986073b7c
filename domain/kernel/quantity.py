"""Quantities: whole pieces or whole grams, and what they cost."""

import enum

from domain.kernel.money import half_up, require_bookable

GRAMS_PER_KG = 1000


class Unit(enum.StrEnum):
    """What a SKU is counted in. Prices are per piece or per kilogram."""

    PIECE = "piece"
    GRAM = "gram"


def amount_minor(price_minor: int, quantity: int, unit: Unit) -> int:
    """The price of a quantity: pieces × price, or half_up(price per kg × grams / 1000); or AmountTooLarge."""
    if unit == Unit.GRAM:
        return require_bookable(half_up(price_minor * quantity, GRAMS_PER_KG))
    return require_bookable(price_minor * quantity)
