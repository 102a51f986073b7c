"""coupon_standing and coupon_reservations: what became of coupons, and what is reserved."""

from datetime import datetime

import msgspec

from domain.kernel.event import AnyRecorded
from domain.promotions.batch import CouponBatchIssued, CouponBatchRevoked
from domain.promotions.coupon import (
    CouponIssued,
    CouponRedeemed,
    CouponReleased,
    CouponReserved,
    CouponReturned,
    CouponRevoked,
)
from projections.kernel.table import Table


class CouponStanding(msgspec.Struct, frozen=False, kw_only=False):
    """Coupons of a campaign that end together: of a batch, or of one time limit of their own.

    `redeemed` is net of what was returned. `whole_revoked` is 1 once the batch is.
    """

    campaign_id: str
    batch_id: str
    own_limit: str
    ends_at: datetime | None = None
    issued: int = 0
    reserved: int = 0
    redeemed: int = 0
    returned: int = 0
    revoked: int = 0
    whole_revoked: int = 0


class CouponReservation(msgspec.Struct, frozen=False, kw_only=False):
    """One reservation; `held` is 1 until it ends. What has lapsed is held until somebody clears it away."""

    coupon_id: str
    reference: str
    campaign_id: str = ""
    held: int = 0
    held_until: datetime | None = None


def _fold_standing(row: CouponStanding, entry: AnyRecorded) -> None:
    event = entry.data
    match event:
        case CouponBatchIssued():
            row.issued += event.count
            row.ends_at = event.valid_until
        case CouponBatchRevoked():
            row.whole_revoked = 1
        case CouponIssued():
            row.issued += 1
            row.ends_at = event.valid_until
        case CouponReserved():
            row.reserved += not event.prolonged
        case CouponReleased():
            row.reserved -= 1
        case CouponRedeemed():
            row.redeemed += 1
            row.reserved -= event.reference is not None
        case CouponReturned():
            row.redeemed -= 1
            row.returned += 1
        case CouponRevoked():
            row.revoked += event.unused
        case _:
            pass


def _fold_reservation(row: CouponReservation, entry: AnyRecorded) -> None:
    event = entry.data
    row.campaign_id = event.campaign_id
    if isinstance(event, CouponReserved):
        row.held = 1
        row.held_until = event.hold.until
    else:
        row.held = 0


COUPON_STANDING = Table("coupon_standing", CouponStanding, keys=3, fold=_fold_standing)
COUPON_RESERVATIONS = Table("coupon_reservations", CouponReservation, keys=2, fold=_fold_reservation)
