"""Reading markdown_labels and markdown_proposals."""

from datetime import datetime
from typing import LiteralString

from psycopg.rows import tuple_row

from projections.kernel.table import Connection
from projections.markdown_board.fold import LabelRow, ProposalRow

# Null for `now` asks for all markdowns, whether they still count or not.
_LABELS: LiteralString = """
SELECT label, store_id, sku, lot, labels, sold, price_minor, off_bp, reason, until, made_at, ended_at
FROM markdown_labels
WHERE store_id = %(store_id)s
    AND (
        %(now)s::timestamptz IS NULL
        OR (ended_at IS NULL AND until > %(now)s::timestamptz AND sold < labels)
    )
    AND (until, label) > (%(until)s::timestamptz, %(label)s)
ORDER BY until, label
LIMIT %(limit)s
"""

_PROPOSALS: LiteralString = """
SELECT store_id, sku, number, status, lot, sell_by, day, days_left, off_bp, quantity, ladder, ladder_version,
    label, automatic, reason, proposed_at, settled_at, settled_by
FROM markdown_proposals
WHERE store_id = %(store_id)s AND status = %(status)s AND (sku, number) > (%(sku)s, %(number)s)
ORDER BY sku, number
LIMIT %(limit)s
"""


async def labels_of(
    connection: Connection,
    store_id: str,
    *,
    now: datetime | None,
    after: tuple[datetime, str],
    limit: int,
) -> list[LabelRow]:
    """A store's markdowns by their end and label, after one; with `now` those that can be sold by then."""
    parameters = {"store_id": store_id, "now": now, "until": after[0], "label": after[1], "limit": limit}
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_LABELS, parameters)
        return [LabelRow(*row) for row in await cursor.fetchall()]


async def proposals_of(
    connection: Connection, store_id: str, *, status: str, after: tuple[str, int], limit: int
) -> list[ProposalRow]:
    """A store's proposals of a status, by SKU and number, after one ('' and 0 for the first)."""
    parameters = {
        "store_id": store_id,
        "status": status,
        "sku": after[0],
        "number": after[1],
        "limit": limit,
    }
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_PROPOSALS, parameters)
        return [ProposalRow(*row) for row in await cursor.fetchall()]
