"""Redemptions that another system made, campaigns for certain customers, and uses of a code by customer."""

from datetime import timedelta
from typing import Any

from domain.checkout.outside_redemption import RedeemedOutside, RedeemOutside
from domain.kernel.errors import CurrencyMismatch, InvalidCommand, NotFound
from domain.promotions.campaign import (
    QUOTA,
    CampaignDrawn,
    CouponLimitReached,
    CouponNeedsCustomer,
    CouponNotTargeted,
    CouponOutsideValidity,
    CustomerTargeted,
)
from domain.promotions.coupon import COUPON, CouponRedeemed, CouponUnknown
from domain.promotions.targeting import MAX_CUSTOMERS, TargetCustomers
from tests.domain.checkout.test_coupon_reservation import SHOP, buy, reserve
from tests.support.decisions import NOON, Shop, at, given
from tests.support.facts import SUMMER, a_campaign, a_coupon, take_back

LONG_AFTER = SUMMER + timedelta(days=900)


def outside(
    customer_id: str | None = "c1", amount_minor: int = 700, coupon_id: str = "k1", currency: str = "CNY"
) -> RedeemOutside:
    return RedeemOutside(
        coupon_id=coupon_id,
        customer_id=customer_id,
        sale_reference="bill-9",
        amount_minor=amount_minor,
        currency=currency,
    )


def target(*customers: str) -> TargetCustomers:
    return TargetCustomers(campaign_id="autumn", customer_ids=customers)


def test_it_counts_for_the_sale_there_as_of_when_it_happened() -> None:
    outcome = given(*SHOP, a_campaign(), a_coupon("k1")).when(outside(), at(NOON, LONG_AFTER))
    redeemed = outcome.only(CouponRedeemed)
    assert (redeemed.sale_id, redeemed.amount_minor) == ("bill-9", 700)
    assert outcome.only(CampaignDrawn).amount_minor == 700
    assert outcome.answer == RedeemedOutside(coupon_id="k1", sale_reference="bill-9")


def test_it_keeps_to_validity_limits_and_budget() -> None:
    case = given(*SHOP, a_campaign(budget_minor=700, limit_per_customer=1), a_coupon("k1"))
    case.when(outside(), at(SUMMER, LONG_AFTER)).refused(CouponOutsideValidity)
    case.when(outside(amount_minor=701)).refused(CouponLimitReached, limit=700, left=700)
    case.when(outside(customer_id=None)).refused(CouponNeedsCustomer)


def test_it_names_what_there_is() -> None:
    case = given(*SHOP, a_campaign(), a_coupon("k1"))
    case.when(outside(coupon_id="k2")).refused(CouponUnknown)
    case.when(outside(customer_id="nobody")).refused(NotFound, kind="customer", id="nobody")
    case.when(outside(currency="EUR")).refused(CurrencyMismatch)
    case.when(outside(amount_minor=-1)).refused(InvalidCommand, amount=-1)


def test_a_targeted_campaign_is_for_those_who_were_named() -> None:
    case = given(*SHOP, a_campaign(targeted=True), a_coupon("k1")).after(target("c1"))
    assert case.when(buy(customer_id="c1")).only(CouponRedeemed).customer_id == "c1"
    case.when(buy(customer_id="c2")).refused(CouponNotTargeted, customer_id="c2")
    case.when(reserve("k1", customer_id="c2")).refused(CouponNotTargeted)
    case.when(buy()).refused(CouponNeedsCustomer)


def test_who_was_named_is_not_named_again() -> None:
    given(*SHOP, a_campaign(targeted=True)).after(target("c1")).when(target("c1", "c2", "c2")).then(
        ("quota-autumn/c2", CustomerTargeted(campaign_id="autumn", customer_id="c2"))
    )


def test_customers_are_named_for_a_campaign_that_is_for_certain_ones() -> None:
    given(*SHOP, a_campaign()).when(target("c1")).refused(InvalidCommand, campaign_id="autumn")
    case = given(*SHOP, a_campaign(targeted=True))
    case.when(target()).refused(InvalidCommand)
    case.when(target("c1", "nobody")).refused(NotFound, kind="customer", id="nobody")
    case.when(target(*(f"x{number}" for number in range(MAX_CUSTOMERS + 1)))).refused(InvalidCommand)


def test_being_named_outlasts_uses_and_returns() -> None:
    shop = Shop(*SHOP, a_campaign(targeted=True, restored_on_return=True), a_coupon("k1"))
    shop.do(target("c1"))
    shop.do(buy(customer_id="c1"))
    shop.do(take_back((1, 1)))
    quota = shop.state(QUOTA, "autumn/c1")
    assert (quota.targeted, quota.redeemed) == (True, 0)


def test_a_code_for_all_is_used_so_often_by_each() -> None:
    terms: dict[str, Any] = {"limit_per_code": None, "limit_per_customer_and_code": 2}
    shop = Shop(*SHOP, a_campaign(**terms), a_coupon("k1"), a_coupon("k2"))
    for number in range(4):
        shop.do(buy(sale_id=f"x{number}", customer_id="c1"))
    assert len(shop.events(CouponRedeemed)) == 2
    case = given(*shop.facts)
    case.when(buy(sale_id="x9", customer_id="c1")).refused(CouponLimitReached, limit=2)
    case.when(buy(sale_id="x9")).refused(CouponNeedsCustomer)
    assert case.when(buy(sale_id="x9", customer_id="c2")).only(CouponRedeemed)
    assert case.when(buy("k2", sale_id="x9", customer_id="c1")).only(CouponRedeemed)


def test_what_a_customer_reserved_of_a_code_counts_and_what_came_back_does_not() -> None:
    terms: dict[str, Any] = {
        "limit_per_code": None,
        "limit_per_customer_and_code": 1,
        "restored_on_return": True,
    }
    shop = Shop(*SHOP, a_campaign(**terms), a_coupon("k1"))
    shop.do(reserve("k1", customer_id="c1"))
    given(*shop.facts).when(buy(customer_id="c1")).refused(CouponLimitReached)
    shop.do(buy(customer_id="c1", reference="order-17"))
    shop.do(take_back((1, 1)))
    assert shop.state(COUPON, "k1").by_customer == {"c1": 0}
    assert given(*shop.facts).when(buy(sale_id="x2", customer_id="c1")).only(CouponRedeemed)
