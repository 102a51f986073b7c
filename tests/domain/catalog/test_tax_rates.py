"""Rates of tax by category, each from a business day on."""

from datetime import date

import pytest

from domain.catalog.tax_rates import (
    BOOK,
    MAX_RATES,
    TAX_RATES,
    SetTaxRate,
    TaxRates,
    TaxRateSet,
    TooManyTaxRates,
    rate_on,
)
from domain.kernel.errors import InvalidCommand
from tests.support.decisions import Fact, Shop, given

NEW_YEAR = date(2026, 1, 1)
SUMMER = date(2026, 7, 1)


def rate(rate_bp: int | None, valid_from: date = NEW_YEAR, category: str = "fruit") -> SetTaxRate:
    return SetTaxRate(category=category, valid_from=valid_from, rate_bp=rate_bp)


def known(*rates: SetTaxRate) -> TaxRates:
    shop = Shop()
    for one in rates:
        shop.do(one)
    return shop.state(TAX_RATES, BOOK)


def test_a_rate_counts_from_its_first_day_on() -> None:
    rates = known(rate(500, SUMMER), rate(900)).rates
    days = (date(2025, 12, 31), NEW_YEAR, date(2026, 6, 30), SUMMER)
    assert [rate_on(rates, "fruit", day) for day in days] == [0, 900, 900, 500]


def test_a_category_may_come_to_have_no_rate() -> None:
    assert rate_on(known(rate(900), rate(None, SUMMER)).rates, "fruit", SUMMER) == 0


def test_categories_do_not_share_their_rates() -> None:
    assert rate_on(known(rate(900)).rates, "toys", SUMMER) == 0


def test_of_a_day_the_last_rate_that_was_said_counts() -> None:
    assert rate_on(known(rate(900), rate(700)).rates, "fruit", NEW_YEAR) == 700


def test_a_retry_changes_nothing() -> None:
    given().after(rate(900)).when(rate(900)).then()


@pytest.mark.parametrize("rate_bp", [-1, 10_001])
def test_a_rate_is_a_share_in_basis_points(rate_bp: int) -> None:
    given().when(rate(rate_bp)).refused(InvalidCommand, rate=rate_bp)


def full_book() -> list[Fact]:
    return [
        (TAX_RATES.stream(BOOK), TaxRateSet(category=f"c{number}", valid_from=NEW_YEAR, rate_bp=1))
        for number in range(MAX_RATES)
    ]


def test_there_are_not_more_rates_than_the_book_takes() -> None:
    given(*full_book()).when(rate(900)).refused(TooManyTaxRates, limit=MAX_RATES)


def test_in_a_full_book_rates_can_still_be_corrected() -> None:
    assert given(*full_book()).when(rate(2, category="c7")).only(TaxRateSet).rate_bp == 2
