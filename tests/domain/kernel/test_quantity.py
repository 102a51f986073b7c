"""Quantities: pieces × price, or the price per kilogram of grams, rounded once."""

import pytest

from domain.kernel.money import MAX_AMOUNT_MINOR, AmountTooLarge
from domain.kernel.quantity import Unit, amount_minor


def test_pieces_cost_their_price_each() -> None:
    assert amount_minor(250, 3, Unit.PIECE) == 750


@pytest.mark.parametrize(
    ("grams", "amount"),
    [(125, 499), (1000, 3990), (1, 4), (500, 1995), (350, 1397), (838, 3344), (0, 0)],
)
def test_grams_at_39_90_a_kilogram_are_rounded_half_up(grams: int, amount: int) -> None:
    assert amount_minor(3990, grams, Unit.GRAM) == amount


def test_half_a_cent_is_rounded_up() -> None:
    assert amount_minor(1500, 1, Unit.GRAM) == 2


@pytest.mark.parametrize(
    ("price", "quantity", "unit"),
    [
        (MAX_AMOUNT_MINOR, 1, Unit.PIECE),
        (1, MAX_AMOUNT_MINOR, Unit.PIECE),
        (MAX_AMOUNT_MINOR, 1000, Unit.GRAM),
    ],
)
def test_the_largest_amount_can_be_booked(price: int, quantity: int, unit: Unit) -> None:
    assert amount_minor(price, quantity, unit) == MAX_AMOUNT_MINOR


@pytest.mark.parametrize(
    ("price", "quantity", "unit"),
    [
        (MAX_AMOUNT_MINOR + 1, 1, Unit.PIECE),
        (MAX_AMOUNT_MINOR, 2, Unit.PIECE),
        (MAX_AMOUNT_MINOR, 1001, Unit.GRAM),
    ],
)
def test_a_larger_amount_is_a_slip_of_the_keyboard(price: int, quantity: int, unit: Unit) -> None:
    with pytest.raises(AmountTooLarge) as refusal:
        amount_minor(price, quantity, unit)
    assert refusal.value.facts == {"limit": MAX_AMOUNT_MINOR}
