"""promotion_results: what an offer or a coupon campaign did, by store and business day, as it was sold.

Returns change nothing here: what was given away was given, and sales_report tells what came back.
"""

from collections.abc import Iterable
from datetime import date, datetime

import msgspec

from domain.kernel.event import AnyRecorded
from domain.sales.sale import SaleCompleted
from projections.kernel.table import Change, Table


class PromotionResult(msgspec.Struct, frozen=False, kw_only=False, gc=False):
    """Sales that used the rule: how often it was used, what it took off, and what was paid for them.

    Several coupons of one campaign in a sale are several uses.
    """

    source: str
    rule_id: str
    store_id: str
    business_day: date
    currency: str = ""
    sales: int = 0
    uses: int = 0
    discount_minor: int = 0
    revenue_minor: int = 0


class PromotionCustomer(msgspec.Struct, frozen=False, kw_only=False, gc=False):
    """When a customer first used the rule in a store on a day."""

    source: str
    rule_id: str
    customer_id: str
    store_id: str
    business_day: date
    first_used_at: datetime | None = None


class TradingDay(msgspec.Struct, frozen=False, kw_only=False, gc=False):
    """All sales of a store on a day: what those without a promotion brought is the rest."""

    store_id: str
    business_day: date
    currency: str = ""
    sales: int = 0
    revenue_minor: int = 0


class Use(msgspec.Struct, frozen=True, kw_only=False, gc=False):
    """What a sale adds to the row of a rule that it used."""

    currency: str
    uses: int
    discount_minor: int
    revenue_minor: int


def _fold(row: PromotionResult, use: Use) -> None:
    row.currency = use.currency
    row.sales += 1
    row.uses += use.uses
    row.discount_minor += use.discount_minor
    row.revenue_minor += use.revenue_minor


def _fold_customer(row: PromotionCustomer, used_at: datetime) -> None:
    if row.first_used_at is None or used_at < row.first_used_at:
        row.first_used_at = used_at


def _fold_day(row: TradingDay, sale: SaleCompleted) -> None:
    row.currency = sale.currency
    row.sales += 1
    row.revenue_minor += sale.total_minor


PROMOTION_RESULTS = Table("promotion_results", PromotionResult, keys=4, fold=_fold)
PROMOTION_CUSTOMERS = Table("promotion_customers", PromotionCustomer, keys=5, fold=_fold_customer)
TRADING_DAYS = Table("trading_days", TradingDay, keys=2, fold=_fold_day)


class PromotionResults:
    """Fed by sales: by the rows of their matrix, and as a whole."""

    name = "promotion_results"
    version = 1
    tables = (PROMOTION_RESULTS, PROMOTION_CUSTOMERS, TRADING_DAYS)
    events = (SaleCompleted,)

    def changes(self, entry: AnyRecorded) -> Iterable[Change]:
        """The day's row, and of each rule that the sale used its own and its customer's, once."""
        sale: SaleCompleted = entry.data
        place = (sale.store_id, sale.business_day)
        yield TRADING_DAYS.change(place, sale)
        if not sale.discounts:
            return
        used: dict[tuple[str, str], Use] = {}
        for discount in sale.discounts:
            key = (discount.source.value, discount.rule_id)
            before = used.get(key)
            uses, off = (1, 0) if before is None else (before.uses + 1, before.discount_minor)
            used[key] = Use(sale.currency, uses, off + discount.amount_minor, sale.total_minor)
        for key, use in used.items():
            yield PROMOTION_RESULTS.change((*key, *place), use)
            if sale.customer_id is not None:
                yield PROMOTION_CUSTOMERS.change((*key, sale.customer_id, *place), entry.occurred_at)
