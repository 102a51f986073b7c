"""Paying, giving up and allocating an order."""

import msgspec
import pytest

from domain.catalog.product import ChangeProduct, NegativeStock
from domain.checkout.allocate_order import AllocateOrder
from domain.checkout.assign_order import AssignOrder, SetCrewMember
from domain.checkout.cancel_order import LapseOrder, OrderLeft
from domain.checkout.lines_back import ReturnLine
from domain.inventory.reservation import ReservationReleased
from domain.inventory.stock_item import STOCK_ITEM, StockShort
from domain.kernel.command import Decision
from domain.kernel.errors import AlreadyExists, NotFound
from domain.orders.comeback import OrderReturned
from domain.orders.order import (
    ORDER,
    AllocationShort,
    OrderAllocated,
    OrderAssigned,
    OrderCancelled,
    OrderNotReady,
    OrderPaid,
    Payment,
    ShortLine,
)
from domain.orders.steps import PickOrder
from domain.promotions.offer import PercentOff
from domain.sales.returns import ReturnRecorded
from domain.sales.sale import Attribution, Refund, SaleCompleted, SaleException
from domain.sales.tendering import TendersDoNotAddUp
from domain.stockroom.moves import MoveKind, MoveLine, MoveStock
from tests.support.commands import publish
from tests.support.decisions import NOON, Given, Shop, at, given
from tests.support.facts import a_store, an_employee, by_piece, cash, check_out, received, take_back
from tests.support.orders import LAPSED, cancel, pay, place, ship

BLOCKED = by_piece("apple", 1000, negative_stock=NegativeStock.BLOCK, tax_rate_bp=900)
STOCKED = (a_store(), BLOCKED, received("apple", 10, 3400))


def placed(quantity: int = 3) -> Given:
    return given(*STOCKED).after(place(("apple", quantity)))


def test_paying_makes_the_sale_that_a_till_would_have_made() -> None:
    offer = publish("tenth", PercentOff(rate_bp=1000))
    till = check_out(("apple", 3), tenders=(cash(2700),), sale_id="o1", register_id="orders.web")
    at_the_till = given(*STOCKED).after(offer).when(till)

    ordered = given(*STOCKED).after(offer, place(("apple", 3))).when(pay(2700, method="cash"))

    of_the_order = [
        event
        for stream, event in ordered.decision.events
        if not stream.startswith("order-") and not isinstance(event, ReservationReleased)
    ]
    assert of_the_order == [event for _, event in at_the_till.decision.events]


def test_what_is_paid_in_cash_for_an_order_is_rounded_as_at_a_till() -> None:
    shop = (a_store(cash_unit_minor=5), by_piece("pear", 333), received("pear", 10, 0))
    till = check_out(("pear", 3), tenders=(cash(1000),), sale_id="o1", register_id="orders.web")
    at_the_till = given(*shop).when(till).only(SaleCompleted)

    ordered = given(*shop).after(place(("pear", 3)))
    ordered.when(pay(999, method="cash")).refused(TendersDoNotAddUp)
    assert ordered.when(pay(1000, method="cash")).only(SaleCompleted) == at_the_till


def test_what_was_rounded_for_an_order_goes_back_rounded() -> None:
    shop = (a_store(cash_unit_minor=5), by_piece("pear", 333), received("pear", 10, 0))
    back = given(*shop).after(place(("pear", 3)), pay(1000, method="cash")).when(cancel())
    assert back.only(ReturnRecorded).refunds == (
        Refund(tender=1, method="cash", amount_minor=999, rounding_minor=1),
    )


def test_the_payment_keeps_its_reference_and_ends_the_reservation() -> None:
    outcome = placed().when(pay(3000))
    assert outcome.only(OrderPaid) == OrderPaid(
        order_id="o1",
        sale_id="o1",
        payments=(Payment(method="wechat", amount_minor=3000, reference="wx-1"),),
    )
    assert outcome.only(ReservationReleased).reason == "sold"


