"""Reading customer_days: what is measured of every customer as of the end of a business day."""

from collections.abc import AsyncGenerator, Sequence
from datetime import date
from typing import Any, LiteralString, NamedTuple

from psycopg.rows import tuple_row

from domain.customers.measures import Measures
from projections.kernel.table import Connection

NO_TASTES: dict[str, int] = {}
PAGE = 10_000
"""Customers that are fetched at a time."""

# A million customers are sorted and hashed in memory; the shop's own statements have a few MB.
_MEMORY: LiteralString = "SET LOCAL work_mem = '256MB'"

# One pass over the days. Purchases count in every currency, money in one. Whoever bought is known, whatever
# the till's clock said of when they were registered. Records that were one person by then count for the one
# that speaks for them; they are few, so only their days are put together before.
_MEASURED: LiteralString = """
WITH linked AS MATERIALIZED (
    SELECT customer_id AS record_id, merged_into AS customer_id
    FROM customers_since
    WHERE merged_into IS NOT NULL AND merged_on <= %(as_of)s
), records AS MATERIALIZED (
    SELECT record_id, customer_id FROM linked
    UNION
    SELECT customer_id, customer_id FROM linked
), days AS (
    SELECT customer_id, business_day, purchases, returns,
        (spend_minor ->> %(currency)s)::int8 AS spend_minor,
        (goods_minor ->> %(currency)s)::int8 AS goods_minor
    FROM customer_days
    WHERE business_day <= %(as_of)s AND NOT EXISTS (
        SELECT FROM records
        WHERE record_id = customer_days.customer_id
    )
    UNION ALL
    SELECT records.customer_id, business_day, sum(purchases)::int8, sum(returns)::int8,
        sum((spend_minor ->> %(currency)s)::int8)::int8, sum((goods_minor ->> %(currency)s)::int8)::int8
    FROM records
    JOIN customer_days ON customer_days.customer_id = record_id
    WHERE business_day <= %(as_of)s
    GROUP BY records.customer_id, business_day
), bought AS (
    SELECT customer_id,
        count(*) FILTER (WHERE purchases > 0) AS days,
        min(business_day) FILTER (WHERE purchases > 0) AS first_day,
        max(business_day) FILTER (WHERE purchases > 0) AS last_day,
        sum(purchases) FILTER (WHERE business_day > %(after)s)::int8 AS purchases,
        count(*) FILTER (WHERE purchases > 0 AND business_day > %(after)s) AS purchase_days,
        sum(returns) FILTER (WHERE business_day > %(after)s)::int8 AS returns,
        sum(spend_minor) FILTER (WHERE business_day > %(after)s)::int8 AS spend_minor,
        sum(goods_minor) FILTER (WHERE business_day > %(after)s)::int8 AS goods_minor
    FROM days
    WHERE %(only)s::text IS NULL OR customer_id = %(only)s
    GROUP BY customer_id
), liked AS (
    SELECT customer_id, jsonb_object_agg(category, net_minor) AS tastes
    FROM (
        SELECT coalesce(records.customer_id, customer_days.customer_id) AS customer_id, category,
            sum((categories ->> (%(currency)s || '/' || category))::int8) AS net_minor
        FROM unnest(%(categories)s::text[]) AS asked (category)
        JOIN customer_days ON categories ? (%(currency)s || '/' || category)
        LEFT JOIN records ON record_id = customer_days.customer_id
        WHERE business_day > %(after)s AND business_day <= %(as_of)s
        GROUP BY 1, category
    ) AS by_category
    GROUP BY customer_id
), tiers AS (
    SELECT DISTINCT ON (customer_id) customer_id, tier
    FROM customer_tiers
    WHERE changed_on <= %(as_of)s
    ORDER BY customer_id, changed_on DESC
), celebrating AS (
    SELECT DISTINCT customer_id
    FROM customer_index
    WHERE kind = 'birthday' AND digest = ANY (%(birthdays)s::bytea[])
), belonging AS (
    SELECT customer_id, array_agg(segment_id ORDER BY segment_id) AS segments
    FROM segment_members
    WHERE departed_as_of IS NULL AND segment_id = ANY (%(segments)s::text[])
    GROUP BY customer_id
)
SELECT customers_since.customer_id, segments, coalesce(days, 0), %(as_of)s - first_day, %(as_of)s - last_day,
    coalesce(purchases, 0), coalesce(purchase_days, 0), coalesce(returns, 0), coalesce(spend_minor, 0),
    coalesce(goods_minor, 0), tastes, tier, celebrating.customer_id IS NOT NULL,
    linked.record_id IS NULL
FROM customers_since
LEFT JOIN bought USING (customer_id)
LEFT JOIN liked USING (customer_id)
LEFT JOIN tiers USING (customer_id)
LEFT JOIN celebrating USING (customer_id)
LEFT JOIN belonging USING (customer_id)
LEFT JOIN linked ON record_id = customers_since.customer_id
WHERE (
        first_day IS NOT NULL OR record_id IS NOT NULL
        OR (registered_at AT TIME ZONE 'UTC')::date <= %(as_of)s
    )
    AND (%(only)s::text IS NULL OR customers_since.customer_id = %(only)s)
    AND NOT EXISTS (
        SELECT FROM forgotten_subjects
        WHERE subject = 'customer-' || customers_since.customer_id
    )
"""


class Asked(NamedTuple):
    """What is asked of every customer.

    Money is in the currency, purchases and money of so many days up to `as_of`, or all. `birthdays` are the
    keyed hashes of the days that count, `segments` those whose members are told, `only` is one customer.
    """

    as_of: date
    currency: str | None = None
    window_days: int | None = None
    categories: Sequence[str] = ()
    birthdays: Sequence[bytes] = ()
    segments: Sequence[str] = ()
    only: str | None = None


class Measured(NamedTuple):
    """A customer, the segments that they belong to so far, and what was measured of all their records.

    Of a record that another speaks for (`speaks` is false) nothing is.
    """

    customer_id: str
    segments: Sequence[str]
    measures: Measures
    speaks: bool = True


async def measured(connection: Connection, asked: Asked) -> AsyncGenerator[list[Measured]]:
    """All customers who were known then and are not forgotten, in pages, in no order, at one instant."""
    days = asked.as_of.toordinal() if asked.window_days is None else asked.window_days
    after = date.fromordinal(max(asked.as_of.toordinal() - days, 1))
    parameters: dict[str, Any] = {
        "as_of": asked.as_of,
        "after": after,
        "currency": asked.currency,
        "categories": list(asked.categories),
        "birthdays": list(asked.birthdays),
        "segments": list(asked.segments),
        "only": asked.only,
    }
    async with (
        connection.transaction(),
        connection.cursor(name="measured", row_factory=tuple_row) as cursor,
    ):
        await connection.execute(_MEMORY)
        await cursor.execute(_MEASURED, parameters, binary=True)
        while rows := await cursor.fetchmany(PAGE):
            yield [_measured(row) for row in rows]


def _measured(row: tuple[Any, ...]) -> Measured:
    customer_id, segments, days, first, last, purchases, purchase_days, returns, *rest = row
    spend, goods, tastes, tier, birthday, speaks = rest
    return Measured(
        customer_id,
        segments or (),
        Measures(
            days=days,
            days_since_first=first,
            days_since_last=last,
            purchases=purchases,
            purchase_days=purchase_days,
            returns=returns,
            spend_minor=spend,
            goods_minor=goods,
            tastes=tastes or NO_TASTES,
            tier=tier,
            birthday=birthday,
        ),
        speaks,
    )
