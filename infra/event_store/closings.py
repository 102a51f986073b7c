"""Closings of a till, read from the journal itself: they are as present as the till's last receipt."""

from typing import LiteralString, NamedTuple

from psycopg.rows import tuple_row

from domain.tills.till import TILL, PeriodClosed
from infra.event_store.journal import Connection, Journal

# The type stands in the text: the index of closings serves no plan that is made for any type.
READ_CLOSINGS: LiteralString = """
SELECT originator_version, topic, state, notification_id
FROM stored_events
WHERE originator_id = %(stream)s
    AND topic = 'till.period_closed.v1'
    AND originator_version < %(before)s
ORDER BY originator_version DESC
LIMIT %(limit)s
"""
assert PeriodClosed.TYPE in READ_CLOSINGS

BEFORE_NONE = 2**62
"""A version that no stream reaches."""


class RecordedClosing(NamedTuple):
    """A closing, its version in the till's stream, and its position in the journal."""

    version: int
    position: int
    closing: PeriodClosed


async def read_closings(
    journal: Journal, connection: Connection, till_id: str, before: int, limit: int
) -> list[RecordedClosing]:
    """The closings before a version of the till's stream, newest first."""
    stream = TILL.stream(till_id)
    async with connection.cursor(binary=True, row_factory=tuple_row) as cursor:
        await cursor.execute(READ_CLOSINGS, {"stream": stream, "before": before, "limit": limit})
        rows = await cursor.fetchall()
    return [
        RecordedClosing(
            version, position, journal.codec.decode(type_, bytes(state), stream, version, position).data
        )
        for version, type_, state, position in rows
    ]
