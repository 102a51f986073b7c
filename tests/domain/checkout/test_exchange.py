"""Exchanges: a return and a sale in one decision, where only the difference changes hands."""

from typing import Any

import msgspec
import pytest

from domain.access.approval import ApprovalRequired, Authority
from domain.access.limits import Limits
from domain.catalog.product import NegativeStock
from domain.checkout.exchange import Exchange, ExchangeAnswer
from domain.checkout.lines_back import ReturnExceedsSale
from domain.inventory.stock_item import STOCK_ITEM, StockShort
from domain.kernel.errors import AlreadyExists, InvalidCommand, NotFound, Refusal
from domain.loyalty.points import LOYALTY
from domain.loyalty.programme import Programme, SetProgramme
from domain.promotions.coupon import COUPON, CouponSpent
from domain.promotions.offer import OnReturn, Phase, SpendAndSave, Step
from domain.sales.returns import ReturnRecorded
from domain.sales.sale import POINTS, SALE, Refund, SaleCompleted, Tender
from domain.sales.tendering import TendersDoNotAddUp
from domain.tills.till import TILL, ReceiptIssued
from tests.support.commands import publish
from tests.support.decisions import Shop
from tests.support.facts import (
    a_campaign,
    a_coupon,
    a_customer,
    a_store,
    by_piece,
    card,
    cash,
    check_out,
    received,
    take_back,
)

PROGRAMME = Programme(currency="CNY", earn_points=1, earn_minor=100, redeem_points=1, redeem_minor=1)


def a_shop(*tenders: Tender, customer_id: str | None = None) -> Shop:
    """Two shirts at 20.00 were sold; there are trousers at 50.00 and socks at 5.00."""
    shop = Shop(
        a_store(),
        a_customer(),
        by_piece("shirt", 2000, tax_rate_bp=900),
        by_piece("trousers", 5000, tax_rate_bp=900),
        by_piece("socks", 500),
        received("shirt", 10, 10_000),
        received("trousers", 10, 20_000),
    )
    shop.do(SetProgramme(programme=PROGRAMME))
    paid = tenders or (card(1000), cash(3000))
    done = shop.do(check_out(("shirt", 2), tenders=paid, customer_id=customer_id))
    assert not isinstance(done, Refusal), done
    return shop


def exchange(*taken: tuple[str, int], back: tuple[tuple[int, int], ...] = ((1, 1),), **sale: Any) -> Exchange:
    sale.setdefault("sale_id", "x2")
    return Exchange(back=take_back(*back), sale=check_out(*taken, **sale))


def done(shop: Shop, command: Exchange) -> ExchangeAnswer:
    outcome = shop.do(command)
    assert not isinstance(outcome, Refusal), outcome
    assert isinstance(outcome.result, ExchangeAnswer)
    return outcome.result


def carried(method: str, amount_minor: int) -> Tender:
    return Tender(method=method, amount_minor=amount_minor, carried=True)


def test_of_the_same_price_no_money_moves() -> None:
    shop = a_shop()
    answer = done(shop, exchange(("shirt", 1)))
    assert (answer.paid_out, answer.carried_minor, answer.paid_minor) == ((), 2000, 0)
    assert shop.events(SaleCompleted)[-1].tenders == (carried("card", 500), carried("cash", 1500))


def test_of_a_higher_price_the_difference_is_paid() -> None:
    shop = a_shop()
    answer = done(shop, exchange(("trousers", 1), tenders=(card(3000),)))
    assert (answer.paid_out, answer.carried_minor, answer.paid_minor) == ((), 2000, 3000)


def test_of_a_lower_price_the_difference_is_paid_out_to_the_original_tenders() -> None:
    shop = a_shop()
    answer = done(shop, exchange(("socks", 1)))
    # 20.00 back, of which 5.00 paid for the socks: a quarter of each.
    assert answer.paid_out == (
        Tender(method="card", amount_minor=375),
        Tender(method="cash", amount_minor=1125),
    )


def test_change_is_given_of_what_was_handed_over_for_the_difference() -> None:
    shop = a_shop()
    answer = done(shop, exchange(("trousers", 1), tenders=(cash(5000),)))
    assert (answer.sale.change_minor, answer.paid_minor) == (2000, 3000)


def test_less_than_the_difference_is_refused() -> None:
    refused = a_shop().do(exchange(("trousers", 1), tenders=(card(2999),)))
    assert isinstance(refused, TendersDoNotAddUp)
    assert refused.facts == {"due": 3000, "paid": 2999}


def test_where_nothing_is_due_nothing_is_taken() -> None:
    assert isinstance(a_shop().do(exchange(("socks", 1), tenders=(cash(100),))), TendersDoNotAddUp)


