"""Reading service_quality: how employees and stores do, over the cases that were opened in some time."""

import enum
from datetime import datetime
from typing import LiteralString

import msgspec
from psycopg.rows import tuple_row
from psycopg.sql import SQL, Identifier

from projections.kernel.table import Connection


class QualityGroup(enum.StrEnum):
    """What can be compared. A month is one of the UTC calendar, in which the case was opened."""

    EMPLOYEE = "employee_id"
    STORE = "store_id"
    MONTH = "month"


# A case is its present employee's; each fact is that of whoever it is noted for.
_SUMS: LiteralString = """
WITH chosen AS (
    SELECT store_id, employee_id, to_char(opened_at AT TIME ZONE 'UTC', 'YYYY-MM') AS month, resolved,
        responses, response_s, resolutions, reopened, asked, answers, scores
    FROM service_quality
    WHERE opened_at >= %(since)s AND opened_at < %(until)s
        AND (%(stores)s::text[] IS NULL OR store_id = ANY (%(stores)s::text[]))
        AND (%(kind)s::text IS NULL OR kind = %(kind)s::text)
), told AS (
    SELECT store_id, employee_id, month, 'cases' AS what, 1::bigint AS number
    FROM chosen
    UNION ALL
    SELECT store_id, employee_id, month, 'resolved', 1::bigint
    FROM chosen
    WHERE resolved
    UNION ALL
    SELECT store_id, nullif(by_employee.key, ''), month, fact.what, by_employee.value::bigint
    FROM chosen
        CROSS JOIN LATERAL (
            VALUES ('responses', responses), ('response_s', response_s), ('resolutions', resolutions),
                ('reopened', reopened), ('asked', asked), ('answers', answers), ('scores', scores)
        ) AS fact (what, counts)
        CROSS JOIN LATERAL jsonb_each_text(fact.counts) AS by_employee (key, value)
)
SELECT {group},
    coalesce(sum(number) FILTER (WHERE what = 'cases'), 0)::bigint,
    coalesce(sum(number) FILTER (WHERE what = 'resolved'), 0)::bigint,
    coalesce(sum(number) FILTER (WHERE what = 'responses'), 0)::bigint,
    coalesce(sum(number) FILTER (WHERE what = 'response_s'), 0)::bigint,
    coalesce(sum(number) FILTER (WHERE what = 'resolutions'), 0)::bigint,
    coalesce(sum(number) FILTER (WHERE what = 'reopened'), 0)::bigint,
    coalesce(sum(number) FILTER (WHERE what = 'asked'), 0)::bigint,
    coalesce(sum(number) FILTER (WHERE what = 'answers'), 0)::bigint,
    coalesce(sum(number) FILTER (WHERE what = 'scores'), 0)::bigint
FROM told
GROUP BY {group}
ORDER BY {group} NULLS LAST
LIMIT %(limit)s
"""


class QualitySum(msgspec.Struct, frozen=True, kw_only=True):
    """Sums of a group; key None: of nobody, or of no store."""

    key: str | None
    cases: int
    resolved: int
    responses: int
    response_s: int
    resolutions: int
    reopened: int
    asked: int
    answers: int
    scores: int


async def sums_of_quality(
    connection: Connection,
    by: QualityGroup,
    *,
    since: datetime,
    until: datetime,
    stores: list[str] | None,
    kind: str | None,
    limit: int,
) -> list[QualitySum]:
    """Sums over the cases that were opened from one instant up to another, by the group's name."""
    query = SQL(_SUMS).format(group=Identifier(by.value))
    asked = {"since": since, "until": until, "stores": stores, "kind": kind, "limit": limit}
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(query, asked)
        rows = await cursor.fetchall()
    return [QualitySum(**dict(zip(QualitySum.__struct_fields__, row, strict=True))) for row in rows]
