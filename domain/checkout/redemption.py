"""Coupons in a sale: each is an offer of its own, and must be of use. Whose limits it counts against."""

from collections.abc import Collection, Iterable
from datetime import datetime

import msgspec

from domain.customers.customer import CUSTOMER
from domain.customers.person import segments_of
from domain.kernel.command import Moment
from domain.kernel.errors import CurrencyMismatch, Refusal
from domain.kernel.event import Event
from domain.kernel.person import records
from domain.kernel.stream import States
from domain.promotions.batch import batch_of
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
    quota_of_person,
    require_budget,
    require_usable,
)
from domain.promotions.coupon import COUPON, Coupon, CouponRedeemed, require_redeemable
from domain.promotions.holds import Hold
from domain.promotions.offer import AmountOff, Conditions, Limits, Offer, PercentOff, Phase, Target
from domain.promotions.stacking import Reason, Stacked


class CouponTakesNothingOff(Refusal):
    """Nothing is left that the coupon could take off: it would be spent for nothing."""

    code = "coupon_takes_nothing_off"


class CouponCoversNothing(Refusal):
    """The campaign is for certain products, and the basket holds none of them."""

    code = "coupon_covers_nothing"


class Presented(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A coupon that may be used, as an offer that stacks with the others.

    `own` is what the caller's reservation holds, `day` where the use counts, `valid_until` the coupon's own.
    """

    coupon_id: str
    campaign_id: str
    offer: Offer
    own: Hold | None = None
    reference: str | None = None
    day: str | None = None
    valid_until: datetime | None = None


def present(
    states: States,
    at: Moment,
    *,
    currency: str,
    customer_id: str | None,
    coupon_ids: Iterable[str],
    reference: str | None = None,
) -> list[Presented]:
    """The coupons as offers, or the refusal of the first that can't be used.

    Two coupons of one campaign in one basket both count against its limits. What is held under `reference`
    has its place in them already.
    """
    presented: list[Presented] = []
    before: dict[str, int] = {}
    for coupon_id in sorted(coupon_ids):
        found = find_usable(states, at, coupon_id, customer_id, reference, before)
        coupon, rule, own = found
        if rule.currency != currency:
            raise CurrencyMismatch(f"The coupon is worth {rule.currency}.", currency=rule.currency)
        # One that lapsed and was not taken by anybody else is its owner's all the same, and ends with this.
        reserved = reference is not None and reference in coupon.held
        presented.append(
            Presented(
                coupon_id=coupon_id,
                campaign_id=coupon.campaign_id,
                offer=_as_offer(rule, coupon_id),
                own=own,
                reference=reference if reserved else None,
                day=rule.day_of(at.recorded_at) if own is None else own.day,
                valid_until=own_validity(coupon, coupon_id),
            )
        )
    return presented


def find_usable(
    states: States,
    at: Moment,
    coupon_id: str,
    customer_id: str | None,
    reference: str | None,
    before: dict[str, int],
) -> tuple[Coupon, CampaignOpened, Hold | None]:
    """The coupon, its campaign's rule and what is held under `reference`, or the refusal.

    `before` counts by campaign the places that this decision takes; one more where the coupon needs one.
    """
    coupon, own = require_redeemable(states, coupon_id, customer_id, at.recorded_at, reference)
    campaign_id = coupon.campaign_id
    campaign = states.of(CAMPAIGN, campaign_id)
    if own is not None:
        assert campaign.rule is not None
        return coupon, campaign.rule, own
    person = () if customer_id is None else records(states, customer_id)
    rule = require_usable(
        campaign,
        quota_of_person(states, campaign_id, customer_id, person),
        at.recorded_at,
        customer_id=customer_id,
        person=person,
        segments=_segments(states, person) if campaign.rule and campaign.rule.segments else (),
        before=before.get(campaign_id, 0),
    )
    before[campaign_id] = before.get(campaign_id, 0) + 1
    return coupon, rule, None


def _segments(states: States, person: Collection[str]) -> tuple[str, ...]:
    """The person's, as far as the decision knows them: what a till sold offline names nobody."""
    return segments_of(states.of(CUSTOMER, id_) for id_ in person if CUSTOMER.stream(id_) in states)


def own_validity(coupon: Coupon, coupon_id: str) -> datetime | None:
    """What a coupon's events say of its validity: that of a batch stands in the batch."""
    return coupon.valid_until if batch_of(coupon_id) is None else None


_ALL = Target()


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
        target=_ALL if rule.covers is None else rule.covers,
        conditions=Conditions(minimum_minor=rule.minimum_minor),
        limits=Limits() if rule.cap_minor is None else Limits(cap_minor=rule.cap_minor),
    )


