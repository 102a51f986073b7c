"""Reading purchase_board: the board itself, and how much of each SKU is on order."""

from datetime import date, datetime
from typing import LiteralString, NamedTuple

from psycopg.rows import tuple_row

from projections.kernel.table import Connection
from projections.purchase_board.fold import PurchaseRow

# A null parameter doesn't restrict.
_LIST: LiteralString = """
SELECT purchase_id, supplier_id, store_id, status, currency, lines, total_minor, drafted_at, sent_on,
    expected_on, changed_at, expected, received, owed
FROM purchase_board
WHERE (%(stores)s::text[] IS NULL OR store_id = ANY (%(stores)s::text[]))
    AND (%(status)s::text IS NULL OR status = %(status)s::text)
    AND (%(supplier_id)s::text IS NULL OR supplier_id = %(supplier_id)s::text)
    AND (
        %(drafted_at)s::timestamptz IS NULL
        OR drafted_at < %(drafted_at)s::timestamptz
        OR (drafted_at = %(drafted_at)s::timestamptz AND purchase_id > %(purchase_id)s::text)
    )
ORDER BY drafted_at DESC, purchase_id
LIMIT %(limit)s
"""

# The status's condition is the index's, word for word.
_ON_ORDER: LiteralString = """
SELECT store_id, sku, sum(quantity::bigint)::bigint, min(expected_on), count(*)
FROM purchase_board
CROSS JOIN LATERAL jsonb_each_text(owed) AS line (sku, quantity)
WHERE status IN ('sent', 'confirmed', 'partly_received')
    AND (%(store_id)s::text IS NULL OR store_id = %(store_id)s::text)
    AND (store_id, sku) > (%(after_store)s::text, %(after_sku)s::text)
GROUP BY store_id, sku
ORDER BY store_id, sku
LIMIT %(limit)s
"""


class OnOrder(NamedTuple):
    """How much of a SKU suppliers owe a store, when the first of it is expected, from how many orders."""

    store_id: str
    sku: str
    quantity: int
    next_on: date
    orders: int


async def purchases(
    connection: Connection,
    *,
    status: str | None,
    supplier_id: str | None,
    stores: list[str] | None,
    after: tuple[datetime, str] | None,
    limit: int,
) -> list[PurchaseRow]:
    """Purchase orders, newest first, continuing after (drafted_at, purchase_id)."""
    drafted_at, purchase_id = after or (None, None)
    wanted = {"status": status, "supplier_id": supplier_id, "stores": stores, "limit": limit}
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_LIST, {**wanted, "drafted_at": drafted_at, "purchase_id": purchase_id})
        return [PurchaseRow(*row) for row in await cursor.fetchall()]


async def on_order(
    connection: Connection,
    store_id: str | None = None,
    *,
    after: tuple[str, str] = ("", ""),
    limit: int | None = None,
) -> list[OnOrder]:
    """What is on order, by store and SKU, in one store or in all, after (store_id, sku)."""
    wanted = {"store_id": store_id, "after_store": after[0], "after_sku": after[1], "limit": limit}
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_ON_ORDER, wanted)
        return [OnOrder._make(row) for row in await cursor.fetchall()]
