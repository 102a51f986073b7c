"""Checking out: what a sale writes and says."""

from datetime import UTC, date, datetime

import pytest

from domain.catalog.product import NegativeStock
from domain.checkout.check_out import BasketLine, SaleAnswer
from domain.inventory.stock_item import STOCK_ITEM, Place, StockMoved
from domain.kernel.errors import InvalidCommand
from domain.kernel.quantity import Unit
from domain.sales.sale import Attribution, SaleCompleted, SaleLine, TaxPolicy
from domain.stores.store import TaxRounding
from domain.tills.till import ReceiptIssued
from domain.tills.totals import TaxTotal
from tests.support.decisions import Shop, at, given
from tests.support.facts import (
    a_customer,
    a_store,
    an_employee,
    by_gram,
    by_piece,
    card,
    cash,
    check_out,
    received,
)

APPLES = SaleLine(
    line=1,
    sku="apple",
    name="Apple",
    category="fruit",
    unit=Unit.PIECE,
    quantity=2,
    unit_price_minor=1000,
    amount_minor=2000,
    net_minor=2000,
    tax_rate_bp=900,
    tax_minor=165,
    cost_minor=680,
)


def test_a_sale_moves_the_stock_and_numbers_the_receipt_in_one_decision() -> None:
    given(
        a_store(),
        a_customer(),
        an_employee(),
        by_piece("apple", 1000, tax_rate_bp=900),
        received("apple", 10, 3400),
    ).when(check_out(("apple", 2), tenders=(card(500), cash(2000)), customer_id="c1", employee_id="e1")).then(
        (
            "sale-x1",
            SaleCompleted(
                sale_id="x1",
                store_id="s1",
                register_id="till-1",
                receipt_number=1,
                currency="CNY",
                business_day=date(2026, 3, 2),
                utc_offset_min=480,
                customer_id="c1",
                lines=(APPLES,),
                tax_policy=TaxPolicy(inclusive=True, rounding="line"),
                tenders=(card(500), cash(2000)),
                change_minor=500,
                total_minor=2000,
                attributions=(Attribution(employee_id="e1", share_bp=10_000),),
            ),
        ),
        (
            "stock-s1/apple",
            StockMoved(
                store_id="s1",
                sku="apple",
                from_=Place.SHELF,
                to=Place.CUSTOMER,
                quantity=2,
                cost_minor=680,
                reference="sale-x1",
            ),
        ),
        (
            "till-s1/till-1",
            ReceiptIssued(
                store_id="s1",
                register_id="till-1",
                number=1,
                document="sale-x1",
                total_minor=2000,
                taxes=(TaxTotal(rate_bp=900, gross_minor=2000, tax_minor=165),),
            ),
        ),
    )


def test_the_till_prints_lines_subtotal_tax_total_and_change() -> None:
    outcome = given(a_store(), by_piece("apple", 1000, tax_rate_bp=900), received("apple", 10, 3400)).when(
        check_out(("apple", 2), tenders=(cash(5000),))
    )
    assert outcome.answer == SaleAnswer(
        sale_id="x1",
        receipt_number=1,
        currency="CNY",
        lines=(APPLES,),
        subtotal_minor=2000,
        discount_minor=0,
        tax_minor=165,
        total_minor=2000,
        change_minor=3000,
    )


def test_a_nameless_sale_is_nobodys() -> None:
    sale = given(a_store(), by_piece("apple", 1000)).when(check_out(("apple", 1), tenders=(cash(1000),)))
    assert (sale.only(SaleCompleted).customer_id, sale.only(SaleCompleted).attributions) == (None, ())


@pytest.mark.parametrize(("grams", "amount"), [(125, 499), (1, 4), (350, 1397)])
def test_weighed_goods_are_rounded_once_a_line(grams: int, amount: int) -> None:
    outcome = given(a_store(), by_gram("cherry", 3990)).when(
        check_out(("cherry", grams), tenders=(card(amount),))
    )
    assert outcome.only(SaleCompleted).total_minor == amount


def test_the_till_may_set_a_price_of_its_own_if_it_says_why() -> None:
    line = BasketLine(sku="apple", quantity=2, unit_price_minor=0, price_reason="bruised")
    outcome = given(a_store(), by_piece("apple", 1000)).when(check_out(line))
    sold = outcome.only(SaleCompleted).lines[0]
    assert (sold.unit_price_minor, sold.amount_minor, sold.price_reason) == (0, 0, "bruised")


def test_a_reason_without_a_price_of_the_tills_own_is_refused() -> None:
    line = BasketLine(sku="apple", quantity=2, price_reason="bruised")
    given(a_store(), by_piece("apple", 1000)).when(check_out(line)).refused(InvalidCommand, sku="apple")


def test_inclusive_tax_is_rounded_per_line_and_leaves_the_price() -> None:
    shop = (a_store(), by_piece("wine", 2890, tax_rate_bp=2200), by_piece("bread", 125, tax_rate_bp=1000))
    sale = given(*shop).when(check_out(("wine", 1), ("bread", 1), tenders=(card(3015),))).only(SaleCompleted)
    assert [line.tax_minor for line in sale.lines] == [521, 11]
    assert sale.total_minor == 3015


