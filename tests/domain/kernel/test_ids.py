"""Ids and currency codes as callers may write them."""

import msgspec
import pytest

from domain.kernel.ids import CurrencyCode, Id


@pytest.mark.parametrize(
    "text", ["a", "7", "s-1", "0190b7d2-7f3e-7c11-9d7a-000000000001", "A.b_c-d", "x" * 64]
)
def test_an_id_is_letters_digits_dots_and_dashes(text: str) -> None:
    assert msgspec.convert(text, Id) == text


@pytest.mark.parametrize("text", ["", "a/b", "-a", ".a", "a b", "ä", "a\n", "x" * 65, "a\0"])
def test_an_id_has_no_slash_and_nothing_invisible(text: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(text, Id)


@pytest.mark.parametrize("text", ["cny", "CN", "CNYX", "CNY\n", ""])
def test_a_currency_is_three_capital_letters(text: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(text, CurrencyCode)
