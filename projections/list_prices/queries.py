"""Reading list_prices."""

from typing import LiteralString

from psycopg.rows import tuple_row

from projections.kernel.table import Connection
from projections.list_prices.fold import ListPriceRow

_LIST: LiteralString = """
SELECT list_id, sku, version, price_minor, piece_price_minor, set_at
FROM list_prices
WHERE list_id = %(list_id)s
    AND sku > %(after)s
    AND price_minor IS NOT NULL
ORDER BY sku
LIMIT %(limit)s
"""


async def prices_in(connection: Connection, list_id: str, after_sku: str, limit: int) -> list[ListPriceRow]:
    """The products that are in a list with their prices, by SKU, after a SKU ('' for the first)."""
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_LIST, {"list_id": list_id, "after": after_sku, "limit": limit})
        return [ListPriceRow(*row) for row in await cursor.fetchall()]
