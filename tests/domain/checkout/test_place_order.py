"""Placing an order: the price is frozen, the goods are reserved, and nothing is sold."""

from datetime import timedelta

import pytest

from domain.catalog.product import ChangeProduct, NegativeStock
from domain.checkout.place_order import PlacedOrder, PlaceOrder
from domain.checkout.quote import Quote, Quoted
from domain.inventory.reservation import ReservationReleased, StockReserved
from domain.inventory.stock_item import STOCK_ITEM, StockMoved, StockShort, available
from domain.kernel.errors import AlreadyExists, InvalidCommand, NotFound
from domain.orders.order import OrderCancelled, OrderPlaced
from domain.promotions.offer import Limits, PercentOff
from domain.sales.sale import SaleCompleted
from tests.support.commands import publish
from tests.support.decisions import NOON, Shop, at, given
from tests.support.facts import a_customer, a_store, by_piece, cash, check_out, received
from tests.support.orders import LAPSED, cancel, pay, place

BLOCKED = by_piece("apple", 1000, negative_stock=NegativeStock.BLOCK, tax_rate_bp=900)
STOCKED = (a_store(), BLOCKED, received("apple", 10, 3400))


def test_placing_reserves_the_goods_until_the_order_must_be_paid() -> None:
    given(*STOCKED).when(place(("apple", 3), ("apple", 1))).then_events(
        given(*STOCKED).when(place(("apple", 3), ("apple", 1))).only(OrderPlaced),
        StockReserved(store_id="s1", sku="apple", quantity=4, reference="order-o1", until=LAPSED),
    )


def test_what_is_reserved_stays_on_hand_and_is_not_available() -> None:
    shop = Shop(*STOCKED)
    shop.do(place(("apple", 3)))
    item = shop.state(STOCK_ITEM, "s1/apple")
    assert (item.on_hand, available(item, NOON)) == (10, 7)


def test_a_lapsed_reservation_counts_no_more_from_that_instant_on() -> None:
    shop = Shop(*STOCKED)
    shop.do(place(("apple", 3)))
    item = shop.state(STOCK_ITEM, "s1/apple")
    just_before = LAPSED - timedelta(microseconds=1)
    assert (available(item, just_before), available(item, LAPSED)) == (7, 10)


def test_an_order_costs_what_a_quote_said() -> None:
    facts = given(*STOCKED).after(publish("tenth", PercentOff(rate_bp=1000)))
    order = place(("apple", 3))
    quoted = facts.when(Quote(basket=order.basket)).answer
    assert isinstance(quoted, Quoted)
    assert facts.when(order).answer.total_minor == quoted.total_minor == 2700


def test_a_price_that_changes_later_does_not_change_the_order() -> None:
    sale = (
        given(*STOCKED)
        .after(place(("apple", 3)), ChangeProduct(sku="apple", price_minor=2000))
        .when(pay(3000))
        .only(SaleCompleted)
    )
    assert (sale.total_minor, sale.lines[0].unit_price_minor) == (3000, 1000)


@pytest.mark.parametrize("policy", list(NegativeStock))
def test_more_than_is_available_is_not_promised_whatever_a_till_may_do(policy: NegativeStock) -> None:
    given(a_store(), by_piece("apple", 1000, negative_stock=policy), received("apple", 10, 0)).after(
        place(("apple", 7), order_id="first")
    ).when(place(("apple", 4))).refused(StockShort, on_hand=10, available=3, asked=4)


def test_a_till_does_not_sell_what_is_reserved_where_the_product_blocks() -> None:
    given(*STOCKED).after(place(("apple", 7))).when(check_out(("apple", 4), tenders=(cash(4000),))).refused(
        StockShort, available=3
    )


def test_a_till_sells_what_is_reserved_where_the_product_allows_it() -> None:
    allowed = (a_store(), by_piece("apple", 1000), received("apple", 10, 0))
    sold = given(*allowed).after(place(("apple", 7))).when(check_out(("apple", 4), tenders=(cash(4000),)))
    assert sold.only(StockMoved).quantity == 4


def test_a_till_sells_what_was_reserved_until_now() -> None:
    sold = (
        given(*STOCKED)
        .after(place(("apple", 7)))
        .when(check_out(("apple", 4), tenders=(cash(4000),)), at(LAPSED))
    )
    assert sold.only(StockMoved).quantity == 4


def test_a_service_is_ordered_without_stock() -> None:
    given(a_store(), by_piece("wrapping", 500, stocked=False)).when(place(("wrapping", 1))).then_events(
        given(a_store(), by_piece("wrapping", 500, stocked=False))
        .when(place(("wrapping", 1)))
        .only(OrderPlaced)
    )


def test_an_id_is_ordered_once() -> None:
    given(*STOCKED).after(place(("apple", 1))).when(place(("apple", 1))).refused(AlreadyExists, id="o1")


def test_an_order_does_not_take_the_id_of_a_sale() -> None:
    given(*STOCKED).after(check_out(("apple", 1), tenders=(cash(1000),), sale_id="o1")).when(
        place(("apple", 1))
    ).refused(AlreadyExists, kind="sale")


@pytest.mark.parametrize("hold_s", [0, -1, 7 * 24 * 3600 + 1])
def test_goods_are_not_held_for_ever_nor_for_no_time(hold_s: int) -> None:
    given(*STOCKED).when(place(("apple", 1), hold_s=hold_s)).refused(InvalidCommand)


def test_what_is_not_sold_can_not_be_ordered() -> None:
    given(a_store()).when(place(("apple", 1))).refused(NotFound, kind="product")


def total(shop: Shop, order: PlaceOrder) -> int:
    answer = shop.decide(order, at(NOON)).result
    assert isinstance(answer, PlacedOrder)
    return answer.total_minor


def test_a_limited_offer_counts_an_order_from_its_placing_on_and_frees_it_when_it_is_given_up() -> None:
    once = publish("once", PercentOff(rate_bp=1000), limits=Limits(total_uses=1, customer_uses=1))
    shop = Shop(*STOCKED, a_customer())
    for command in (once, place(("apple", 1), customer_id="c1")):
        shop.record(shop.decide(command, at(NOON)).events)
    assert total(shop, place(("apple", 1), order_id="o2", customer_id="c1")) == 1000

    shop.record(shop.decide(cancel(), at(NOON)).events)

    assert total(shop, place(("apple", 1), order_id="o2", customer_id="c1")) == 900


def test_giving_up_an_unpaid_order_ends_its_reservations() -> None:
    given(*STOCKED).after(place(("apple", 3))).when(cancel()).then_events(
        OrderCancelled(order_id="o1", cause="changed mind"),
        ReservationReleased(store_id="s1", sku="apple", quantity=3, reference="order-o1", reason="cancelled"),
    )
