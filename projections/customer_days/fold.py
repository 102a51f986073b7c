"""customer_days: a row a customer and business day, so that everything can be counted as of any date.

Beside it, since when a customer is known and which record speaks for theirs, and the tier from one change to
the next.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime

import msgspec

from domain.customers.customer import CustomerRegistered
from domain.customers.links import CustomerMergedInto, CustomerUnmergedFrom
from domain.kernel.event import AnyRecorded
from domain.loyalty.tiers import TierChanged
from domain.sales.returns import ReturnRecorded
from domain.sales.sale import SaleCompleted
from projections.kernel.table import Change, Table


class CustomerDay(msgspec.Struct, frozen=False, kw_only=False):
    """What the customer bought on a day and what they brought back on it, whenever that was bought.

    Maps are minor units: `spend_minor` (paid less paid back) and `goods_minor` (the goods alone) by currency,
    `categories`, of the goods, by both (CNY/fruit).
    """

    customer_id: str
    business_day: date
    purchases: int = 0
    returns: int = 0
    spend_minor: dict[str, int] = {}
    goods_minor: dict[str, int] = {}
    categories: dict[str, int] = {}


class CustomerSince(msgspec.Struct, frozen=False, kw_only=False):
    """Since when the customer is known; which record speaks for theirs from the end of a day on, in UTC."""

    customer_id: str
    registered_at: datetime | None = None
    merged_into: str | None = None
    merged_on: date | None = None


class CustomerTier(msgspec.Struct, frozen=False, kw_only=False):
    """The customer's tier from the end of a day on, in UTC; None is the lowest."""

    customer_id: str
    changed_on: date
    tier: str | None = None


def _add(amounts: dict[str, int], more: Mapping[str, int], sign: int) -> None:
    for key, amount in more.items():
        amounts[key] = amounts.get(key, 0) + sign * amount


def _fold_day(row: CustomerDay, event: SaleCompleted | ReturnRecorded) -> None:
    sign = 1
    if isinstance(event, SaleCompleted):
        row.purchases += 1
    else:
        sign = -1
        if event.correction:
            # All of a sale that should not have been: it was no purchase. It is of the same day.
            row.purchases -= 1
        else:
            row.returns += 1
    goods: dict[str, int] = {}
    for line in event.lines:
        goods[line.category] = goods.get(line.category, 0) + line.net_minor
    _add(row.spend_minor, {event.currency: event.total_minor}, sign)
    _add(row.goods_minor, {event.currency: sum(goods.values())}, sign)
    _add(row.categories, {f"{event.currency}/{category}": net for category, net in goods.items()}, sign)


def _fold_since(row: CustomerSince, entry: AnyRecorded) -> None:
    match event := entry.data:
        case CustomerMergedInto():
            row.merged_into, row.merged_on = event.survivor_id, entry.recorded_at.date()
        case CustomerUnmergedFrom():
            # The link was a mistake: no day knows of it any more.
            row.merged_into = row.merged_on = None
        case _:
            row.registered_at = entry.occurred_at


def _fold_tier(row: CustomerTier, tier: str | None) -> None:
    row.tier = tier


CUSTOMER_DAYS = Table("customer_days", CustomerDay, keys=2, fold=_fold_day)
CUSTOMERS_SINCE = Table("customers_since", CustomerSince, keys=1, fold=_fold_since)
CUSTOMER_TIERS = Table("customer_tiers", CustomerTier, keys=2, fold=_fold_tier)


class CustomerDays:
    """Keyed by customer and business day; fed by sales and returns that name one, tiers and links."""

    name = "customer_days"
    version = 2
    tables = (CUSTOMER_DAYS, CUSTOMERS_SINCE, CUSTOMER_TIERS)
    events = (
        SaleCompleted,
        ReturnRecorded,
        CustomerRegistered,
        CustomerMergedInto,
        CustomerUnmergedFrom,
        TierChanged,
    )

    def changes(self, entry: AnyRecorded) -> Iterable[Change]:
        """The customer's row of the day, where there is a customer."""
        match event := entry.data:
            case SaleCompleted() | ReturnRecorded():
                if event.customer_id is not None:
                    yield CUSTOMER_DAYS.change((event.customer_id, event.business_day), event)
            case CustomerRegistered() | CustomerMergedInto() | CustomerUnmergedFrom():
                yield CUSTOMERS_SINCE.change((event.customer_id,), entry)
            case _:
                day = entry.recorded_at.date()
                yield CUSTOMER_TIERS.change((event.customer_id, day), event.tier)
