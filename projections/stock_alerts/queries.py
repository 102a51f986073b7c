"""Reading alerts."""

from datetime import date, datetime
from typing import Literal, LiteralString, NamedTuple

import msgspec
from psycopg.rows import tuple_row

from domain.alerts.thresholds import Thresholds
from projections.kernel.table import Connection
from projections.stock_alerts.fold import AlertRow

AlertState = Literal["raised", "acknowledged", "cleared"]

_LIST: LiteralString = """
SELECT store_id, sku, number, kind, lot, figure, threshold, quantity, day, sell_by, position, raised_at,
    acknowledged_at, acknowledged_by, note, cleared_at, cleared_figure
FROM alerts
WHERE (%(stores)s::text[] IS NULL OR store_id = ANY (%(stores)s::text[]))
    AND (%(kind)s::text IS NULL OR kind = %(kind)s)
    AND (%(sku)s::text IS NULL OR sku = %(sku)s)
    AND (%(since)s::timestamptz IS NULL OR raised_at >= %(since)s)
    AND (
        CASE %(status)s::text
            WHEN 'raised' THEN cleared_at IS NULL AND acknowledged_at IS NULL
            WHEN 'acknowledged' THEN cleared_at IS NULL AND acknowledged_at IS NOT NULL
            WHEN 'cleared' THEN cleared_at IS NOT NULL
            ELSE cleared_at IS NULL
        END
    )
    AND position < %(before)s
ORDER BY position DESC
LIMIT %(limit)s
"""

# What somebody has seen, or what is over by now, need not be told.
_UNTOLD: LiteralString = """
SELECT alert.store_id, COALESCE(digest.up_to, 0), digest.told_at, alert.kind, count(*), max(alert.position)
FROM alerts AS alert
LEFT JOIN alert_digests AS digest ON digest.store_id = alert.store_id
WHERE alert.cleared_at IS NULL AND alert.acknowledged_at IS NULL
    AND alert.position > COALESCE(digest.up_to, 0)
GROUP BY alert.store_id, digest.up_to, digest.told_at, alert.kind
ORDER BY alert.store_id, alert.kind
"""

_STORE_THRESHOLDS: LiteralString = """
SELECT store_id, thresholds
FROM alert_thresholds
WHERE sku = '' AND thresholds IS NOT NULL
"""

# Of each kind a few stand in a letter, and the others are counted.
_TOLD: LiteralString = """
SELECT kind, sku, lot, figure, sell_by, quantity, of_kind
FROM (
    SELECT kind, sku, lot, figure, sell_by, quantity, count(*) OVER (PARTITION BY kind) AS of_kind,
        row_number() OVER (PARTITION BY kind ORDER BY position) AS place
    FROM alerts
    WHERE store_id = %(store_id)s AND position > %(after)s AND position <= %(up_to)s
        AND cleared_at IS NULL AND acknowledged_at IS NULL
) AS placed
WHERE place <= %(few)s
ORDER BY kind, place
"""


class Untold(NamedTuple):
    """What a store was not yet told of: counts by kind, and up to which position."""

    store_id: str
    after: int
    told_at: datetime | None
    up_to: int
    raised: dict[str, int]


class Told(NamedTuple):
    """One of the alerts of a digest; `of_kind` are as many as there are of its kind."""

    kind: str
    sku: str
    lot: str | None
    figure: int
    sell_by: date | None
    quantity: int
    of_kind: int


async def alerts_of(
    connection: Connection,
    *,
    stores: list[str] | None,
    kind: str | None,
    status: AlertState | None,
    sku: str | None,
    since: datetime | None,
    before: int,
    limit: int,
) -> list[AlertRow]:
    """Alerts of these stores, or of all, before a position, newest first; without a status what is open."""
    parameters = {
        "stores": stores,
        "kind": kind,
        "status": status,
        "sku": sku,
        "since": since,
        "before": before,
        "limit": limit,
    }
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_LIST, parameters)
        return [AlertRow(*row) for row in await cursor.fetchall()]


async def untold(connection: Connection) -> list[Untold]:
    """The stores that were not yet told of something that is open and that nobody has seen."""
    found: dict[str, Untold] = {}
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_UNTOLD)
        for store_id, after, told_at, kind, count, up_to in await cursor.fetchall():
            before = found.get(store_id) or Untold(store_id, after, told_at, 0, {})
            raised = before.raised | {kind: count}
            found[store_id] = before._replace(up_to=max(before.up_to, up_to), raised=raised)
    return list(found.values())


async def told(connection: Connection, store_id: str, *, after: int, up_to: int, few: int) -> list[Told]:
    """What of a digest is still open and unseen: a few of each kind, the first raised first."""
    parameters = {"store_id": store_id, "after": after, "up_to": up_to, "few": few}
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_TOLD, parameters)
        return [Told(*row) for row in await cursor.fetchall()]


async def store_thresholds(connection: Connection) -> dict[str, Thresholds]:
    """What stores say for all of their items; '' is the tenant."""
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_STORE_THRESHOLDS)
        rows = await cursor.fetchall()
    return {store_id: msgspec.json.decode(said, type=Thresholds) for store_id, said in rows}
