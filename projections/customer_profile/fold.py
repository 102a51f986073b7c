"""customer_profile: one row a customer, without personal details (those stay sealed in the journal).

Beside it customer_purchases, one row a sale to a customer, and category_prices, what all customers paid for a
category, and product_traits, the brands, sizes and varieties of products.
"""

from collections.abc import Iterable
from datetime import date, datetime

import msgspec

from domain.catalog.product import ProductFieldsSet
from domain.customers.customer import CustomerErased, CustomerRegistered
from domain.customers.facts import CustomerProfileSet
from domain.kernel.event import AnyRecorded
from domain.promotions.coupon import CouponIssued, CouponRedeemed
from domain.sales.returns import ReturnedLine, ReturnRecorded
from domain.sales.sale import SaleCompleted, SaleLine
from domain.service.case import CaseOpened
from projections.kernel.table import Change, Table

_HOUR_S, _DAY_HOURS = 3_600, 24
_MINUTE_S = 60


class CustomerProfile(msgspec.Struct, frozen=False, kw_only=False):
    """Money maps are minor units, `spend_minor` by currency, `categories` by both (CNY/fruit).

    Spend and categories are net of discounts and returns, `returned_minor` is what came back of it. `bought`
    and `paid_minor` are what was kept and what was paid for that, by currency, unit and category
    (CNY/piece/fruit).
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
    returned_minor: dict[str, int] = {}
    bought: dict[str, int] = {}
    paid_minor: dict[str, int] = {}
    household_id: str | None = None


class CustomerPurchase(msgspec.Struct, frozen=False, kw_only=False):
    """A sale to a customer. `hour` is by the store's clock; `goods` is what was kept of each SKU.

    A `corrected` one was recorded wrongly: it never was. Without a day it was nobody's when it was made.
    """

    customer_id: str
    sale_id: str
    business_day: date | None = None
    sold_at: datetime | None = None
    hour: int = 0
    store_id: str = ""
    currency: str = ""
    total_minor: int = 0
    returned_minor: int = 0
    corrected: bool = False
    goods: dict[str, int] = {}


class CategoryPrice(msgspec.Struct, frozen=False, kw_only=False):
    """What all known customers kept of a category in a unit, and what they paid for that."""

    currency: str
    unit: str
    category: str
    quantity: int = 0
    paid_minor: int = 0


class ProductTraits(msgspec.Struct, frozen=False, kw_only=False):
    """What a product's own fields `brand`, `size` and `variety` say, for those that have any of them."""

    sku: str
    brand: str | None = None
    size: str | None = None
    variety: str | None = None


TRAITS = ("brand", "size", "variety")
Totals = tuple[int, int]


def _add(amounts: dict[str, int], key: str, amount: int) -> None:
    amounts[key] = amounts.get(key, 0) + amount


def _fold(row: CustomerProfile, entry: AnyRecorded) -> None:
    event = entry.data
    match event:
        case SaleCompleted():
            row.visits += 1
            _add(row.spend_minor, event.currency, event.total_minor)
            _fold_lines(row, event.currency, event.lines, 1)
            if row.first_purchase_at is None or entry.occurred_at < row.first_purchase_at:
                row.first_purchase_at = entry.occurred_at
            if row.last_purchase_at is None or entry.occurred_at > row.last_purchase_at:
                row.last_purchase_at = entry.occurred_at
        case ReturnRecorded():
            row.returns += 1
            _add(row.spend_minor, event.currency, -event.total_minor)
            _add(row.returned_minor, event.currency, event.total_minor)
            _fold_lines(row, event.currency, event.lines, -1)
        case CustomerRegistered():
            row.registered_at = entry.occurred_at
        case CustomerProfileSet():
            if event.household_id is None or isinstance(event.household_id, str):
                row.household_id = event.household_id
        case CustomerErased():
            row.household_id = None
        case CouponIssued():
            row.coupons_issued += 1
        case CouponRedeemed():
            row.coupons_redeemed += 1
        case _:
            row.complaints += 1


