"""Coupons that come back with the whole sale, and coupons that are revoked."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from domain.checkout.coupon_return import RevokeCoupon
from domain.checkout.exchange import Exchange
from domain.kernel.command import Moment
from domain.kernel.errors import InvalidCommand, NotFound
from domain.promotions.batch import (
    BATCH,
    MAX_CODES,
    BatchIssued,
    BatchRevoked,
    CouponBatchIssued,
    CouponBatchRevoked,
    IssueBatch,
    RevokeBatch,
)
from domain.promotions.campaign import CAMPAIGN, QUOTA, CouponLimitReached, CouponOutsideValidity
from domain.promotions.coupon import (
    COUPON,
    CouponIsRevoked,
    CouponRedeemed,
    CouponReleased,
    CouponReturned,
    CouponRevoked,
    CouponSpent,
)
from domain.promotions.holds import CampaignReleased, CampaignRestored, CustomerRestored
from tests.domain.checkout.test_coupon_reservation import SHOP, buy, release, reserve
from tests.support.decisions import NOON, Shop, at, given
from tests.support.facts import SPRING, SUMMER, a_campaign, a_coupon, take_back

LIMITS: dict[str, Any] = {
    "limit_total": 1,
    "limit_per_customer": 1,
    "limit_per_day": 1,
    "budget_minor": 1000,
}
BATCH_OF_3 = ("couponbatch-k7m2qx", CouponBatchIssued(batch_id="k7m2qx", campaign_id="autumn", count=3))


def sold(pieces: int = 2, **terms: Any) -> Shop:
    rule: dict[str, Any] = {"restored_on_return": True, **terms}
    shop = Shop(*SHOP, a_campaign(**rule), a_coupon("k1"), a_coupon("k2"))
    shop.do(buy("k1", customer_id="c1", pieces=pieces))
    return shop


def test_a_coupon_comes_back_with_the_whole_sale() -> None:
    outcome = given(*sold(**LIMITS).facts).when(take_back((1, 2)))
    assert outcome.only(CouponReturned) == CouponReturned(
        coupon_id="k1", campaign_id="autumn", sale_id="x1", return_id="r1", amount_minor=1000
    )
    assert outcome.only(CampaignRestored).amount_minor == 1000
    assert outcome.only(CustomerRestored).customer_id == "c1"


def test_all_limits_are_given_back_with_it() -> None:
    shop = sold(**LIMITS)
    shop.do(take_back((1, 2)))
    campaign = shop.state(CAMPAIGN, "autumn")
    assert (campaign.redeemed, campaign.given_minor, campaign.days) == (0, 0, {"2026-03-02": 0})
    assert shop.state(QUOTA, "autumn/c1").redeemed == 0
    assert given(*shop.facts).when(buy("k1", customer_id="c1", sale_id="x2")).only(CouponRedeemed)


def test_the_sale_that_corrects_another_may_use_its_coupon() -> None:
    shop = sold(**LIMITS)
    right = buy("k1", customer_id="c1", pieces=3, sale_id="x2")
    correction = msgspec.structs.replace(take_back(), correction=True)
    outcome = given(*shop.facts).when(Exchange(back=correction, sale=right))
    assert (outcome.only(CouponReturned).sale_id, outcome.only(CouponRedeemed).sale_id) == ("x1", "x2")


def test_a_correction_leaves_it_redeemed_where_the_campaign_does_not_give_it_back() -> None:
    correction = msgspec.structs.replace(take_back(), correction=True)
    outcome = given(*sold(restored_on_return=False).facts).when(correction)
    assert outcome.all(CouponReturned) == []


def test_a_sale_that_came_back_in_part_leaves_it_redeemed() -> None:
    case = given(*sold(**LIMITS).facts)
    assert case.when(take_back((1, 1))).all(CouponReturned) == []
    case = case.after(take_back((1, 1)))
    case.when(buy("k1", customer_id="c1", sale_id="x2")).refused(CouponSpent)
    case.when(buy("k2", customer_id="c1", sale_id="x2")).refused(CouponLimitReached)


def test_it_comes_back_with_the_last_of_the_goods() -> None:
    case = given(*sold().facts).after(take_back((1, 1)))
    assert case.when(take_back((1, 1), return_id="r2")).only(CouponReturned).return_id == "r2"


@pytest.mark.parametrize(
    ("terms", "moment"),
    [
        ({"restored_on_return": False}, at(NOON)),
        ({}, at(SUMMER)),
    ],
)
def test_it_stays_redeemed_where_the_campaign_keeps_it_or_is_over(
    terms: dict[str, Any], moment: Moment
) -> None:
    outcome = given(*sold(**terms).facts).when(take_back((1, 2)), moment)
    assert outcome.all(CouponReturned) == []
    assert outcome.all(CampaignRestored) == []


def test_a_revoked_coupon_does_not_come_back() -> None:
    case = given(*sold().facts).after(RevokeCoupon(coupon_id="k1", reason="copied"))
    assert case.when(take_back((1, 2))).all(CouponReturned) == []


def test_one_use_of_a_code_for_many_comes_back() -> None:
    shop = sold(limit_per_code=2)
    shop.do(buy("k1", sale_id="x2"))
    shop.do(take_back((1, 2)))
    assert shop.state(COUPON, "k1").redeemed == 1
    shop.do(buy("k1", sale_id="x3"))
    shop.do(buy("k1", sale_id="x4"))
    assert len(shop.events(CouponRedeemed)) == 3


def test_a_coupon_that_came_back_does_not_come_back_twice() -> None:
    shop = sold()
    shop.do(take_back((1, 2)))
    shop.do(take_back((1, 2), return_id="r2"))
    assert len(shop.events(CouponReturned)) == 1


def test_a_revoked_code_is_of_no_use() -> None:
    case = given(*SHOP, a_campaign(), a_coupon("k1")).after(RevokeCoupon(coupon_id="k1", reason="copied"))
    case.when(buy()).refused(CouponIsRevoked, coupon_id="k1")
    case.when(reserve("k1")).refused(CouponIsRevoked, coupon_id="k1")
    case.when(RevokeCoupon(coupon_id="k1", reason="copied")).refused(CouponIsRevoked)


def test_a_reservation_does_not_outlive_revocation_and_its_place_is_free() -> None:
    revoke = RevokeCoupon(coupon_id="k1", reason="copied")
    case = given(*SHOP, a_campaign(limit_total=1), a_coupon("k1"), a_coupon("k2")).after(reserve("k1"))
    case.when(revoke).then_events(
        CouponReleased(coupon_id="k1", campaign_id="autumn", reference="order-17"),
        CampaignReleased(campaign_id="autumn", coupon_id="k1", reference="order-17"),
        CouponRevoked(coupon_id="k1", campaign_id="autumn", reason="copied"),
    )
    case = case.after(revoke)
    case.when(buy(reference="order-17")).refused(CouponIsRevoked)
    assert case.when(buy("k2")).only(CouponRedeemed)


def test_a_revocation_says_why_and_of_what() -> None:
    case = given(*SHOP, a_campaign(), a_coupon("k1"), BATCH_OF_3)
    case.when(RevokeCoupon(coupon_id="k1", reason=" ")).refused(InvalidCommand)
    case.when(RevokeCoupon(coupon_id="k2", reason="copied")).refused(NotFound, kind="coupon", id="k2")
    case.when(RevokeBatch(batch_id="k7m2qx", reason="")).refused(InvalidCommand)
    case.when(RevokeBatch(batch_id="k7m2qy", reason="lost")).refused(NotFound)


def test_a_code_that_was_used_is_revoked_for_its_further_uses() -> None:
    case = given(*sold(limit_per_code=5).facts)
    assert not case.when(RevokeCoupon(coupon_id="k1", reason="copied")).only(CouponRevoked).unused


def test_a_batch_is_issued_by_one_event() -> None:
    outcome = given(*SHOP, a_campaign()).when(IssueBatch(batch_id="k7m2qx", campaign_id="autumn", count=3))
    outcome.then(BATCH_OF_3)
    assert outcome.answer == BatchIssued(batch_id="k7m2qx", campaign_id="autumn", count=3)


@pytest.mark.parametrize("count", [0, MAX_CODES + 1])
def test_a_batch_has_one_to_a_million_codes(count: int) -> None:
    given(*SHOP, a_campaign()).when(IssueBatch(batch_id="k7m2qx", campaign_id="autumn", count=count)).refused(
        InvalidCommand, count=count
    )


def test_a_batch_is_of_a_campaign_and_ends_after_it_begins() -> None:
    case = given(*SHOP, a_campaign())
    case.when(IssueBatch(batch_id="k7m2qx", campaign_id="spring", count=1)).refused(NotFound)
    case.when(IssueBatch(batch_id="k7m2qx", campaign_id="autumn", count=1, valid_until=SPRING)).refused(
        InvalidCommand
    )


def test_a_batch_may_end_before_its_campaign() -> None:
    until = NOON + timedelta(hours=1)
    batch = CouponBatchIssued(batch_id="k7m2qx", campaign_id="autumn", count=3, valid_until=until)
    case = given(*SHOP, a_campaign(), ("couponbatch-k7m2qx", batch))
    assert case.when(buy("k7m2qx.0"), at(until - timedelta(seconds=1))).only(CouponRedeemed)
    case.when(buy("k7m2qx.0"), at(until)).refused(CouponOutsideValidity)


def test_no_code_of_a_revoked_batch_is_of_use_and_what_was_redeemed_stays() -> None:
    shop = Shop(*SHOP, a_campaign(), BATCH_OF_3)
    shop.do(buy("k7m2qx.0"))
    shop.do(RevokeBatch(batch_id="k7m2qx", reason="lost"))
    case = given(*shop.facts)
    case.when(buy("k7m2qx.1", sale_id="x2")).refused(CouponIsRevoked)
    case.when(RevokeBatch(batch_id="k7m2qx", reason="lost")).refused(BatchRevoked)
    assert shop.events(CouponBatchRevoked) == [
        CouponBatchRevoked(batch_id="k7m2qx", campaign_id="autumn", reason="lost")
    ]
    assert (shop.state(BATCH, "k7m2qx").revoked, shop.state(COUPON, "k7m2qx.0").redeemed) == (True, 1)


def test_a_coupon_of_a_batch_is_reserved_released_and_revoked_like_any_other() -> None:
    case = given(*SHOP, a_campaign(limit_total=1), BATCH_OF_3).after(reserve("k7m2qx.1"))
    case.when(buy("k7m2qx.2")).refused(CouponLimitReached)
    case = case.after(release("k7m2qx.1"), RevokeCoupon(coupon_id="k7m2qx.1", reason="copied"))
    case.when(buy("k7m2qx.1")).refused(CouponIsRevoked)
    assert case.when(buy("k7m2qx.2")).only(CouponRedeemed)
