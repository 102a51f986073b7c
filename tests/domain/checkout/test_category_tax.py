"""Products without a rate of their own are taxed by their category, as on the business day of the sale."""

from datetime import UTC, date, datetime, timedelta

import pytest

from domain.catalog.product import ChangeProduct, ProductAdded
from domain.catalog.tax_rates import BOOK, TAX_RATES, SetTaxRate
from domain.checkout.line_prices import BasketLine
from domain.checkout.record_sale import RecordSale
from domain.checkout.take_back_unlinked import TakeBackUnlinked, UnlinkedLine
from domain.kernel.command import Command, Moment
from domain.kernel.errors import InvalidCommand
from domain.kernel.quantity import Unit
from domain.sales.returns import ReturnRecorded
from domain.sales.sale import SaleCompleted
from domain.tills.till import ReceiptIssued
from domain.tills.totals import TaxTotal
from tests.support.decisions import NOON, Fact, Given, Shop, at, given
from tests.support.facts import a_store, by_piece, cash, check_out, take_back

KIWI: Fact = (
    "product-kiwi",
    ProductAdded(
        sku="kiwi",
        name="Kiwi",
        category="fruit",
        unit=Unit.PIECE,
        price_minor=1000,
        currency="CNY",
        tax_by_category=True,
    ),
)
TODAY = date(2026, 3, 2)
TOMORROW = date(2026, 3, 3)


def rate(rate_bp: int | None, valid_from: date = date(2026, 1, 1), category: str = "fruit") -> SetTaxRate:
    return SetTaxRate(category=category, valid_from=valid_from, rate_bp=rate_bp)


def shop(*commands: Command, day_starts_at_min: int = 0) -> Given:
    store = a_store(day_starts_at_min=day_starts_at_min)
    return given(store, KIWI, by_piece("apple", 1000, tax_rate_bp=500)).after(*commands)


def rates_of(shop: Given, moment: Moment | None = None) -> list[tuple[int, int]]:
    sale = shop.when(check_out(("kiwi", 1), ("apple", 1), tenders=(cash(2000),)), moment).only(SaleCompleted)
    return [(line.tax_rate_bp, line.tax_minor) for line in sale.lines]


def test_a_product_without_a_rate_is_taxed_by_its_category_and_the_others_by_their_own() -> None:
    assert rates_of(shop(rate(900))) == [(900, 83), (500, 48)]


def test_without_a_rate_of_the_category_there_is_no_tax() -> None:
    assert rates_of(shop(rate(900, category="toys"))) == [(0, 0), (500, 48)]


def test_the_receipt_divides_its_total_by_the_rates_that_the_lines_used() -> None:
    done = shop(rate(900)).when(check_out(("kiwi", 1), tenders=(cash(1000),)))
    assert done.only(ReceiptIssued).taxes == (TaxTotal(rate_bp=900, gross_minor=1000, tax_minor=83),)


# 15:30 UTC is 23:30 in Shanghai.
LATE = datetime(2026, 3, 2, 15, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "day_starts_at_min", "expected"),
    [
        (LATE, 0, 900),
        (LATE + timedelta(hours=1), 0, 1300),
        (LATE + timedelta(hours=1), 240, 900),
    ],
    ids=["before midnight", "after midnight", "after midnight, of the day before"],
)
def test_a_new_rate_counts_from_the_stores_business_day_on(
    moment: datetime, day_starts_at_min: int, expected: int
) -> None:
    changed = shop(rate(900), rate(1300, TOMORROW), day_starts_at_min=day_starts_at_min)
    assert rates_of(changed, at(moment))[0][0] == expected


def test_what_was_sold_offline_is_taxed_as_on_its_own_day() -> None:
    made = RecordSale(
        sale_id="x1",
        store_id="s1",
        register_id="till-1",
        lines=(BasketLine(sku="kiwi", quantity=1),),
        unit_prices_minor=(None,),
        charged_minor=(900,),
        tenders=(cash(900),),
    )
    moment = at(NOON, recorded_at=NOON + timedelta(days=2))
    sale = shop(rate(900), rate(1300, TOMORROW)).when(made, moment).only(SaleCompleted)
    assert (sale.lines[0].tax_rate_bp, sale.lines[0].tax_minor) == (900, 74)


def test_a_return_gives_back_the_tax_of_the_sale_whatever_the_rate_is_by_then() -> None:
    later = shop(rate(900), check_out(("kiwi", 1), tenders=(cash(1000),)), rate(1300, TODAY))
    (line,) = later.when(take_back((1, 1))).only(ReturnRecorded).lines
    assert (line.tax_rate_bp, line.tax_minor) == (900, 83)


def test_what_comes_back_without_its_sale_is_taxed_by_its_category_too() -> None:
    back = TakeBackUnlinked(
        return_id="r1",
        store_id="s1",
        register_id="till-1",
        lines=(UnlinkedLine(sku="kiwi", quantity=1, refund_minor=1000),),
        method="cash",
        because="no receipt",
    )
    (line,) = shop(rate(900)).when(back).only(ReturnRecorded).lines
    assert (line.tax_rate_bp, line.tax_minor) == (900, 83)


def test_a_product_can_be_given_to_its_category_and_back() -> None:
    given_away = ChangeProduct(sku="apple", tax_by_category=True)
    assert rates_of(shop(rate(900), given_away))[1] == (900, 83)
    assert rates_of(shop(rate(900), given_away, ChangeProduct(sku="apple", tax_rate_bp=0)))[1] == (0, 0)


def test_a_product_has_a_rate_of_its_own_or_its_categorys() -> None:
    both = ChangeProduct(sku="apple", tax_rate_bp=900, tax_by_category=True)
    shop().when(both).refused(InvalidCommand)


def test_a_basket_of_products_with_rates_of_their_own_reads_no_rate_of_a_category() -> None:
    read: list[str] = []

    class Reading(Shop):
        def current(self, stream: str):
            read.append(stream)
            return super().current(stream)

    shop = Reading(a_store(), by_piece("apple", 1000))
    shop.decide(check_out(("apple", 1), tenders=(cash(1000),)), at(NOON))
    assert "product-apple" in read
    assert TAX_RATES.stream(BOOK) not in read