def test_the_sale_is_that_of_whoever_takes_care_of_the_order() -> None:
    sale = (
        given(*STOCKED, an_employee("e1"))
        .after(
            SetCrewMember(store_id="s1", employee_id="e1", capacity=1),
            place(("apple", 1)),
            AssignOrder(order_id="o1"),
        )
        .when(pay(1000))
        .only(SaleCompleted)
    )
    assert sale.attributions == (Attribution(employee_id="e1"),)


def test_who_pays_before_anybody_was_found_makes_the_sale_of_whoever_is_found_then() -> None:
    paid = (
        given(*STOCKED, an_employee("e1"))
        .after(SetCrewMember(store_id="s1", employee_id="e1", capacity=1), place(("apple", 1)))
        .when(pay(1000))
    )
    assert paid.only(SaleCompleted).attributions == (Attribution(employee_id="e1"),)
    assert paid.only(OrderAssigned) == OrderAssigned(order_id="o1", employee_id="e1")


def test_less_or_more_than_the_order_costs_is_refused() -> None:
    placed().when(pay(2999)).refused(TendersDoNotAddUp, due=3000, paid=2999)
    placed().when(pay(3001)).refused(TendersDoNotAddUp, due=3000, paid=3001)


def test_an_order_is_paid_once() -> None:
    placed().after(pay(3000)).when(pay(3000)).refused(OrderNotReady, status="paid")


def test_an_order_that_nobody_placed_is_not_paid() -> None:
    given(*STOCKED).when(pay(3000)).refused(NotFound, kind="order")


def test_a_sale_of_a_till_under_the_orders_id_is_not_overwritten() -> None:
    placed(1).after(check_out(("apple", 1), tenders=(cash(1000),), sale_id="o1")).when(pay(1000)).refused(
        AlreadyExists, kind="sale"
    )


def test_a_late_payment_sells_what_is_still_there() -> None:
    sale = placed().when(pay(3000), at(LAPSED)).only(SaleCompleted)
    assert sale.total_minor == 3000


def test_a_late_payment_is_refused_where_others_have_the_goods() -> None:
    shop = Shop(*STOCKED)
    shop.do(place(("apple", 6)))
    shop.record(shop.decide(place(("apple", 6), order_id="o2"), at(LAPSED)).events)
    outcome = shop.do(pay(6000), at(LAPSED))
    assert isinstance(outcome, StockShort)


def test_of_two_orders_whose_goods_were_partly_wasted_the_first_that_pays_is_served() -> None:
    wasted = MoveStock(
        store_id="s1", kind=MoveKind.WASTE, lines=(MoveLine(sku="apple", quantity=3, reason="spoiled"),)
    )
    paid = given(*STOCKED).after(place(("apple", 5)), place(("apple", 5), order_id="o2"), wasted, pay(5000))
    paid.when(pay(5000, order_id="o2")).refused(StockShort, on_hand=2, asked=5)


def gone(till: NegativeStock, orders: NegativeStock | None) -> Given:
    """An order of five is placed, and then three of five are wasted."""
    wasted = MoveStock(
        store_id="s1", kind=MoveKind.WASTE, lines=(MoveLine(sku="apple", quantity=3, reason="spoiled"),)
    )
    own = ChangeProduct(sku="apple", negative_stock_orders=orders)
    shop = given(a_store(), by_piece("apple", 1000, negative_stock=till), received("apple", 5))
    return shop.after(own, place(("apple", 5)), wasted)


@pytest.mark.parametrize(
    ("till", "orders"),
    [(NegativeStock.BLOCK, None), (NegativeStock.ALLOW, NegativeStock.BLOCK)],
)
def test_an_order_whose_goods_have_gone_is_refused_where_orders_are_blocked(
    till: NegativeStock, orders: NegativeStock | None
) -> None:
    gone(till, orders).when(pay(5000)).refused(StockShort, on_hand=2, asked=5)


