"""Reading staff_days: what some days came to, of people and of stores."""

from datetime import date
from typing import Any, LiteralString

import msgspec
from psycopg.rows import tuple_row

from domain.staff.figures import Facts
from projections.kernel.table import Connection

_HEARD: LiteralString = """
SELECT employee_id, sum(csat_answers)::bigint, sum(csat_points)::bigint, sum(leads_ended)::bigint,
    sum(leads_won)::bigint
FROM staff_days
WHERE business_day BETWEEN %(first)s AND %(last)s
    AND employee_id = ANY (%(employee_ids)s::text[])
    AND (%(stores)s::text[] IS NULL OR store_id = ANY (%(stores)s::text[]))
GROUP BY employee_id
ORDER BY employee_id
"""

# A shared sale is one to each who shares it, so sales are counted in sales_hours. A store's currency never
# changes; days on which nothing was sold or came back don't know it.
_STORES: LiteralString = """
WITH told AS (
    SELECT store_id, max(currency) AS currency, sum(revenue_minor)::bigint AS revenue_minor,
        sum(cost_minor)::bigint AS cost_minor, sum(csat_answers)::bigint AS csat_answers,
        sum(csat_points)::bigint AS csat_points, sum(leads_ended)::bigint AS leads_ended,
        sum(leads_won)::bigint AS leads_won
    FROM staff_days
    WHERE business_day BETWEEN %(first)s AND %(last)s
        AND (%(stores)s::text[] IS NULL OR store_id = ANY (%(stores)s::text[]))
    GROUP BY store_id
    HAVING max(currency) <> ''
),
counted AS (
    SELECT store_id, sum(sales)::bigint AS sales, sum(returns)::bigint AS returns
    FROM sales_hours
    WHERE business_day BETWEEN %(first)s AND %(last)s
        AND (%(stores)s::text[] IS NULL OR store_id = ANY (%(stores)s::text[]))
    GROUP BY store_id
)
SELECT store_id, currency, coalesce(sales, 0), coalesce(returns, 0), revenue_minor, cost_minor, csat_answers,
    csat_points, leads_ended, leads_won
FROM told
LEFT JOIN counted USING (store_id)
ORDER BY currency, revenue_minor DESC, store_id
LIMIT %(limit)s
"""


class StoreDays(msgspec.Struct, frozen=True, kw_only=True):
    """What a store's days came to, whoever it was, in its currency: trade without tax, answers and leads."""

    store_id: str
    currency: str
    facts: Facts


async def heard_of(
    connection: Connection, employee_ids: list[str], *, first: date, last: date, stores: list[str] | None
) -> dict[str, Facts]:
    """Answers and leads of these people in these stores (None: all); whoever had neither may not stand."""
    parameters = {"employee_ids": employee_ids, "first": first, "last": last, "stores": stores}
    rows = await _rows(connection, _HEARD, parameters)
    return {
        who: Facts(csat_answers=answers, csat_points=points, leads_ended=ended, leads_won=won)
        for who, answers, points, ended, won in rows
    }


async def days_of_stores(
    connection: Connection, *, first: date, last: date, stores: list[str] | None, limit: int
) -> list[StoreDays]:
    """What these stores (None: all) came to where something was sold or came back, the best first."""
    parameters = {"first": first, "last": last, "stores": stores, "limit": limit}
    return [
        StoreDays(
            store_id=store_id,
            currency=currency,
            facts=Facts(
                sales=sales,
                returns=returns,
                revenue_minor=revenue,
                cost_minor=cost,
                csat_answers=answers,
                csat_points=points,
                leads_ended=ended,
                leads_won=won,
            ),
        )
        for store_id, currency, sales, returns, revenue, cost, answers, points, ended, won in await _rows(
            connection, _STORES, parameters
        )
    ]


async def _rows(
    connection: Connection, query: LiteralString, parameters: dict[str, Any]
) -> list[tuple[Any, ...]]:
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(query, parameters)
        return await cursor.fetchall()