def test_both_documents_name_each_other_and_have_receipts_of_their_own() -> None:
    shop = a_shop()
    done(shop, exchange(("shirt", 1)))
    assert shop.events(ReturnRecorded)[0].exchanged_for == "x2"
    assert shop.events(SaleCompleted)[-1].exchange_of == "r1"
    receipts = shop.events(ReceiptIssued)[1:]
    assert [(receipt.number, receipt.document) for receipt in receipts] == [(2, "return-r1"), (3, "sale-x2")]


def test_the_new_sale_comes_back_to_where_the_money_came_from_in_the_first_place() -> None:
    shop = a_shop()
    done(shop, exchange(("shirt", 1)))
    shop.do(take_back((1, 1), sale_id="x2", return_id="r2"))
    assert shop.events(ReturnRecorded)[-1].refunds == (
        Refund(tender=1, method="card", amount_minor=500),
        Refund(tender=2, method="cash", amount_minor=1500),
    )


def in_fives(*tenders: Tender) -> Shop:
    """A shirt at 19.98 and a scarf at 7.01 where there is no coin below 0.05."""
    shop = Shop(
        a_store(cash_unit_minor=5),
        by_piece("shirt", 1998, stocked=False),
        by_piece("scarf", 701, stocked=False),
    )
    assert not isinstance(shop.do(check_out(("shirt", 1), tenders=tenders)), Refusal)
    return shop


def test_where_cash_is_rounded_no_cash_moves_for_the_same_price() -> None:
    shop = in_fives(cash(2000))
    answer = done(shop, exchange(("shirt", 1)))
    assert (answer.paid_out, answer.carried_minor, answer.paid_minor) == ((), 2000, 0)


def test_where_cash_is_rounded_what_is_paid_out_of_it_can_be_paid() -> None:
    shop = in_fives(card(1000), cash(1000))
    answer = done(shop, exchange(("scarf", 1)))
    # The card's part pays first: all cash that was handed over comes back, as coins that there are.
    assert answer.paid_out == (
        Tender(method="card", amount_minor=299),
        Tender(method="cash", amount_minor=1000),
    )
    assert shop.events(SaleCompleted)[-1].tenders == (carried("card", 701),)


def test_what_comes_back_can_be_taken_again_though_the_shelf_was_empty() -> None:
    shop = Shop(a_store(), by_piece("shirt", 2000), received("shirt", 2, 2000))
    shop.do(check_out(("shirt", 2), tenders=(card(4000),)))
    done(shop, exchange(("shirt", 1)))
    item = shop.state(STOCK_ITEM, "s1/shirt")
    assert (item.on_hand, item.value_minor) == (0, 0)


def test_a_coupon_applies_to_what_is_taken_as_in_a_checkout() -> None:
    shop = a_shop()
    shop.record([a_campaign(value=300), a_coupon("k1")])
    answer = done(shop, exchange(("trousers", 1), tenders=(card(2700),), coupons=("k1",)))
    assert (answer.sale.total_minor, answer.sale.discount_minor) == (4700, 300)
    assert shop.state(COUPON, "k1").sale_id == "x2"


@pytest.mark.parametrize(("on_return", "credit"), [(OnReturn.KEEP, 4_091), (OnReturn.REPRICE, 3_000)])
def test_what_comes_back_is_worth_what_a_return_pays_and_offers_apply_to_what_is_taken_alone(
    on_return: OnReturn, credit: int
) -> None:
    # 60 and 50 with 20 off from 100; the 50 comes back for another one, which is below 100 by itself.
    shop = Shop(a_store(), by_piece("coat", 6_000), by_piece("hat", 5_000))
    twenty = SpendAndSave(steps=(Step(from_minor=10_000, off_minor=2_000),))
    shop.do(publish("twenty", twenty, Phase.ORDER, on_return=on_return))
    shop.do(check_out(("coat", 1), ("hat", 1), tenders=(card(9_000),)))
    answer = done(shop, exchange(("hat", 1), back=((2, 1),), tenders=(card(5_000 - credit),)))
    assert (answer.carried_minor, answer.sale.total_minor, answer.sale.discount_minor) == (credit, 5_000, 0)


# --- all or nothing -----------------------------------------------------------------------------------


def test_a_refused_sale_takes_nothing_back() -> None:
    shop = a_shop()
    shop.record([a_campaign(value=300), a_coupon("k1")])
    shop.do(check_out(("socks", 1), sale_id="x9", tenders=(card(200),), coupons=("k1",)))
    before = len(shop.facts)
    assert isinstance(shop.do(exchange(("socks", 1), coupons=("k1",))), CouponSpent)
    assert (len(shop.facts), shop.state(SALE, "x1").returned) == (before, {})


