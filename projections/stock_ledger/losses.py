"""What a store lost of its goods, by month and cause, from stock_ledger."""

from datetime import date
from typing import LiteralString

import msgspec
from psycopg.rows import tuple_row

from projections.kernel.table import Connection

# By when it was recorded: what is told late counts in the month that is open, and a closed one never changes.
_LOSSES: LiteralString = """
SELECT to_char(month, 'YYYY-MM'), place, coalesce(cause, ''), sum(cost_minor)::bigint
FROM (
    SELECT date_trunc('month', recorded_at AT TIME ZONE %(time_zone)s) AS month, cause,
        CASE WHEN to_place = ANY(%(places)s) THEN to_place ELSE from_place END AS place,
        CASE WHEN to_place = ANY(%(places)s) THEN cost_minor ELSE -cost_minor END AS cost_minor
    FROM stock_ledger
    WHERE store_id = %(store_id)s
        AND (to_place = ANY(%(places)s)) <> (from_place = ANY(%(places)s))
        AND (recorded_at AT TIME ZONE %(time_zone)s)::date BETWEEN %(first)s AND %(last)s
        AND (%(sku)s::text IS NULL OR sku = %(sku)s)
) AS lost
GROUP BY month, place, 3
ORDER BY month, place, 3
"""
_PLACES = ["waste", "count_difference", "donated"]


class Loss(msgspec.Struct, frozen=True):
    """What went to a place for a cause in a month, less what came back from there."""

    month: str
    place: str
    cause: str
    cost_minor: int


async def losses_of(
    connection: Connection, store_id: str, time_zone: str, *, first: date, last: date, sku: str | None
) -> list[Loss]:
    """A store's losses that were recorded from one local date to another, of one SKU or of all."""
    parameters = {
        "store_id": store_id,
        "time_zone": time_zone,
        "first": first,
        "last": last,
        "sku": sku,
        "places": _PLACES,
    }
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_LOSSES, parameters)
        return [Loss(*row) for row in await cursor.fetchall()]