def require_applied(
    states: States,
    at: Moment,
    presented: Iterable[Presented],
    stacked: Stacked,
    goods: Collection[tuple[str, str]],
) -> None:
    """Refuses the whole sale if a coupon did not apply, or if a campaign's budget does not reach for it.

    The till then asks again without it. `goods` are the lines' SKUs and categories.
    """
    given = {grant.offer.offer_id: grant.amount_minor for grant in stacked.grants}
    more: dict[str, int] = {}
    for coupon in presented:
        refused = stacked.refused.get(coupon.offer.offer_id)
        if refused is None:
            amount = given[coupon.offer.offer_id]
            before = more.get(coupon.campaign_id, 0)
            require_budget(
                states.of(CAMPAIGN, coupon.campaign_id), at.recorded_at, amount, coupon.own, before
            )
            more[coupon.campaign_id] = before + beyond(coupon.own, amount)
            continue
        reason, facts = refused
        if reason is Reason.BELOW_MINIMUM:
            raise CouponBelowMinimum("The basket is below the coupon's minimum.", **facts)
        if not any(coupon.offer.target.covers(sku, category) for sku, category in goods):
            raise CouponCoversNothing(
                "The basket holds nothing that the coupon is for. Leave it out.", coupon_id=coupon.coupon_id
            )
        raise CouponTakesNothingOff(
            "Nothing is left that the coupon could take off. Leave it out.", coupon_id=coupon.coupon_id
        )


def beyond(own: Hold | None, amount_minor: int) -> int:
    """What a use takes of the budget besides what is held for it."""
    return amount_minor if own is None else max(0, amount_minor - own.amount_minor)


def redeeming(
    states: States, coupon: Presented, amount_minor: int, *, sale_id: str, customer_id: str | None
) -> Iterable[tuple[str, Event]]:
    """The facts for the coupon, its campaign and the customer's quota."""
    campaign_id = coupon.campaign_id
    rule = states.of(CAMPAIGN, campaign_id).rule
    assert rule is not None
    yield (
        COUPON.stream(coupon.coupon_id),
        CouponRedeemed(
            coupon_id=coupon.coupon_id,
            campaign_id=campaign_id,
            sale_id=sale_id,
            customer_id=customer_id,
            amount_minor=amount_minor,
            day=coupon.day,
            reference=coupon.reference,
            valid_until=coupon.valid_until,
            counted_for=None if rule.limit_per_customer_and_code is None else customer_id,
        ),
    )
    yield (
        CAMPAIGN.stream(campaign_id),
        CampaignDrawn(
            campaign_id=campaign_id,
            coupon_id=coupon.coupon_id,
            sale_id=sale_id,
            customer_id=customer_id,
            amount_minor=amount_minor,
            day=coupon.day,
            reference=coupon.reference,
        ),
    )
    if customer_id is not None and counted_quota(states, campaign_id, customer_id) is not None:
        drew = CustomerDrew(
            campaign_id=campaign_id, customer_id=customer_id, coupon_id=coupon.coupon_id, sale_id=sale_id
        )
        yield (QUOTA.stream(quota_id(campaign_id, customer_id)), drew)
