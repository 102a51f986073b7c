"""Snapshots held against their streams: decisions trust them, so they must be what the sealed events say."""

from typing import Any, LiteralString

import msgspec
from psycopg.rows import tuple_row

from domain.kernel.stream import Versioned
from infra.audit.examination import Findings
from infra.event_store.journal import Journal
from infra.postgres.pools import Connection

PAGE = 5_000

_READ_SNAPSHOTS: LiteralString = """
SELECT originator_id, originator_version, topic, COALESCE(state, ''::bytea)
FROM snapshots
WHERE topic = ANY (%(topics)s)
ORDER BY originator_id, originator_version
"""


async def check_snapshots(connection: Connection, journal: Journal, findings: Findings) -> None:
    """Folds every stream that has a snapshot up to it; names the streams whose snapshot is another state.

    Those of other shapes are passed over, as they are by whoever decides.
    """
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_READ_SNAPSHOTS, {"topics": journal.states.snapshot_topics})
        snapshots = await cursor.fetchall()
    for stream, version, _, state in snapshots:
        if not await _is_the_state_of(connection, journal, stream, version, bytes(state)):
            findings.add(f"the snapshot of {stream} at version {version} is not what its events say")


async def _is_the_state_of(
    connection: Connection, journal: Journal, stream: str, version: int, state: bytes
) -> bool:
    try:
        kept = journal.states.decode_snapshot(stream, version, state)
    except (msgspec.MsgspecError, KeyError):
        return False
    folded = await _folded(connection, journal, stream, version)
    return folded.version == version and folded.state == kept.state


async def _folded(connection: Connection, journal: Journal, stream: str, version: int) -> Versioned:
    state: Versioned = journal.states.initial(stream)
    while state.version < version:
        limit = min(PAGE, version - state.version)
        page: list[Any] = await journal.read_stream(connection, stream, state.version, limit)
        if not page:
            break
        for entry in page:
            state = journal.states.evolve(stream, state, entry.data)
    return state
