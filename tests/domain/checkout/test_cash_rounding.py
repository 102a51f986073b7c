"""Cash rounding: only what is due in cash is rounded, and it is a line of its own."""

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from domain.checkout.check_out import CheckOut
from domain.checkout.exchange import Exchange
from domain.checkout.take_back_unlinked import TakeBackUnlinked, UnlinkedLine
from domain.kernel.errors import Refusal
from domain.sales.returns import ReturnRecorded
from domain.sales.sale import CashRounding, Refund, SaleCompleted, Tender
from domain.sales.tendering import TendersDoNotAddUp
from domain.tills.shift import MethodSum
from domain.tills.till import ReceiptIssued
from tests.domain.checkout.test_shifts import open_shift
from tests.support.decisions import Shop, given
from tests.support.facts import a_store, by_piece, card, cash, check_out, take_back
from tests.support.laws import a_law

FIVE = a_store(cash_unit_minor=5)


def sell(total_minor: int, *tenders: Tender) -> CheckOut:
    """A sale of pieces at one fen each."""
    return check_out(("fen", total_minor), tenders=tenders)


SHOP = (FIVE, by_piece("fen", 1, tax_rate_bp=900))


@pytest.mark.parametrize(
    ("total", "handed", "rounding", "change"),
    [
        (1002, 1000, -2, 0),
        (1003, 1005, 2, 0),
        (1005, 1005, 0, 0),
        (1002, 2000, -2, 1000),
        (1003, 2000, 2, 995),
    ],
)
def test_what_is_due_in_cash_is_rounded_and_the_total_stays(
    total: int, handed: int, rounding: int, change: int
) -> None:
    sale = given(*SHOP).when(sell(total, cash(handed))).only(SaleCompleted)
    assert (sale.total_minor, sale.change_minor) == (total, change)
    assert sale.cash_rounding == CashRounding(unit_minor=5, amount_minor=rounding)
    assert sum(tender.amount_minor for tender in sale.tenders) - change == total + rounding


def test_tax_is_that_of_the_exact_total() -> None:
    exact = given(a_store(), SHOP[1]).when(sell(1002, cash(1002))).only(SaleCompleted)
    rounded = given(*SHOP).when(sell(1002, cash(1000))).only(SaleCompleted)
    assert rounded.lines == exact.lines


def test_only_the_part_that_is_paid_in_cash_is_rounded() -> None:
    sale = given(*SHOP).when(sell(1002, card(501), cash(500))).only(SaleCompleted)
    assert sale.cash_rounding == CashRounding(unit_minor=5, amount_minor=-1)


def test_what_is_paid_by_card_is_not_rounded() -> None:
    sale = given(*SHOP).when(sell(1002, card(1002))).only(SaleCompleted)
    assert sale.cash_rounding is None


def test_a_store_without_a_smallest_coin_rounds_nothing() -> None:
    assert given(a_store(), SHOP[1]).when(sell(1002, cash(1002))).only(SaleCompleted).cash_rounding is None


@pytest.mark.parametrize(
    "tenders",
    [(cash(1002),), (cash(995),), (card(1000),), (card(1000), cash(5)), (card(1005),), ()],
)
def test_what_coins_do_not_make_up_is_refused(tenders: tuple[Tender, ...]) -> None:
    given(*SHOP).when(sell(1002, *tenders)).refused(TendersDoNotAddUp)


def test_what_is_below_the_smallest_coin_costs_nothing_in_cash() -> None:
    sale = given(*SHOP).when(sell(2)).only(SaleCompleted)
    assert (sale.tenders, sale.cash_rounding) == ((cash(0),), CashRounding(unit_minor=5, amount_minor=-2))
    back = given(*SHOP).after(sell(2)).when(take_back((1, 2))).only(ReturnRecorded)
    assert back.refunds == (Refund(tender=1, method="cash", amount_minor=2, rounding_minor=-2),)


def test_a_refund_in_cash_is_rounded_too_and_its_total_is_exact() -> None:
    """10.02, paid with 10.00; of 3.34, 3.35 come back."""
    back = given(*SHOP).after(sell(1002, cash(1000))).when(take_back((1, 334))).only(ReturnRecorded)
    assert back.total_minor == 334
    assert back.refunds == (Refund(tender=1, method="cash", amount_minor=334, rounding_minor=1),)


