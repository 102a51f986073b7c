"""Offers, campaigns and coupons."""

from domain.promotions.batch import CouponBatchIssued, CouponBatchRevoked
from domain.promotions.book import (
    OfferDrawn,
    OfferEnded,
    OfferPublished,
    OfferReleased,
    OfferUsedByCustomer,
    OfferUseReturned,
)
from domain.promotions.campaign import (
    CampaignDrawn,
    CampaignOpened,
    CustomerDrew,
    CustomerTargeted,
    DiscountKind,
)
from domain.promotions.coupon import (
    CouponIssued,
    CouponRedeemed,
    CouponReleased,
    CouponReserved,
    CouponReturned,
    CouponRevoked,
)
from domain.promotions.holds import CampaignHeld, CampaignReleased, CampaignRestored, CustomerRestored
from workers.audit_words.telling import money, percent, words


@words(CampaignOpened)
def _(event: CampaignOpened) -> str:
    share = event.kind is DiscountKind.PERCENT
    off = percent(event.value) if share else money(event.value, event.currency)
    days = f"{event.valid_from:%Y-%m-%d} to {event.valid_until:%Y-%m-%d}"
    return f"opened as {event.name!r}: {off} off, {days}"


@words(CampaignDrawn)
def _(event: CampaignDrawn) -> str:
    return f"drawn on for {money(event.amount_minor)} by sale {event.sale_id}"


@words(CustomerDrew)
def _(event: CustomerDrew) -> str:
    return f"drawn on by customer {event.customer_id} in sale {event.sale_id}"


@words(CustomerTargeted)
def _(event: CustomerTargeted) -> str:
    return f"for customer {event.customer_id}"


@words(CampaignHeld)
def _(event: CampaignHeld) -> str:
    return f"a place held for {event.reference} until {event.hold.until:%Y-%m-%d %H:%M}"


@words(CampaignReleased)
def _(event: CampaignReleased) -> str:
    return f"the place of {event.reference} is free again"


@words(CampaignRestored)
def _(event: CampaignRestored) -> str:
    return f"{money(event.amount_minor)} given back: sale {event.sale_id} was returned"


@words(CustomerRestored)
def _(event: CustomerRestored) -> str:
    return f"a use given back to customer {event.customer_id}: sale {event.sale_id} was returned"


@words(CouponIssued)
def _(event: CouponIssued) -> str:
    whose = f" for customer {event.customer_id}" if event.customer_id else ""
    return f"issued of campaign {event.campaign_id}{whose}"


@words(CouponRedeemed)
def _(event: CouponRedeemed) -> str:
    return f"redeemed in sale {event.sale_id} for {money(event.amount_minor)}"


@words(CouponReserved)
def _(event: CouponReserved) -> str:
    what = "reservation prolonged" if event.prolonged else "reserved"
    return f"{what} for {event.reference} until {event.hold.until:%Y-%m-%d %H:%M}"


@words(CouponReleased)
def _(event: CouponReleased) -> str:
    return f"reservation for {event.reference} {'lapsed' if event.lapsed else 'released'}"


@words(CouponReturned)
def _(event: CouponReturned) -> str:
    return f"issued again: sale {event.sale_id} came back in return {event.return_id}"


@words(CouponRevoked)
def _(event: CouponRevoked) -> str:
    return f"revoked: {event.reason}"


@words(CouponBatchIssued)
def _(event: CouponBatchIssued) -> str:
    return f"{event.count:,} codes issued of campaign {event.campaign_id}"


@words(CouponBatchRevoked)
def _(event: CouponBatchRevoked) -> str:
    return f"all codes revoked: {event.reason}"


@words(OfferPublished)
def _(event: OfferPublished) -> str:
    offer = event.offer
    kind = type(offer.benefit).__name__
    version = f"applies in version {offer.version}"
    return f"offer {offer.offer_id} {offer.name!r} {version}: {kind} in phase {offer.phase}"


@words(OfferEnded)
def _(event: OfferEnded) -> str:
    return f"offer {event.offer_id} ended with version {event.version}"


@words(OfferDrawn)
def _(event: OfferDrawn) -> str:
    return f"took {money(event.amount_minor)} off sale {event.sale_id}"


@words(OfferUsedByCustomer)
def _(event: OfferUsedByCustomer) -> str:
    return f"used by customer {event.customer_id} in sale {event.sale_id}"


@words(OfferReleased)
def _(event: OfferReleased) -> str:
    return f"order {event.sale_id} was given up: {money(event.amount_minor)} can be given again"


@words(OfferUseReturned)
def _(event: OfferUseReturned) -> str:
    return f"customer {event.customer_id} gave order {event.sale_id} up: may use it once more"
