"""Taking back lines of a sale: by what was paid, to where the money came from."""

from datetime import date

import pytest

from domain.checkout.lines_back import ReturnExceedsSale
from domain.checkout.return_document import MAX_LINES, ReturnAnswer
from domain.inventory.stock_item import STOCK_ITEM, Place, StockItem, StockMoved
from domain.kernel.errors import AlreadyExists, InvalidCommand, NotFound
from domain.kernel.quantity import Unit
from domain.sales.returns import ReturnedLine, ReturnRecorded
from domain.sales.sale import Attribution, CameBack, LinesReturned, Refund
from domain.tills.till import ReceiptIssued
from domain.tills.totals import TaxTotal
from tests.support.decisions import Given, Shop, given
from tests.support.facts import (
    a_campaign,
    a_coupon,
    a_customer,
    a_store,
    an_employee,
    by_gram,
    by_piece,
    card,
    cash,
    check_out,
    received,
    sealed,
    take_back,
)

RETURNED = ReturnedLine(
    line=1,
    sku="apple",
    category="fruit",
    unit=Unit.PIECE,
    quantity=1,
    net_minor=1000,
    refund_minor=1000,
    tax_rate_bp=900,
    tax_minor=83,
    cost_minor=340,
)
TO_CARD = Refund(tender=1, method="card", amount_minor=250)
TO_CASH = Refund(tender=2, method="cash", amount_minor=750)


def two_apples() -> Given:
    """20.00 paid with 5.00 on a card and 20.00 in cash, 5.00 change."""
    return given(
        a_store(),
        a_customer(),
        an_employee(),
        by_piece("apple", 1000, tax_rate_bp=900),
        received("apple", 10, 3400),
    ).after(check_out(("apple", 2), tenders=(card(500), cash(2000)), customer_id="c1", employee_id="e1"))


def sold(*prices: int, off: int, minimum: int = 0) -> Given:
    """One line for each price, with a coupon over all of them, paid by card."""
    products = [by_piece(f"p{number}", price) for number, price in enumerate(prices, start=1)]
    basket = [(f"p{number}", 1) for number in range(1, len(prices) + 1)]
    return given(a_store(), *products, a_campaign(value=off, minimum_minor=minimum), a_coupon("k1")).after(
        check_out(*basket, tenders=(card(sum(prices) - off),), coupons=("k1",))
    )


def test_a_return_refunds_moves_the_stock_back_and_numbers_the_receipt_in_one_decision() -> None:
    reason = sealed("does not like them")
    two_apples().when(take_back((1, 1), reason=reason)).then(
        (
            "return-r1",
            ReturnRecorded(
                return_id="r1",
                sale_id="x1",
                store_id="s1",
                register_id="till-1",
                receipt_number=2,
                currency="CNY",
                business_day=date(2026, 3, 2),
                utc_offset_min=480,
                customer_id="c1",
                lines=(RETURNED,),
                refunds=(TO_CARD, TO_CASH),
                total_minor=1000,
                attributions=(Attribution(employee_id="e1"),),
                reason=reason,
            ),
        ),
        (
            "stock-s1/apple",
            StockMoved(
                store_id="s1",
                sku="apple",
                from_=Place.CUSTOMER,
                to=Place.SHELF,
                quantity=1,
                cost_minor=340,
                reference="return-r1",
            ),
        ),
        (
            "till-s1/till-1",
            ReceiptIssued(
                store_id="s1",
                register_id="till-1",
                number=2,
                document="return-r1",
                total_minor=-1000,
                taxes=(TaxTotal(rate_bp=900, gross_minor=-1000, tax_minor=-83),),
            ),
        ),
        (
            "sale-x1",
            LinesReturned(
                sale_id="x1",
                return_id="r1",
                lines=(CameBack(line=1, quantity=1),),
                refunds=(TO_CARD, TO_CASH),
            ),
        ),
    )


def test_the_till_prints_lines_refunds_tax_and_total() -> None:
    assert two_apples().when(take_back((1, 1))).answer == ReturnAnswer(
        return_id="r1",
        sale_id="x1",
        receipt_number=2,
        currency="CNY",
        lines=(RETURNED,),
        refunds=(TO_CARD, TO_CASH),
        tax_minor=83,
        total_minor=1000,
    )


def test_a_refund_is_what_was_paid_not_what_is_left() -> None:
    assert sold(5000, 1000, off=1000).when(take_back((1, 1))).answer.total_minor == 4167


def test_a_broken_threshold_keeps_the_discount() -> None:
    assert sold(6000, 5000, off=2000, minimum=10_000).when(take_back((2, 1))).answer.total_minor == 4091


def test_ten_for_three_comes_back_as_333_334_333() -> None:
    shop = Shop(a_store(), by_piece("apple", 400), a_campaign(value=200), a_coupon("k1"))
    shop.do(check_out(("apple", 3), tenders=(card(1000),), coupons=("k1",)))
    for number in range(3):
        shop.do(take_back((1, 1), return_id=f"r{number}"))
    assert [back.total_minor for back in shop.events(ReturnRecorded)] == [333, 334, 333]


