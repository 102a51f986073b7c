"""Coupons in a sale: each is an offer of its own, and must be of use. Whose limits it counts against."""

from collections.abc import Iterable

import msgspec

from domain.kernel.command import Moment
from domain.kernel.errors import CurrencyMismatch, Refusal
from domain.kernel.event import Event
from domain.kernel.stream import States
from domain.promotions.campaign import (
    CAMPAIGN,
    QUOTA,
    CampaignDrawn,
    CampaignOpened,
    CouponBelowMinimum,
    CustomerDrew,
    DiscountKind,
    counted_quota,
    quota_id,
    require_usable,
)
from domain.promotions.coupon import COUPON, Coupon, CouponRedeemed, require_redeemable
from domain.promotions.offer import AmountOff, Conditions, Offer, PercentOff, Phase
from domain.promotions.stacking import Grant, Reason, Stacked


class CouponTakesNothingOff(Refusal):
    """Nothing is left that the coupon could take off: it would be spent for nothing."""

    code = "coupon_takes_nothing_off"


class Presented(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A coupon that may be used, as an offer that stacks with the others."""

    coupon_id: str
    campaign_id: str
    offer: Offer


def present(
    states: States, at: Moment, *, currency: str, customer_id: str | None, coupon_ids: Iterable[str]
) -> list[Presented]:
    """The coupons as offers, or the refusal of the first that can't be used.

    Two coupons of one campaign in one basket both count against its limits.
    """
    presented: list[Presented] = []
    before: dict[str, int] = {}
    for coupon_id in sorted(coupon_ids):
        coupon = require_redeemable(states, coupon_id, customer_id)
        rule = _usable(states, at, coupon, customer_id, before.get(coupon.campaign_id, 0))
        if rule.currency != currency:
            raise CurrencyMismatch(f"The coupon is worth {rule.currency}.", currency=rule.currency)
        before[coupon.campaign_id] = before.get(coupon.campaign_id, 0) + 1
        presented.append(
            Presented(coupon_id=coupon_id, campaign_id=coupon.campaign_id, offer=_as_offer(rule, coupon_id))
        )
    return presented


def _usable(
    states: States, at: Moment, coupon: Coupon, customer_id: str | None, before: int
) -> CampaignOpened:
    campaign = states.of(CAMPAIGN, coupon.campaign_id)
    quota = counted_quota(states, coupon.campaign_id, customer_id)
    used = None if quota is None else states.of(QUOTA, quota)
    return require_usable(
        msgspec.structs.replace(campaign, redeemed=campaign.redeemed + before),
        None if used is None else msgspec.structs.replace(used, redeemed=used.redeemed + before),
        at.recorded_at,
    )


def _as_offer(rule: CampaignOpened, coupon_id: str) -> Offer:
    percent = rule.kind is DiscountKind.PERCENT
    return Offer(
        # In the order of campaigns, then coupons. No id has a slash, so no offer of the book has this one.
        offer_id=f"{rule.campaign_id}/{coupon_id}",
        version=rule.version,
        name=rule.name,
        currency=rule.currency,
        phase=Phase.ORDER,
        priority=rule.priority,
        benefit=PercentOff(rate_bp=rule.value) if percent else AmountOff(amount_minor=rule.value),
        conditions=Conditions(minimum_minor=rule.minimum_minor),
    )


def require_applied(presented: Iterable[Presented], stacked: Stacked) -> None:
    """Refuses the whole sale if a coupon did not apply: the till then asks again without it."""
    for coupon in presented:
        refused = stacked.refused.get(coupon.offer.offer_id)
        if refused is None:
            continue
        reason, facts = refused
        if reason is Reason.BELOW_MINIMUM:
            raise CouponBelowMinimum("The basket is below the coupon's minimum.", **facts)
        raise CouponTakesNothingOff(
            "Nothing is left that the coupon could take off. Leave it out.", coupon_id=coupon.coupon_id
        )


def redeeming(
    states: States, coupon: Presented, grant: Grant, *, sale_id: str, customer_id: str | None
) -> Iterable[tuple[str, Event]]:
    """The facts for the coupon, its campaign and the customer's quota."""
    campaign_id = coupon.campaign_id
    yield (
        COUPON.stream(coupon.coupon_id),
        CouponRedeemed(
            coupon_id=coupon.coupon_id,
            campaign_id=campaign_id,
            sale_id=sale_id,
            customer_id=customer_id,
            amount_minor=grant.amount_minor,
        ),
    )
    yield (
        CAMPAIGN.stream(campaign_id),
        CampaignDrawn(
            campaign_id=campaign_id,
            coupon_id=coupon.coupon_id,
            sale_id=sale_id,
            customer_id=customer_id,
            amount_minor=grant.amount_minor,
        ),
    )
    if customer_id is not None and counted_quota(states, campaign_id, customer_id) is not None:
        drew = CustomerDrew(
            campaign_id=campaign_id, customer_id=customer_id, coupon_id=coupon.coupon_id, sale_id=sale_id
        )
        yield (QUOTA.stream(quota_id(campaign_id, customer_id)), drew)
