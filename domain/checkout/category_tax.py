"""What products are taxed at that name no rate of their own: their category's, by the sale's business day.

Where no product of a basket asks for it, no rate is read and no product is made anew. (Decision 0044.)
"""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from domain.catalog.product import Product
from domain.catalog.tax_rates import BOOK, TAX_RATES, rate_on
from domain.kernel.business_day import business_day
from domain.kernel.stream import States
from domain.stores.store import Store


def tax_rates(products: Iterable[Product]) -> Iterable[str]:
    """The book of rates, if any of the products is taxed by its category."""
    if any(product.tax_by_category for product in products):
        yield TAX_RATES.stream(BOOK)


def taxed(states: States, products: list[Product], store: Store, happened_at: datetime) -> list[Product]:
    """The products with the rates of the business day on which it happened, whenever that becomes known."""
    if TAX_RATES.stream(BOOK) not in states:
        return products
    rates = states.of(TAX_RATES, BOOK).rates
    if not rates:
        return products
    day = business_day(happened_at, store.time_zone, store.day_starts_at_min)
    return [
        msgspec.structs.replace(product, tax_rate_bp=rate_on(rates, product.category, day))
        if product.tax_by_category
        else product
        for product in products
    ]
