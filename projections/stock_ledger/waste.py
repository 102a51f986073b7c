"""What stores lost of their goods, by month, place and cause: stock_ledger and report_keys."""

from collections import Counter
from datetime import date
from typing import LiteralString

import msgspec
from psycopg.rows import tuple_row

from projections.kernel.table import Connection

# By when it was recorded, in the store's time zone and of the product's category as they were then: a month
# that is over never changes, whatever is told late and however shops and goods are sorted anew.
_WASTE: LiteralString = """
SELECT store_id, to_char(month, 'YYYY-MM'), category, place, cause, sum(cost_minor)::bigint
FROM (
    SELECT entry.store_id, date_trunc('month', entry.recorded_at AT TIME ZONE store.time_zone) AS month,
        coalesce(product.category, '') AS category, coalesce(entry.cause, '') AS cause,
        CASE WHEN to_place = ANY(%(places)s) THEN to_place ELSE from_place END AS place,
        CASE WHEN to_place = ANY(%(places)s) THEN cost_minor ELSE -cost_minor END AS cost_minor
    FROM stock_ledger AS entry
    CROSS JOIN LATERAL (
        SELECT time_zone
        FROM store_time_zones
        WHERE store_id = entry.store_id AND position <= entry.position
        ORDER BY position DESC
        LIMIT 1
    ) AS store
    LEFT JOIN LATERAL (
        SELECT category
        FROM product_categories
        WHERE sku = entry.sku AND position <= entry.position
        ORDER BY position DESC
        LIMIT 1
    ) AS product ON true
    WHERE (to_place = ANY(%(places)s)) <> (from_place = ANY(%(places)s))
        AND entry.recorded_at BETWEEN %(first)s::date - 1 AND %(last)s::date + 2
        AND (entry.recorded_at AT TIME ZONE store.time_zone)::date BETWEEN %(first)s AND %(last)s
        AND (%(stores)s::text[] IS NULL OR entry.store_id = ANY(%(stores)s::text[]))
        AND (%(sku)s::text IS NULL OR entry.sku = %(sku)s::text)
) AS lost
WHERE %(category)s::text IS NULL OR category = %(category)s::text
GROUP BY store_id, month, category, place, cause
ORDER BY store_id, month, category, place, cause
"""
_PLACES = ["waste", "count_difference", "donated"]


class WasteRow(msgspec.Struct, frozen=True):
    """What a store's goods of a category lost to a place for a cause in a month, less what came back."""

    store_id: str
    month: str
    category: str
    place: str
    cause: str
    cost_minor: int


class Loss(msgspec.Struct, frozen=True):
    """What went to a place for a cause in a month, less what came back from there."""

    month: str
    place: str
    cause: str
    cost_minor: int


async def waste_of(
    connection: Connection,
    stores: list[str] | None,
    *,
    first: date,
    last: date,
    category: str | None,
    sku: str | None = None,
) -> list[WasteRow]:
    """The losses of these stores, or of all, recorded from one of their local dates to another."""
    parameters = {
        "stores": stores,
        "first": first,
        "last": last,
        "category": category,
        "sku": sku,
        "places": _PLACES,
    }
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_WASTE, parameters)
        return [WasteRow(*row) for row in await cursor.fetchall()]


async def losses_of(
    connection: Connection, store_id: str, *, first: date, last: date, sku: str | None
) -> list[Loss]:
    """A store's losses of all categories together, of one SKU or of all."""
    lost: Counter[tuple[str, str, str]] = Counter()
    for row in await waste_of(connection, [store_id], first=first, last=last, category=None, sku=sku):
        lost[row.month, row.place, row.cause] += row.cost_minor
    return [Loss(*key, lost[key]) for key in sorted(lost)]
