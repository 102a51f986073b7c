"""Reading transfer_board: the board itself, and what is on its way to each store."""

from datetime import datetime
from typing import LiteralString, NamedTuple

from psycopg.rows import tuple_row

from projections.kernel.table import Connection
from projections.transfer_board.fold import TransferRow

# A null parameter doesn't restrict.
_LIST: LiteralString = """
SELECT transfer_id, from_store_id, to_store_id, status, sent_at, expected_on, changed_at, in_transit, damaged,
    missing, over
FROM transfer_board
WHERE (
        %(stores)s::text[] IS NULL
        OR from_store_id = ANY (%(stores)s::text[])
        OR to_store_id = ANY (%(stores)s::text[])
    )
    AND (%(status)s::text IS NULL OR status = %(status)s::text)
    AND (
        %(sent_at)s::timestamptz IS NULL
        OR sent_at < %(sent_at)s::timestamptz
        OR (sent_at = %(sent_at)s::timestamptz AND transfer_id > %(transfer_id)s::text)
    )
ORDER BY sent_at DESC, transfer_id
LIMIT %(limit)s
"""

_IN_TRANSIT: LiteralString = """
SELECT to_store_id, sku, sum(quantity::bigint)::bigint
FROM transfer_board
CROSS JOIN LATERAL jsonb_each_text(in_transit) AS line (sku, quantity)
WHERE status = 'in_transit'
    AND (%(store_id)s::text IS NULL OR to_store_id = %(store_id)s::text)
GROUP BY to_store_id, sku
ORDER BY to_store_id, sku
"""


class InTransit(NamedTuple):
    """How much of a SKU is on its way to a store from others."""

    store_id: str
    sku: str
    quantity: int


async def transfers(
    connection: Connection,
    *,
    status: str | None,
    stores: list[str] | None,
    after: tuple[datetime, str] | None,
    limit: int,
) -> list[TransferRow]:
    """Transfers from or to these stores, newest first, continuing after (sent_at, transfer_id)."""
    sent_at, transfer_id = after or (None, None)
    wanted = {"status": status, "stores": stores, "limit": limit}
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_LIST, {**wanted, "sent_at": sent_at, "transfer_id": transfer_id})
        return [TransferRow(*row) for row in await cursor.fetchall()]


async def in_transit(connection: Connection, store_id: str | None = None) -> list[InTransit]:
    """What is on its way, by store and SKU, to one store or to all."""
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_IN_TRANSIT, {"store_id": store_id})
        return [InTransit._make(row) for row in await cursor.fetchall()]
