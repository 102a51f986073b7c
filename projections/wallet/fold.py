"""wallet: a row a customer; stored_value: one a gift card or credit; wallet_coupons: one a customer's coupon.

Lots are told by when they lapse: their sum by the instant in ISO 8601, '' for what never does.
"""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from domain.kernel.event import AnyRecorded, Event
from domain.loyalty.points import PointsEarned, PointsLapsed, PointsRestored, PointsSpent, PointsTakenBack
from domain.loyalty.tiers import TierChanged, TierGraceGiven, TierKept
from domain.promotions.coupon import CouponIssued, CouponRedeemed, CouponReturned, CouponRevoked
from domain.stored_value.value import (
    CREDIT,
    GIFT_CARD,
    CreditGranted,
    GiftCardBlocked,
    GiftCardLoaded,
    GiftCardMade,
    GiftCardUnblocked,
    ValueExpired,
    ValueRefunded,
    ValueSpent,
)
from projections.kernel.table import Change, Table

NEVER = ""


class Wallet(msgspec.Struct, frozen=False, kw_only=False):
    """Points by when they lapse, what is owed, and the tier; then all that was ever earned, spent, lapsed."""

    customer_id: str
    points: dict[str, int] = {}
    owed: int = 0
    next_lapse_at: datetime | None = None
    tier: str | None = None
    tier_since: datetime | None = None
    grace_until: datetime | None = None
    earned: int = 0
    spent: int = 0
    lapsed: int = 0


class StoredValue(msgspec.Struct, frozen=False, kw_only=False):
    """`balance_minor` is owed: issued − spent + refunded − expired. `account` is its stream."""

    account: str
    kind: str = ""
    customer_id: str | None = None
    currency: str = ""
    status: str = "open"
    value: dict[str, int] = {}
    next_expiry_at: datetime | None = None
    balance_minor: int = 0
    issued_minor: int = 0
    spent_minor: int = 0
    refunded_minor: int = 0
    expired_minor: int = 0


class WalletCoupon(msgspec.Struct, frozen=False, kw_only=False):
    """A coupon that a customer was given or used: issued, redeemed or revoked.

    Only what was given is issued again when the sale comes back; what anybody may use is nobody's then.
    """

    customer_id: str
    coupon_id: str
    campaign_id: str = ""
    status: str = "issued"


def _add(sums: dict[str, int], expires_at: datetime | None, amount: int) -> None:
    key = NEVER if expires_at is None else expires_at.isoformat()
    left = sums.get(key, 0) + amount
    if left:
        sums[key] = left
    else:
        sums.pop(key, None)


def _first(sums: dict[str, int]) -> datetime | None:
    instants = [datetime.fromisoformat(key) for key in sums if key != NEVER]
    return min(instants, default=None)


def _fold_wallet(row: Wallet, entry: AnyRecorded) -> None:
    event = entry.data
    match event:
        case PointsEarned():
            _add(row.points, event.lot.expires_at, event.lot.points)
            row.owed -= event.repaid
            row.earned += event.lot.points + event.repaid
        case PointsRestored():
            for lot in event.lots:
                _add(row.points, lot.expires_at, lot.points)
            row.spent -= event.lapsed + sum(lot.points for lot in event.lots)
            row.lapsed += event.lapsed
        case PointsSpent() | PointsTakenBack() | PointsLapsed():
            _fold_taken(row, event)
        case TierChanged():
            row.tier, row.tier_since, row.grace_until = event.tier, entry.recorded_at, None
        case TierGraceGiven():
            row.grace_until = event.until
        case _:
            row.grace_until = None
    row.next_lapse_at = _first(row.points)


def _fold_taken(row: Wallet, event: PointsSpent | PointsTakenBack | PointsLapsed) -> None:
    for lot in event.lots:
        _add(row.points, lot.expires_at, -lot.points)
    points = sum(lot.points for lot in event.lots)
    match event:
        case PointsSpent():
            row.spent += points
        case PointsLapsed():
            row.lapsed += points
        case PointsTakenBack():
            row.owed += event.owed
            # What had lapsed before is now no longer earned, instead of lapsed.
            row.earned -= points + event.owed + event.lapsed
            row.lapsed -= event.lapsed


def _fold_value(row: StoredValue, event: Event) -> None:
    match event:
        case GiftCardMade():
            row.kind, row.currency, row.customer_id = GIFT_CARD.category, event.currency, event.customer_id
        case CreditGranted():
            row.kind, row.currency, row.customer_id = CREDIT.category, event.currency, event.customer_id
            row.issued_minor += event.lot.amount_minor
            _move(row, event.lot.expires_at, event.lot.amount_minor)
        case GiftCardLoaded():
            row.issued_minor += event.lot.amount_minor
            _move(row, event.lot.expires_at, event.lot.amount_minor)
        case ValueSpent() | ValueRefunded() | ValueExpired():
            sign = 1 if isinstance(event, ValueRefunded) else -1
            for lot in event.lots:
                _move(row, lot.expires_at, sign * lot.amount_minor)
            amount = sum(lot.amount_minor for lot in event.lots)
            match event:
                case ValueSpent():
                    row.spent_minor += amount
                case ValueRefunded():
                    row.refunded_minor += amount
                case ValueExpired():
                    row.expired_minor += amount
        case GiftCardBlocked():
            row.status = "blocked"
        case _:
            row.status = "open"
    row.next_expiry_at = _first(row.value)


def _move(row: StoredValue, expires_at: datetime | None, amount_minor: int) -> None:
    _add(row.value, expires_at, amount_minor)
    row.balance_minor += amount_minor


def _fold_coupon(
    row: WalletCoupon, event: CouponIssued | CouponRedeemed | CouponReturned | CouponRevoked
) -> None:
    row.campaign_id = event.campaign_id
    match event:
        case CouponRedeemed():
            row.status = "redeemed"
        case CouponRevoked():
            row.status = "revoked"
        case _:
            row.status = "issued"


WALLET = Table("wallet", Wallet, keys=1, fold=_fold_wallet)
STORED_VALUE = Table("stored_value", StoredValue, keys=1, fold=_fold_value)
WALLET_COUPONS = Table("wallet_coupons", WalletCoupon, keys=2, fold=_fold_coupon)

_OF_POINTS = (PointsEarned, PointsSpent, PointsRestored, PointsTakenBack, PointsLapsed)
_OF_TIERS = (TierChanged, TierGraceGiven, TierKept)
_OF_COUPONS = (CouponIssued, CouponRedeemed, CouponReturned, CouponRevoked)
_OF_VALUE = (
    *(GiftCardMade, GiftCardLoaded, GiftCardBlocked, GiftCardUnblocked),
    *(CreditGranted, ValueSpent, ValueRefunded, ValueExpired),
)


class Wallets:
    """Keyed by customer, account and coupon; fed by everything that puts something in or takes it out."""

    name = "wallet"
    version = 2
    tables = (WALLET, STORED_VALUE, WALLET_COUPONS)
    events = (*_OF_POINTS, *_OF_TIERS, *_OF_COUPONS, *_OF_VALUE)

    def changes(self, entry: AnyRecorded) -> Iterable[Change]:
        """One row an event. A coupon that anybody may use is in no wallet."""
        event = entry.data
        if isinstance(event, _OF_VALUE):
            yield STORED_VALUE.change((entry.stream,), event)
        elif isinstance(event, _OF_COUPONS):
            if event.customer_id is not None:
                yield WALLET_COUPONS.change((event.customer_id, event.coupon_id), event)
        else:
            yield WALLET.change((event.customer_id,), entry)
