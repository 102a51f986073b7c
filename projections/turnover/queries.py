"""Turnover of a store's SKUs over a time, from stock_ledger and turnover_sales."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import LiteralString

import msgspec
from psycopg.rows import tuple_row

from domain.inventory.turnover import Turned
from projections.kernel.table import Connection

# What is told of before the time counts from its beginning. Whole microseconds: nothing is rounded.
_STOCK: LiteralString = """
SELECT sku,
    coalesce(sum(value_minor) FILTER (WHERE recorded_at < %(begins_at)s), 0)::bigint,
    sum(value_minor)::bigint,
    sum(value_minor * (extract(epoch FROM %(ends_at)s - greatest(recorded_at, %(begins_at)s)) * 1000000)),
    coalesce(sum(
        CASE to_place WHEN 'customer' THEN cost_minor ELSE 0 END
        - CASE from_place WHEN 'customer' THEN cost_minor ELSE 0 END
    ) FILTER (WHERE recorded_at >= %(begins_at)s), 0)::bigint,
    coalesce(sum(variance_minor) FILTER (WHERE recorded_at >= %(begins_at)s), 0)::bigint
FROM stock_ledger
WHERE store_id = %(store_id)s
    AND recorded_at < %(ends_at)s
    AND position <= %(position)s
    AND (%(sku)s::text IS NULL OR sku = %(sku)s)
GROUP BY sku
ORDER BY sku
"""

_SALES: LiteralString = """
SELECT sku, sum(net_minor)::bigint
FROM turnover_sales
WHERE store_id = %(store_id)s
    AND recorded_at >= %(begins_at)s
    AND recorded_at < %(ends_at)s
    AND position <= %(position)s
    AND (%(sku)s::text IS NULL OR sku = %(sku)s)
GROUP BY sku
ORDER BY sku
"""

_CATEGORIES: LiteralString = """
SELECT DISTINCT ON (sku) sku, category
FROM product_categories
WHERE recorded_at < %(ends_at)s AND position <= %(position)s
ORDER BY sku, position DESC
"""


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """A time from one instant to before another, as the journal told of it up to a position."""

    begins_at: datetime
    ends_at: datetime
    position: int

    @property
    def length_us(self) -> int:
        """How long it is, in microseconds."""
        return (self.ends_at - self.begins_at) // timedelta(microseconds=1)


async def turned_of(
    connection: Connection, store_id: str, span: Span, *, sku: str | None
) -> dict[str, Turned]:
    """What each SKU of a store turned over, or one of them. What had neither stock nor trade is not there."""
    if not span.length_us:
        return {}
    parameters = {**msgspec.structs.asdict(span), "store_id": store_id, "sku": sku}
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_SALES, parameters)
        paid = dict(await cursor.fetchall())
        await cursor.execute(_STOCK, parameters)
        stock = {name: sums for name, *sums in await cursor.fetchall()}
    found: dict[str, Turned] = {}
    for name in sorted({*stock, *paid}):
        opening, closing, stock_us, cost, variance = stock.get(name, (0, 0, 0, 0, 0))
        turned = Turned(
            length_us=span.length_us,
            stock_us=int(stock_us),
            opening_minor=opening,
            closing_minor=closing,
            cost_minor=cost,
            variance_minor=variance,
            net_minor=paid.get(name, 0),
        )
        if not turned.is_nothing:
            found[name] = turned
    return found


async def categories_of(connection: Connection, span: Span) -> Mapping[str, str]:
    """The category that each SKU was in at the end of a time: of a closed one that never changes."""
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_CATEGORIES, {"ends_at": span.ends_at, "position": span.position})
        return dict(await cursor.fetchall())
