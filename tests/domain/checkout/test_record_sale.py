"""Sales that were made offline: they happened, and what the rules would not allow is an exception."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from domain.catalog.product import NegativeStock
from domain.checkout.pricing import BasketLine
from domain.checkout.record_sale import OFFLINE_FOR, RecordSale
from domain.customers.customer import CustomerErased
from domain.inventory.stock_item import StockMoved
from domain.kernel.errors import NotFound
from domain.promotions.coupon import CouponRedeemed
from domain.promotions.offer import PercentOff
from domain.sales.sale import DiscountSource, SaleCompleted, SaleException, Tender
from domain.sales.tendering import TendersDoNotAddUp
from domain.tills.till import ReceiptIssued
from tests.support.commands import publish
from tests.support.decisions import NOON, Shop, at, given
from tests.support.facts import (
    SUMMER,
    a_campaign,
    a_coupon,
    a_store,
    by_piece,
    cash,
    received,
    take_back,
)

SHOP = (a_store(), by_piece("apple", 1000, tax_rate_bp=900), by_piece("pear", 500))
EVENING = NOON + timedelta(hours=9)


def made(
    *lines: tuple[str, int, int | None, int], tenders: tuple[Tender, ...] | None = None, **fields: Any
) -> RecordSale:
    """A sale of (sku, quantity, the till's unit price, what was charged) lines, paid exactly in cash."""
    usual: dict[str, Any] = {"sale_id": "x1", "store_id": "s1", "register_id": "till-1"}
    return RecordSale(
        lines=tuple(BasketLine(sku=sku, quantity=quantity) for sku, quantity, _, _ in lines),
        unit_prices_minor=tuple(unit_price for _, _, unit_price, _ in lines),
        charged_minor=tuple(charged for _, _, _, charged in lines),
        tenders=tenders or (cash(sum(charged for _, _, _, charged in lines)),),
        **(usual | fields),
    )


def test_a_sale_by_the_rules_is_recorded_as_any_other() -> None:
    sale = given(*SHOP).when(made(("apple", 2, 1000, 2000), ("pear", 1, None, 500))).only(SaleCompleted)
    assert (sale.total_minor, sale.exceptions, sale.discounts) == (2500, (), ())
    assert sale.lines[0].price_reason is None


def test_a_customer_who_is_forgotten_by_now_is_not_named_in_the_sale() -> None:
    gone = ("customer-c1", CustomerErased(customer_id="c1", reason="request"))
    sale = given(*SHOP, gone).when(made(("apple", 1, 1000, 1000), customer_id="c1")).only(SaleCompleted)
    assert (sale.customer_id, sale.exceptions) == (None, (SaleException(code="erased"),))


def test_an_old_price_is_what_was_charged_and_an_exception() -> None:
    sale = given(*SHOP).when(made(("apple", 2, 900, 1800))).only(SaleCompleted)
    assert (sale.lines[0].unit_price_minor, sale.total_minor) == (900, 1800)
    assert sale.exceptions == (
        SaleException(code="price_differs", line=1, expected=1000, found=900, reference="apple"),
    )
    assert sale.lines[0].tax_minor == 149


def test_a_discount_that_the_rules_do_not_know_is_the_tills_own() -> None:
    sale = given(*SHOP).when(made(("apple", 2, 1000, 1500), ("pear", 1, 500, 500))).only(SaleCompleted)
    (discount,) = sale.discounts
    assert (discount.source, discount.amount_minor) == (DiscountSource.TILL, 500)
    assert [(share.line, share.amount_minor) for share in discount.shares] == [(1, 500)]
    assert [exception.code for exception in sale.exceptions] == ["total_differs"]


def test_more_than_the_price_was_the_price() -> None:
    sale = given(*SHOP).when(made(("apple", 1, None, 1200))).only(SaleCompleted)
    assert (sale.lines[0].amount_minor, sale.lines[0].net_minor, sale.discounts) == (1200, 1200, ())


def test_an_offer_that_the_till_knew_is_recorded_as_the_rules_have_it() -> None:
    shop = Shop(*SHOP)
    shop.do(publish("tenth", PercentOff(rate_bp=1000)))
    shop.do(made(("apple", 1, None, 900)))
    (sale,) = shop.events(SaleCompleted)
    assert (sale.discounts[0].source, sale.exceptions) == (DiscountSource.OFFER, ())


def test_an_offer_that_the_till_did_not_know_gave_nothing() -> None:
    shop = Shop(*SHOP)
    shop.do(publish("tenth", PercentOff(rate_bp=1000)))
    shop.do(made(("apple", 1, None, 1000)))
    (sale,) = shop.events(SaleCompleted)
    assert (sale.total_minor, sale.discounts) == (1000, ())
    assert sale.exceptions == (
        SaleException(code="total_differs", line=1, expected=900, found=1000, reference="apple"),
    )


def test_what_was_sold_has_left_the_shelf_also_where_the_book_did_not_hold_it() -> None:
    scarce = by_piece("apple", 1000, negative_stock=NegativeStock.BLOCK)
    outcome = given(a_store(), scarce, received("apple", 1)).when(made(("apple", 3, None, 3000)))
    assert outcome.only(StockMoved).quantity == 3
    assert outcome.only(SaleCompleted).exceptions == (
        SaleException(code="stock_short", expected=1, found=3, reference="apple"),
    )


def with_coupon(charged: int = 0) -> RecordSale:
    return made(("apple", 2, None, charged), coupon_ids=("k1",))


def test_a_coupon_is_redeemed_and_judged_by_the_moment_of_the_sale() -> None:
    """The campaign ended while the till was offline."""
    sold_at = SUMMER - timedelta(hours=1)
    outcome = given(*SHOP, a_campaign(), a_coupon()).when(
        with_coupon(1000), at(sold_at, SUMMER + timedelta(days=1))
    )
    assert outcome.only(CouponRedeemed).amount_minor == 1000
    assert outcome.only(SaleCompleted).exceptions == ()


def test_after_too_long_a_coupon_is_judged_by_now() -> None:
    sold_at = SUMMER - timedelta(hours=1)
    outcome = given(*SHOP, a_campaign(), a_coupon()).when(
        with_coupon(1000), at(sold_at, sold_at + OFFLINE_FOR + timedelta(seconds=1))
    )
    codes = [exception.code for exception in outcome.only(SaleCompleted).exceptions]
    assert codes == ["total_differs", "coupon_expired"]
    assert outcome.all(CouponRedeemed) == []


def test_a_coupon_that_is_spent_by_now_gave_what_it_gave_and_is_an_exception() -> None:
    shop = Shop(*SHOP, a_campaign(), a_coupon())
    shop.do(with_coupon(1000))
    shop.do(msgspec.structs.replace(with_coupon(1000), sale_id="x2"))
    _, second = shop.events(SaleCompleted)
    assert second.total_minor == 1000
    assert [exception.code for exception in second.exceptions] == ["total_differs", "coupon_spent"]
    assert len(shop.events(CouponRedeemed)) == 1


def test_where_tax_comes_on_top_the_total_is_still_what_was_charged() -> None:
    """10.00 and 9 % are 10.90; the till charged 10.50."""
    shop = (a_store(prices_include_tax=False), by_piece("apple", 1000, tax_rate_bp=900))
    sale = given(*shop).when(made(("apple", 1, None, 1050))).only(SaleCompleted)
    assert (sale.total_minor, sale.lines[0].net_minor, sale.lines[0].tax_minor) == (1050, 963, 87)
    assert given(*shop).when(made(("apple", 1, None, 1090))).only(SaleCompleted).exceptions == ()


def test_what_was_charged_comes_back_whatever_the_rules_had() -> None:
    shop = Shop(*SHOP)
    shop.do(made(("apple", 3, None, 1000)))
    for number in (1, 2, 3):
        shop.do(take_back((1, 1), return_id=f"r{number}"))
    assert sum(-r.total_minor for r in shop.events(ReceiptIssued)[1:]) == 1000


def test_a_smallest_coin_that_the_till_did_not_know_rounds_nothing() -> None:
    shop = (a_store(cash_unit_minor=5), by_piece("apple", 1002))
    sale = given(*shop).when(made(("apple", 1, None, 1002))).only(SaleCompleted)
    assert (sale.cash_rounding, sale.change_minor) == (None, 0)


def test_a_store_that_sells_in_shifts_takes_it_and_lists_it() -> None:
    sale = (
        given(a_store(shifts_required=True), SHOP[1]).when(made(("apple", 1, None, 1000))).only(SaleCompleted)
    )
    assert sale.exceptions == (SaleException(code="shift_not_open", reference="till-1"),)


@pytest.mark.parametrize(
    ("sale", "refusal"),
    [
        (made(("typo", 1, 5, 5)), NotFound),
        (made(("apple", 1, None, 1000), customer_id="nobody"), NotFound),
        (made(("apple", 1, None, 1000), tenders=(cash(999),)), TendersDoNotAddUp),
    ],
)
def test_what_can_not_be_written_down_is_refused(sale: RecordSale, refusal: Any) -> None:
    given(*SHOP).when(sale).refused(refusal)
