"""Reading complaint_board."""

from collections.abc import Sequence
from datetime import datetime
from typing import LiteralString, NamedTuple

from psycopg.rows import class_row, tuple_row

from projections.complaint_board.fold import ComplaintRow
from projections.kernel.table import Connection

_COLUMNS: LiteralString = """
SELECT case_id, kind, status, category, customer_id, store_id, sale_id, sku, employee_id,
    opened_at, changed_at, resolved_at, comments, reopenings, channel, priority, lot, supplier_id,
    about_employee_id, responded_at, referred_at, outcome, in_time, accepted
FROM complaint_board
"""

# A null parameter doesn't restrict; two statements so that each has its own index.
_LIST: LiteralString = (
    _COLUMNS
    + """
WHERE (%(stores)s::text[] IS NULL OR store_id = ANY (%(stores)s::text[]))
    AND (
        %(opened_at)s::timestamptz IS NULL
        OR opened_at < %(opened_at)s::timestamptz
        OR (opened_at = %(opened_at)s::timestamptz AND case_id > %(case_id)s::text)
    )
ORDER BY opened_at DESC, case_id
LIMIT %(limit)s
"""
)
_LIST_BY_STATUS: LiteralString = _LIST.replace("WHERE (", "WHERE status = %(status)s AND (", 1)

_OF_CUSTOMER: LiteralString = """
SELECT kind, count(*) AS cases, count(*) FILTER (WHERE status <> 'resolved') AS open,
    sum(reopenings)::bigint AS reopenings, max(opened_at) AS last_opened_at
FROM complaint_board
WHERE customer_id = ANY (%(customer_ids)s)
GROUP BY kind
ORDER BY kind
"""


class CasesOfCustomer(NamedTuple):
    """How often a customer came with something of a kind, and how much of it is still open."""

    kind: str
    cases: int
    open: int
    reopenings: int
    last_opened_at: datetime


async def cases_of_customer(connection: Connection, customer_ids: Sequence[str]) -> list[CasesOfCustomer]:
    """The cases of a customer of these ids, by kind."""
    async with connection.cursor(row_factory=class_row(CasesOfCustomer)) as cursor:
        await cursor.execute(_OF_CUSTOMER, {"customer_ids": list(customer_ids)}, prepare=True)
        return await cursor.fetchall()


async def complaints(
    connection: Connection,
    *,
    status: str | None,
    stores: list[str] | None,
    after: tuple[datetime, str] | None,
    limit: int,
) -> list[ComplaintRow]:
    """Complaints, newest first, continuing after (opened_at, case_id)."""
    opened_at, case_id = after or (None, None)
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(
            _LIST if status is None else _LIST_BY_STATUS,
            {"status": status, "stores": stores, "opened_at": opened_at, "case_id": case_id, "limit": limit},
        )
        return [ComplaintRow(*row) for row in await cursor.fetchall()]
