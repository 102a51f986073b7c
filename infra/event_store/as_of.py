"""The past: which position an instant is, and what a stream's state was at a position."""

from datetime import datetime
from typing import LiteralString

from psycopg.rows import tuple_row

from domain.kernel.stream import Versioned
from infra.event_store.journal import Journal
from infra.postgres.pools import Connection

PAGE = 500

_READ_STREAM_UNTIL: LiteralString = """
SELECT notification_id, originator_version, topic, state
FROM stored_events
WHERE originator_id = %(stream)b::text
    AND originator_version > %(after)b::bigint
    AND notification_id <= %(until)b::bigint
ORDER BY originator_version
LIMIT %(limit)b::bigint
"""


async def position_at(connection: Connection, journal: Journal, instant: datetime) -> int:
    """The journal's last position that was recorded at an instant or before; 0 if none was."""
    before, after = 0, (await journal.head(connection)).position + 1
    while after - before > 1:
        middle = (before + after) // 2
        (entry,) = await journal.read_page(connection, middle - 1, 1)
        if entry.recorded_at <= instant:
            before = middle
        else:
            after = middle
    return before


async def state_at(
    connection: Connection, journal: Journal, stream: str, until: int
) -> tuple[Versioned, int]:
    """A stream's state as it was at a position of the journal, folded from its first event, and that event's
    position: version and position 0 where nothing had happened yet. KeyError for a kind that there is not.
    """
    state, position = journal.states.initial(stream), 0
    while True:
        parameters = {"stream": stream, "after": state.version, "until": until, "limit": PAGE}
        async with connection.cursor(binary=True, row_factory=tuple_row) as cursor:
            await cursor.execute(_READ_STREAM_UNTIL, parameters, prepare=True)
            page = await cursor.fetchall()
        for position, version, type_, stored in page:
            event = journal.codec.decode(type_, stored, stream, version, position).data
            state = journal.states.evolve(stream, state, event)
        if len(page) < PAGE:
            return state, position
