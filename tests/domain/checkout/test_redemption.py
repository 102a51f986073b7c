"""Coupons in a sale: stacking, proration, and what is written."""

from domain.checkout.pricing import MAX_COUPONS
from domain.promotions.campaign import (
    CAMPAIGN,
    CampaignDrawn,
    CouponBelowMinimum,
    CustomerDrew,
    DiscountKind,
)
from domain.promotions.coupon import CouponRedeemed
from domain.sales.sale import Discount, DiscountSource, LineShare, SaleCompleted
from tests.support.decisions import Fact, Shop, given
from tests.support.facts import (
    a_campaign,
    a_coupon,
    a_customer,
    a_store,
    by_piece,
    card,
    check_out,
)

SHOP = (a_store(), a_customer("c1"), a_customer("c2"), by_piece("apple", 1000))


def ten_percent(priority: int) -> Fact:
    return a_campaign("tenth", kind=DiscountKind.PERCENT, value=1000, priority=priority)


def twenty_percent_from_100(priority: int) -> Fact:
    return a_campaign("fifth", kind=DiscountKind.PERCENT, value=2000, minimum_minor=10_000, priority=priority)


def test_a_redemption_is_written_in_the_coupons_the_campaigns_and_the_customers_stream() -> None:
    outcome = given(*SHOP, a_campaign(limit_per_customer=2), a_coupon("k1")).when(
        check_out(("apple", 2), tenders=(card(1000),), coupons=("k1",), customer_id="c1")
    )
    assert outcome.decision.events[2:5] == (
        (
            "coupon-k1",
            CouponRedeemed(
                coupon_id="k1", campaign_id="autumn", sale_id="x1", customer_id="c1", amount_minor=1000
            ),
        ),
        (
            "campaign-autumn",
            CampaignDrawn(
                campaign_id="autumn", coupon_id="k1", sale_id="x1", customer_id="c1", amount_minor=1000
            ),
        ),
        (
            "quota-autumn/c1",
            CustomerDrew(campaign_id="autumn", customer_id="c1", coupon_id="k1", sale_id="x1"),
        ),
    )


def test_a_campaign_without_a_customers_limit_keeps_no_count_of_customers() -> None:
    outcome = given(*SHOP, a_campaign(), a_coupon("k1")).when(
        check_out(("apple", 2), tenders=(card(1000),), coupons=("k1",), customer_id="c1")
    )
    assert outcome.all(CustomerDrew) == []


def test_the_answer_tells_what_the_coupons_took_off() -> None:
    outcome = given(*SHOP, a_campaign(), a_coupon("k1")).when(
        check_out(("apple", 3), tenders=(card(2000),), coupons=("k1",))
    )
    answer = outcome.answer
    assert (answer.subtotal_minor, answer.discount_minor, answer.total_minor) == (3000, 1000, 2000)


def test_ten_off_three_lines_is_frozen_as_696_192_112() -> None:
    prices = (by_piece("a", 1990), by_piece("b", 550), by_piece("c", 320))
    sale = (
        given(a_store(), *prices, a_campaign(value=1000), a_coupon("k1"))
        .when(check_out(("a", 1), ("b", 1), ("c", 1), tenders=(card(1860),), coupons=("k1",)))
        .only(SaleCompleted)
    )
    assert sale.discounts == (
        Discount(
            source=DiscountSource.COUPON,
            rule_id="autumn",
            rule_version=1,
            name="Autumn",
            coupon_id="k1",
            base_minor=2860,
            amount_minor=1000,
            shares=(
                LineShare(line=1, amount_minor=696),
                LineShare(line=2, amount_minor=192),
                LineShare(line=3, amount_minor=112),
            ),
        ),
    )
    assert [line.net_minor for line in sale.lines] == [1294, 358, 208]


def test_tax_is_on_what_the_discount_left() -> None:
    sale = (
        given(a_store(), by_piece("wine", 3890, tax_rate_bp=2200), a_campaign(value=1000), a_coupon("k1"))
        .when(check_out(("wine", 1), tenders=(card(2890),), coupons=("k1",)))
        .only(SaleCompleted)
    )
    assert sale.lines[0].tax_minor == 521


def test_ten_percent_first_leaves_94_50_and_twenty_percent_from_100_no_longer_applies() -> None:
    coupons = (a_coupon("k1", "tenth"), a_coupon("k2", "fifth"))
    given(a_store(), by_piece("cake", 10_500), ten_percent(1), twenty_percent_from_100(2), *coupons).when(
        check_out(("cake", 1), tenders=(card(8400),), coupons=("k1", "k2"))
    ).refused(CouponBelowMinimum, minimum=10_000, basket=9450)


def test_twenty_percent_from_100_first_leaves_84_and_ten_percent_then_75_60() -> None:
    coupons = (a_coupon("k1", "tenth"), a_coupon("k2", "fifth"))
    sale = (
        given(a_store(), by_piece("cake", 10_500), ten_percent(2), twenty_percent_from_100(1), *coupons)
        .when(check_out(("cake", 1), tenders=(card(7560),), coupons=("k1", "k2")))
        .only(SaleCompleted)
    )
    assert [(row.rule_id, row.base_minor, row.amount_minor) for row in sale.discounts] == [
        ("fifth", 10_500, 2100),
        ("tenth", 8400, 840),
    ]


def test_equal_priorities_are_settled_by_campaign_and_then_by_coupon() -> None:
    campaigns = (a_campaign("b", value=1), a_campaign("a", value=2))
    coupons = (a_coupon("k1", "b"), a_coupon("k3", "a"), a_coupon("k2", "a"))
    sale = (
        given(*SHOP, *campaigns, *coupons)
        .when(check_out(("apple", 1), tenders=(card(995),), coupons=("k1", "k3", "k2")))
        .only(SaleCompleted)
    )
    assert [row.coupon_id for row in sale.discounts] == ["k2", "k3", "k1"]


def test_a_coupon_worth_more_than_the_basket_takes_the_basket() -> None:
    sale = (
        given(*SHOP, a_campaign(value=5000), a_coupon("k1"))
        .when(check_out(("apple", 1), coupons=("k1",)))
        .only(SaleCompleted)
    )
    assert (sale.total_minor, sale.discounts[0].amount_minor) == (0, 1000)


def test_a_basket_takes_as_many_coupons_as_allowed() -> None:
    ids = tuple(f"k{number}" for number in range(MAX_COUPONS))
    outcome = given(*SHOP, a_campaign(value=1), *(a_coupon(coupon_id) for coupon_id in ids)).when(
        check_out(("apple", 1), tenders=(card(1000 - MAX_COUPONS),), coupons=ids)
    )
    assert len(outcome.all(CouponRedeemed)) == MAX_COUPONS


def test_a_campaign_knows_how_often_it_was_used_and_how_much_it_has_given() -> None:
    shop = Shop(*SHOP, a_campaign(value=300), a_coupon("k1"), a_coupon("k2"), a_coupon("k3"))
    shop.do(check_out(("apple", 1), tenders=(card(400),), coupons=("k1", "k2")))
    shop.do(check_out(("apple", 1), tenders=(card(700),), coupons=("k3",), sale_id="x2"))
    campaign = shop.state(CAMPAIGN, "autumn")
    assert (campaign.redeemed, campaign.given_minor) == (3, 900)
