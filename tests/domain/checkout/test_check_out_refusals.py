"""Checking out: every reason to refuse a sale."""

import pytest

from domain.catalog.product import NegativeStock
from domain.checkout.pricing import MAX_COUPONS, MAX_LINES, BasketLine
from domain.inventory.stock_item import STOCK_ITEM, StockItem, StockShort
from domain.kernel.errors import AlreadyExists, CurrencyMismatch, InvalidCommand, NotFound
from domain.kernel.money import MAX_AMOUNT_MINOR, AmountTooLarge
from domain.sales.sale import SaleCompleted
from domain.sales.tendering import TendersDoNotAddUp
from tests.support.decisions import Shop, given
from tests.support.facts import a_store, by_piece, card, cash, check_out, received

SHOP = (a_store(), by_piece("apple", 1000))
ONE_APPLE = check_out(("apple", 1), tenders=(cash(1000),))


def test_a_store_that_does_not_exist_sells_nothing() -> None:
    given(by_piece("apple")).when(ONE_APPLE).refused(NotFound, kind="store", id="s1")


def test_a_sale_is_made_once() -> None:
    given(*SHOP).after(ONE_APPLE).when(ONE_APPLE).refused(AlreadyExists, kind="sale", id="x1")


def test_a_customer_who_does_not_exist_buys_nothing() -> None:
    given(*SHOP).when(check_out(("apple", 1), tenders=(cash(1000),), customer_id="c1")).refused(
        NotFound, kind="customer", id="c1"
    )


def test_an_employee_who_does_not_exist_sells_nothing() -> None:
    given(*SHOP).when(check_out(("apple", 1), tenders=(cash(1000),), employee_id="e1")).refused(
        NotFound, kind="employee", id="e1"
    )


def test_a_product_that_does_not_exist_is_not_sold() -> None:
    given(*SHOP).when(check_out(("pear", 1), tenders=(cash(1000),))).refused(
        NotFound, kind="product", id="pear"
    )


def test_an_empty_basket_is_refused() -> None:
    given(*SHOP).when(check_out()).refused(InvalidCommand, lines=0)


def test_a_basket_with_too_many_lines_is_refused() -> None:
    lines = [("apple", 1)] * (MAX_LINES + 1)
    given(*SHOP).when(check_out(*lines)).refused(InvalidCommand, lines=MAX_LINES + 1)


def test_a_basket_may_have_as_many_lines_as_allowed() -> None:
    lines = [("apple", 1)] * MAX_LINES
    sale = given(*SHOP).when(check_out(*lines, tenders=(card(1000 * MAX_LINES),))).only(SaleCompleted)
    assert len(sale.lines) == MAX_LINES


def test_too_many_coupons_are_refused() -> None:
    coupons = tuple(f"k{number}" for number in range(MAX_COUPONS + 1))
    given(*SHOP).when(check_out(("apple", 1), coupons=coupons)).refused(InvalidCommand)


def test_a_coupon_presented_twice_in_one_basket_is_refused() -> None:
    given(*SHOP).when(check_out(("apple", 1), coupons=("k1", "k1"))).refused(InvalidCommand)


def test_tenders_in_another_currency_are_refused() -> None:
    sale = check_out(("apple", 1), tenders=(cash(1000),), currencies=frozenset({"CNY", "EUR"}))
    given(*SHOP).when(sale).refused(CurrencyMismatch, currency="EUR")


def test_of_several_other_currencies_the_same_one_is_always_named() -> None:
    currencies = frozenset({"USD", "EUR", "GBP", "JPY", "AUD", "CHF", "SEK", "CNY"})
    given(*SHOP).when(check_out(("apple", 1), currencies=currencies)).refused(
        CurrencyMismatch, currency="AUD"
    )


def test_tenders_in_the_stores_currency_are_taken() -> None:
    sale = check_out(("apple", 1), tenders=(cash(1000),), currencies=frozenset({"CNY"}))
    assert given(*SHOP).when(sale).only(SaleCompleted).currency == "CNY"


@pytest.mark.parametrize("quantity", [0, -1])
def test_nothing_is_not_sold(quantity: int) -> None:
    given(*SHOP).when(check_out(("apple", quantity))).refused(InvalidCommand, sku="apple", quantity=quantity)


def test_a_product_priced_in_another_currency_is_not_sold() -> None:
    given(a_store(), by_piece("apple", currency="EUR")).when(ONE_APPLE).refused(CurrencyMismatch, sku="apple")


@pytest.mark.parametrize(
    ("price_minor", "reason"), [(-1, "bruised"), (500, None), (500, "")], ids=["negative", "none", "empty"]
)
def test_a_price_of_the_tills_own_is_zero_or_more_and_says_why(price_minor: int, reason: str | None) -> None:
    line = BasketLine(sku="apple", quantity=1, unit_price_minor=price_minor, price_reason=reason)
    given(*SHOP).when(check_out(line)).refused(InvalidCommand, sku="apple")


def test_what_is_not_there_is_not_sold_where_the_product_blocks() -> None:
    product = by_piece("apple", 1000, negative_stock=NegativeStock.BLOCK)
    given(a_store(), product, received("apple", 2)).when(
        check_out(("apple", 3), tenders=(cash(3000),))
    ).refused(StockShort, store_id="s1", sku="apple", on_hand=2, asked=3)


def test_two_lines_do_not_sell_the_last_piece_twice() -> None:
    product = by_piece("apple", 1000, negative_stock=NegativeStock.BLOCK)
    given(a_store(), product, received("apple", 1)).when(
        check_out(("apple", 1), ("apple", 1), tenders=(cash(2000),))
    ).refused(StockShort, on_hand=0, asked=1)


def test_two_sales_do_not_sell_the_last_piece_twice() -> None:
    product = by_piece("apple", 1000, negative_stock=NegativeStock.BLOCK)
    given(a_store(), product, received("apple", 1)).after(ONE_APPLE).when(
        check_out(("apple", 1), tenders=(cash(1000),), sale_id="x2")
    ).refused(StockShort, on_hand=0, asked=1)


def test_what_is_on_another_stores_shelf_is_not_there() -> None:
    product = by_piece("apple", 1000, negative_stock=NegativeStock.BLOCK)
    given(a_store(), a_store("s2"), product, received("apple", 5, store_id="s2")).when(ONE_APPLE).refused(
        StockShort, store_id="s1", on_hand=0
    )


def test_too_little_money_is_refused() -> None:
    given(*SHOP).when(check_out(("apple", 1), tenders=(cash(999),))).refused(
        TendersDoNotAddUp, due=1000, paid=999
    )


def test_too_much_on_a_card_is_refused() -> None:
    given(*SHOP).when(check_out(("apple", 1), tenders=(card(1001),))).refused(
        TendersDoNotAddUp, due=1000, paid=1001
    )


def test_a_tender_of_nothing_is_refused() -> None:
    given(*SHOP).when(check_out(("apple", 1), tenders=(cash(0), card(1000)))).refused(
        TendersDoNotAddUp, due=1000
    )


def test_a_refused_sale_moves_nothing() -> None:
    shop = Shop(*SHOP, received("apple", 1, 100))
    shop.do(check_out(("apple", 1), tenders=(cash(1),)))
    assert shop.state(STOCK_ITEM, "s1/apple") == StockItem(
        on_hand=1, value_minor=100, last_cost_minor=100, last_quantity=1
    )


def test_a_line_that_no_shop_sells_is_a_slip_of_the_keyboard() -> None:
    given(*SHOP).when(check_out(("apple", MAX_AMOUNT_MINOR))).refused(AmountTooLarge, limit=MAX_AMOUNT_MINOR)