def test_a_store_that_rounds_per_document_rounds_once_over_all_rates() -> None:
    store = a_store(tax_rounding=TaxRounding.DOCUMENT)
    shop = (store, by_piece("wine", 2890, tax_rate_bp=2200), by_piece("bread", 125, tax_rate_bp=1000))
    sale = given(*shop).when(check_out(("wine", 1), ("bread", 1), tenders=(card(3015),))).only(SaleCompleted)
    assert [line.tax_minor for line in sale.lines] == [521, 12]
    assert sale.tax_policy == TaxPolicy(inclusive=True, rounding="document")


def test_exclusive_tax_comes_on_top() -> None:
    shop = (a_store(prices_include_tax=False), by_piece("wine", 2369, tax_rate_bp=2200))
    outcome = given(*shop).when(check_out(("wine", 1), tenders=(card(2890),)))
    sale = outcome.only(SaleCompleted)
    assert (sale.lines[0].net_minor, sale.lines[0].tax_minor, sale.total_minor) == (2369, 521, 2890)
    assert sale.tax_policy == TaxPolicy(inclusive=False)


def test_a_service_moves_no_stock_and_costs_nothing() -> None:
    outcome = given(a_store(), by_piece("gift-wrap", 300, stocked=False)).when(
        check_out(("gift-wrap", 1), tenders=(cash(300),))
    )
    assert outcome.all(StockMoved) == []
    assert outcome.only(SaleCompleted).lines[0].stocked is False


def test_what_the_book_does_not_have_is_sold_where_the_product_allows_it() -> None:
    shop = Shop(a_store(), by_piece("apple", 1000, negative_stock=NegativeStock.ALLOW), received("apple", 1))
    shop.do(check_out(("apple", 3), tenders=(cash(3000),)))
    assert shop.state(STOCK_ITEM, "s1/apple").on_hand == -2


def test_the_last_piece_is_sold_where_the_product_blocks() -> None:
    shop = Shop(a_store(), by_piece("apple", 1000, negative_stock=NegativeStock.BLOCK), received("apple", 3))
    shop.do(check_out(("apple", 2), ("apple", 1), tenders=(cash(3000),)))
    assert shop.state(STOCK_ITEM, "s1/apple").on_hand == 0


def test_lines_of_one_sku_cost_what_the_ones_before_them_left() -> None:
    outcome = given(a_store(), by_piece("apple", 1000), received("apple", 3, 1000)).when(
        check_out(("apple", 1), ("apple", 1), ("apple", 1), tenders=(cash(3000),))
    )
    assert [line.cost_minor for line in outcome.only(SaleCompleted).lines] == [333, 334, 333]


def test_receipts_of_one_till_are_numbered_on() -> None:
    outcome = (
        given(a_store(), by_piece("apple", 1000))
        .after(check_out(("apple", 1), tenders=(cash(1000),), sale_id="x0"))
        .when(check_out(("apple", 1), tenders=(cash(1000),)))
    )
    assert outcome.only(ReceiptIssued).number == 2


def test_another_till_has_a_roll_of_its_own() -> None:
    outcome = (
        given(a_store(), by_piece("apple", 1000))
        .after(check_out(("apple", 1), tenders=(cash(1000),), sale_id="x0"))
        .when(check_out(("apple", 1), tenders=(cash(1000),), register_id="till-2"))
    )
    assert outcome.only(SaleCompleted).receipt_number == 1


@pytest.mark.parametrize(
    ("occurred_at", "day", "offset"),
    [
        (datetime(2026, 3, 29, 1, 59, tzinfo=UTC), date(2026, 3, 28), 120),  # 03:59 in Berlin, already summer
        (datetime(2026, 3, 29, 2, 0, tzinfo=UTC), date(2026, 3, 29), 120),
        (datetime(2026, 10, 25, 2, 59, tzinfo=UTC), date(2026, 10, 24), 60),
        (datetime(2026, 10, 25, 3, 0, tzinfo=UTC), date(2026, 10, 25), 60),
    ],
)
def test_a_sale_belongs_to_the_stores_business_day(occurred_at: datetime, day: date, offset: int) -> None:
    store = a_store(time_zone="Europe/Berlin", day_starts_at_min=240)
    outcome = given(store, by_piece("apple", 1000)).when(
        check_out(("apple", 1), tenders=(cash(1000),)), at(occurred_at)
    )
    sale = outcome.only(SaleCompleted)
    assert (sale.business_day, sale.utc_offset_min) == (day, offset)


def test_an_offline_sale_belongs_to_the_day_of_the_tills_clock() -> None:
    moment = at(datetime(2026, 3, 2, 4, tzinfo=UTC), datetime(2026, 3, 5, 4, tzinfo=UTC))
    outcome = given(a_store(), by_piece("apple", 1000)).when(
        check_out(("apple", 1), tenders=(cash(1000),)), moment
    )
    assert outcome.only(SaleCompleted).business_day == date(2026, 3, 2)
