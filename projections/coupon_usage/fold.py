"""coupon_usage: one row a campaign, and what became of its coupons. Minor units of its currency."""

from collections.abc import Iterable

import msgspec

from domain.kernel.event import AnyRecorded
from domain.promotions.batch import CouponBatchIssued, CouponBatchRevoked, batch_of
from domain.promotions.campaign import CampaignOpened
from domain.promotions.coupon import (
    CouponIssued,
    CouponRedeemed,
    CouponReleased,
    CouponReserved,
    CouponReturned,
    CouponRevoked,
)
from domain.sales.sale import DiscountSource, SaleCompleted
from projections.coupon_usage.standing import COUPON_RESERVATIONS, COUPON_STANDING
from projections.kernel.table import Change, Table


class CouponUsage(msgspec.Struct, frozen=False, kw_only=False):
    """`sales` and `sales_minor`: baskets that used the campaign and what was paid for them.

    `redeemed` and `discount_minor` are net of coupons that came back with a whole sale.
    """

    campaign_id: str
    name: str = ""
    currency: str = ""
    issued: int = 0
    redeemed: int = 0
    discount_minor: int = 0
    sales: int = 0
    sales_minor: int = 0


def _fold(row: CouponUsage, entry: AnyRecorded) -> None:
    event = entry.data
    match event:
        case CampaignOpened():
            row.name = event.name
            row.currency = event.currency
        case CouponIssued():
            row.issued += 1
        case CouponRedeemed():
            row.redeemed += 1
            row.discount_minor += event.amount_minor
        case CouponReturned():
            row.redeemed -= 1
            row.discount_minor -= event.amount_minor
        case CouponBatchIssued():
            row.issued += event.count
        case _:
            row.sales += 1
            row.sales_minor += event.total_minor


_OF_CAMPAIGN = (CampaignOpened, CouponIssued, CouponRedeemed, CouponReturned, CouponBatchIssued)
_OF_RESERVATION = (CouponReserved, CouponReleased, CouponRedeemed)
AnyEvent = (
    CouponIssued
    | CouponReserved
    | CouponReleased
    | CouponRedeemed
    | CouponReturned
    | CouponRevoked
    | CouponBatchIssued
    | CouponBatchRevoked
)
COUPON_USAGE = Table("coupon_usage", CouponUsage, keys=1, fold=_fold)


class CouponUsages:
    """Keyed by campaign; fed by its coupons and by the sales that used them."""

    name = "coupon_usage"
    version = 2
    tables = (COUPON_USAGE, COUPON_STANDING, COUPON_RESERVATIONS)
    events = (
        CampaignOpened,
        CouponIssued,
        CouponReserved,
        CouponReleased,
        CouponRedeemed,
        CouponReturned,
        CouponRevoked,
        CouponBatchIssued,
        CouponBatchRevoked,
        SaleCompleted,
    )

    def changes(self, entry: AnyRecorded) -> Iterable[Change]:
        """The rows of the campaign, of those that end together, of the reservation.

        Of a sale, the row of each campaign it used, once.
        """
        event = entry.data
        if not isinstance(event, SaleCompleted):
            if isinstance(event, _OF_CAMPAIGN):
                yield COUPON_USAGE.change((event.campaign_id,), entry)
            if not isinstance(event, CampaignOpened):
                yield COUPON_STANDING.change(_ending_together(event), entry)
            if isinstance(event, _OF_RESERVATION) and event.reference is not None:
                yield COUPON_RESERVATIONS.change((event.coupon_id, event.reference), entry)
        elif event.discounts:
            used = dict.fromkeys(
                discount.rule_id for discount in event.discounts if discount.source is DiscountSource.COUPON
            )
            for campaign_id in used:
                yield COUPON_USAGE.change((campaign_id,), entry)


def _ending_together(event: AnyEvent) -> tuple[str, str, str]:
    """The key in coupon_standing: coupons of a batch end with it, others by themselves."""
    if isinstance(event, CouponBatchIssued | CouponBatchRevoked):
        return event.campaign_id, event.batch_id, ""
    if (batch_id := batch_of(event.coupon_id)) is not None:
        return event.campaign_id, batch_id, ""
    return event.campaign_id, "", "" if event.valid_until is None else event.valid_until.isoformat()
