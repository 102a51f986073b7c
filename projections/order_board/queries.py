"""Reading order_board: the board itself, and the exceptions that need somebody to act."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, LiteralString

from psycopg.rows import tuple_row

from projections.kernel.table import Connection
from projections.order_board.fold import OrderRow

_COLUMNS: LiteralString = """
SELECT order_id, store_id, channel, status, customer_id, employee_id, currency, total_minor,
    placed_at, pay_by, ship_by, changed_at, short, delayed, damaged, undelivered, carriers,
    returned, matters
FROM order_board
"""

# A null parameter doesn't restrict.
_LIST: LiteralString = (
    _COLUMNS
    + """
WHERE (%(stores)s::text[] IS NULL OR store_id = ANY (%(stores)s::text[]))
    AND (%(status)s::text IS NULL OR status = %(status)s::text)
    AND (%(employee_id)s::text IS NULL OR employee_id = %(employee_id)s::text)
    AND (
        %(placed_at)s::timestamptz IS NULL
        OR placed_at < %(placed_at)s::timestamptz
        OR (placed_at = %(placed_at)s::timestamptz AND order_id > %(order_id)s::text)
    )
ORDER BY placed_at DESC, order_id
LIMIT %(limit)s
"""
)

# The first condition is the index's, word for word.
_EXCEPTIONS: LiteralString = (
    _COLUMNS
    + """
WHERE (status NOT IN ('received', 'cancelled', 'failed', 'returned') OR damaged = 1)
    AND (%(stores)s::text[] IS NULL OR store_id = ANY (%(stores)s::text[]))
    AND (
        (status = 'placed' AND pay_by <= %(now)s)
        OR (status IN ('paid', 'allocated', 'picked') AND (ship_by < %(now)s OR delayed = 1))
        OR (status = 'paid' AND short = 1)
        OR (status IN ('picked', 'shipped') AND undelivered > 0)
        OR (damaged = 1 AND status NOT IN ('cancelled', 'failed', 'returned'))
        OR (matters <> '{}' AND status NOT IN ('received', 'cancelled', 'failed', 'returned'))
    )
    AND (
        %(placed_at)s::timestamptz IS NULL
        OR (placed_at, order_id) > (%(placed_at)s::timestamptz, %(order_id)s::text)
    )
ORDER BY placed_at, order_id
LIMIT %(limit)s
"""
)

# The first condition is the index's, as above.
_UNDER_WAY: LiteralString = (
    _COLUMNS
    + """
WHERE (status NOT IN ('received', 'cancelled', 'failed', 'returned') OR damaged = 1)
    AND status IN ('picked', 'shipped')
    AND changed_at > %(since)s
    AND (
        %(placed_at)s::timestamptz IS NULL
        OR (placed_at, order_id) > (%(placed_at)s::timestamptz, %(order_id)s::text)
    )
ORDER BY placed_at, order_id
LIMIT %(limit)s
"""
)

_OVER = frozenset({"received", "cancelled", "failed", "returned"})
_TO_SHIP = frozenset({"paid", "allocated", "picked"})


def exceptions_of(row: OrderRow, now: datetime) -> list[str]:
    """What is wrong with the order at this instant; the conditions of the statement, one by one."""
    found = {
        "unpaid": row.status == "placed" and row.pay_by is not None and row.pay_by <= now,
        "not_shipped": row.status in _TO_SHIP and row.ship_by is not None and row.ship_by < now,
        "delayed": row.status in _TO_SHIP and row.delayed == 1,
        "allocation_short": row.status == "paid" and row.short == 1,
        "delivery_failed": row.status in {"picked", "shipped"} and row.undelivered > 0,
        "damaged": row.damaged == 1 and row.status not in _OVER - {"received"},
    }
    matters = {name.partition("/")[0] for name in row.matters} if row.status not in _OVER else set[str]()
    return [name for name, holds in found.items() if holds] + sorted(matters)


async def orders(
    connection: Connection,
    *,
    status: str | None,
    employee_id: str | None,
    stores: list[str] | None,
    after: tuple[datetime, str] | None,
    limit: int,
) -> list[OrderRow]:
    """Orders, newest first, continuing after (placed_at, order_id)."""
    wanted = {"status": status, "employee_id": employee_id, "stores": stores, "limit": limit}
    return await _rows(connection, _LIST, wanted, after)


async def order_exceptions(
    connection: Connection,
    *,
    now: datetime,
    stores: list[str] | None,
    after: tuple[datetime, str] | None,
    limit: int,
) -> list[OrderRow]:
    """Orders that somebody has to look at now, oldest first, continuing after (placed_at, order_id)."""
    return await _rows(connection, _EXCEPTIONS, {"now": now, "stores": stores, "limit": limit}, after)


async def under_way(
    connection: Connection, *, since: datetime, after: tuple[datetime, str] | None, limit: int
) -> list[OrderRow]:
    """Orders of which something may be on its way, and which changed since; oldest first."""
    return await _rows(connection, _UNDER_WAY, {"since": since, "limit": limit}, after)


async def _rows(
    connection: Connection,
    statement: LiteralString,
    wanted: Mapping[str, Any],
    after: tuple[datetime, str] | None,
) -> list[OrderRow]:
    placed_at, order_id = after or (None, None)
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(statement, {**wanted, "placed_at": placed_at, "order_id": order_id})
        return [OrderRow(*row) for row in await cursor.fetchall()]