@a_law
@for_all(
    total=st.integers(1, 400),
    by_card=st.integers(0, 400),
    unit=st.sampled_from([2, 5, 10, 100]),
    data=st.data(),
)
def test_any_order_of_returns_ends_at_what_was_handed_over(
    total: int, by_card: int, unit: int, data: st.DataObject
) -> None:
    by_card = min(by_card, total)
    in_cash = total - by_card
    rounded = (2 * in_cash + unit) // (2 * unit) * unit
    tenders = ((card(by_card),) if by_card else ()) + ((cash(rounded),) if rounded else ())
    shop = Shop(a_store(cash_unit_minor=unit), by_piece("fen", 1))
    outcome = shop.do(sell(total, *tenders))
    if isinstance(outcome, TendersDoNotAddUp):
        assert in_cash
        assert not rounded, "only what no coin pays beside a card is refused"
        return
    left, number, handed = total, 0, 0
    for quantity in (*data.draw(st.lists(st.integers(1, 60), max_size=6)), total):
        if not left:
            break
        quantity = min(quantity, left)
        left, number = left - quantity, number + 1
        shop.do(take_back((1, quantity), return_id=f"r{number}"))
        back = shop.events(ReturnRecorded)[-1]
        cash_back = sum(r.amount_minor + r.rounding_minor for r in back.refunds if r.method == "cash")
        assert cash_back % unit == 0
        handed += cash_back
        assert 0 <= handed <= rounded
    assert handed == rounded
    paid_back = [r.amount_minor for event in shop.events(ReturnRecorded) for r in event.refunds]
    assert sum(paid_back) == total


def test_the_drawer_gets_what_was_handed_over_and_rounding_is_its_own_sum() -> None:
    shop = Shop(*SHOP)
    for command in (open_shift(0), sell(1002, cash(2000)), take_back((1, 334))):
        shop.do(command)
    assert [receipt.paid for receipt in shop.events(ReceiptIssued)] == [
        (MethodSum(method="cash", amount_minor=1000),),
        (MethodSum(method="cash", amount_minor=-335),),
    ]
    shift = shop.current("till-s1/till-1").state.shift
    assert (shift.totals.total_minor, shift.rounding_minor) == (668, -3)
    assert shift.expected == (MethodSum(method="cash", amount_minor=665),)


def test_a_refund_without_its_sale_is_rounded_by_itself() -> None:
    unlinked = TakeBackUnlinked(
        return_id="r1",
        store_id="s1",
        register_id="till-1",
        lines=(UnlinkedLine(sku="fen", quantity=1, refund_minor=333),),
        method="cash",
        because="no earlier sale",
    )
    back = given(*SHOP).when(unlinked).only(ReturnRecorded)
    assert back.refunds == (Refund(tender=0, method="cash", amount_minor=333, rounding_minor=2),)


def test_no_refund_is_rounded_below_nothing_where_two_tenders_were_cash() -> None:
    shop = Shop(a_store(cash_unit_minor=10), SHOP[1])
    shop.do(sell(100, cash(50), cash(50)))
    shop.do(take_back((1, 4)))
    (returned,) = shop.events(ReturnRecorded)
    assert [(refund.amount_minor, refund.rounding_minor) for refund in returned.refunds] == [(2, -2), (2, -2)]


def test_what_a_card_leaves_of_an_exchange_below_the_smallest_coin_comes_back_with_the_rest() -> None:
    shop = Shop(*SHOP)
    shop.do(sell(1000, card(500), cash(500)))
    shop.do(Exchange(back=take_back((1, 1000)), sale=check_out(("fen", 502), sale_id="x2")))
    returned = shop.do(take_back((1, 502), sale_id="x2", return_id="r2"))
    assert not isinstance(returned, Refusal), returned
    refunds = shop.events(ReturnRecorded)[-1].refunds
    assert [(refund.method, refund.amount_minor, refund.rounding_minor) for refund in refunds] == [
        ("card", 500, 0),
        ("cash", 2, -2),
    ]
