"""What a store's counts found, by month and SKU, count or cause: count_results and report_keys."""

from datetime import date
from typing import Literal, LiteralString

import msgspec
from psycopg.rows import tuple_row

from projections.kernel.table import Connection

CountGroup = Literal["sku", "count", "cause", "store"]

# By when it was recorded, in the store's time zone of then: a month that is over never changes, and what is
# told late counts in the one that goes on.
# An adjustment by hand may refer to whatever it likes: a count is one that was posted.
_RESULTS: LiteralString = """
WITH posted AS (
    SELECT DISTINCT count_id
    FROM count_lines
    WHERE store_id = %(store_id)s
), told AS (
    SELECT position, recorded_at, sku, posted.count_id, cause, shrink, shrink_minor, surplus, surplus_minor,
        late, late_minor, 0 AS lines, 0 AS exact
    FROM count_variances
    LEFT JOIN posted USING (count_id)
    WHERE store_id = %(store_id)s AND recorded_at BETWEEN %(first)s::date - 1 AND %(last)s::date + 2
    UNION ALL
    SELECT position, recorded_at, sku, count_id, NULL, 0, 0, 0, 0, 0, 0, 1, (counted = book)::int
    FROM count_lines
    WHERE store_id = %(store_id)s AND recorded_at BETWEEN %(first)s::date - 1 AND %(last)s::date + 2
        AND %(group_by)s <> 'cause'
), named AS (
    SELECT to_char(recorded_at AT TIME ZONE store.time_zone, 'YYYY-MM') AS month,
        CASE %(group_by)s WHEN 'sku' THEN sku WHEN 'count' THEN coalesce(count_id, '')
            WHEN 'cause' THEN coalesce(cause, '') ELSE '' END AS name,
        told.*
    FROM told
    CROSS JOIN LATERAL (
        SELECT time_zone
        FROM store_time_zones
        WHERE store_id = %(store_id)s AND position <= told.position
        ORDER BY position DESC
        LIMIT 1
    ) AS store
    WHERE (recorded_at AT TIME ZONE store.time_zone)::date BETWEEN %(first)s AND %(last)s
        AND (%(sku)s::text IS NULL OR sku = %(sku)s)
)
SELECT month, name, sum(shrink)::bigint, sum(shrink_minor)::bigint, sum(surplus)::bigint,
    sum(surplus_minor)::bigint, sum(late)::bigint, sum(late_minor)::bigint, sum(lines)::bigint,
    sum(exact)::bigint
FROM named
WHERE (month, name) > (%(after_month)s, %(after_name)s)
GROUP BY month, name
ORDER BY month, name
LIMIT %(limit)s
"""


class CountResult(msgspec.Struct, frozen=True):
    """What counts found in a month: `lines` were counted, of which `exact` were as the book had them."""

    month: str
    name: str
    shrink: int
    shrink_minor: int
    surplus: int
    surplus_minor: int
    late: int
    late_minor: int
    lines: int
    exact: int


async def count_results(
    connection: Connection,
    store_id: str,
    *,
    first: date,
    last: date,
    sku: str | None,
    group_by: CountGroup,
    after: tuple[str, str],
    limit: int,
) -> list[CountResult]:
    """Results recorded from one local date to another, after a month and name (twice '' for the first).

    Names are SKUs, counts ('' by hand), causes or '' for the whole store. By cause no lines are told.
    """
    parameters = {
        "store_id": store_id,
        "first": first,
        "last": last,
        "sku": sku,
        "group_by": group_by,
        "after_month": after[0],
        "after_name": after[1],
        "limit": limit,
    }
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_RESULTS, parameters)
        return [CountResult(*row) for row in await cursor.fetchall()]
