"""Reading incentives: how employees did in a month, ranked. No tax in it; of shared sales, by share."""

import enum
from typing import LiteralString

import msgspec
from psycopg.rows import tuple_row
from psycopg.sql import SQL

from projections.kernel.table import Connection


class RankBy(enum.StrEnum):
    """What employees are compared by."""

    NET = "net"
    MARGIN = "margin"
    SALES = "sales"


_RANKS = {
    RankBy.NET: SQL("net_minor"),
    RankBy.MARGIN: SQL("net_minor - cost_minor"),
    RankBy.SALES: SQL("sales"),
}

# A return counts in its own month, for whoever sold. Ties share a rank, and the next one is left out.
_MONTH: LiteralString = """
WITH moved AS (
    SELECT employee_id, currency, 1 AS sales, 0 AS returns, 0::bigint AS returned_minor,
        (
            SELECT coalesce(sum(value::bigint), 0)
            FROM jsonb_each_text(CASE share_bp WHEN 10000 THEN net_minor ELSE own_net_minor END)
        ) AS net_minor,
        (
            SELECT coalesce(sum(value::bigint), 0)
            FROM jsonb_each_text(CASE share_bp WHEN 10000 THEN cost_minor ELSE own_cost_minor END)
        ) AS cost_minor
    FROM attributed_sales
    WHERE month = %(month)s AND (%(stores)s::text[] IS NULL OR store_id = ANY (%(stores)s::text[]))
    UNION ALL
    SELECT employee_id, currency, 0, 1, back.net_minor, -back.net_minor, -back.cost_minor
    FROM (
        SELECT employee_id, currency,
            round((
                SELECT coalesce(sum(value::bigint), 0) FROM jsonb_each_text(returned.net_minor)
            ) * share_bp / 10000)::bigint AS net_minor,
            round((
                SELECT coalesce(sum(value::bigint), 0) FROM jsonb_each_text(returned.cost_minor)
            ) * share_bp / 10000)::bigint AS cost_minor
        FROM attributed_returns AS returned
        JOIN attributed_sales AS sold USING (employee_id, sale_id)
        WHERE returned.month = %(month)s
            AND (%(stores)s::text[] IS NULL OR store_id = ANY (%(stores)s::text[]))
    ) AS back
),
sums AS (
    SELECT employee_id, currency, sum(sales)::bigint AS sales, sum(returns)::bigint AS returns,
        sum(net_minor)::bigint AS net_minor, sum(returned_minor)::bigint AS returned_minor,
        sum(cost_minor)::bigint AS cost_minor
    FROM moved
    GROUP BY employee_id, currency
)
SELECT employee_id, currency, sales, returns, net_minor, returned_minor, cost_minor,
    rank() OVER (PARTITION BY currency ORDER BY {measure} DESC), count(*) OVER (PARTITION BY currency)
FROM sums
ORDER BY currency, 8, employee_id
LIMIT %(limit)s
"""

_PAID: LiteralString = """
SELECT employee_id, currency, sum(commission_minor)::bigint, sum(bonus_minor)::bigint
FROM incentive_amounts
WHERE period = %(month)s AND employee_id = ANY (%(employee_ids)s::text[])
GROUP BY employee_id, currency
ORDER BY employee_id, currency
"""


class Performance(msgspec.Struct, frozen=True, kw_only=True):
    """An employee's month in a currency. `among` is how many are ranked in it."""

    employee_id: str
    currency: str
    sales: int
    returns: int
    net_minor: int
    returned_minor: int
    cost_minor: int
    rank: int
    among: int


async def performance_of(
    connection: Connection, month: str, by: RankBy, *, stores: list[str] | None, limit: int
) -> list[Performance]:
    """Who sold or took back in a month in these stores (None: all), by currency and rank."""
    query = SQL(_MONTH).format(measure=_RANKS[by])
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(query, {"month": month, "stores": stores, "limit": limit})
        rows = await cursor.fetchall()
    return [Performance(**dict(zip(Performance.__struct_fields__, row, strict=True))) for row in rows]


async def paid_for(
    connection: Connection, month: str, employee_ids: list[str]
) -> dict[tuple[str, str], tuple[int, int]]:
    """Commission and bonus of these employees by closed schemes, by employee and currency."""
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_PAID, {"month": month, "employee_ids": employee_ids})
        return {(who, currency): (paid, bonus) for who, currency, paid, bonus in await cursor.fetchall()}
