"""Paying and paying back."""

from datetime import date

import pytest

from domain.sales.sale import Refund, SaleCompleted, TaxPolicy, Tender
from domain.sales.tendering import TendersDoNotAddUp, change_minor, paid_by_tender, refunds
from tests.support.facts import card, cash


def sold(*tenders: Tender, change: int = 0) -> SaleCompleted:
    return SaleCompleted(
        sale_id="x1",
        store_id="s1",
        register_id="till-1",
        receipt_number=1,
        currency="CNY",
        business_day=date(2026, 3, 2),
        utc_offset_min=480,
        lines=(),
        tax_policy=TaxPolicy(),
        tenders=tenders,
        change_minor=change,
        total_minor=sum(tender.amount_minor for tender in tenders) - change,
    )


@pytest.mark.parametrize(
    ("tenders", "change"),
    [
        ((cash(1000),), 0),
        ((card(1000),), 0),
        ((card(400), cash(600)), 0),
        ((cash(2000),), 1000),
        ((card(900), cash(500)), 400),
        ((cash(999), cash(500)), 499),
    ],
)
def test_change_is_what_was_paid_in_cash_above_what_is_due(tenders: tuple[Tender, ...], change: int) -> None:
    assert change_minor(1000, tenders) == change


def test_nothing_is_due_and_nothing_is_paid() -> None:
    assert change_minor(0, ()) == 0


@pytest.mark.parametrize(
    "tenders",
    [
        (),
        (cash(999),),
        (card(500), cash(499)),
        (card(1001),),  # no change from a card
        (card(1200), cash(100)),  # cash that does not cover the change
        (card(1000), cash(50)),  # cash that was not needed at all
        (cash(0), card(1000)),
        (cash(-100), card(1100)),
    ],
)
def test_tenders_that_do_not_add_up_are_refused(tenders: tuple[Tender, ...]) -> None:
    with pytest.raises(TendersDoNotAddUp) as refusal:
        change_minor(1000, tenders)
    assert refusal.value.facts["due"] == 1000


def test_cash_is_not_taken_for_what_is_free() -> None:
    with pytest.raises(TendersDoNotAddUp):
        change_minor(0, (cash(100),))


def test_cash_paid_what_was_not_given_back_as_change() -> None:
    assert paid_by_tender(sold(card(900), cash(500), change=400)) == [900, 100]


def test_change_is_taken_from_the_first_cash_first() -> None:
    assert paid_by_tender(sold(cash(300), card(100), cash(500), change=350)) == [0, 100, 450]


def test_a_refund_goes_to_the_tenders_pro_rata() -> None:
    assert refunds(sold(cash(750), card(250)), (0, 0), 500) == (
        Refund(tender=1, method="cash", amount_minor=375),
        Refund(tender=2, method="card", amount_minor=125),
    )


def test_a_refund_counts_what_went_back_before() -> None:
    assert refunds(sold(cash(750), card(250)), (375, 125), 500) == (
        Refund(tender=1, method="cash", amount_minor=375),
        Refund(tender=2, method="card", amount_minor=125),
    )


def test_what_rounding_leaves_over_is_taken_off_the_first_tender() -> None:
    assert refunds(sold(cash(500), card(500)), (0, 0), 1) == (
        Refund(tender=2, method="card", amount_minor=1),
    )


def test_what_rounding_leaves_short_goes_to_the_first_tender_with_room() -> None:
    assert refunds(sold(cash(1), card(1), card(1)), (0, 0, 0), 1) == (
        Refund(tender=1, method="cash", amount_minor=1),
    )


def test_a_third_of_three_equal_tenders_is_taken_from_each() -> None:
    back = refunds(sold(cash(100), card(100), card(100)), (0, 0, 0), 100)
    assert [refund.amount_minor for refund in back] == [34, 33, 33]


def test_change_is_not_refunded() -> None:
    assert refunds(sold(cash(2000), change=1000), (0,), 1000) == (
        Refund(tender=1, method="cash", amount_minor=1000),
    )


def test_nothing_is_refunded_of_what_was_free() -> None:
    assert refunds(sold(), (), 0) == ()


def test_more_than_was_paid_is_our_own_bug() -> None:
    with pytest.raises(AssertionError):
        refunds(sold(cash(1000)), (600,), 401)
