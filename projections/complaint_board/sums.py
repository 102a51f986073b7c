"""Reading complaint_board: sums of cases by what they are about."""

import enum
from datetime import datetime
from typing import LiteralString

import msgspec
from psycopg.rows import tuple_row
from psycopg.sql import SQL, Identifier

from projections.kernel.table import Connection


class CaseGroup(enum.StrEnum):
    """What cases can be summed by: a column of the board."""

    PRODUCT = "sku"
    CHANNEL = "channel"
    CATEGORY = "category"
    STORE = "store_id"
    LOT = "lot"
    SUPPLIER = "supplier_id"
    EMPLOYEE = "about_employee_id"


# A day is one of the UTC calendar. What is in neither of a pair is not known.
_SUMS: LiteralString = """
SELECT {group}, count(*), count(resolved_at), count(*) FILTER (WHERE reopenings > 0), count(referred_at),
    coalesce(sum((referred_at AT TIME ZONE 'UTC')::date - (opened_at AT TIME ZONE 'UTC')::date), 0)::bigint,
    count(*) FILTER (WHERE in_time), count(*) FILTER (WHERE NOT in_time),
    count(*) FILTER (WHERE accepted), count(*) FILTER (WHERE NOT accepted)
FROM complaint_board
WHERE opened_at >= %(since)s AND opened_at < %(until)s
    AND (%(stores)s::text[] IS NULL OR store_id = ANY (%(stores)s::text[]))
    AND (%(kind)s::text IS NULL OR kind = %(kind)s::text)
GROUP BY {group}
ORDER BY count(*) DESC, {group} NULLS LAST
LIMIT %(limit)s
"""


_ABOUT: LiteralString = """
SELECT about_employee_id, count(*)
FROM complaint_board
WHERE about_employee_id = ANY (%(employee_ids)s::text[]) AND kind = 'complaint'
    AND opened_at >= %(since)s AND opened_at < %(until)s
    AND (%(stores)s::text[] IS NULL OR store_id = ANY (%(stores)s::text[]))
GROUP BY about_employee_id
ORDER BY about_employee_id
"""


class CaseSum(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the cases of a group; key None: of those that name none.

    `days_to_referral` are summed over the referred cases.
    """

    key: str | None
    cases: int
    resolved: int
    reopened: int
    referred: int
    days_to_referral: int
    in_time: int
    late: int
    accepted: int
    disputed: int


async def sums_of_cases(
    connection: Connection,
    by: CaseGroup,
    *,
    since: datetime,
    until: datetime,
    stores: list[str] | None,
    kind: str | None,
    limit: int,
) -> list[CaseSum]:
    """Sums of the cases that were opened from one instant up to another, the most first."""
    query = SQL(_SUMS).format(group=Identifier(by.value))
    parameters = {"since": since, "until": until, "stores": stores, "kind": kind, "limit": limit}
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(query, parameters)
        rows = await cursor.fetchall()
    return [CaseSum(**dict(zip(CaseSum.__struct_fields__, row, strict=True))) for row in rows]


async def complaints_about(
    connection: Connection,
    employee_ids: list[str],
    *,
    since: datetime,
    until: datetime,
    stores: list[str] | None,
) -> dict[str, int]:
    """How many complaints about each of these were opened from one instant up to another; none stands not."""
    parameters = {"employee_ids": employee_ids, "since": since, "until": until, "stores": stores}
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_ABOUT, parameters)
        return dict(await cursor.fetchall())
