"""Reading lead_board: the board, a customer's leads, and what became of the leads of some days."""

import enum
from collections.abc import Sequence
from datetime import datetime
from typing import LiteralString

import msgspec
from psycopg.rows import tuple_row
from psycopg.sql import SQL, Identifier

from projections.kernel.table import Connection
from projections.lead_board.fold import LeadRow

_COLUMNS: LiteralString = """
SELECT lead_id, customer_id, store_id, source, employee_id, sku, category, stage, reached, opened_at,
    stage_at, changed_at, contacted_at, visited_at, quoted_at, closed_at, reason, sale_id, amount_minor,
    currency
FROM lead_board
"""

# A null parameter doesn't restrict.
_LIST: LiteralString = (
    _COLUMNS
    + """
WHERE (%(stores)s::text[] IS NULL OR store_id = ANY (%(stores)s::text[]))
    AND (%(stage)s::text IS NULL OR stage = %(stage)s::text)
    AND (%(employee_id)s::text IS NULL OR employee_id = %(employee_id)s::text)
    AND (%(customers)s::text[] IS NULL OR customer_id = ANY (%(customers)s::text[]))
    AND (
        %(opened_at)s::timestamptz IS NULL
        OR opened_at < %(opened_at)s::timestamptz
        OR (opened_at = %(opened_at)s::timestamptz AND lead_id > %(lead_id)s::text)
    )
ORDER BY opened_at DESC, lead_id
LIMIT %(limit)s
"""
)

_OF_CUSTOMER: LiteralString = (
    _COLUMNS
    + """
WHERE customer_id = ANY (%(customer_ids)s)
ORDER BY opened_at DESC, lead_id
LIMIT %(limit)s
"""
)


async def leads(
    connection: Connection,
    *,
    stores: list[str] | None,
    stage: str | None,
    employee_id: str | None,
    customers: list[str] | None,
    after: tuple[datetime, str] | None,
    limit: int,
) -> list[LeadRow]:
    """Leads, newest first, of these customers (None: of all), continuing after (opened_at, lead_id)."""
    opened_at, lead_id = after or (None, None)
    parameters = {
        "stores": stores,
        "stage": stage,
        "employee_id": employee_id,
        "customers": customers,
        "opened_at": opened_at,
        "lead_id": lead_id,
        "limit": limit,
    }
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_LIST, parameters)
        return [LeadRow(*row) for row in await cursor.fetchall()]


async def leads_of_customer(connection: Connection, customer_ids: Sequence[str], limit: int) -> list[LeadRow]:
    """The leads of a customer of these ids, newest first."""
    async with connection.cursor(row_factory=tuple_row) as cursor:
        asked = {"customer_ids": list(customer_ids), "limit": limit}
        await cursor.execute(_OF_CUSTOMER, asked, prepare=True)
        return [LeadRow(*row) for row in await cursor.fetchall()]


class LeadGroup(enum.StrEnum):
    """What leads can be summed by."""

    EMPLOYEE = "employee_id"
    SOURCE = "source"
    STORE = "store_id"
    CATEGORY = "category"
    MONTH = "month"


# Who came further came that far. A month is one of the UTC calendar, of the opening.
_SUMS: LiteralString = """
SELECT {group}, count(*),
    count(*) FILTER (WHERE stage = 'won' OR reached IN ('contacted', 'visited', 'quoted')),
    count(*) FILTER (WHERE stage = 'won' OR reached IN ('visited', 'quoted')),
    count(*) FILTER (WHERE stage = 'won' OR reached = 'quoted'),
    count(*) FILTER (WHERE stage = 'won'),
    count(*) FILTER (WHERE stage = 'lost'),
    percentile_disc(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM contacted_at - opened_at)::bigint),
    percentile_disc(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM closed_at - opened_at)::bigint)
        FILTER (WHERE stage = 'won')
FROM (
    SELECT *, to_char(opened_at AT TIME ZONE 'UTC', 'YYYY-MM') AS month
    FROM lead_board
) AS lead
WHERE opened_at >= %(since)s AND opened_at < %(until)s
    AND (%(stores)s::text[] IS NULL OR store_id = ANY (%(stores)s::text[]))
GROUP BY {group}
ORDER BY count(*) DESC, {group} NULLS LAST
LIMIT %(limit)s
"""
_REASONS: LiteralString = """
SELECT reason, count(*)
FROM lead_board
WHERE opened_at >= %(since)s AND opened_at < %(until)s
    AND (%(stores)s::text[] IS NULL OR store_id = ANY (%(stores)s::text[]))
    AND stage = 'lost'
GROUP BY reason
ORDER BY count(*) DESC, reason
LIMIT %(limit)s
"""


class LeadSum(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the leads of a group by now; key None: of those that name none.

    `contacted`, `visited` and `quoted` came at least that far. Medians are in seconds from the opening, the
    lower of two in the middle; None where there is none.
    """

    key: str | None
    opened: int
    contacted: int
    visited: int
    quoted: int
    won: int
    lost: int
    median_to_contact_s: int | None
    median_to_win_s: int | None


class LossReason(msgspec.Struct, frozen=True, kw_only=True):
    """How many leads were lost for a reason."""

    reason: str
    leads: int


async def sums_of_leads(
    connection: Connection,
    by: LeadGroup,
    *,
    since: datetime,
    until: datetime,
    stores: list[str] | None,
    limit: int,
) -> list[LeadSum]:
    """Sums of the leads that were opened from one instant up to another, the most first."""
    query = SQL(_SUMS).format(group=Identifier(by.value))
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(query, {"since": since, "until": until, "stores": stores, "limit": limit})
        rows = await cursor.fetchall()
    return [LeadSum(**dict(zip(LeadSum.__struct_fields__, row, strict=True))) for row in rows]


async def loss_reasons(
    connection: Connection, *, since: datetime, until: datetime, stores: list[str] | None, limit: int
) -> list[LossReason]:
    """Why leads that were opened in that time were lost, the most frequent reason first."""
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_REASONS, {"since": since, "until": until, "stores": stores, "limit": limit})
        return [LossReason(reason=reason, leads=number) for reason, number in await cursor.fetchall()]
