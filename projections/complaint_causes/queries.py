"""Reading complaint_causes: counts, shares and the money of amends."""

import enum
from collections.abc import Sequence
from datetime import datetime
from typing import Any, LiteralString

import msgspec
from psycopg.rows import tuple_row
from psycopg.sql import SQL, Identifier

from projections.kernel.table import Connection


class CauseGroup(enum.StrEnum):
    """What causes can be summed by: a column of the read model."""

    PRODUCT = "sku"
    LOT = "lot"
    SUPPLIER = "supplier_id"
    STORE = "store_id"
    EMPLOYEE = "about_employee_id"
    CAUSE = "category"


# The share is of all cases that were asked for, also of those beyond the limit; half a permille rounds up.
_COUNTS: LiteralString = """
SELECT {groups}, count(*),
    trunc((count(*) * 2000 + sum(count(*)) OVER ()) / (2 * sum(count(*)) OVER ()))::bigint,
    count(*) FILTER (WHERE resolved), count(*) FILTER (WHERE reopenings > 0),
    count(*) FILTER (WHERE accepted), count(*) FILTER (WHERE NOT accepted),
    count(*) FILTER (WHERE (refunds || credits || points || coupons) <> '{{}}'::jsonb)
FROM complaint_causes
WHERE opened_at >= %(since)s AND opened_at < %(until)s
    AND (%(stores)s::text[] IS NULL OR store_id = ANY (%(stores)s::text[]))
    AND (%(kind)s::text IS NULL OR kind = %(kind)s::text)
GROUP BY {groups}
ORDER BY count(*) DESC, {groups}
LIMIT %(limit)s
"""

_MONEY: LiteralString = """
SELECT {groups}, amount.key,
    sum(amount.value::bigint) FILTER (WHERE part.name = 'refunds'),
    sum(amount.value::bigint) FILTER (WHERE part.name = 'credits'),
    sum(amount.value::bigint) FILTER (WHERE part.name = 'points'),
    sum(amount.value::bigint) FILTER (WHERE part.name = 'coupons')
FROM complaint_causes
    CROSS JOIN LATERAL (
        VALUES ('refunds', refunds), ('credits', credits), ('points', points), ('coupons', coupons)
    ) AS part (name, amounts)
    CROSS JOIN LATERAL jsonb_each_text(part.amounts) AS amount (key, value)
WHERE opened_at >= %(since)s AND opened_at < %(until)s
    AND (%(stores)s::text[] IS NULL OR store_id = ANY (%(stores)s::text[]))
    AND (%(kind)s::text IS NULL OR kind = %(kind)s::text)
GROUP BY {groups}, amount.key
ORDER BY {groups}, amount.key
"""


class AmendsSum(msgspec.Struct, frozen=True, kw_only=True):
    """What was given in a currency, in minor units."""

    currency: str
    refund_minor: int
    credit_minor: int
    points_minor: int
    coupon_minor: int


class CauseSum(msgspec.Struct, frozen=True, kw_only=True):
    """The cases of a group; a value of None: of those that name none. Neither of a pair: not known."""

    group: tuple[str | None, ...]
    cases: int
    share_permille: int
    resolved: int
    reopened: int
    accepted: int
    disputed: int
    compensated: int
    amends: tuple[AmendsSum, ...] = ()


async def sums_of_causes(
    connection: Connection,
    by: Sequence[CauseGroup],
    *,
    since: datetime,
    until: datetime,
    stores: list[str] | None,
    kind: str | None,
    limit: int,
) -> list[CauseSum]:
    """Sums of the cases that were opened from one instant up to another, the most first."""
    width = len(by)
    groups = SQL(", ").join(Identifier(group.value) for group in by)
    asked = {"since": since, "until": until, "stores": stores, "kind": kind, "limit": limit}
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(SQL(_COUNTS).format(groups=groups), asked)
        counts = await cursor.fetchall()
        await cursor.execute(SQL(_MONEY).format(groups=groups), asked)
        money = await cursor.fetchall()
    amends: dict[tuple[Any, ...], list[AmendsSum]] = {}
    for row in money:
        refund, credit, points, coupon = (int(minor or 0) for minor in row[width + 1 :])
        amends.setdefault(row[:width], []).append(
            AmendsSum(
                currency=row[width],
                refund_minor=refund,
                credit_minor=credit,
                points_minor=points,
                coupon_minor=coupon,
            )
        )
    names = CauseSum.__struct_fields__[1:-1]
    return [
        CauseSum(
            group=row[:width],
            amends=tuple(amends.get(row[:width], ())),
            **dict(zip(names, row[width:], strict=True)),
        )
        for row in counts
    ]
