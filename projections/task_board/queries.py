"""Reading task_board."""

from collections.abc import Sequence
from datetime import datetime
from typing import LiteralString

from psycopg.rows import tuple_row

from projections.kernel.table import Connection
from projections.task_board.fold import TaskRow

# A null parameter doesn't restrict.
_LIST: LiteralString = """
SELECT task_id, store_id, subject, action, status, employee_id, rule, opened_at, due_at, closed_at, outcome
FROM task_board
WHERE status = %(status)s
    AND (%(stores)s::text[] IS NULL OR store_id = ANY (%(stores)s::text[]))
    AND (%(employee_id)s::text IS NULL OR employee_id = %(employee_id)s::text)
    AND (%(subject)s::text IS NULL OR subject = %(subject)s::text)
    AND (%(due_before)s::timestamptz IS NULL OR due_at < %(due_before)s::timestamptz)
    AND (
        %(due_at)s::timestamptz IS NULL
        OR (due_at, task_id) > (%(due_at)s::timestamptz, %(task_id)s::text)
    )
ORDER BY due_at, task_id
LIMIT %(limit)s
"""

# About the customer, or about a lead of theirs.
_OF_CUSTOMER: LiteralString = """
SELECT task_id, store_id, subject, action, status, employee_id, rule, opened_at, due_at, closed_at, outcome
FROM task_board
WHERE status = 'open' AND subject IN (
    SELECT 'customer-' || id FROM unnest(%(customer_ids)s::text[]) AS id
    UNION ALL
    SELECT 'lead-' || lead_id FROM lead_board WHERE customer_id = ANY (%(customer_ids)s::text[])
)
ORDER BY due_at, task_id
LIMIT %(limit)s
"""


async def tasks(
    connection: Connection,
    *,
    status: str,
    stores: list[str] | None,
    employee_id: str | None,
    subject: str | None,
    due_before: datetime | None,
    after: tuple[datetime, str] | None,
    limit: int,
) -> list[TaskRow]:
    """Tasks of a status, the most urgent first, continuing after (due_at, task_id)."""
    due_at, task_id = after or (None, None)
    parameters = {
        "status": status,
        "stores": stores,
        "employee_id": employee_id,
        "subject": subject,
        "due_before": due_before,
        "due_at": due_at,
        "task_id": task_id,
        "limit": limit,
    }
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_LIST, parameters)
        return [TaskRow(*row) for row in await cursor.fetchall()]


async def tasks_of_customer(connection: Connection, customer_ids: Sequence[str], limit: int) -> list[TaskRow]:
    """What is to be done for a customer of these ids, the most urgent first."""
    async with connection.cursor(row_factory=tuple_row) as cursor:
        asked = {"customer_ids": list(customer_ids), "limit": limit}
        await cursor.execute(_OF_CUSTOMER, asked, prepare=True)
        return [TaskRow(*row) for row in await cursor.fetchall()]
