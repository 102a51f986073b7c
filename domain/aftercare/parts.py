"""What amends are made of, and what they come to."""

from datetime import datetime

import msgspec

from domain.checkout.return_document import ReturnAnswer
from domain.kernel.errors import InvalidCommand
from domain.promotions.campaign import CampaignOpened, DiscountKind
from domain.promotions.coupon import NewCoupon


class CreditGiven(msgspec.Struct, frozen=True, kw_only=True):
    """Credit for the customer of the case."""

    currency: str
    amount_minor: int
    expires_at: datetime | None = None


class CouponGiven(msgspec.Struct, frozen=True, kw_only=True):
    """A coupon of a campaign that the customer of the case alone may use."""

    campaign_id: str
    coupon: NewCoupon
    valid_until: datetime | None = None


class CaseSettled(msgspec.Struct, frozen=True, kw_only=True):
    """What the customer gets, in all; `returned` is the till's part of it."""

    case_id: str
    currency: str
    worth_minor: int
    coupon_id: str | None = None
    returned: ReturnAnswer | None = None


def most_minor(rule: CampaignOpened) -> int:
    """The most that a coupon can take off, or InvalidCommand where nobody can say: it would have no limit."""
    once = rule.value if rule.kind is DiscountKind.AMOUNT else rule.cap_minor
    if once is None or rule.limit_per_code is None:
        raise InvalidCommand(
            "A coupon given as amends has a number of uses, and an amount or a cap.",
            campaign_id=rule.campaign_id,
        )
    return once * rule.limit_per_code
