"""Reading count_board: the counts of a store."""

from datetime import datetime
from typing import LiteralString

from psycopg.rows import tuple_row

from projections.count_board.fold import CountRow
from projections.kernel.table import Connection

# A null parameter doesn't restrict.
_LIST: LiteralString = """
SELECT count_id, store_id, kind, location, status, started_at, changed_at, items, items_left, lines
FROM count_board
WHERE store_id = %(store_id)s
    AND (%(status)s::text IS NULL OR status = %(status)s::text)
    AND (
        %(started_at)s::timestamptz IS NULL
        OR started_at < %(started_at)s::timestamptz
        OR (started_at = %(started_at)s::timestamptz AND count_id > %(count_id)s::text)
    )
ORDER BY started_at DESC, count_id
LIMIT %(limit)s
"""


async def counts(
    connection: Connection,
    *,
    store_id: str,
    status: str | None,
    after: tuple[datetime, str] | None,
    limit: int,
) -> list[CountRow]:
    """A store's counts, newest first, continuing after (started_at, count_id)."""
    started_at, count_id = after or (None, None)
    wanted = {"store_id": store_id, "status": status, "limit": limit}
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_LIST, {**wanted, "started_at": started_at, "count_id": count_id})
        return [CountRow(*row) for row in await cursor.fetchall()]
