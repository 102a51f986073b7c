"""campaign_results: who was written to by which rule, who was not for comparison, and what they bought.

A sale is held against members when it is read: what is told late, of an offline till or of a return, counts
then as if it had been told at once. Minor units of the sale's currency.
"""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from domain.care.touch import (
    CareHeldOut,
    CarePlanned,
    CareReacted,
    CareSent,
    CareUndelivered,
    CareWithheld,
    ReactionKind,
)
from domain.kernel.event import AnyRecorded
from domain.promotions.coupon import CouponRedeemed, CouponReturned
from domain.sales.returns import ReturnRecorded
from domain.sales.sale import SaleCompleted, SaleLine
from projections.kernel.table import Change, Table

PLANNED, HELD_OUT, SENT, WITHHELD, UNDELIVERED = "planned", "held_out", "sent", "withheld", "undelivered"


class CampaignMember(msgspec.Struct, frozen=False, kw_only=False, gc=False):
    """A customer on an occasion of a rule. What they buy from `due_at` up to `counts_until` counts.

    Who was withheld from at once, for want of consent, was never in question and has neither.
    """

    rule_id: str
    customer_id: str
    occasion: str
    outcome: str = PLANNED
    due_at: datetime | None = None
    counts_until: datetime | None = None
    coupon_id: str | None = None
    opened: bool = False
    clicked: bool = False
    replies: int = 0
    rating: int | None = None


class CampaignSale(msgspec.Struct, frozen=False, kw_only=False):
    """A customer's sale, less what came back. `unknown_cost` are its lines, by number, that had no cost.

    `revenue_minor` and `cost_minor` are without tax and without those lines, whose revenue stands apart.
    """

    sale_id: str
    customer_id: str = ""
    sold_at: datetime | None = None
    currency: str = ""
    prices_include_tax: bool = True
    paid_minor: int = 0
    revenue_minor: int = 0
    cost_minor: int = 0
    without_cost_minor: int = 0
    unknown_cost: dict[str, int] = {}


class CampaignCoupon(msgspec.Struct, frozen=False, kw_only=False, gc=False):
    """The sale that used a coupon last, None where it came back."""

    coupon_id: str
    sale_id: str | None = None


def _member(row: CampaignMember, event: object) -> None:
    match event:
        case CarePlanned() | CareHeldOut():
            row.outcome = HELD_OUT if isinstance(event, CareHeldOut) else PLANNED
            row.due_at, row.counts_until = event.due_at, event.counts_until
        case CareSent():
            row.outcome, row.coupon_id = SENT, event.coupon_id
        case CareWithheld():
            row.outcome = WITHHELD
        case CareReacted():
            _react(row, event)
        case _:
            row.outcome = UNDELIVERED


def _react(row: CampaignMember, event: CareReacted) -> None:
    # Who follows a link or answers has opened it, whether or not somebody saw that.
    row.opened = True
    match event.kind:
        case ReactionKind.CLICKED:
            row.clicked = True
        case ReactionKind.REPLIED:
            row.replies += 1
        case ReactionKind.RATED:
            row.rating = event.rating
        case ReactionKind.OPENED:
            pass


def _sale(row: CampaignSale, entry: AnyRecorded) -> None:
    event: SaleCompleted | ReturnRecorded = entry.data
    if isinstance(event, SaleCompleted):
        assert event.customer_id is not None, "others are not kept"
        row.customer_id, row.sold_at, row.currency = event.customer_id, entry.occurred_at, event.currency
        row.prices_include_tax = event.tax_policy.inclusive
        row.unknown_cost = {f"{line.line}": 1 for line in event.lines if _is_unknown(line)}
    sign = 1 if isinstance(event, SaleCompleted) else -1
    row.paid_minor += sign * event.total_minor
    for line in event.lines:
        revenue = line.net_minor - (line.tax_minor if row.prices_include_tax else 0)
        if f"{line.line}" in row.unknown_cost:
            row.without_cost_minor += sign * revenue
        else:
            row.revenue_minor += sign * revenue
            row.cost_minor += sign * line.cost_minor


def _is_unknown(line: SaleLine) -> bool:
    """Goods that were issued at nothing: nobody has said what they cost."""
    return line.stocked and line.cost_minor == 0


def _coupon(row: CampaignCoupon, event: CouponRedeemed | CouponReturned) -> None:
    row.sale_id = event.sale_id if isinstance(event, CouponRedeemed) else None


CAMPAIGN_MEMBERS = Table("campaign_members", CampaignMember, keys=3, fold=_member)
CAMPAIGN_SALES = Table("campaign_sales", CampaignSale, keys=1, fold=_sale)
CAMPAIGN_COUPONS = Table("campaign_coupons", CampaignCoupon, keys=1, fold=_coupon)


class CampaignResults:
    """Fed by what customers were written, by sales that name one and their returns, and by coupons."""

    name = "campaign_results"
    version = 1
    tables = (CAMPAIGN_MEMBERS, CAMPAIGN_SALES, CAMPAIGN_COUPONS)
    events = (
        CarePlanned,
        CareHeldOut,
        CareSent,
        CareWithheld,
        CareUndelivered,
        CareReacted,
        SaleCompleted,
        ReturnRecorded,
        CouponRedeemed,
        CouponReturned,
    )

    def changes(self, entry: AnyRecorded) -> Iterable[Change]:
        """The member's row, the sale's where a customer is known, the coupon's where it is a customer's."""
        event = entry.data
        match event:
            case SaleCompleted() | ReturnRecorded():
                # A return names the customer of its sale, whose row there is then.
                if event.customer_id is not None and event.sale_id is not None:
                    yield CAMPAIGN_SALES.change((event.sale_id,), entry)
            case CouponRedeemed() | CouponReturned():
                if event.customer_id is not None:
                    yield CAMPAIGN_COUPONS.change((event.coupon_id,), event)
            case _:
                yield CAMPAIGN_MEMBERS.change((event.rule_id, event.customer_id, event.occasion), event)
