"""customer_profile: one row a customer, without personal details (those stay sealed in the journal)."""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from domain.customers.customer import CustomerRegistered
from domain.kernel.event import AnyRecorded
from domain.promotions.coupon import CouponIssued, CouponRedeemed
from domain.sales.returns import ReturnRecorded
from domain.sales.sale import SaleCompleted
from domain.service.case import CaseOpened
from projections.kernel.table import Change, Table


class CustomerProfile(msgspec.Struct, frozen=False, kw_only=False):
    """Money maps are minor units, `spend_minor` by currency, `categories` by both (CNY/fruit).

    Spend and categories are net of discounts and returns.
    """

    customer_id: str
    registered_at: datetime | None = None
    visits: int = 0
    returns: int = 0
    spend_minor: dict[str, int] = {}
    categories: dict[str, int] = {}
    first_purchase_at: datetime | None = None
    last_purchase_at: datetime | None = None
    coupons_issued: int = 0
    coupons_redeemed: int = 0
    complaints: int = 0


def _add(amounts: dict[str, int], key: str, amount: int) -> None:
    amounts[key] = amounts.get(key, 0) + amount


def _fold(row: CustomerProfile, entry: AnyRecorded) -> None:
    event = entry.data
    match event:
        case SaleCompleted():
            row.visits += 1
            _add(row.spend_minor, event.currency, event.total_minor)
            for line in event.lines:
                _add(row.categories, f"{event.currency}/{line.category}", line.net_minor)
            if row.first_purchase_at is None or entry.occurred_at < row.first_purchase_at:
                row.first_purchase_at = entry.occurred_at
            if row.last_purchase_at is None or entry.occurred_at > row.last_purchase_at:
                row.last_purchase_at = entry.occurred_at
        case ReturnRecorded():
            row.returns += 1
            _add(row.spend_minor, event.currency, -event.total_minor)
            for returned in event.lines:
                _add(row.categories, f"{event.currency}/{returned.category}", -returned.net_minor)
        case CustomerRegistered():
            row.registered_at = entry.occurred_at
        case CouponIssued():
            row.coupons_issued += 1
        case CouponRedeemed():
            row.coupons_redeemed += 1
        case _:
            row.complaints += 1


CUSTOMER_PROFILE = Table("customer_profile", CustomerProfile, keys=1, fold=_fold)


class CustomerProfiles:
    """Keyed by customer; fed by whatever names one."""

    name = "customer_profile"
    version = 1
    tables = (CUSTOMER_PROFILE,)
    events = (SaleCompleted, ReturnRecorded, CustomerRegistered, CouponIssued, CouponRedeemed, CaseOpened)

    def changes(self, entry: AnyRecorded) -> Iterable[Change]:
        """The customer's row, where the event has a customer."""
        if entry.data.customer_id is not None:
            yield CUSTOMER_PROFILE.change((entry.data.customer_id,), entry)
