"""Reading stock_levels."""

from typing import LiteralString

from psycopg.rows import tuple_row

from projections.kernel.table import Connection
from projections.stock_levels.fold import STOCK_LEVELS, StockLevel

_LIST: LiteralString = """
SELECT store_id, sku, on_hand, value_minor, received, sold, returned, wasted, adjusted, moved_at,
    held, transferred, donated
FROM stock_levels
WHERE store_id = %(store_id)s AND sku > %(after)s
ORDER BY sku
LIMIT %(limit)s
"""


async def levels_of(connection: Connection, store_id: str, after_sku: str, limit: int) -> list[StockLevel]:
    """A store's levels by SKU, after a SKU ('' for the first)."""
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_LIST, {"store_id": store_id, "after": after_sku, "limit": limit})
        return [StockLevel(*row) for row in await cursor.fetchall()]


async def level_of(connection: Connection, store_id: str, sku: str) -> StockLevel:
    """One SKU's level; zeros where nothing has moved yet."""
    return (await STOCK_LEVELS.load(connection, [(store_id, sku)]))[store_id, sku]
