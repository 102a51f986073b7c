"""What an offline till took from cards, credit and points that do not hold it: nothing is lost or made up."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from domain.checkout.grant_credit import GrantCredit
from domain.checkout.pricing import BasketLine
from domain.checkout.record_sale import RecordSale
from domain.kernel.quantity import Unit
from domain.loyalty.points import LOYALTY, PointsSpent
from domain.sales.returns import ReturnRecorded
from domain.sales.sale import (
    POINTS,
    UNCOVERED,
    DiscountSource,
    MadeOffline,
    SaleCompleted,
    SaleException,
    Tender,
)
from domain.stored_value.cards import BlockCard
from domain.stored_value.value import CREDIT, GIFT_CARD, ValueRefunded
from domain.tills.till import ReceiptIssued
from tests.domain.checkout.test_line_prices import MELON
from tests.domain.checkout.test_membership import a_shop as a_shop_with_account
from tests.domain.checkout.test_points_discount import a_shop as a_shop_with_points
from tests.domain.checkout.test_points_discount import done
from tests.domain.checkout.test_record_sale import made
from tests.domain.checkout.test_stored_tenders import YEAR, from_card, from_credit, load, make
from tests.support.decisions import NOON, Shop, at, given
from tests.support.facts import a_customer, a_store, by_gram, by_piece, cash, take_back
from tests.support.laws import a_law


def a_shop(*loads: int) -> Shop:
    """Apples at 10.00 and a card with so much on it."""
    shop = Shop(a_store(), by_piece("apple", 1000), a_customer())
    done(shop.do(make("g1", valid_days=365)))
    for amount in loads:
        done(shop.do(load(amount)))
    return shop


def only_sale(shop: Shop) -> SaleCompleted:
    (sale,) = shop.events(SaleCompleted)
    return sale


def paid_by(sale: SaleCompleted) -> list[tuple[str, int]]:
    return [(tender.method, tender.amount_minor) for tender in sale.tenders]


def test_a_card_that_holds_enough_pays() -> None:
    shop = a_shop(3000)
    done(shop.do(made(("apple", 2, None, 2000), tenders=(from_card(2000),))))
    sale = only_sale(shop)
    assert (paid_by(sale), sale.exceptions) == ([("gift_card", 2000)], ())
    assert shop.state(GIFT_CARD, "g1").balance_minor == 1000


def test_a_card_that_holds_less_pays_what_it_holds_and_is_named() -> None:
    shop = a_shop(1200)
    done(shop.do(made(("apple", 2, None, 2000), tenders=(from_card(1500), cash(500)))))
    sale = only_sale(shop)
    assert paid_by(sale) == [("gift_card", 1200), ("cash", 500), (UNCOVERED, 300)]
    assert sale.exceptions == (
        SaleException(code="stored_value_short", expected=1200, found=1500, reference="g1"),
    )
    assert shop.state(GIFT_CARD, "g1").balance_minor == 0


@pytest.mark.parametrize(
    ("card_id", "code"), [("g1", "card_blocked"), ("typo", "card_unknown"), ("dollars", "currency_mismatch")]
)
def test_a_card_that_does_not_pay_at_all_is_named(card_id: str, code: str) -> None:
    shop = a_shop(5000)
    done(shop.do(make("dollars", currency="USD")))
    done(shop.do(BlockCard(card_id="g1", blocked=True, reason="lost")))
    done(shop.do(made(("apple", 1, None, 1000), tenders=(from_card(1000, card_id),))))
    sale = only_sale(shop)
    assert paid_by(sale) == [(UNCOVERED, 1000)]
    assert sale.exceptions == (SaleException(code=code, found=1000, reference=card_id),)
    assert shop.state(GIFT_CARD, "g1").balance_minor == 5000


def test_what_has_expired_by_now_does_not_pay() -> None:
    shop = a_shop(5000)
    sale = made(("apple", 1, None, 1000), tenders=(from_card(1000),))
    done(shop.do(sale, at(NOON + YEAR - timedelta(hours=1), NOON + YEAR)))
    assert paid_by(only_sale(shop)) == [(UNCOVERED, 1000)]


def test_a_return_puts_back_what_the_card_paid_and_pays_nothing_for_what_was_missing() -> None:
    shop = a_shop(1200)
    done(shop.do(made(("apple", 2, None, 2000), tenders=(from_card(1500), cash(500)))))
    for number in (1, 2):
        done(shop.do(take_back((1, 1), return_id=f"r{number}")))
    refunds: dict[str, int] = {}
    for returned in shop.events(ReturnRecorded):
        for refund in returned.refunds:
            refunds[refund.method] = refunds.get(refund.method, 0) + refund.amount_minor
    assert refunds == {"gift_card": 1200, "cash": 500, UNCOVERED: 300}
    assert shop.state(GIFT_CARD, "g1").balance_minor == 1200
    assert len(shop.events(ValueRefunded)) == 2


def test_credit_pays_what_there_is_and_without_a_customer_nothing() -> None:
    shop = a_shop()
    done(shop.do(GrantCredit(customer_id="c1", currency="CNY", amount_minor=400, reason="goodwill")))
    done(shop.do(made(("apple", 1, None, 1000), tenders=(from_credit(1000),), customer_id="c1")))
    done(shop.do(made(("apple", 1, None, 1000), tenders=(from_credit(1000),), sale_id="x2")))
    told, nobodys = shop.events(SaleCompleted)
    assert (paid_by(told), paid_by(nobodys)) == (
        [("store_credit", 400), (UNCOVERED, 600)],
        [(UNCOVERED, 1000)],
    )
    assert [sale.exceptions[0].code for sale in (told, nobodys)] == [
        "stored_value_short",
        "credit_needs_customer",
    ]
    assert shop.state(CREDIT, "c1").balance_minor == 0


def test_points_off_the_price_are_a_row_and_come_off_the_account() -> None:
    """60.00 less 100 points at 0.05 is 55.00."""
    shop = a_shop_with_points()
    done(shop.do(made(("big", 1, None, 5500), customer_id="c1", points=100)))
    sale = only_sale(shop)
    (row,) = sale.discounts
    assert (row.source, row.amount_minor, sale.total_minor, sale.exceptions) == (
        DiscountSource.POINTS,
        500,
        5500,
        (),
    )
    assert [spent.lots[0].points for spent in shop.events(PointsSpent)] == [100]


@pytest.mark.parametrize("tax_included", [True, False])
def test_points_and_a_discount_of_the_tills_own_are_two_rows(*, tax_included: bool) -> None:
    shop = a_shop_with_points(tax_included=tax_included)
    done(shop.do(made(("big", 1, None, 4000), ("small", 1, None, 3000), customer_id="c1", points=100)))
    sale = only_sale(shop)
    rows = {row.source: row for row in sale.discounts}
    assert set(rows) == {DiscountSource.TILL, DiscountSource.POINTS}
    assert rows[DiscountSource.POINTS].amount_minor == 500
    for row in sale.discounts:
        assert sum(share.amount_minor for share in row.shares) == row.amount_minor
    off = sum(line.amount_minor - line.net_minor for line in sale.lines)
    assert (sale.total_minor, off) == (7000, sum(row.amount_minor for row in sale.discounts))
    assert {exception.code for exception in sale.exceptions} == {"total_differs"}
    before = shop.state(LOYALTY, "c1").balance
    done(shop.do(take_back((1, 1), (2, 1))))
    assert shop.state(LOYALTY, "c1").balance == before + 100 - (sale.points.earned if sale.points else 0)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"points": 2_000, "customer_id": "c1"}, "points_short"),
        ({"points": 100}, "points_need_customer"),
        ({"points": 1_500, "customer_id": "c1"}, "points_exceed_basket"),
    ],
)
def test_points_that_do_not_come_off_leave_a_discount_of_the_tills_own(
    fields: dict[str, Any], code: str
) -> None:
    shop = a_shop_with_points(holding=1_600)
    done(shop.do(made(("big", 1, None, 5500), **fields)))
    sale = only_sale(shop)
    assert [row.source for row in sale.discounts] == [DiscountSource.TILL]
    assert sale.total_minor == 5500
    assert [exception.code for exception in sale.exceptions] == ["total_differs", code]
    assert shop.events(PointsSpent) == []


def test_what_nobody_paid_earns_no_points_and_a_return_takes_none_for_it() -> None:
    """20.00, of which credit paid 5.00: five points, as if the rest had been left away."""
    shop = a_shop_with_account()
    done(shop.do(GrantCredit(customer_id="c1", currency="CNY", amount_minor=500, reason="goodwill")))
    done(shop.do(made(("apple", 2, None, 2000), tenders=(from_credit(2000),), customer_id="c1")))
    assert shop.state(LOYALTY, "c1").balance == 5
    for number in (1, 2):
        done(shop.do(take_back((1, 1), return_id=f"r{number}")))
    assert shop.state(LOYALTY, "c1").balance == 0


def test_points_that_nobody_has_earn_none() -> None:
    shop = a_shop_with_account(holding=10)
    points = Tender(method=POINTS, amount_minor=2000)
    done(shop.do(made(("apple", 2, None, 2000), tenders=(points,), customer_id="c1")))
    assert paid_by(only_sale(shop)) == [(UNCOVERED, 2000)]
    assert shop.state(LOYALTY, "c1").balance == 10
    done(shop.do(take_back((1, 2))))
    assert shop.state(LOYALTY, "c1").balance == 10


def test_points_as_a_tender_by_another_programme_pay_nothing() -> None:
    shop = a_shop_with_points()
    points = Tender(method=POINTS, amount_minor=6000)
    done(shop.do(made(("big", 1, None, 6000), tenders=(points,), customer_id="c1")))
    sale = only_sale(shop)
    assert (paid_by(sale), sale.exceptions) == (
        [(UNCOVERED, 6000)],
        (SaleException(code="invalid_command", found=6000),),
    )


def labelled(charged: int, unit_price: int | None, label: int) -> RecordSale:
    return RecordSale(
        sale_id="x1",
        store_id="s1",
        register_id="till-1",
        lines=(BasketLine(sku="cherry", quantity=0, label_minor=label, barcode="2012345005006"),),
        unit_prices_minor=(unit_price,),
        charged_minor=(charged,),
        tenders=(cash(charged),),
    )


def test_a_printed_price_is_what_was_charged_and_the_weight_follows() -> None:
    """5.00 at 39.90 a kilogram are 125 g, though 125 g would cost 4.99."""
    sale = given(a_store(), by_gram()).when(labelled(500, None, 500)).only(SaleCompleted)
    assert (sale.lines[0].quantity, sale.total_minor, sale.exceptions) == (125, 500, ())


def test_a_printed_price_weighs_by_what_the_scale_knew() -> None:
    """5.00 at the 20.00 a kilogram of that morning are 250 g."""
    sale = given(a_store(), by_gram()).when(labelled(500, 2000, 500)).only(SaleCompleted)
    assert (sale.lines[0].quantity, sale.lines[0].amount_minor, sale.total_minor) == (250, 500, 500)
    assert [exception.code for exception in sale.exceptions] == ["price_differs"]


def test_goods_sold_by_either_are_sold_by_the_piece() -> None:
    sale = RecordSale(
        sale_id="x1",
        store_id="s1",
        register_id="till-1",
        lines=(BasketLine(sku="melon", quantity=2, unit=Unit.PIECE),),
        unit_prices_minor=(None,),
        charged_minor=(2400,),
        tenders=(cash(2400),),
    )
    (line,) = given(a_store(), MELON).when(sale).only(SaleCompleted).lines
    assert (line.unit, line.quantity) == (Unit.PIECE, 2)
    assert line.weight_g > 0


def test_a_sale_keeps_by_what_it_is_recognised() -> None:
    sale = given(a_store(), by_piece()).when(made(("apple", 1, None, 1000), request="ab12"))
    assert sale.only(SaleCompleted).offline == MadeOffline(request="ab12")


@a_law
@drawn(
    loaded=st.integers(0, 3000),
    by_card=st.integers(1, 4000),
    by_credit=st.integers(0, 2000),
    credit=st.integers(0, 1500),
    returns=st.permutations([1, 2, 3]),
)
def test_whatever_an_account_holds_the_books_add_up_and_returns_end_where_they_began(
    loaded: int, by_card: int, by_credit: int, credit: int, returns: list[int]
) -> None:
    shop = a_shop(*([loaded] if loaded else []))
    if credit:
        done(shop.do(GrantCredit(customer_id="c1", currency="CNY", amount_minor=credit, reason="gift")))
    charged = by_card + by_credit
    third = charged // 3
    lines = tuple(("apple", 1, None, part) for part in (third, third, charged - 2 * third))
    tenders = (from_card(by_card), *((from_credit(by_credit),) if by_credit else ()))
    done(shop.do(made(*lines, tenders=tenders, customer_id="c1")))
    sale = only_sale(shop)
    assert sum(tender.amount_minor for tender in sale.tenders) == charged
    uncovered = sum(tender.amount_minor for tender in sale.tenders if tender.method == UNCOVERED)
    assert uncovered == max(0, by_card - loaded) + max(0, by_credit - credit)
    for number in returns:
        done(shop.do(take_back((number, 1), return_id=f"r{number}")))
    assert shop.state(GIFT_CARD, "g1").balance_minor == loaded
    assert shop.state(CREDIT, "c1").balance_minor == credit
    assert sum(receipt.total_minor for receipt in shop.events(ReceiptIssued)[-4:]) == 0
