"""Reading product_sales: a product's sums, or its days."""

from datetime import date
from typing import LiteralString

import msgspec
from psycopg.rows import tuple_row

from projections.kernel.table import Connection
from projections.product_sales.fold import ProductSales

# Money of different currencies is never added: a product sold in two has two rows.
_BY_PRODUCT: LiteralString = """
SELECT sku, currency, sum(quantity)::bigint, sum(returned_quantity)::bigint, sum(gross_minor)::bigint,
    sum(discount_minor)::bigint, sum(returns_minor)::bigint, sum(net_minor)::bigint, sum(cost_minor)::bigint
FROM product_sales
WHERE business_day BETWEEN %(first)s AND %(last)s
    AND (%(stores)s::text[] IS NULL OR store_id = ANY (%(stores)s::text[]))
    AND (sku, currency) > (%(sku)s, %(currency)s)
GROUP BY sku, currency
ORDER BY sku, currency
LIMIT %(limit)s
"""

_DAYS: LiteralString = """
SELECT sku, store_id, business_day, currency, quantity, returned_quantity, gross_minor, discount_minor,
    returns_minor, net_minor, cost_minor
FROM product_sales
WHERE sku = %(sku)s AND business_day BETWEEN %(first)s AND %(last)s
    AND (%(stores)s::text[] IS NULL OR store_id = ANY (%(stores)s::text[]))
ORDER BY business_day, store_id
"""


class ProductSum(msgspec.Struct, frozen=True, kw_only=True):
    """What a product sold over the days and stores that were asked for."""

    sku: str
    currency: str
    quantity: int
    returned_quantity: int
    gross_minor: int
    discount_minor: int
    returns_minor: int
    net_minor: int
    cost_minor: int


async def sums_by_product(
    connection: Connection,
    *,
    first: date,
    last: date,
    stores: list[str] | None,
    after: tuple[str, str],
    limit: int,
) -> list[ProductSum]:
    """Sums of business days `first` to `last`, after a SKU and currency (twice '' for the first)."""
    parameters = {"first": first, "last": last, "stores": stores, "limit": limit}
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_BY_PRODUCT, {**parameters, "sku": after[0], "currency": after[1]})
        rows = await cursor.fetchall()
    return [ProductSum(**dict(zip(ProductSum.__struct_fields__, row, strict=True))) for row in rows]


async def days_of_product(
    connection: Connection, sku: str, *, first: date, last: date, stores: list[str] | None
) -> list[ProductSales]:
    """A product's business days `first` to `last`, each in each store that sold or took back some."""
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_DAYS, {"sku": sku, "first": first, "last": last, "stores": stores})
        return [ProductSales(*row) for row in await cursor.fetchall()]