@pytest.mark.parametrize(
    ("till", "orders"),
    [
        (NegativeStock.ALLOW, None),
        (NegativeStock.WARN, None),
        (NegativeStock.BLOCK, NegativeStock.ALLOW),
    ],
)
def test_an_order_whose_goods_have_gone_is_sold_where_orders_may_be(
    till: NegativeStock, orders: NegativeStock | None
) -> None:
    assert gone(till, orders).when(pay(5000)).only(SaleCompleted).exceptions == ()


def test_an_order_whose_goods_have_gone_says_so_where_orders_warn() -> None:
    sale = gone(NegativeStock.BLOCK, NegativeStock.WARN).when(pay(5000)).only(SaleCompleted)
    assert sale.exceptions == (SaleException(code="stock_short", expected=2, found=5, reference="apple"),)


@pytest.mark.parametrize("orders", list(NegativeStock))
def test_goods_that_are_not_there_are_reserved_for_nobody(orders: NegativeStock) -> None:
    shop = given(a_store(), by_piece("apple", 1000), received("apple", 5))
    shop.after(ChangeProduct(sku="apple", negative_stock_orders=orders)).when(place(("apple", 6))).refused(
        StockShort, asked=6
    )


def test_a_till_does_not_go_by_what_orders_do() -> None:
    shop = given(a_store(), by_piece("apple", 1000), received("apple", 5))
    own = ChangeProduct(sku="apple", negative_stock_orders=NegativeStock.BLOCK)
    sold = shop.after(own).when(check_out(("apple", 6), tenders=(cash(6000),)))
    assert sold.only(SaleCompleted).total_minor == 6000


def test_cancelling_a_paid_order_is_a_return_of_all_of_it() -> None:
    outcome = placed().after(pay(3000)).when(cancel())
    back = outcome.only(ReturnRecorded)
    assert (back.total_minor, back.refunds[0].method, back.register_id) == (3000, "wechat", "orders.web")
    assert outcome.only(OrderCancelled).return_id == "r1"


def test_cancelling_brings_the_goods_back_to_the_shelf_at_their_cost() -> None:
    shop = Shop(*STOCKED)
    before = shop.state(STOCK_ITEM, "s1/apple")
    for command in (place(("apple", 3)), pay(3000), cancel()):
        shop.record(shop.decide(command, at(NOON)).events)
    assert shop.state(STOCK_ITEM, "s1/apple") == before


def test_cancelling_returns_only_what_has_not_come_back_already() -> None:
    outcome = placed().after(pay(3000), take_back((1, 1), sale_id="o1", return_id="r0")).when(cancel())
    assert outcome.only(ReturnRecorded).total_minor == 2000


def test_what_has_come_back_whole_is_over_and_not_cancelled() -> None:
    back = take_back((1, 3), sale_id="o1", return_id="r0")
    placed().after(pay(3000), back).when(cancel()).refused(OrderNotReady, status="returned")


def test_cancelling_pays_back_what_has_not_come_back_before() -> None:
    back = take_back((1, 1), sale_id="o1", return_id="r0")
    outcome = placed().after(pay(3000), back).when(cancel())
    assert outcome.only(ReturnRecorded).total_minor == 2000
    assert outcome.only(OrderCancelled).return_id == "r1"


def test_what_had_come_back_whole_before_orders_said_so_is_cancelled_and_refunds_nothing() -> None:
    shop = Shop(*STOCKED)
    for command in (place(("apple", 3)), pay(3000)):
        assert isinstance(shop.do(command), Decision)
    returned = shop.decide(take_back((1, 3), sale_id="o1", return_id="r0"), at(NOON))
    shop.record(fact for fact in returned.events if not isinstance(fact[1], OrderReturned))
    cancelled = shop.do(cancel())
    assert isinstance(cancelled, Decision)
    assert [event for _, event in cancelled.events] == [OrderCancelled(order_id="o1", cause="changed mind")]


