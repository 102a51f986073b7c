"""Redeeming coupons in a sale: which rule takes off what, and whose limits it counts against."""

import msgspec

from domain.kernel.command import Moment
from domain.kernel.errors import CurrencyMismatch
from domain.kernel.event import Event
from domain.kernel.stream import States
from domain.promotions.campaign import (
    CAMPAIGN,
    QUOTA,
    CampaignDrawn,
    CustomerDrew,
    counted_quota,
    discount_minor,
    evolve,
    evolve_quota,
    quota_id,
    require_usable,
)
from domain.promotions.coupon import COUPON, CouponRedeemed, require_redeemable
from domain.sales.pricing import Rule, split
from domain.sales.sale import Discount, DiscountSource


class Redemption(msgspec.Struct, frozen=True, kw_only=True):
    """What the coupons did: net amounts by line, the matrix rows, and the facts for their streams."""

    net_minor: tuple[int, ...]
    discounts: tuple[Discount, ...]
    events: tuple[tuple[str, Event], ...]


def redeem(
    states: States,
    at: Moment,
    *,
    sale_id: str,
    currency: str,
    customer_id: str | None,
    coupon_ids: tuple[str, ...],
    amounts_minor: list[int],
) -> Redemption:
    """Applies coupons in the order priority, campaign, coupon, each on what the ones before it left.

    Two coupons of one campaign in one basket both count against its limits. Refuses the whole sale
    if any coupon can't be used: the till then asks again without it. (Domain rule "Stacking".)
    """
    remaining = list(amounts_minor)
    coupons = {coupon_id: require_redeemable(states, coupon_id, customer_id) for coupon_id in coupon_ids}
    campaigns = {coupon.campaign_id: states.of(CAMPAIGN, coupon.campaign_id) for coupon in coupons.values()}
    counted = {campaign_id: counted_quota(states, campaign_id, customer_id) for campaign_id in campaigns}
    quotas = {
        campaign_id: None if quota is None else states.of(QUOTA, quota)
        for campaign_id, quota in counted.items()
    }

    def rank(coupon_id: str) -> tuple[int, str, str]:
        campaign_id = coupons[coupon_id].campaign_id
        rule = campaigns[campaign_id].rule
        return (rule.priority if rule else 0, campaign_id, coupon_id)

    discounts: list[Discount] = []
    events: list[tuple[str, Event]] = []
    for coupon_id in sorted(coupon_ids, key=rank):
        campaign_id = coupons[coupon_id].campaign_id
        base = sum(remaining)
        quota = quotas[campaign_id]
        rule = require_usable(campaigns[campaign_id], quota, at.recorded_at, base)
        if rule.currency != currency:
            raise CurrencyMismatch(f"The coupon is worth {rule.currency}.", currency=rule.currency)
        discount = split(
            Rule(
                source=DiscountSource.COUPON,
                rule_id=campaign_id,
                rule_version=rule.version,
                coupon_id=coupon_id,
                base_minor=base,
                amount_minor=discount_minor(rule, base),
            ),
            remaining,
        )
        for share in discount.shares:
            remaining[share.line - 1] -= share.amount_minor
        discounts.append(discount)
        redeemed = CouponRedeemed(
            coupon_id=coupon_id,
            campaign_id=campaign_id,
            sale_id=sale_id,
            customer_id=customer_id,
            amount_minor=discount.amount_minor,
        )
        drawn = CampaignDrawn(
            campaign_id=campaign_id,
            coupon_id=coupon_id,
            sale_id=sale_id,
            customer_id=customer_id,
            amount_minor=discount.amount_minor,
        )
        campaigns[campaign_id] = evolve(campaigns[campaign_id], drawn)
        events += [(COUPON.stream(coupon_id), redeemed), (CAMPAIGN.stream(campaign_id), drawn)]
        if rule.limit_per_customer is not None and customer_id is not None and quota is not None:
            drew = CustomerDrew(
                campaign_id=campaign_id, customer_id=customer_id, coupon_id=coupon_id, sale_id=sale_id
            )
            quotas[campaign_id] = evolve_quota(quota, drew)
            events.append((QUOTA.stream(quota_id(campaign_id, customer_id)), drew))
    return Redemption(net_minor=tuple(remaining), discounts=tuple(discounts), events=tuple(events))
