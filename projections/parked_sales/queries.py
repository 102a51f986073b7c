"""Reading parked_sales."""

from datetime import datetime
from typing import LiteralString

from psycopg.rows import tuple_row

from projections.kernel.table import Connection
from projections.parked_sales.fold import ParkedSale

# A null parameter doesn't restrict.
_LIST: LiteralString = """
SELECT parked_id, store_id, register_id, status, parked_at, lines
FROM parked_sales
WHERE store_id = %(store_id)s
    AND status = 'parked'
    AND (
        %(parked_at)s::timestamptz IS NULL
        OR (parked_at, parked_id) > (%(parked_at)s::timestamptz, %(parked_id)s::text)
    )
ORDER BY parked_at, parked_id
LIMIT %(limit)s
"""


async def parked_in(
    connection: Connection, store_id: str, *, after: tuple[datetime, str] | None, limit: int
) -> list[ParkedSale]:
    """The baskets that are put aside in a store, the oldest first, after (parked_at, parked_id)."""
    parked_at, parked_id = after or (None, None)
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(
            _LIST, {"store_id": store_id, "parked_at": parked_at, "parked_id": parked_id, "limit": limit}
        )
        return [ParkedSale(*row) for row in await cursor.fetchall()]