def test_nobody_opens_a_shift_to_sell_or_to_cancel_an_order() -> None:
    shop = given(a_store(shifts_required=True), *STOCKED[1:]).after(place(("apple", 3)), pay(3000))
    assert shop.when(cancel()).only(ReturnRecorded).total_minor == 3000


def test_an_order_is_cancelled_once() -> None:
    placed().after(cancel()).when(cancel()).refused(OrderNotReady, status="cancelled")


def test_an_order_of_which_part_has_left_is_not_cancelled() -> None:
    leaving = (pay(3000), AllocateOrder(order_id="o1"), PickOrder(order_id="o1"), ship((1, 1)))
    placed().after(*leaving).when(cancel()).refused(OrderLeft)


def test_an_order_that_nobody_paid_is_given_up_when_its_time_is_over() -> None:
    lapsed = placed().when(LapseOrder(order_id="o1"), at(LAPSED))
    assert lapsed.only(OrderCancelled).cause == "unpaid"
    assert lapsed.only(ReservationReleased).reason == "lapsed"


def test_an_order_is_not_given_up_too_early_nor_when_it_was_paid() -> None:
    placed().when(LapseOrder(order_id="o1")).then()
    placed().after(pay(3000)).when(LapseOrder(order_id="o1"), at(LAPSED)).then()
    placed().after(cancel()).when(LapseOrder(order_id="o1"), at(LAPSED)).then()


def test_a_paid_order_whose_goods_are_there_is_allocated() -> None:
    placed().after(pay(3000)).when(AllocateOrder(order_id="o1")).then_events(OrderAllocated(order_id="o1"))


def test_goods_that_a_till_sold_meanwhile_are_missing_until_they_come_in() -> None:
    allowed = (a_store(), by_piece("apple", 1000), received("apple", 10, 0))
    short = given(*allowed).after(
        place(("apple", 7)), check_out(("apple", 5), tenders=(cash(5000),)), pay(7000)
    )
    allocate = AllocateOrder(order_id="o1")
    missing = AllocationShort(order_id="o1", lines=(ShortLine(sku="apple", missing=2),))
    short.when(allocate).then_events(missing)
    short.after(allocate).when(allocate).then()
    delivered = MoveStock(store_id="s1", kind=MoveKind.RECEIPT, lines=(MoveLine(sku="apple", quantity=2),))
    short.after(delivered).when(allocate).then_events(OrderAllocated(order_id="o1"))


def test_goods_that_came_back_are_missing_to_nobody() -> None:
    """Of ten apples a till sells five that were ordered; six of the ordered seven come back, spoiled."""
    allowed = (a_store(), by_piece("apple", 1000), received("apple", 10, 0))
    wasted = msgspec.structs.replace(
        take_back((1, 6), sale_id="o1"),
        lines=(ReturnLine(line=1, quantity=6, wasted=6, condition="spoiled"),),
    )
    short = given(*allowed).after(
        place(("apple", 7)), check_out(("apple", 5), tenders=(cash(5000),)), pay(7000), wasted
    )
    missing = AllocationShort(order_id="o1", lines=(ShortLine(sku="apple", missing=1),))
    short.when(AllocateOrder(order_id="o1")).then_events(missing)


def test_what_is_not_paid_is_not_allocated() -> None:
    placed().when(AllocateOrder(order_id="o1")).refused(OrderNotReady, status="placed", allowed=["paid"])


def test_an_order_is_kept_as_it_was_placed_whatever_happens_to_it() -> None:
    shop = Shop(*STOCKED)
    shop.do(place(("apple", 3)))
    before = shop.state(ORDER, "o1").placed
    shop.do(pay(3000))
    assert before == shop.state(ORDER, "o1").placed
    assert msgspec.json.decode(msgspec.json.encode(before))["total_minor"] == 3000
