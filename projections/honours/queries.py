"""Reading honours."""

from typing import LiteralString

from psycopg.rows import tuple_row

from projections.honours.fold import HonourRow
from projections.kernel.table import Connection

# What is of no store is everybody's to see.
_OF_MONTH: LiteralString = """
SELECT period, honour_id, employee_id, title, store_id, shared, among
FROM honours
WHERE period = %(period)s
    AND (%(stores)s::text[] IS NULL OR store_id IS NULL OR store_id = ANY (%(stores)s::text[]))
    AND (honour_id, employee_id) > (%(honour_id)s, %(employee_id)s)
ORDER BY honour_id, employee_id
LIMIT %(limit)s
"""

_TITLES: LiteralString = """
SELECT employee_id, array_agg(title ORDER BY honour_id)
FROM honours
WHERE period = %(period)s AND employee_id = ANY (%(employee_ids)s::text[])
GROUP BY employee_id
ORDER BY employee_id
"""


async def honours_of(
    connection: Connection, period: str, *, stores: list[str] | None, after: tuple[str, str], limit: int
) -> list[HonourRow]:
    """A month's honours by id and employee, of these stores (None: all) and of no store."""
    wanted = {
        "period": period,
        "stores": stores,
        "honour_id": after[0],
        "employee_id": after[1],
        "limit": limit,
    }
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_OF_MONTH, wanted)
        return [HonourRow(*row) for row in await cursor.fetchall()]


async def titles_of(connection: Connection, period: str, employee_ids: list[str]) -> dict[str, list[str]]:
    """By what each of these was distinguished in a month; who was not stands not here."""
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_TITLES, {"period": period, "employee_ids": employee_ids})
        return dict(await cursor.fetchall())
