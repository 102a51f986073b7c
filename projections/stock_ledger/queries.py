"""Reading stock_ledger."""

from typing import LiteralString

import msgspec
from psycopg.rows import tuple_row

from projections.kernel.table import Connection
from projections.stock_ledger.fold import StockEntry

_VALUE: LiteralString = """
SELECT coalesce(sum(on_hand), 0)::bigint, coalesce(sum(held), 0)::bigint,
    coalesce(sum(value_minor), 0)::bigint, coalesce(sum(variance_minor), 0)::bigint
FROM stock_ledger
WHERE store_id = %(store_id)s
    AND position <= %(position)s
    AND (%(sku)s::text IS NULL OR sku = %(sku)s)
"""

# Movements of a transfer name it in both stores: what it sent, less what has left transit since.
_IN_TRANSIT: LiteralString = """
SELECT coalesce(sum(CASE WHEN to_place = 'transit' THEN cost_minor ELSE -cost_minor END), 0)::bigint
FROM stock_ledger
WHERE (from_place = 'transit' OR to_place = 'transit')
    AND position <= %(position)s
    AND (%(sku)s::text IS NULL OR sku = %(sku)s)
    AND reference IN (
        SELECT reference
        FROM stock_ledger
        WHERE store_id = %(store_id)s
            AND to_place = 'transit'
            AND position <= %(position)s
            AND (%(sku)s::text IS NULL OR sku = %(sku)s)
    )
"""

_ENTRIES: LiteralString = """
SELECT position, number, store_id, sku, lot, recorded_at, occurred_at, from_place, to_place, quantity,
    on_hand, held, cost_minor, value_minor, variance_minor, cause, reference
FROM stock_ledger
WHERE store_id = %(store_id)s
    AND sku = %(sku)s
    AND (position, number) < (%(position)s, %(number)s)
ORDER BY position DESC, number DESC
LIMIT %(limit)s
"""


class StockValue(msgspec.Struct, frozen=True):
    """What a store held, what that was worth, and what costs had turned out to be besides."""

    on_hand: int
    held: int
    value_minor: int
    variance_minor: int


async def stock_value(connection: Connection, store_id: str, position: int, sku: str | None) -> StockValue:
    """What there was in a store up to a position, of one SKU or of all."""
    parameters = {"store_id": store_id, "position": position, "sku": sku}
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_VALUE, parameters)
        row = await cursor.fetchone()
        assert row is not None
        return StockValue(*row)


async def in_transit_minor(connection: Connection, store_id: str, position: int, sku: str | None) -> int:
    """What had left a store for others up to a position and not arrived, at what it left at."""
    parameters = {"store_id": store_id, "position": position, "sku": sku}
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_IN_TRANSIT, parameters)
        row = await cursor.fetchone()
        assert row is not None
        return row[0]


async def entries_of(
    connection: Connection, store_id: str, sku: str, before: tuple[int, int], limit: int
) -> list[StockEntry]:
    """A SKU's entries in a store, the newest first, before a position and number."""
    parameters = {
        "store_id": store_id,
        "sku": sku,
        "position": before[0],
        "number": before[1],
        "limit": limit,
    }
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_ENTRIES, parameters)
        return [StockEntry(*row) for row in await cursor.fetchall()]
