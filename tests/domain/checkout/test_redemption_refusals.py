"""Coupons in a sale: every reason not to take one, up to the last instant and the last use."""

from datetime import datetime, timedelta

import pytest

from domain.kernel.errors import CurrencyMismatch, Refusal
from domain.promotions.campaign import (
    CAMPAIGN,
    CampaignDrawn,
    CouponBelowMinimum,
    CouponLimitReached,
    CouponNeedsCustomer,
    CouponOutsideValidity,
    CustomerDrew,
)
from domain.promotions.coupon import COUPON, CouponOfAnother, CouponRedeemed, CouponSpent, CouponUnknown
from domain.sales.sale import Tender
from tests.support.decisions import Fact, Shop, at, given
from tests.support.facts import (
    SPRING,
    SUMMER,
    a_campaign,
    a_coupon,
    a_customer,
    a_store,
    by_piece,
    card,
    cash,
    check_out,
)

SHOP = (a_store(), a_customer("c1"), a_customer("c2"), by_piece("apple", 1000))
TICK = timedelta(microseconds=1)


def test_a_coupon_that_does_not_exist_is_unknown() -> None:
    given(*SHOP).when(check_out(("apple", 1), coupons=("k1",))).refused(CouponUnknown)


def test_a_coupon_is_used_once() -> None:
    given(*SHOP, a_campaign(value=100), a_coupon("k1")).after(
        check_out(("apple", 1), tenders=(card(900),), coupons=("k1",), sale_id="x0")
    ).when(check_out(("apple", 1), tenders=(card(900),), coupons=("k1",))).refused(
        CouponSpent, coupon_id="k1"
    )


@pytest.mark.parametrize("customer_id", [None, "c2"])
def test_a_customers_coupon_is_not_anothers(customer_id: str | None) -> None:
    given(*SHOP, a_campaign(), a_coupon("k1", customer_id="c1")).when(
        check_out(("apple", 1), coupons=("k1",), customer_id=customer_id)
    ).refused(CouponOfAnother, coupon_id="k1")


def test_a_customers_coupon_is_the_customers() -> None:
    outcome = given(*SHOP, a_campaign(), a_coupon("k1", customer_id="c1")).when(
        check_out(("apple", 1), coupons=("k1",), customer_id="c1")
    )
    assert outcome.only(CouponRedeemed).customer_id == "c1"


@pytest.mark.parametrize("recorded_at", [SPRING, SUMMER - TICK])
def test_a_coupon_is_valid_from_the_first_instant_to_just_before_the_last(recorded_at: datetime) -> None:
    outcome = given(*SHOP, a_campaign(), a_coupon("k1")).when(
        check_out(("apple", 1), coupons=("k1",)), at(recorded_at)
    )
    assert outcome.only(CouponRedeemed).coupon_id == "k1"


@pytest.mark.parametrize("recorded_at", [SPRING - TICK, SUMMER])
def test_a_coupon_is_not_valid_before_or_after(recorded_at: datetime) -> None:
    given(*SHOP, a_campaign(), a_coupon("k1")).when(
        check_out(("apple", 1), coupons=("k1",)), at(recorded_at)
    ).refused(
        CouponOutsideValidity,
        valid_from="2026-03-01T00:00:00+00:00",
        valid_until="2026-06-01T00:00:00+00:00",
    )


def test_the_servers_clock_decides_not_the_tills() -> None:
    given(*SHOP, a_campaign(), a_coupon("k1")).when(
        check_out(("apple", 1), coupons=("k1",)), at(SUMMER - TICK, SUMMER)
    ).refused(CouponOutsideValidity)


def test_a_campaign_is_used_up_at_its_limit() -> None:
    given(*SHOP, a_campaign(limit_total=1), a_coupon("k1"), a_coupon("k2")).after(
        check_out(("apple", 1), coupons=("k1",), sale_id="x0")
    ).when(check_out(("apple", 1), coupons=("k2",))).refused(CouponLimitReached, limit=1)


