"""What is limited per customer is limited per person, under however many ids the shops know them."""

import pytest

from domain.checkout.check_out import CheckOut
from domain.checkout.coupon_reservation import ReserveCoupons
from domain.customers.merging import MergeCustomers, UnmergeCustomers
from domain.customers.segments import SetSegments
from domain.promotions.book import OfferPublished, OfferUsedByCustomer
from domain.promotions.campaign import CouponLimitReached, CustomerDrew
from domain.promotions.coupon import CouponOfAnother
from domain.promotions.offer import AmountOff, Conditions, Limits, Offer, Phase
from domain.promotions.targeting import TargetCustomers
from domain.sales.sale import SaleCompleted
from tests.support.decisions import NOON, Fact, given
from tests.support.facts import (
    a_campaign,
    a_coupon,
    a_customer,
    a_store,
    by_piece,
    cash,
    check_out,
    received,
)

SHOP: tuple[Fact, ...] = (
    a_store(),
    by_piece(),
    received(),
    a_customer("c1"),
    a_customer("c2"),
    a_customer("c3"),
)
ONCE_EACH = (a_campaign(value=100, limit_per_customer=1), a_coupon("k1"), a_coupon("k2"))
ONCE_A_CODE = (a_campaign(value=100, limit_per_code=None, limit_per_customer_and_code=1), a_coupon("k1"))
MERGE = MergeCustomers(customer_id="c1", other_id="c2")
UNMERGE = UnmergeCustomers(customer_id="c1", other_id="c2")


def buy(sale_id: str, customer_id: str, *coupons: str) -> CheckOut:
    return check_out(
        ("apple", 1), tenders=(cash(10_000),), sale_id=sale_id, customer_id=customer_id, coupons=coupons
    )


@pytest.mark.parametrize(("before", "now"), [("c1", "c2"), ("c2", "c1")])
def test_a_campaign_for_once_each_is_for_once_a_person(before: str, now: str) -> None:
    given(*SHOP, *ONCE_EACH).after(buy("x1", before, "k1"), MERGE).when(buy("x2", now, "k2")).refused(
        CouponLimitReached, limit=1
    )


def test_a_third_record_counts_too() -> None:
    given(*SHOP, *ONCE_EACH).after(
        buy("x1", "c2", "k1"), MERGE, MergeCustomers(customer_id="c1", other_id="c3")
    ).when(buy("x2", "c3", "k2")).refused(CouponLimitReached, limit=1)


def test_a_use_counts_for_the_id_that_the_sale_names() -> None:
    outcome = given(*SHOP, *ONCE_EACH).after(MERGE).when(buy("x1", "c2", "k1"))
    assert outcome.only(CustomerDrew).customer_id == "c2"
    assert outcome.only(SaleCompleted).customer_id == "c2"


def test_once_unmerged_each_has_their_own_use() -> None:
    given(*SHOP, *ONCE_EACH).after(buy("x1", "c1", "k1"), MERGE, UNMERGE).when(buy("x2", "c2", "k2")).only(
        SaleCompleted
    )


def test_one_code_is_used_once_a_person() -> None:
    given(*SHOP, *ONCE_A_CODE).after(buy("x1", "c1", "k1"), MERGE).when(buy("x2", "c2", "k1")).refused(
        CouponLimitReached, limit=1
    )


def test_what_the_person_reserved_under_another_id_counts() -> None:
    reserve = ReserveCoupons(
        coupon_ids=("k1",), customer_id="c2", reference="o1", until=NOON.replace(hour=13)
    )
    given(*SHOP, *ONCE_EACH).after(MERGE, reserve).when(buy("x1", "c1", "k2")).refused(CouponLimitReached)


def test_the_survivor_uses_a_coupon_that_another_record_was_given() -> None:
    own = (a_campaign(value=100), a_coupon("k1", customer_id="c2"))
    given(*SHOP, *own).after(MERGE).when(buy("x1", "c1", "k1")).only(SaleCompleted)
    given(*SHOP, *own).after(MERGE, UNMERGE).when(buy("x1", "c1", "k1")).refused(CouponOfAnother)


def test_a_campaign_that_is_for_one_record_is_for_the_person() -> None:
    targeted = (a_campaign(value=100, targeted=True), a_coupon("k1"))
    target = TargetCustomers(campaign_id="autumn", customer_ids=("c2",))
    given(*SHOP, *targeted).after(target, MERGE).when(buy("x1", "c1", "k1")).only(SaleCompleted)


def offer(segments: tuple[str, ...] = ()) -> Fact:
    published = Offer(
        offer_id="once",
        version=1,
        name="Once",
        currency="CNY",
        phase=Phase.ORDER,
        benefit=AmountOff(amount_minor=100),
        conditions=Conditions(segments=segments),
        limits=Limits(customer_uses=1),
    )
    return "offers-book", OfferPublished(offer=published)


def test_an_offer_for_once_each_is_for_once_a_person() -> None:
    outcome = given(*SHOP, offer()).after(buy("x1", "c1"), MERGE).when(buy("x2", "c2"))
    assert outcome.all(OfferUsedByCustomer) == []
    assert outcome.only(SaleCompleted).discounts == ()


def test_the_groups_of_all_records_are_the_persons() -> None:
    vip = SetSegments(customer_id="c2", segments=("vip",))
    outcome = given(*SHOP, offer(segments=("vip",))).after(vip, MERGE).when(buy("x1", "c1"))
    facts = outcome.only(SaleCompleted).customer_facts
    assert facts is not None
    assert facts.segments == ("vip",)
    assert outcome.only(OfferUsedByCustomer).customer_id == "c1"
