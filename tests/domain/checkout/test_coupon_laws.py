"""Laws of coupons: none is used twice and no campaign beyond its limits, however many baskets try."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from domain.kernel.errors import Refusal
from domain.promotions.campaign import CAMPAIGN, QUOTA, CampaignDrawn, CustomerDrew, quota_id
from domain.promotions.coupon import COUPON, CouponRedeemed
from domain.sales.sale import SaleCompleted
from tests.support.decisions import Shop
from tests.support.facts import a_campaign, a_coupon, a_customer, a_store, by_piece, cash, check_out
from tests.support.laws import a_law

CUSTOMERS = ("c1", "c2")
COUPONS = tuple(f"k{number}" for number in range(6))
PRICE = 10_000
PAID = (cash(PRICE),)
"""Enough with any coupons; the change is what they took off."""
LIMITS = st.one_of(st.none(), st.integers(1, 4))
BASKETS = st.lists(
    st.tuples(
        st.lists(st.sampled_from(COUPONS), max_size=3).map(tuple),
        st.sampled_from((None, *CUSTOMERS)),
    ),
    max_size=20,
)


@a_law
@given(BASKETS, LIMITS, LIMITS)
def test_coupons_are_used_once_and_campaigns_up_to_their_limits(
    baskets: list[tuple[tuple[str, ...], str | None]], total: int | None, per_customer: int | None
) -> None:
    shop = Shop(
        a_store(),
        by_piece("apple", PRICE),
        a_campaign("even", limit_total=total, limit_per_customer=per_customer),
        a_campaign("odd"),
        *(a_customer(customer_id) for customer_id in CUSTOMERS),
        *(a_coupon(coupon, ("even", "odd")[i % 2]) for i, coupon in enumerate(COUPONS)),
    )
    accepted = 0
    for number, (coupons, customer_id) in enumerate(baskets):
        outcome = shop.do(
            check_out(
                ("apple", 1), coupons=coupons, customer_id=customer_id, sale_id=f"x{number}", tenders=PAID
            )
        )
        accepted += not isinstance(outcome, Refusal)

    redeemed = shop.events(CouponRedeemed)
    drawn = Counter(event.campaign_id for event in shop.events(CampaignDrawn))
    drew = Counter(event.customer_id for event in shop.events(CustomerDrew))
    assert len(shop.events(SaleCompleted)) == accepted
    assert len({event.coupon_id for event in redeemed}) == len(redeemed)
    assert drawn == Counter(event.campaign_id for event in redeemed)
    assert drawn["even"] <= (len(COUPONS) if total is None else total)
    for campaign_id in ("even", "odd"):
        assert shop.state(CAMPAIGN, campaign_id).redeemed == drawn[campaign_id]
    for customer_id in CUSTOMERS:
        assert shop.state(QUOTA, quota_id("even", customer_id)).redeemed == drew[customer_id]
        assert per_customer is None or drew[customer_id] <= per_customer
    for coupon in COUPONS:
        used_in = [event.sale_id for event in redeemed if event.coupon_id == coupon]
        assert shop.state(COUPON, coupon).sale_id == (used_in[0] if used_in else None)


def test_five_hundred_baskets_at_a_campaign_for_fifty_use_exactly_fifty() -> None:
    coupons = [a_coupon(f"k{number}") for number in range(500)]
    shop = Shop(a_store(), by_piece("apple", PRICE), a_campaign(limit_total=50), *coupons)
    for number in range(500):
        shop.do(check_out(("apple", 1), coupons=(f"k{number}",), sale_id=f"x{number}", tenders=PAID))
    assert len(shop.events(SaleCompleted)) == 50
