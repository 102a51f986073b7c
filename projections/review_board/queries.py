"""Reading review_board."""

from datetime import date
from typing import LiteralString

from psycopg.rows import tuple_row

from projections.kernel.table import Connection
from projections.review_board.fold import ReviewRow

_OF_EMPLOYEE: LiteralString = """
SELECT employee_id, cycle, store_id, status, given_at, acknowledged_at, plans, due, next_due
FROM reviews
WHERE employee_id = %(employee_id)s AND cycle > %(after)s AND (%(drafts)s OR status <> 'draft')
ORDER BY cycle
LIMIT %(limit)s
"""

# Whoever moved takes their plans along, and nobody follows up those of who was forgotten.
_DUE: LiteralString = """
SELECT employee_id, cycle, review.store_id, status, given_at, acknowledged_at, plans, due, next_due
FROM reviewed_people AS person
JOIN reviews AS review USING (employee_id)
WHERE person.store_id = %(store_id)s AND NOT erased AND status <> 'draft' AND next_due <= %(by)s
    AND (employee_id, cycle) > (%(employee_id)s, %(cycle)s)
ORDER BY employee_id, cycle
LIMIT %(limit)s
"""


async def reviews_of(
    connection: Connection, employee_id: str, *, drafts: bool, after: str, limit: int
) -> list[ReviewRow]:
    """An employee's reviews by cycle, after a cycle ('' for the first)."""
    wanted = {"employee_id": employee_id, "drafts": drafts, "after": after, "limit": limit}
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_OF_EMPLOYEE, wanted)
        return [ReviewRow(*row) for row in await cursor.fetchall()]


async def due_in(
    connection: Connection, store_id: str, *, by: date, after: tuple[str, str], limit: int
) -> list[ReviewRow]:
    """Reviews of who works in a store, with a plan that is due by a day, by employee and cycle."""
    wanted = {"store_id": store_id, "by": by, "employee_id": after[0], "cycle": after[1], "limit": limit}
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_DUE, wanted)
        return [ReviewRow(*row) for row in await cursor.fetchall()]