def test_grams_come_back_likewise() -> None:
    shop = Shop(a_store(), by_gram("cherry", 3990))
    shop.do(check_out(("cherry", 125), tenders=(card(499),)))
    for number, grams in enumerate((50, 50, 25)):
        shop.do(take_back((1, grams), return_id=f"r{number}"))
    assert [back.total_minor for back in shop.events(ReturnRecorded)] == [200, 199, 100]


def test_tax_on_top_is_refunded_too() -> None:
    answer = (
        given(a_store(prices_include_tax=False), by_piece("wine", 2369, tax_rate_bp=2200))
        .after(check_out(("wine", 1), tenders=(card(2890),)))
        .when(take_back((1, 1)))
        .answer
    )
    assert (answer.lines[0].net_minor, answer.tax_minor, answer.total_minor) == (2369, 521, 2890)


def test_goods_return_to_the_shelf_at_the_cost_they_left_it() -> None:
    shop = Shop(a_store(), by_piece("apple", 1000), received("apple", 3, 1000))
    shop.do(check_out(("apple", 3), tenders=(card(3000),)))
    shop.record([received("apple", 1, 900)])
    for number in range(3):
        shop.do(take_back((1, 1), return_id=f"r{number}"))
    assert shop.state(STOCK_ITEM, "s1/apple") == StockItem(
        on_hand=4, value_minor=1900, last_cost_minor=900, last_quantity=1
    )


def test_a_service_returns_no_stock() -> None:
    outcome = (
        given(a_store(), by_piece("wrap", 300, stocked=False))
        .after(check_out(("wrap", 1), tenders=(cash(300),)))
        .when(take_back((1, 1)))
    )
    assert outcome.all(StockMoved) == []


def test_what_was_free_comes_back_for_nothing() -> None:
    outcome = given(a_store(), by_piece("flyer", 0)).after(check_out(("flyer", 1))).when(take_back((1, 1)))
    assert (outcome.answer.total_minor, outcome.answer.refunds) == (0, ())


def test_change_is_not_refunded() -> None:
    outcome = (
        given(a_store(), by_piece("apple", 1000))
        .after(check_out(("apple", 1), tenders=(cash(5000),)))
        .when(take_back((1, 1)))
    )
    assert outcome.answer.refunds == (Refund(tender=1, method="cash", amount_minor=1000),)


def test_several_lines_come_back_in_one_return() -> None:
    outcome = sold(5000, 1000, off=1000).when(take_back((2, 1), (1, 1)))
    assert [(line.line, line.refund_minor) for line in outcome.answer.lines] == [(2, 833), (1, 4167)]


def test_another_till_of_the_store_may_take_back() -> None:
    command = take_back((1, 1), register_id="till-2")
    assert two_apples().when(command).only(ReceiptIssued).number == 1


def test_a_sale_that_does_not_exist_takes_nothing_back() -> None:
    given(a_store()).when(take_back((1, 1))).refused(NotFound, kind="sale", id="x1")


def test_a_return_of_nothing_is_refused() -> None:
    two_apples().when(take_back()).refused(InvalidCommand, lines=0)


def test_a_return_with_too_many_lines_is_refused() -> None:
    lines = [(1, 1)] * (MAX_LINES + 1)
    two_apples().when(take_back(*lines)).refused(InvalidCommand, lines=MAX_LINES + 1)


def test_a_line_named_twice_is_refused() -> None:
    two_apples().when(take_back((1, 1), (1, 1))).refused(InvalidCommand)


@pytest.mark.parametrize("line", [0, 2, -1])
def test_a_line_that_the_sale_does_not_have_is_not_found(line: int) -> None:
    two_apples().when(take_back((line, 1))).refused(NotFound, line=line)


@pytest.mark.parametrize("quantity", [0, -1])
def test_a_quantity_of_nothing_is_refused(quantity: int) -> None:
    two_apples().when(take_back((1, quantity))).refused(InvalidCommand, line=1)


def test_no_more_comes_back_than_was_bought() -> None:
    two_apples().when(take_back((1, 3))).refused(ReturnExceedsSale, line=1, bought=2, returned=0, asked=3)


def test_no_more_comes_back_than_is_left() -> None:
    two_apples().after(take_back((1, 1))).when(take_back((1, 2), return_id="r2")).refused(
        ReturnExceedsSale, line=1, bought=2, returned=1, asked=2
    )


def test_one_refused_line_refuses_the_return() -> None:
    sold(5000, 1000, off=1000).when(take_back((1, 1), (2, 2))).refused(ReturnExceedsSale, line=2)


def test_a_return_is_made_once() -> None:
    two_apples().after(take_back((1, 1))).when(take_back((1, 1))).refused(
        AlreadyExists, kind="return", id="r1"
    )
