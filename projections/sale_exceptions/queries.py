"""Reading sale_exceptions."""

from datetime import datetime
from typing import LiteralString

from psycopg.rows import tuple_row

from projections.kernel.table import Connection
from projections.sale_exceptions.fold import SaleExceptionRow

# A null parameter doesn't restrict.
_LIST: LiteralString = """
SELECT sale_id, number, store_id, register_id, happened_at, code, line, expected, found, reference
FROM sale_exceptions
WHERE store_id = %(store_id)s
    AND (
        %(happened_at)s::timestamptz IS NULL
        OR happened_at < %(happened_at)s::timestamptz
        OR (
            happened_at = %(happened_at)s::timestamptz
            AND (sale_id, number) > (%(sale_id)s::text, %(number)s::bigint)
        )
    )
ORDER BY happened_at DESC, sale_id, number
LIMIT %(limit)s
"""


async def exceptions_of(
    connection: Connection, store_id: str, *, after: tuple[datetime, str, int] | None, limit: int
) -> list[SaleExceptionRow]:
    """A store's exceptions, the newest first, continuing after (happened_at, sale_id, number)."""
    happened_at, sale_id, number = after or (None, None, None)
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(
            _LIST,
            {
                "store_id": store_id,
                "happened_at": happened_at,
                "sale_id": sale_id,
                "number": number,
                "limit": limit,
            },
        )
        return [SaleExceptionRow(*row) for row in await cursor.fetchall()]
