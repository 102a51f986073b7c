"""Reading customer_profile, customer_purchases and category_prices."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import LiteralString, NamedTuple

from psycopg.rows import class_row, tuple_row

from projections.customer_profile.fold import CategoryPrice, ProductTraits
from projections.kernel.table import Connection

# Those of one customer are few; they are sorted, not kept sorted.
_PURCHASES: LiteralString = """
SELECT sale_id, business_day, sold_at, hour, store_id, currency, total_minor, returned_minor, goods
FROM customer_purchases
WHERE customer_id = ANY (%(customer_ids)s) AND business_day IS NOT NULL AND NOT corrected
ORDER BY sold_at DESC, sale_id
LIMIT %(limit)s
"""

_HOUSEHOLD: LiteralString = """
SELECT customer_id
FROM customer_profile
WHERE household_id IN (SELECT household_id FROM customer_profile WHERE customer_id = ANY (%(customer_ids)s))
ORDER BY customer_id
LIMIT %(limit)s
"""

_BOUGHT: LiteralString = """
SELECT customer_id
FROM customer_profile
WHERE last_purchase_at >= %(since)s AND customer_id > %(after)s
ORDER BY customer_id
LIMIT %(limit)s
"""

# By all keys at once: categories are few, and a page asks for most of them.
_PRICES: LiteralString = """
SELECT currency, unit, category, quantity, paid_minor
FROM category_prices
WHERE currency || '/' || unit || '/' || category = ANY (
    SELECT jsonb_object_keys(bought)
    FROM customer_profile
    WHERE customer_id = ANY (%(customer_ids)s)
)
ORDER BY currency, unit, category
"""

_TRAITS: LiteralString = """
SELECT sku, brand, size, variety
FROM product_traits
WHERE sku IN (
    SELECT jsonb_object_keys(goods)
    FROM customer_purchases
    WHERE customer_id = ANY (%(customer_ids)s)
)
ORDER BY sku
"""


class Purchase(NamedTuple):
    """A sale to a customer; `goods` is what was kept of each SKU."""

    sale_id: str
    business_day: date
    sold_at: datetime
    hour: int
    store_id: str
    currency: str
    total_minor: int
    returned_minor: int
    goods: dict[str, int]


async def who_bought_since(connection: Connection, since: datetime, after: str, limit: int) -> list[str]:
    """Customers whose last purchase is not before then, in the order of their ids."""
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_BOUGHT, {"since": since, "after": after, "limit": limit})
        return [customer_id for (customer_id,) in await cursor.fetchall()]


async def purchases_of(connection: Connection, customer_ids: Sequence[str], limit: int) -> list[Purchase]:
    """The last purchases under any of the ids, the newest first, without those that were recorded wrongly."""
    async with connection.cursor(row_factory=class_row(Purchase), binary=True) as cursor:
        await cursor.execute(_PURCHASES, {"customer_ids": list(customer_ids), "limit": limit}, prepare=True)
        return await cursor.fetchall()


async def household_of(connection: Connection, customer_ids: Sequence[str], limit: int) -> list[str]:
    """The customers of the household of these, by id."""
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_HOUSEHOLD, {"customer_ids": list(customer_ids), "limit": limit}, prepare=True)
        return [member_id for (member_id,) in await cursor.fetchall()]


async def prices_of(connection: Connection, customer_ids: Sequence[str]) -> list[CategoryPrice]:
    """What all customers paid for the categories that these bought."""
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_PRICES, {"customer_ids": list(customer_ids)}, prepare=True)
        return [CategoryPrice(*row) for row in await cursor.fetchall()]


async def traits_of(connection: Connection, customer_ids: Sequence[str]) -> list[ProductTraits]:
    """The traits of whatever these customers bought, of products that have any."""
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_TRAITS, {"customer_ids": list(customer_ids)}, prepare=True)
        return [ProductTraits(*row) for row in await cursor.fetchall()]
