"""coupon_usage: one row a campaign. Minor units of the campaign's currency."""

from collections.abc import Iterable

import msgspec

from domain.kernel.event import AnyRecorded
from domain.promotions.campaign import CampaignOpened
from domain.promotions.coupon import CouponIssued, CouponRedeemed
from domain.sales.sale import DiscountSource, SaleCompleted
from projections.kernel.table import Change, Table


class CouponUsage(msgspec.Struct, frozen=False, kw_only=False):
    """`sales` and `sales_minor`: baskets that used the campaign and what was paid for them."""

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
        case _:
            row.sales += 1
            row.sales_minor += event.total_minor


COUPON_USAGE = Table("coupon_usage", CouponUsage, keys=1, fold=_fold)


class CouponUsages:
    """Keyed by campaign; fed by its coupons and by the sales that used them."""

    name = "coupon_usage"
    version = 1
    tables = (COUPON_USAGE,)
    events = (CampaignOpened, CouponIssued, CouponRedeemed, SaleCompleted)

    def changes(self, entry: AnyRecorded) -> Iterable[Change]:
        """The campaign's row; of a sale, the row of each campaign it used, once."""
        event = entry.data
        if not isinstance(event, SaleCompleted):
            yield COUPON_USAGE.change((event.campaign_id,), entry)
        elif event.discounts:
            used = dict.fromkeys(
                discount.rule_id for discount in event.discounts if discount.source is DiscountSource.COUPON
            )
            for campaign_id in used:
                yield COUPON_USAGE.change((campaign_id,), entry)
