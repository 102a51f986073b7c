"""What a year tells of a store's items, from stock_levels, stock_ledger, expiry_board and counts_due."""

from datetime import datetime, timedelta
from typing import LiteralString

from psycopg.rows import tuple_row

from domain.counts.classes import ItemFacts
from domain.kernel.business_day import business_day, midnight
from projections.kernel.table import Connection

YEAR = timedelta(days=365)

# An item of which there is nothing, and that did not move in a year, is not looked for on the shelf.
_FACTS: LiteralString = """
WITH year AS (
    SELECT sku,
        sum(CASE WHEN to_place = 'customer' THEN cost_minor WHEN from_place = 'customer' THEN -cost_minor
            ELSE 0 END)::bigint AS issued_minor,
        sum(CASE WHEN to_place = 'count_difference' THEN cost_minor
            WHEN from_place = 'count_difference' THEN -cost_minor ELSE 0 END)::bigint AS missing_minor
    FROM stock_ledger
    WHERE store_id = %(store_id)s AND recorded_at >= %(since)s AND recorded_at < %(now)s
    GROUP BY sku
), lots AS (
    SELECT sku, bool_or(sell_by IS NOT NULL) AS perishable,
        coalesce(bool_or(sell_by < %(today)s AND on_hand > 0), false) AS expired
    FROM expiry_board
    WHERE store_id = %(store_id)s
    GROUP BY sku
)
SELECT sku, level.on_hand, coalesce(issued_minor, 0), coalesce(missing_minor, 0), coalesce(perishable, false),
    coalesce(expired, false), counting IS NOT NULL, counted_at
FROM stock_levels AS level
LEFT JOIN year USING (sku)
LEFT JOIN lots USING (sku)
LEFT JOIN item_counts AS counted USING (store_id, sku)
WHERE store_id = %(store_id)s
    AND (level.on_hand <> 0 OR level.held <> 0 OR year.sku IS NOT NULL OR counting IS NOT NULL)
ORDER BY sku
"""


async def facts_of(
    connection: Connection, store_id: str, time_zone: str, day_starts_at_min: int, now: datetime
) -> list[ItemFacts]:
    """What the last 365 business days and today tell of each item that the store has or had in them."""
    today = business_day(now, time_zone, day_starts_at_min)
    parameters = {
        "store_id": store_id,
        "since": midnight(today - YEAR, time_zone),
        "now": now,
        "today": today,
    }
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_FACTS, parameters)
        rows = await cursor.fetchall()
    return [
        ItemFacts(
            sku=sku,
            on_hand=on_hand,
            issued_minor=issued_minor,
            missing_minor=missing_minor,
            perishable=perishable,
            expired=expired,
            counting=counting,
            counted_on=None if counted_at is None else business_day(counted_at, time_zone, day_starts_at_min),
        )
        for sku, on_hand, issued_minor, missing_minor, perishable, expired, counting, counted_at in rows
    ]
