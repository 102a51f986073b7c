"""Reading sale_exceptions."""

from datetime import datetime
from typing import LiteralString

from psycopg.rows import tuple_row

from projections.kernel.table import Connection
from projections.sale_exceptions.fold import SaleExceptionRow

# A null parameter doesn't restrict.
_LIST: LiteralString = """
SELECT sale_id, number, store_id, register_id, happened_at, code, line, expected, found, reference,
    settled_at, settled_by, settled_reason
FROM sale_exceptions
WHERE store_id = %(store_id)s
    AND (%(settled)s::boolean IS NULL OR (settled_at IS NOT NULL) = %(settled)s::boolean)
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
    connection: Connection,
    store_id: str,
    *,
    settled: bool | None,
    after: tuple[datetime, str, int] | None,
    limit: int,
) -> list[SaleExceptionRow]:
    """A store's exceptions, newest first, after (happened_at, sale_id, number); `settled` None is all."""
    happened_at, sale_id, number = after or (None, None, None)
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(
            _LIST,
            {
                "store_id": store_id,
                "settled": settled,
                "happened_at": happened_at,
                "sale_id": sale_id,
                "number": number,
                "limit": limit,
            },
        )
        return [SaleExceptionRow(*row) for row in await cursor.fetchall()]