def test_a_customer_uses_a_campaign_as_often_as_it_allows() -> None:
    given(*SHOP, a_campaign(limit_per_customer=1), a_coupon("k1"), a_coupon("k2")).after(
        check_out(("apple", 1), coupons=("k1",), sale_id="x0", customer_id="c1")
    ).when(check_out(("apple", 1), coupons=("k2",), customer_id="c1")).refused(CouponLimitReached, limit=1)


def test_another_customer_has_a_limit_of_their_own() -> None:
    outcome = (
        given(*SHOP, a_campaign(limit_per_customer=1), a_coupon("k1"), a_coupon("k2"))
        .after(check_out(("apple", 1), coupons=("k1",), sale_id="x0", customer_id="c1"))
        .when(check_out(("apple", 1), coupons=("k2",), customer_id="c2"))
    )
    assert outcome.only(CustomerDrew).customer_id == "c2"


def test_a_campaign_that_counts_customers_needs_one() -> None:
    given(*SHOP, a_campaign(limit_per_customer=1), a_coupon("k1")).when(
        check_out(("apple", 1), coupons=("k1",))
    ).refused(CouponNeedsCustomer)


@pytest.mark.parametrize(
    "campaign",
    [a_campaign(limit_total=1, value=100), a_campaign(limit_per_customer=1, value=100)],
    ids=["total", "customer"],
)
def test_two_coupons_of_one_campaign_in_one_basket_both_count(campaign: Fact) -> None:
    given(*SHOP, campaign, a_coupon("k1"), a_coupon("k2")).when(
        check_out(("apple", 1), tenders=(card(800),), coupons=("k1", "k2"), customer_id="c1")
    ).refused(CouponLimitReached, limit=1)


def test_two_coupons_of_one_campaign_in_one_basket_are_both_drawn() -> None:
    campaign = a_campaign(limit_total=2, limit_per_customer=2, value=100)
    outcome = given(*SHOP, campaign, a_coupon("k1"), a_coupon("k2")).when(
        check_out(("apple", 1), tenders=(card(800),), coupons=("k1", "k2"), customer_id="c1")
    )
    assert [drawn.coupon_id for drawn in outcome.all(CampaignDrawn)] == ["k1", "k2"]
    assert len(outcome.all(CustomerDrew)) == 2


def test_a_basket_below_the_minimum_is_refused() -> None:
    given(*SHOP, a_campaign(minimum_minor=1001), a_coupon("k1")).when(
        check_out(("apple", 1), coupons=("k1",))
    ).refused(CouponBelowMinimum, minimum=1001, basket=1000)


def test_a_basket_at_the_minimum_is_enough() -> None:
    outcome = given(*SHOP, a_campaign(minimum_minor=1000), a_coupon("k1")).when(
        check_out(("apple", 1), coupons=("k1",))
    )
    assert outcome.only(CouponRedeemed).amount_minor == 1000


def test_a_coupon_in_another_currency_is_refused() -> None:
    given(*SHOP, a_campaign(currency="EUR"), a_coupon("k1")).when(
        check_out(("apple", 1), coupons=("k1",))
    ).refused(CurrencyMismatch, currency="EUR")


@pytest.mark.parametrize(
    ("tenders", "coupons"),
    [((cash(1),), ("k1",)), ((card(900),), ("k1", "unknown"))],
    ids=["payment", "another coupon"],
)
def test_a_refused_sale_leaves_its_coupons_unspent(
    tenders: tuple[Tender, ...], coupons: tuple[str, ...]
) -> None:
    shop = Shop(*SHOP, a_campaign(value=100), a_coupon("k1"))
    assert isinstance(shop.do(check_out(("apple", 1), tenders=tenders, coupons=coupons)), Refusal)
    assert shop.state(COUPON, "k1").sale_id is None
    assert shop.state(CAMPAIGN, "autumn").redeemed == 0
