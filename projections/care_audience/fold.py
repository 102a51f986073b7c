"""care_audience: care rules, and of customers and products what a rule asks. No personal details.

What a sale says of a customer counts on its business day. Returns change nothing here: who took something
back was here all the same.
"""

from collections.abc import Iterable
from datetime import date, datetime

import msgspec

from domain.care.rule import CareRuleSet
from domain.care.wish import WishNoted, WishWithdrawn
from domain.catalog.product import ProductAdded, ProductChanged
from domain.customers.customer import ConsentGiven, ConsentWithdrawn, CustomerErased, CustomerRegistered
from domain.kernel.event import AnyRecorded
from domain.sales.sale import SaleCompleted
from projections.kernel.table import Change, Table


class CareRuleRow(msgspec.Struct, frozen=False, kw_only=False):
    """A rule's present version, as far as lists and rounds ask; the journal has the rest."""

    rule_id: str
    version: int = 0
    name: str = ""
    occasion: str = ""
    store_id: str = ""
    channel: str = ""
    active_from: date | None = None
    active_until: date | None = None


class CareCustomer(msgspec.Struct, frozen=False, kw_only=False, gc=False):
    """`consents` holds purpose/channel of those in force; `registered` is false of who was erased."""

    customer_id: str
    registered: bool = False
    consents: dict[str, int] = {}
    last_bought_on: date | None = None


class CareInterest(msgspec.Struct, frozen=False, kw_only=False, gc=False):
    """When a customer last bought a product, in the category that it then had."""

    customer_id: str
    sku: str
    category: str = ""
    last_bought_on: date | None = None


class CareWish(msgspec.Struct, frozen=False, kw_only=False, gc=False):
    """A customer's last wish for a product."""

    customer_id: str
    sku: str
    number: int = 0
    noted_at: datetime | None = None
    is_open: bool = False


class CareProduct(msgspec.Struct, frozen=False, kw_only=False, gc=False):
    """A product's own price, and since when it is lower than `before_minor`; a rise ends that."""

    sku: str
    category: str = ""
    price_minor: int = 0
    listed_at: datetime | None = None
    dropped_at: datetime | None = None
    before_minor: int | None = None


def _set_rule(row: CareRuleRow, event: CareRuleSet) -> None:
    rule = event.rule
    row.version, row.name, row.occasion = event.version, rule.name, rule.occasion.value
    row.store_id, row.channel = rule.store_id, rule.channel.value
    row.active_from, row.active_until = rule.active_from, rule.active_until


def _change_customer(row: CareCustomer, entry: AnyRecorded) -> None:
    event = entry.data
    match event:
        case CustomerRegistered():
            row.registered = True
        case ConsentGiven():
            row.consents = {**row.consents, f"{event.purpose}/{event.channel}": 1}
        case ConsentWithdrawn():
            gone = f"{event.purpose}/{event.channel}"
            row.consents = {name: one for name, one in row.consents.items() if name != gone}
        case CustomerErased():
            row.registered, row.consents = False, {}
        case _:
            row.last_bought_on = _later(row.last_bought_on, event.business_day)


def _later(before: date | None, day: date) -> date:
    return day if before is None else max(before, day)


def _bought(row: CareInterest, bought: tuple[str, date]) -> None:
    category, day = bought
    if row.last_bought_on is None or day >= row.last_bought_on:
        row.category, row.last_bought_on = category, day


def _wish(row: CareWish, event: WishNoted | WishWithdrawn) -> None:
    row.number = event.number
    row.is_open = isinstance(event, WishNoted)
    if isinstance(event, WishNoted):
        row.noted_at = event.noted_at


def _price(row: CareProduct, entry: AnyRecorded) -> None:
    event: ProductAdded | ProductChanged = entry.data
    if event.category is not None:
        row.category = event.category
    if isinstance(event, ProductAdded):
        row.price_minor, row.listed_at = event.price_minor, entry.recorded_at
    elif event.price_minor is not None and event.price_minor != row.price_minor:
        fell = event.price_minor < row.price_minor
        row.dropped_at = entry.recorded_at if fell else None
        row.before_minor = row.price_minor if fell else None
        row.price_minor = event.price_minor


CARE_RULES = Table("care_rules", CareRuleRow, keys=1, fold=_set_rule)
CARE_CUSTOMERS = Table("care_customers", CareCustomer, keys=1, fold=_change_customer)
CARE_INTERESTS = Table("care_interests", CareInterest, keys=2, fold=_bought)
CARE_WISHES = Table("care_wishes", CareWish, keys=2, fold=_wish)
CARE_PRODUCTS = Table("care_products", CareProduct, keys=1, fold=_price)


class CareAudience:
    """Fed by rules, customers, sales that name one, wishes and products."""

    name = "care_audience"
    version = 1
    tables = (CARE_RULES, CARE_CUSTOMERS, CARE_INTERESTS, CARE_WISHES, CARE_PRODUCTS)
    events = (
        CareRuleSet,
        CustomerRegistered,
        ConsentGiven,
        ConsentWithdrawn,
        CustomerErased,
        SaleCompleted,
        WishNoted,
        WishWithdrawn,
        ProductAdded,
        ProductChanged,
    )

    def changes(self, entry: AnyRecorded) -> Iterable[Change]:
        """The row of the rule, customer, wish or product; of a sale the customer's, and one a product."""
        event = entry.data
        match event:
            case SaleCompleted():
                if event.customer_id is not None:
                    yield CARE_CUSTOMERS.change((event.customer_id,), entry)
                    for sku, category in {line.sku: line.category for line in event.lines}.items():
                        bought = (category, event.business_day)
                        yield CARE_INTERESTS.change((event.customer_id, sku), bought)
            case CareRuleSet():
                yield CARE_RULES.change((event.rule_id,), event)
            case WishNoted() | WishWithdrawn():
                yield CARE_WISHES.change((event.customer_id, event.sku), event)
            case ProductAdded() | ProductChanged():
                yield CARE_PRODUCTS.change((event.sku,), entry)
            case _:
                yield CARE_CUSTOMERS.change((event.customer_id,), entry)
