"""Issuing coupons."""

from domain.kernel.errors import AlreadyExists, InvalidCommand, NotFound
from domain.promotions.coupon import (
    MAX_COUPONS_PER_ISSUE,
    CouponIssued,
    CouponsIssued,
    IssueCoupons,
    NewCoupon,
)
from tests.support.decisions import given
from tests.support.facts import a_campaign, a_coupon, a_customer, sealed


def issue(*coupon_ids: str, customer_id: str | None = None) -> IssueCoupons:
    coupons = tuple(NewCoupon(coupon_id=coupon_id, code=sealed(coupon_id)) for coupon_id in coupon_ids)
    return IssueCoupons(campaign_id="autumn", coupons=coupons, customer_id=customer_id)


def test_each_coupon_is_issued_in_its_own_stream() -> None:
    given(a_campaign()).when(issue("k1", "k2")).then(
        ("coupon-k1", CouponIssued(coupon_id="k1", campaign_id="autumn", code=sealed("k1"))),
        ("coupon-k2", CouponIssued(coupon_id="k2", campaign_id="autumn", code=sealed("k2"))),
    )


def test_coupons_may_be_one_customers_alone() -> None:
    outcome = given(a_campaign(), a_customer()).when(issue("k1", customer_id="c1"))
    assert outcome.only(CouponIssued).customer_id == "c1"


def test_the_answer_names_the_coupons_and_no_code() -> None:
    assert given(a_campaign()).when(issue("k1", "k2")).answer == CouponsIssued(
        campaign_id="autumn", coupon_ids=("k1", "k2")
    )


def test_a_campaign_that_does_not_exist_has_no_coupons() -> None:
    given().when(issue("k1")).refused(NotFound, kind="campaign", id="autumn")


def test_no_coupon_is_issued_to_a_customer_who_does_not_exist() -> None:
    given(a_campaign()).when(issue("k1", customer_id="c1")).refused(NotFound, kind="customer", id="c1")


def test_at_least_one_coupon_is_issued() -> None:
    given(a_campaign()).when(issue()).refused(InvalidCommand, coupons=0)


def test_as_many_coupons_as_allowed_are_issued_at_a_time() -> None:
    ids = [f"k{number}" for number in range(MAX_COUPONS_PER_ISSUE)]
    assert len(given(a_campaign()).when(issue(*ids)).all(CouponIssued)) == MAX_COUPONS_PER_ISSUE


def test_no_more_coupons_are_issued_at_a_time() -> None:
    ids = [f"k{number}" for number in range(MAX_COUPONS_PER_ISSUE + 1)]
    given(a_campaign()).when(issue(*ids)).refused(InvalidCommand, coupons=MAX_COUPONS_PER_ISSUE + 1)


def test_a_coupon_is_issued_once() -> None:
    given(a_campaign()).after(issue("k1")).when(issue("k1")).refused(AlreadyExists, kind="coupon", id="k1")


def test_one_coupon_that_exists_refuses_them_all() -> None:
    given(a_campaign(), a_coupon("k2")).when(issue("k1", "k2")).refused(AlreadyExists, id="k2")


def test_a_coupon_is_not_issued_twice_in_one_issue() -> None:
    given(a_campaign()).when(issue("k1", "k1")).refused(InvalidCommand)
