"""Reading targets, each with what has been reached by now."""

from datetime import date
from typing import LiteralString

import msgspec
from psycopg.rows import tuple_row

from projections.kernel.table import Connection
from projections.targets.fold import TargetRow

# Of all goods the days of staff say it, where a shared sale is one sale to each who shares it; so a store's
# sales are counted in sales_hours. Of some goods the sales report does. A CASE takes one of the looks alone.
_REACHED: LiteralString = """
CASE
    WHEN sku IS NOT NULL OR category IS NOT NULL THEN (
        SELECT CASE target.measure WHEN 'money' THEN sum(net_minor) ELSE sum(units - returned_units) END
        FROM sales_report AS fact
        WHERE business_day BETWEEN target.first_day AND target.last_day
            AND (target.store_id IS NULL OR fact.store_id = target.store_id)
            AND (target.employee_id IS NULL OR fact.employee_id = target.employee_id)
            AND (target.sku IS NULL OR fact.sku = target.sku)
            AND (target.category IS NULL OR fact.category = target.category)
            AND (target.currency IS NULL OR fact.currency = target.currency)
    )
    WHEN measure = 'count' AND employee_id IS NULL THEN (
        SELECT sum(sales - returns)
        FROM sales_hours AS fact
        WHERE business_day BETWEEN target.first_day AND target.last_day
            AND (target.store_id IS NULL OR fact.store_id = target.store_id)
    )
    ELSE (
        SELECT CASE target.measure
            WHEN 'money' THEN sum(sold_minor - returned_minor)
            WHEN 'units' THEN sum(units - returned_units)
            ELSE sum(sales - returns)
        END
        FROM staff_days AS fact
        WHERE business_day BETWEEN target.first_day AND target.last_day
            AND (target.store_id IS NULL OR fact.store_id = target.store_id)
            AND (target.employee_id IS NULL OR fact.employee_id = target.employee_id)
            AND (target.currency IS NULL OR fact.currency = target.currency)
    )
END
"""

_TOLD: LiteralString = (
    """
SELECT target_id, store_id, employee_id, sku, category, first_day, last_day, measure, currency, goal, version,
    ended, coalesce("""
    + _REACHED
    + """, 0)::bigint
FROM targets AS target
"""
)

_LIST: LiteralString = (
    _TOLD
    + """
WHERE target_id > %(after)s
    AND (%(stores)s::text[] IS NULL OR store_id = ANY (%(stores)s::text[]))
    AND (%(target_id)s::text IS NULL OR target_id = %(target_id)s::text)
    AND (%(employee_id)s::text IS NULL OR employee_id = %(employee_id)s::text)
    AND (%(day)s::date IS NULL OR %(day)s::date BETWEEN first_day AND last_day)
ORDER BY target_id
LIMIT %(limit)s
"""
)

# A store's own target names nobody.
_BETWEEN: LiteralString = (
    _TOLD
    + """
WHERE first_day <= %(last)s AND last_day >= %(first)s
    AND NOT ended
    AND (
        employee_id = ANY (%(employee_ids)s::text[])
        OR (employee_id IS NULL AND store_id = ANY (%(of_stores)s::text[]))
    )
    AND (%(stores)s::text[] IS NULL OR store_id = ANY (%(stores)s::text[]))
ORDER BY target_id
LIMIT %(limit)s
"""
)


class Reached(msgspec.Struct, frozen=True, kw_only=True):
    """A target and how much of it has been reached, without what came back: below zero if more came back."""

    target: TargetRow
    reached: int


async def targets_reached(
    connection: Connection,
    *,
    stores: list[str] | None = None,
    target_id: str | None = None,
    employee_id: str | None = None,
    day: date | None = None,
    after: str = "",
    limit: int = 1,
) -> list[Reached]:
    """Targets by id, after an id, of the given stores (None: all), somebody, or that run on a day."""
    parameters = {
        "stores": stores,
        "target_id": target_id,
        "employee_id": employee_id,
        "day": day,
        "after": after,
        "limit": limit,
    }
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_LIST, parameters)
        return [Reached(target=TargetRow(*row), reached=reached) for *row, reached in await cursor.fetchall()]


async def targets_between(
    connection: Connection,
    *,
    first: date,
    last: date,
    employee_ids: list[str],
    of_stores: list[str],
    stores: list[str] | None,
    limit: int,
) -> list[Reached]:
    """Targets that run on one of these days, of these people or of these stores as a whole, by id.

    Only those that are of `stores` (None: all of them, and those of no store).
    """
    parameters = {
        "first": first,
        "last": last,
        "employee_ids": employee_ids,
        "of_stores": of_stores,
        "stores": stores,
        "limit": limit,
    }
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_BETWEEN, parameters)
        return [Reached(target=TargetRow(*row), reached=reached) for *row, reached in await cursor.fetchall()]
