"""Reading replenished_items and suggestions."""

from typing import LiteralString

from psycopg.rows import tuple_row

from projections.kernel.table import Connection
from projections.replenishment.fold import OrderingRow, SuggestionRow

_STORES: LiteralString = """
SELECT DISTINCT store_id
FROM replenished_items
WHERE policy IS NOT NULL
ORDER BY store_id
"""

_SUGGESTIONS: LiteralString = """
SELECT store_id, sku, number, status, quantity, suggested, supplier_id, day, made_at, settled_at, settled_by,
    reason, reference, made
FROM suggestions
WHERE store_id = %(store_id)s AND status = ANY (%(statuses)s) AND (sku, number) > (%(sku)s, %(number)s)
    AND (%(supplier_id)s::text IS NULL OR supplier_id = %(supplier_id)s)
ORDER BY sku, number
LIMIT %(limit)s
"""


_AUTOMATIC: LiteralString = """
SELECT store_id, supplier_id, automatic
FROM ordering_policies
WHERE automatic IS NOT NULL AND (store_id, supplier_id) > (%(store_id)s, %(supplier_id)s)
ORDER BY store_id, supplier_id
LIMIT %(limit)s
"""


async def automatic_orderings(
    connection: Connection, *, after: tuple[str, str], limit: int
) -> list[OrderingRow]:
    """For which suppliers of which stores suggestions are gathered, after one ('' and '' for the first)."""
    parameters = {"store_id": after[0], "supplier_id": after[1], "limit": limit}
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_AUTOMATIC, parameters)
        return [OrderingRow(*row) for row in await cursor.fetchall()]


async def replenished_stores(connection: Connection) -> list[str]:
    """The stores that have items with a policy."""
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_STORES)
        return [store_id for (store_id,) in await cursor.fetchall()]


async def suggestions_of(
    connection: Connection,
    store_id: str,
    *,
    statuses: list[str],
    supplier_id: str | None,
    after: tuple[str, int],
    limit: int,
) -> list[SuggestionRow]:
    """A store's suggestions of these statuses, by SKU and number, after one ('' and 0 for the first)."""
    parameters = {
        "store_id": store_id,
        "statuses": statuses,
        "supplier_id": supplier_id,
        "sku": after[0],
        "number": after[1],
        "limit": limit,
    }
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_SUGGESTIONS, parameters)
        return [SuggestionRow(*row) for row in await cursor.fetchall()]
