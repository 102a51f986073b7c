"""Reading segments: all of them, who came and went, who belongs to one."""

from datetime import date
from typing import LiteralString

from psycopg.rows import tuple_row

from projections.kernel.table import Connection
from projections.segments.fold import SegmentCount, SegmentMember, SegmentRow

_LIST: LiteralString = """
SELECT segment_id, version, active, evaluated_version, evaluated_as_of, members
FROM segments
WHERE segment_id > %(after)s
ORDER BY segment_id
LIMIT %(limit)s
"""

_COUNTS: LiteralString = """
SELECT segment_id, as_of, version, entered, departed, members
FROM segment_counts
WHERE segment_id = %(segment_id)s AND as_of BETWEEN %(first)s AND %(last)s
ORDER BY as_of
"""

_MEMBERS: LiteralString = """
SELECT segment_id, customer_id, entered_as_of, departed_as_of
FROM segment_members
WHERE segment_id = %(segment_id)s
    AND departed_as_of IS NULL
    AND customer_id > %(after)s
    AND NOT EXISTS (SELECT FROM forgotten_subjects WHERE subject = 'customer-' || customer_id)
ORDER BY customer_id
LIMIT %(limit)s
"""


async def segments_after(connection: Connection, after: str, limit: int) -> list[SegmentRow]:
    """Segments by name, after one of them or ''."""
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_LIST, {"after": after, "limit": limit})
        return [SegmentRow(*row) for row in await cursor.fetchall()]


async def counts_of(connection: Connection, segment_id: str, first: date, last: date) -> list[SegmentCount]:
    """The days from `first` to `last`, both included, as of which a segment was worked out."""
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_COUNTS, {"segment_id": segment_id, "first": first, "last": last})
        return [SegmentCount(*row) for row in await cursor.fetchall()]


async def members_of(connection: Connection, segment_id: str, after: str, limit: int) -> list[SegmentMember]:
    """Who belongs to a segment and is not forgotten, in the order of their ids, after one of them or ''."""
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_MEMBERS, {"segment_id": segment_id, "after": after, "limit": limit})
        return [SegmentMember(*row) for row in await cursor.fetchall()]
