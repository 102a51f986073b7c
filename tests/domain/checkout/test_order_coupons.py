"""Coupons of an order: held while it waits for its payment, redeemed by it, free again without it."""

from datetime import timedelta

import msgspec

from domain.checkout.cancel_order import LapseOrder
from domain.checkout.coupon_reservation import ReserveCoupons
from domain.kernel.errors import Refusal
from domain.promotions.book import OfferReleased
from domain.promotions.coupon import (
    CouponHeld,
    CouponRedeemed,
    CouponReleased,
    CouponReserved,
    CouponReturned,
)
from domain.promotions.offer import Limits, PercentOff
from domain.sales.sale import SaleCompleted
from tests.support.commands import publish
from tests.support.decisions import NOON, Given, Shop, at, given
from tests.support.facts import a_campaign, a_coupon, a_store, by_piece, cash, check_out, received, take_back
from tests.support.orders import LAPSED, cancel, pay, place

FACTS = (a_store(), by_piece("apple", 1000), received("apple", 10, 0), a_campaign(value=500), a_coupon("k1"))


def ordered() -> Given:
    return given(*FACTS).after(place(("apple", 3), coupons=("k1",)))


def test_a_coupon_is_held_until_the_order_must_be_paid() -> None:
    held = given(*FACTS).when(place(("apple", 3), coupons=("k1",))).only(CouponReserved)
    assert (held.coupon_id, held.reference, held.hold.until) == ("k1", "order/o1", LAPSED)


def test_nobody_else_uses_a_coupon_that_is_held() -> None:
    shop = Shop(*FACTS)
    shop.do(place(("apple", 3), coupons=("k1",)))
    till = check_out(("apple", 1), tenders=(cash(500),), coupons=("k1",))
    assert isinstance(shop.do(till), Refusal)


def test_a_basket_whose_reference_reads_like_the_orders_leaves_it_alone() -> None:
    shop = Shop(*FACTS)
    shop.do(place(("apple", 3), coupons=("k1",)))
    till = msgspec.structs.replace(
        check_out(("apple", 1), tenders=(cash(500),), coupons=("k1",)), coupon_reference="order-o1"
    )
    assert isinstance(shop.do(till), CouponHeld)


def test_the_payment_redeems_it_for_what_it_took_off() -> None:
    paid = ordered().when(pay(2500))
    assert paid.only(CouponRedeemed).amount_minor == 500
    assert paid.only(SaleCompleted).discounts[0].coupon_id == "k1"


def test_a_late_payment_redeems_it_if_nobody_else_has() -> None:
    assert ordered().when(pay(2500), at(LAPSED)).only(CouponRedeemed).coupon_id == "k1"


def test_a_late_payment_is_refused_where_somebody_else_has_it() -> None:
    shop = Shop(*FACTS)
    shop.do(place(("apple", 3), coupons=("k1",)))
    others = ReserveCoupons(coupon_ids=("k1",), reference="x", until=LAPSED + timedelta(hours=1))
    shop.record(shop.decide(others, at(LAPSED)).events)
    assert isinstance(shop.do(pay(2500), at(LAPSED)), Refusal)


def test_an_order_that_is_given_up_frees_it() -> None:
    assert not ordered().when(cancel()).only(CouponReleased).lapsed
    assert ordered().when(LapseOrder(order_id="o1"), at(LAPSED)).only(CouponReleased).lapsed


def test_a_campaign_with_the_id_of_an_offer_gives_nothing_back_of_its_budget() -> None:
    tenth = publish("spring", PercentOff(rate_bp=1000), limits=Limits(budget_minor=300))
    campaign = a_campaign(campaign_id="spring", value=500)
    facts = (*FACTS[:3], campaign, a_coupon("k1", campaign_id="spring"))
    given_up = given(*facts).after(tenth, place(("apple", 3), coupons=("k1",))).when(cancel())
    assert given_up.only(OfferReleased).amount_minor == 300


def test_cancelling_a_paid_order_is_a_return_for_coupons_too() -> None:
    back = ordered().after(pay(2500)).when(cancel())
    at_the_till = (
        given(*FACTS)
        .after(check_out(("apple", 3), tenders=(cash(2500),), coupons=("k1",), sale_id="o1"))
        .when(take_back((1, 3), sale_id="o1"))
    )
    assert back.all(CouponReturned) == at_the_till.all(CouponReturned)


def test_what_was_freed_is_used_by_the_next() -> None:
    shop = Shop(*FACTS)
    for command in (place(("apple", 3), coupons=("k1",)), cancel()):
        shop.record(shop.decide(command, at(NOON)).events)
    again = shop.do(place(("apple", 1), order_id="o2", coupons=("k1",)))
    assert not isinstance(again, Refusal)