def _fold_lines(
    row: CustomerProfile, currency: str, lines: Iterable[SaleLine | ReturnedLine], sign: int
) -> None:
    for line in lines:
        _add(row.categories, f"{currency}/{line.category}", sign * line.net_minor)
        key = f"{currency}/{line.unit.value}/{line.category}"
        _add(row.bought, key, sign * line.quantity)
        _add(row.paid_minor, key, sign * line.net_minor)


def _fold_purchase(row: CustomerPurchase, entry: AnyRecorded) -> None:
    event: SaleCompleted | ReturnRecorded = entry.data
    if isinstance(event, SaleCompleted):
        local_s = int(entry.occurred_at.timestamp()) + event.utc_offset_min * _MINUTE_S
        row.business_day, row.sold_at = event.business_day, entry.occurred_at
        row.hour = local_s // _HOUR_S % _DAY_HOURS
        row.store_id, row.currency, row.total_minor = event.store_id, event.currency, event.total_minor
        for line in event.lines:
            _add(row.goods, line.sku, line.stock_quantity)
    else:
        row.returned_minor += event.total_minor
        row.corrected = row.corrected or event.correction
        for returned in event.lines:
            _add(row.goods, returned.sku, -returned.stock_quantity)


def _fold_price(row: CategoryPrice, delta: Totals) -> None:
    quantity, paid_minor = delta
    row.quantity += quantity
    row.paid_minor += paid_minor


def _fold_traits(row: ProductTraits, event: ProductFieldsSet) -> None:
    for trait in TRAITS:
        if trait in event.values:
            setattr(row, trait, str(event.values[trait]))
        if trait in event.removed:
            setattr(row, trait, None)


CUSTOMER_PROFILE = Table("customer_profile", CustomerProfile, keys=1, fold=_fold)
CUSTOMER_PURCHASES = Table("customer_purchases", CustomerPurchase, keys=2, fold=_fold_purchase)
CATEGORY_PRICES = Table("category_prices", CategoryPrice, keys=3, fold=_fold_price)
PRODUCT_TRAITS = Table("product_traits", ProductTraits, keys=1, fold=_fold_traits)


class CustomerProfiles:
    """Keyed by customer, and by sale and category where something was bought; fed by whatever names one."""

    name = "customer_profile"
    version = 2
    tables = (CUSTOMER_PROFILE, CUSTOMER_PURCHASES, CATEGORY_PRICES, PRODUCT_TRAITS)
    events = (
        *(SaleCompleted, ReturnRecorded, CouponIssued, CouponRedeemed, CaseOpened),
        *(CustomerRegistered, CustomerProfileSet, CustomerErased, ProductFieldsSet),
    )

    def changes(self, entry: AnyRecorded) -> Iterable[Change]:
        """The customer's rows, where the event has a customer; a product's where it has traits."""
        event = entry.data
        if isinstance(event, ProductFieldsSet):
            if not {*event.values, *event.removed}.isdisjoint(TRAITS):
                yield PRODUCT_TRAITS.change((event.sku,), event)
            return
        customer_id = event.customer_id
        if customer_id is None:
            return
        yield CUSTOMER_PROFILE.change((customer_id,), entry)
        if isinstance(event, SaleCompleted | ReturnRecorded):
            if event.sale_id is not None:
                yield CUSTOMER_PURCHASES.change((customer_id, event.sale_id), entry)
            for key, totals in _prices(event).items():
                yield CATEGORY_PRICES.change(key, totals)


def _prices(event: SaleCompleted | ReturnRecorded) -> dict[tuple[str, str, str], Totals]:
    sign = 1 if isinstance(event, SaleCompleted) else -1
    sums: dict[tuple[str, str, str], Totals] = {}
    for line in event.lines:
        key = (event.currency, line.unit.value, line.category)
        quantity, paid_minor = sums.get(key, (0, 0))
        sums[key] = (quantity + sign * line.quantity, paid_minor + sign * line.net_minor)
    return sums
