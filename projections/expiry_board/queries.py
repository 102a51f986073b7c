"""Reading expiry_board: lots by what expires first, and what the daily watch has to look at."""

from datetime import date
from typing import LiteralString

from psycopg.rows import tuple_row

from projections.expiry_board.fold import LotRow
from projections.kernel.table import Connection

KEEPS = date.max
"""Where a lot without a sell-by stands among the others: last."""

# The expression is that of the index. A null parameter doesn't restrict.
_LOTS: LiteralString = """
SELECT store_id, sku, lot, received_on, sell_by, supplier_id, unit_cost_minor, on_hand, held, expired_on
FROM expiry_board
WHERE store_id = %(store_id)s
    AND (on_hand > 0 OR held > 0)
    AND (%(until)s::date IS NULL OR sell_by <= %(until)s::date)
    AND (%(sku)s::text IS NULL OR sku = %(sku)s::text)
    AND (coalesce(sell_by, '9999-12-31'), sku, lot) > (%(after_day)s::date, %(after_sku)s, %(after_lot)s)
ORDER BY coalesce(sell_by, '9999-12-31'), sku, lot
LIMIT %(limit)s
"""

_STORES: LiteralString = """
SELECT DISTINCT store_id
FROM expiry_board
WHERE (on_hand > 0 OR held > 0) AND sell_by IS NOT NULL
ORDER BY store_id
"""

# What has expired is looked at until that is written down.
_TO_WATCH: LiteralString = """
SELECT DISTINCT sku
FROM expiry_board
WHERE store_id = %(store_id)s
    AND (on_hand > 0 OR held > 0)
    AND sell_by <= %(until)s
    AND (sell_by >= %(today)s OR expired_on IS NULL)
ORDER BY sku
"""


async def lots_of(
    connection: Connection,
    store_id: str,
    *,
    until: date | None,
    sku: str | None,
    after: tuple[date, str, str],
    limit: int,
) -> list[LotRow]:
    """A store's lots of which something is there, by sell-by, SKU and lot, after one of them.

    With `until` those that may be sold until then at most, what has expired among them.
    """
    parameters = {
        "store_id": store_id,
        "until": until,
        "sku": sku,
        "after_day": after[0],
        "after_sku": after[1],
        "after_lot": after[2],
        "limit": limit,
    }
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_LOTS, parameters)
        return [LotRow(*row) for row in await cursor.fetchall()]


async def stores_with_lots(connection: Connection) -> list[str]:
    """The stores that hold something that expires."""
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_STORES)
        return [store_id for (store_id,) in await cursor.fetchall()]


async def skus_to_watch(connection: Connection, store_id: str, today: date, until: date) -> list[str]:
    """The SKUs that have a lot to be sold by `until`, or one that has expired and nobody has said so."""
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_TO_WATCH, {"store_id": store_id, "today": today, "until": until})
        return [sku for (sku,) in await cursor.fetchall()]