def test_a_refused_return_sells_nothing() -> None:
    assert isinstance(a_shop().do(exchange(("shirt", 1), back=((1, 3),))), ReturnExceedsSale)


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"sale_id": "x1"}, InvalidCommand),
        ({"store_id": "s2"}, InvalidCommand),
        ({"sale_id": "x9"}, AlreadyExists),
    ],
)
def test_the_new_sale_is_another_one_in_the_same_store(
    changes: dict[str, str], refusal: type[Refusal]
) -> None:
    shop = a_shop()
    shop.record([a_store("s2")])
    shop.do(check_out(("socks", 1), sale_id="x9", tenders=(card(500),)))
    command = exchange(("shirt", 1))
    command = msgspec.structs.replace(command, sale=msgspec.structs.replace(command.sale, **changes))
    assert isinstance(shop.do(command), refusal)


def test_a_sale_that_does_not_exist_is_not_exchanged() -> None:
    command = Exchange(back=take_back((1, 1), sale_id="no"), sale=check_out(("shirt", 1), sale_id="x2"))
    assert isinstance(a_shop().do(command), NotFound)


def test_an_exchange_is_made_once() -> None:
    shop = a_shop()
    done(shop, exchange(("shirt", 1)))
    again = shop.do(exchange(("shirt", 1), sale_id="x3"))
    assert isinstance(again, AlreadyExists)


def test_the_return_counts_against_the_limit_of_refunds() -> None:
    cashier = Authority(person="person:u1", limits=Limits(refund_minor={"CNY": 1999}))
    command = exchange(("shirt", 1))
    back = msgspec.structs.replace(command.back, authority=cashier)
    refused = a_shop().do(msgspec.structs.replace(command, back=back))
    assert isinstance(refused, ApprovalRequired)
    assert refused.facts["needed"] == 2000


def test_what_must_not_go_below_zero_does_not() -> None:
    shop = a_shop()
    shop.record([by_piece("hat", 2000, negative_stock=NegativeStock.BLOCK)])
    assert isinstance(shop.do(exchange(("hat", 1))), StockShort)


# --- points -------------------------------------------------------------------------------------------


def test_points_are_earned_on_what_is_taken_and_taken_back_for_what_comes_back() -> None:
    shop = a_shop(customer_id="c1")
    done(shop, exchange(("trousers", 1), tenders=(card(3000),), customer_id="c1"))
    # 40 for the shirts, 20 of them taken back, 50 for the trousers.
    assert sum(lot.points for lot in shop.state(LOYALTY, "c1").lots) == 70


def test_points_go_back_to_their_account_and_do_not_carry() -> None:
    shop = a_shop(customer_id="c1")
    shop.do(
        check_out(
            ("shirt", 1),
            sale_id="x3",
            tenders=(Tender(method=POINTS, amount_minor=40), card(1960)),
            customer_id="c1",
        )
    )
    back = take_back((1, 1), sale_id="x3")
    sale = check_out(("shirt", 1), sale_id="x4", tenders=(card(40),), customer_id="c1")
    answer = done(shop, Exchange(back=back, sale=sale))
    assert (answer.carried_minor, answer.paid_minor) == (1960, 40)
    assert answer.paid_out == (Tender(method=POINTS, amount_minor=40),)


def test_points_that_came_back_pay_again_at_once() -> None:
    shop = a_shop(customer_id="c1")
    in_points = Tender(method=POINTS, amount_minor=40)
    shop.do(check_out(("shirt", 1), sale_id="x3", tenders=(in_points, card(1960)), customer_id="c1"))
    back = take_back((1, 1), sale_id="x3")
    sale = check_out(("shirt", 1), sale_id="x4", tenders=(in_points,), customer_id="c1")
    answer = done(shop, Exchange(back=back, sale=sale))
    assert (answer.carried_minor, answer.sale.change_minor) == (1960, 0)


# --- a correction with the sale that should have been -------------------------------------------------


def test_a_sale_that_was_recorded_wrongly_is_undone_and_recorded_rightly_in_one_decision() -> None:
    shop = a_shop()
    correction = msgspec.structs.replace(take_back(), correction=True)
    sale = check_out(("trousers", 1), sale_id="x2", tenders=(cash(1000),))
    answer = done(shop, Exchange(back=correction, sale=sale))
    assert (answer.returned.total_minor, answer.sale.total_minor, answer.paid_minor) == (4000, 5000, 1000)
    assert shop.events(ReturnRecorded)[0].correction
    assert shop.state(TILL, "s1/till-1").perpetual.total_minor == 5000
    assert shop.state(STOCK_ITEM, "s1/shirt").on_hand == 10
