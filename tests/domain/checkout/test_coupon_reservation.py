"""Reservations of coupons: what they hold, for how long, and how they end."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.checkout.check_out import CheckOut
from domain.checkout.coupon_reservation import (
    LONGEST,
    CouponNotReserved,
    ReleaseCoupon,
    Reservation,
    ReserveCoupons,
)
from domain.kernel.errors import InvalidCommand, NotFound, Refusal
from domain.promotions.batch import CouponBatchIssued
from domain.promotions.campaign import (
    CAMPAIGN,
    QUOTA,
    CampaignDrawn,
    CouponLimitReached,
    CouponNeedsCustomer,
    CouponOutsideValidity,
    DiscountKind,
)
from domain.promotions.coupon import (
    COUPON,
    CouponHeld,
    CouponOfAnother,
    CouponRedeemed,
    CouponReleased,
    CouponReserved,
    CouponSpent,
    CouponUnknown,
)
from domain.promotions.holds import CampaignHeld, CampaignReleased, Hold
from tests.support.decisions import NOON, Shop, at, given
from tests.support.facts import SUMMER, a_campaign, a_coupon, a_customer, a_store, by_piece, cash, check_out

SHOP = (a_store(), a_customer("c1"), a_customer("c2"), by_piece("apple", 10_000))
LATER = NOON + timedelta(hours=2)
PAID = (cash(10_000),)


def reserve(
    *coupons: str,
    reference: str = "order-17",
    until: datetime = LATER,
    customer_id: str | None = None,
    amounts_minor: dict[str, int] | None = None,
) -> ReserveCoupons:
    return ReserveCoupons(
        coupon_ids=coupons,
        reference=reference,
        until=until,
        customer_id=customer_id,
        amounts_minor=amounts_minor or {},
    )


def release(coupon_id: str = "k1", reference: str = "order-17", *, if_lapsed: bool = False) -> ReleaseCoupon:
    return ReleaseCoupon(coupon_id=coupon_id, reference=reference, if_lapsed=if_lapsed)


def buy(
    coupon: str = "k1",
    *,
    sale_id: str = "x1",
    reference: str | None = None,
    customer_id: str | None = None,
    pieces: int = 1,
) -> CheckOut:
    return check_out(
        ("apple", pieces),
        tenders=(cash(10_000 * pieces),),
        coupons=(coupon,),
        sale_id=sale_id,
        reference=reference,
        customer_id=customer_id,
    )


def test_a_reservation_is_written_for_the_coupon_and_for_its_limited_campaign() -> None:
    hold = Hold(until=LATER)
    given(*SHOP, a_campaign(limit_total=5), a_coupon("k1")).when(reserve("k1")).then(
        (
            "coupon-k1",
            CouponReserved(coupon_id="k1", campaign_id="autumn", reference="order-17", hold=hold),
        ),
        (
            "campaign-autumn",
            CampaignHeld(campaign_id="autumn", coupon_id="k1", reference="order-17", hold=hold),
        ),
    )


def test_a_campaign_without_limits_counts_no_reservations() -> None:
    outcome = given(*SHOP, a_campaign(), a_coupon("k1")).when(reserve("k1"))
    assert outcome.all(CampaignHeld) == []
    assert outcome.answer == Reservation(coupon_ids=("k1",), reference="order-17", until=LATER)


def test_a_reserved_coupon_is_nobody_elses() -> None:
    reserved = given(*SHOP, a_campaign(), a_coupon("k1")).after(reserve("k1"))
    reserved.when(buy()).refused(CouponHeld, coupon_id="k1")
    reserved.when(buy(reference="order-18")).refused(CouponHeld, coupon_id="k1")
    reserved.when(reserve("k1", reference="order-18")).refused(CouponHeld, coupon_id="k1")


def test_whoever_names_the_reference_redeems_it() -> None:
    outcome = (
        given(*SHOP, a_campaign(limit_total=1), a_coupon("k1"))
        .after(reserve("k1"))
        .when(buy(reference="order-17"))
    )
    assert outcome.only(CouponRedeemed).reference == "order-17"
    assert outcome.only(CampaignDrawn).reference == "order-17"


def test_a_redeemed_reservation_holds_nothing_any_more() -> None:
    shop = Shop(*SHOP, a_campaign(limit_total=5), a_coupon("k1"))
    shop.do(reserve("k1"))
    shop.do(buy(reference="order-17"))
    campaign = shop.state(CAMPAIGN, "autumn")
    assert (campaign.redeemed, campaign.held, shop.state(COUPON, "k1").held) == (1, {}, {})


def test_a_redeemed_coupon_is_not_redeemed_again_under_its_reference() -> None:
    shop = Shop(*SHOP, a_campaign(), a_coupon("k1"))
    shop.do(reserve("k1"))
    shop.do(buy(reference="order-17"))
    assert isinstance(shop.do(buy(reference="order-17", sale_id="x2")), CouponSpent)
    assert isinstance(shop.do(reserve("k1")), CouponSpent)


def test_a_reservation_outlives_expiry_until_its_limit() -> None:
    before, after = SUMMER - timedelta(minutes=1), SUMMER + timedelta(minutes=29)
    limit = SUMMER + timedelta(minutes=30)
    shop = Shop(*SHOP, a_campaign(limit_total=1), a_coupon("k1"), a_coupon("k2"))
    shop.record(shop.decide(reserve("k1", until=limit), at(before)).events)
    case = given(*shop.facts)
    case.when(buy("k2"), at(after)).refused(CouponOutsideValidity)
    assert case.when(buy(reference="order-17"), at(after)).only(CouponRedeemed).coupon_id == "k1"
    case.when(buy(reference="order-17"), at(limit)).refused(CouponOutsideValidity)


def test_a_reservation_outlives_the_coupons_own_expiry() -> None:
    own = NOON + timedelta(hours=1)
    case = given(*SHOP, a_campaign(), a_coupon("k1", valid_until=own)).after(reserve("k1"))
    sold = case.when(buy(reference="order-17"), at(own)).only(CouponRedeemed)
    assert sold.valid_until == own


def test_a_coupon_expires_at_its_own_time_before_that_of_the_campaign() -> None:
    own = NOON + timedelta(hours=1)
    case = given(*SHOP, a_campaign(), a_coupon("k1", valid_until=own))
    assert case.when(buy(), at(own - timedelta(microseconds=1))).only(CouponRedeemed)
    case.when(buy(), at(own)).refused(CouponOutsideValidity, valid_until=own.isoformat())


def test_a_lapsed_reservation_holds_nothing_though_nobody_released_it() -> None:
    case = given(*SHOP, a_campaign(limit_total=1), a_coupon("k1"), a_coupon("k2")).after(reserve("k1"))
    case.when(buy("k2"), at(LATER - timedelta(microseconds=1))).refused(CouponLimitReached, limit=1)
    assert case.when(buy("k2"), at(LATER)).only(CouponRedeemed)
    assert case.when(buy("k1"), at(LATER)).only(CouponRedeemed)


def test_who_comes_late_still_gets_what_nobody_else_took() -> None:
    shop = Shop(*SHOP, a_campaign(limit_total=1), a_coupon("k1"))
    shop.do(reserve("k1"))
    shop.do(buy(reference="order-17"), at(LATER))
    assert shop.state(COUPON, "k1").held == {}
    assert shop.state(CAMPAIGN, "autumn").held == {}


@pytest.mark.parametrize(
    "limits",
    [
        {"limit_total": 1},
        {"limit_per_day": 1},
        {"limit_per_customer": 1},
        {"budget_minor": 1999},
    ],
)
def test_a_reservation_holds_its_place_in_every_limit(limits: dict[str, Any]) -> None:
    shop = (*SHOP, a_campaign(**limits), a_coupon("k1"), a_coupon("k2"))
    case = given(*shop).after(reserve("k1", customer_id="c1"))
    case.when(buy("k2", customer_id="c1")).refused(CouponLimitReached)
    case.when(reserve("k2", reference="order-18", customer_id="c1")).refused(CouponLimitReached)
    released = given(*shop).after(reserve("k1", customer_id="c1"), release())
    assert released.when(buy("k2", customer_id="c1")).only(CouponRedeemed)


def test_a_place_held_for_one_customer_does_not_count_for_another() -> None:
    case = given(*SHOP, a_campaign(limit_per_customer=1), a_coupon("k1"), a_coupon("k2"))
    case = case.after(reserve("k1", customer_id="c1"))
    assert case.when(buy("k2", customer_id="c2")).only(CouponRedeemed)


def test_what_is_held_for_one_customer_is_not_redeemed_by_another() -> None:
    shop = Shop(*SHOP, a_campaign(limit_per_customer=1), a_coupon("k1"), a_coupon("k2"))
    shop.do(buy("k2", customer_id="c2"))
    shop.do(reserve("k1", customer_id="c1"))
    case = given(*shop.facts)
    case.when(buy(reference="order-17", customer_id="c2", sale_id="x2")).refused(CouponOfAnother)
    case.when(buy(reference="order-17", sale_id="x2")).refused(CouponOfAnother)
    case.when(reserve("k1", customer_id="c2")).refused(CouponOfAnother)


def test_a_campaign_that_counts_customers_wants_one_for_a_reservation() -> None:
    given(*SHOP, a_campaign(limit_per_customer=1), a_coupon("k1")).when(reserve("k1")).refused(
        CouponNeedsCustomer
    )


def test_a_use_counts_on_the_day_it_was_reserved() -> None:
    evening, morning = datetime(2026, 3, 2, 15, 59, tzinfo=UTC), datetime(2026, 3, 2, 16, tzinfo=UTC)
    campaign = a_campaign(limit_per_day=1, time_zone="Asia/Shanghai")
    shop = Shop(*SHOP, campaign, a_coupon("k1"), a_coupon("k2"), a_coupon("k3"))
    shop.do(reserve("k1", until=morning + timedelta(hours=9)), at(evening))
    assert isinstance(shop.do(buy("k2"), at(evening)), CouponLimitReached)
    shop.do(buy("k1", reference="order-17"), at(morning))
    shop.do(buy("k2", sale_id="x2"), at(morning))
    assert shop.state(CAMPAIGN, "autumn").days == {"2026-03-02": 1, "2026-03-03": 1}


def test_a_budget_is_held_at_the_most_and_settled_at_what_was_given() -> None:
    tenth = a_campaign(
        kind=DiscountKind.PERCENT, value=1000, cap_minor=3000, budget_minor=5000, limit_per_code=None
    )
    shop = Shop(*SHOP, tenth, a_coupon("k1"))
    assert shop.decide(reserve("k1"), at(NOON)).events
    shop.do(reserve("k1"))
    assert isinstance(shop.do(reserve("k1", reference="order-18")), CouponLimitReached)
    shop.do(buy(reference="order-17"))  # 10.00 of the 30.00 that were held
    assert shop.state(CAMPAIGN, "autumn").given_minor == 1000
    assert not isinstance(shop.do(reserve("k1", reference="order-18")), Refusal)


def test_what_is_held_of_a_budget_may_be_said() -> None:
    tenth = a_campaign(kind=DiscountKind.PERCENT, value=1000, budget_minor=5000)
    case = given(*SHOP, tenth, a_coupon("k1"))
    assert case.when(reserve("k1", amounts_minor={"k1": 1200})).only(CampaignHeld).hold.amount_minor == 1200
    case.when(reserve("k1")).refused(InvalidCommand)
    case.when(reserve("k1", amounts_minor={"k1": -1})).refused(InvalidCommand, amount=-1)
    case.when(reserve("k1", amounts_minor={"k1": 5001})).refused(CouponLimitReached, limit=5000, left=5000)


def test_a_sale_takes_more_than_was_held_only_from_what_the_budget_has_left() -> None:
    tenth = a_campaign(kind=DiscountKind.PERCENT, value=1000, budget_minor=2500)
    case = given(*SHOP, tenth, a_coupon("k1")).after(reserve("k1", amounts_minor={"k1": 500}))
    assert case.when(buy(reference="order-17", pieces=2)).only(CampaignDrawn).amount_minor == 2000
    case.when(buy(reference="order-17", pieces=3)).refused(CouponLimitReached, limit=2500, left=2500)


def test_two_coupons_of_one_sale_share_the_budget() -> None:
    case = given(*SHOP, a_campaign(budget_minor=1999), a_coupon("k1"), a_coupon("k2"))
    both = check_out(("apple", 1), tenders=PAID, coupons=("k1", "k2"))
    case.when(both).refused(CouponLimitReached, left=999)
    case.when(reserve("k1", "k2")).refused(CouponLimitReached, left=999)


def test_all_coupons_are_reserved_or_none() -> None:
    case = given(*SHOP, a_campaign(), a_coupon("k1"), a_coupon("k2")).after(
        reserve("k2", reference="order-1")
    )
    case.when(reserve("k1", "k2")).refused(CouponHeld, coupon_id="k2")


def test_the_same_reference_prolongs() -> None:
    longer = LATER + timedelta(hours=1)
    case = given(*SHOP, a_campaign(limit_total=1), a_coupon("k1")).after(reserve("k1"))
    reserved = case.when(reserve("k1", until=longer)).only(CouponReserved)
    assert (reserved.prolonged, reserved.hold.until) == (True, longer)


@pytest.mark.parametrize("until", [NOON, NOON - timedelta(hours=1), NOON + LONGEST + timedelta(seconds=1)])
def test_a_reservation_ends_and_not_in_the_past(until: datetime) -> None:
    given(*SHOP, a_campaign(), a_coupon("k1")).when(reserve("k1", until=until)).refused(InvalidCommand)


@pytest.mark.parametrize("coupons", [(), ("k1", "k1")])
def test_a_reservation_names_each_coupon_once(coupons: tuple[str, ...]) -> None:
    given(*SHOP, a_campaign(), a_coupon("k1")).when(reserve(*coupons)).refused(InvalidCommand)


def test_nothing_unknown_is_reserved() -> None:
    case = given(*SHOP, a_campaign(), a_coupon("k1"))
    case.when(reserve("k2")).refused(CouponUnknown)
    case.when(reserve("k1", customer_id="nobody")).refused(NotFound, kind="customer", id="nobody")


def test_a_release_gives_the_place_back() -> None:
    given(*SHOP, a_campaign(limit_total=1), a_coupon("k1")).after(reserve("k1")).when(release()).then(
        ("coupon-k1", CouponReleased(coupon_id="k1", campaign_id="autumn", reference="order-17")),
        ("campaign-autumn", CampaignReleased(campaign_id="autumn", coupon_id="k1", reference="order-17")),
    )


def test_nothing_is_released_twice_nor_under_another_reference() -> None:
    case = given(*SHOP, a_campaign(), a_coupon("k1")).after(reserve("k1"))
    case.when(release(reference="order-18")).refused(CouponNotReserved, reference="order-18")
    case.after(release()).when(release()).refused(CouponNotReserved, reference="order-17")


def test_only_a_lapsed_reservation_is_cleared_away() -> None:
    case = given(*SHOP, a_campaign(), a_coupon("k1")).after(reserve("k1"))
    case.when(release(if_lapsed=True)).then()
    assert case.when(release(if_lapsed=True), at(LATER)).only(CouponReleased).lapsed


def test_clearing_away_what_is_gone_changes_nothing() -> None:
    case = given(*SHOP, a_campaign(), a_coupon("k1")).after(reserve("k1"), release())
    case.when(release(if_lapsed=True), at(LATER)).then()


def test_a_code_for_many_uses_is_reserved_by_as_many() -> None:
    case = given(*SHOP, a_campaign(limit_per_code=2), a_coupon("k1")).after(
        reserve("k1"), reserve("k1", reference="order-18")
    )
    case.when(buy()).refused(CouponHeld, coupon_id="k1")
    assert case.when(buy(reference="order-18")).only(CouponRedeemed).reference == "order-18"


def test_a_code_is_used_as_often_as_its_campaign_says() -> None:
    shop = Shop(*SHOP, a_campaign(limit_per_code=2), a_coupon("k1"))
    for number in range(5):
        shop.do(buy(sale_id=f"x{number}"))
    assert len(shop.events(CouponRedeemed)) == 2


def test_a_coupon_of_a_batch_has_a_stream_from_its_first_use_on() -> None:
    batch = ("couponbatch-k7m2qx", CouponBatchIssued(batch_id="k7m2qx", campaign_id="autumn", count=3))
    case = given(*SHOP, a_campaign(limit_per_customer=2), batch)
    assert case.when(buy("k7m2qx.2", customer_id="c1")).only(CouponRedeemed).campaign_id == "autumn"
    for unknown in ("k7m2qx.3", "k7m2qx.-1", "k7m2qx.02", "k7m2qx.x", "k7m2qx.", "k7m2qy.0", "k7m2qx.²"):
        case.when(buy(unknown, customer_id="c1")).refused(CouponUnknown)
    case.after(buy("k7m2qx.2", customer_id="c1")).when(
        buy("k7m2qx.2", customer_id="c1", sale_id="x2")
    ).refused(CouponSpent)


def test_a_customers_quota_counts_what_was_redeemed_of_a_reservation() -> None:
    shop = Shop(*SHOP, a_campaign(limit_per_customer=1), a_coupon("k1"), a_coupon("k2"))
    shop.do(reserve("k1", customer_id="c1"))
    shop.do(buy(reference="order-17", customer_id="c1"))
    assert shop.state(QUOTA, "autumn/c1").redeemed == 1
    assert isinstance(shop.do(buy("k2", customer_id="c1", sale_id="x2")), CouponLimitReached)
