"""The journal's SQL: read states, read the tail, append a batch to many streams in one statement."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, LiteralString, NamedTuple

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import tuple_row

from domain.kernel.event import AnyRecorded
from domain.kernel.stream import Versioned
from infra.event_store.codec import Codec, StateStore

Connection = AsyncConnection[tuple[Any, ...]]

# What a batch needs, in one read: the kept answers of commands that were accepted before (they have a
# fingerprint); of streams whose kind is kept as snapshots, the newest of the present shape and the events
# after it; of the other streams, their events. Each subquery is sorted: so the planner looks up one stream
# at a time, where it would rather join the whole journal before the table's first ANALYZE.
READ_NEEDED: LiteralString = """
WITH long AS (
    SELECT wanted.stream, latest.originator_version AS version, latest.state
    FROM unnest(%(long)b::text[]) AS wanted (stream)
    LEFT JOIN LATERAL (
        SELECT originator_version, state
        FROM snapshots
        WHERE originator_id = wanted.stream AND topic = ANY (%(snapshot_topics)b::text[])
        ORDER BY originator_version DESC
        LIMIT 1
    ) AS latest ON true
)
SELECT command_id AS name, position AS number, NULL AS topic, result AS bytes, fingerprint
FROM commands
WHERE command_id = ANY (%(command_ids)b::text[])
UNION ALL
SELECT stream, version, NULL, state, NULL
FROM long
WHERE state IS NOT NULL
UNION ALL
SELECT long.stream, tail.originator_version, tail.topic, tail.state, NULL
FROM long
CROSS JOIN LATERAL (
    SELECT originator_version, topic, state
    FROM stored_events
    WHERE originator_id = long.stream AND originator_version > COALESCE(long.version, 0)
    ORDER BY originator_version
) AS tail
UNION ALL
SELECT short.stream, event.originator_version, event.topic, event.state, NULL
FROM unnest(%(short)b::text[]) AS short (stream)
CROSS JOIN LATERAL (
    SELECT originator_version, topic, state
    FROM stored_events
    WHERE originator_id = short.stream
    ORDER BY originator_version
) AS event
ORDER BY 1, 2
"""

_READ_PAGE: LiteralString = """
SELECT notification_id, originator_id, originator_version, topic, state
FROM stored_events
WHERE notification_id > %(after)b::bigint
ORDER BY notification_id
LIMIT %(limit)b::bigint
"""

# A page is a span of positions, which have no gaps; what nobody wants of it is not sent.
_READ_SPAN: LiteralString = """
SELECT notification_id, originator_id, originator_version, topic, state
FROM stored_events
WHERE notification_id > %(after)b::bigint AND notification_id <= %(up_to)b::bigint
    AND topic <> ALL (%(unwanted)b::text[])
ORDER BY notification_id
"""

_READ_STREAM: LiteralString = """
SELECT notification_id, originator_id, originator_version, topic, state
FROM stored_events
WHERE originator_id = %(stream)b::text AND originator_version > %(after)b::bigint
ORDER BY originator_version
LIMIT %(limit)b::bigint
"""

_READ_FIRST: LiteralString = """
SELECT notification_id, originator_id, originator_version, topic, state
FROM stored_events
WHERE originator_id = ANY (%(streams)b::text[]) AND originator_version = 1
ORDER BY notification_id
"""

_READ_STREAMS_SINCE: LiteralString = """
SELECT DISTINCT originator_id
FROM stored_events
WHERE notification_id > %(after)b::bigint
ORDER BY originator_id
"""

_READ_STREAMS_OF: LiteralString = """
SELECT DISTINCT originator_id
FROM stored_events
WHERE notification_id > %(after)b::bigint AND notification_id <= %(up_to)b::bigint
    AND topic = ANY (%(types)b::text[])
ORDER BY originator_id
"""

_READ_HEAD: LiteralString = """
SELECT position, CASE WHEN isfinite(recorded_at) THEN recorded_at END, fence
FROM journal_head
"""

# Waits for a writer in another process, and keeps later ones waiting until we commit.
_LOCK_HEAD: LiteralString = _READ_HEAD + "FOR UPDATE"

_RAISE_FENCE: LiteralString = """
UPDATE journal_head
SET fence = fence + 1
"""

# One statement, one round trip, one flush. Nothing is inserted unless the head is where the decisions saw it:
# the update finds no row, and everything else selects from it. NOTIFY is only a hint to wake readers.
_APPEND: LiteralString = """
WITH head AS (
    UPDATE journal_head
    SET position = position + %(count)b::bigint, recorded_at = %(recorded_at)b::timestamptz
    WHERE position = %(known)b::bigint AND fence = %(fence)b::bigint
    RETURNING position
), appended AS (
    INSERT INTO stored_events (originator_id, originator_version, topic, state, notification_id)
    SELECT new.stream, new.version, new.type, new.state, %(known)b::bigint + new.ordinal
    FROM head
    CROSS JOIN unnest(
        %(streams)b::text[], %(versions)s::bigint[], %(types)b::text[], %(states)b::bytea[]
    ) WITH ORDINALITY AS new (stream, version, type, state, ordinal)
), accepted AS (
    INSERT INTO commands (command_id, fingerprint, position, result, recorded_at)
    SELECT new.command_id, new.fingerprint, new.position, new.result, %(recorded_at)b::timestamptz
    FROM head
    CROSS JOIN unnest(
        %(command_ids)b::text[], %(fingerprints)b::bytea[], %(positions)s::bigint[], %(results)b::bytea[]
    ) AS new (command_id, fingerprint, position, result)
)
SELECT position, pg_notify(%(channel)b, '')
FROM head
"""

_INSERT_SNAPSHOTS: LiteralString = """
INSERT INTO snapshots (originator_id, originator_version, topic, state)
SELECT stream, version, topic, state
FROM unnest(%(streams)b::text[], %(versions)s::bigint[], %(topics)b::text[], %(states)b::bytea[])
    AS new (stream, version, topic, state)
ON CONFLICT DO NOTHING
"""

# Only the newest snapshot of a stream is ever read by the service.
_DELETE_OLD_SNAPSHOTS: LiteralString = """
DELETE FROM snapshots
USING unnest(%(streams)b::text[], %(versions)s::bigint[]) AS new (stream, version)
WHERE snapshots.originator_id = new.stream AND snapshots.originator_version < new.version
"""


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """The journal's end: last position (0: empty) and when the last event was recorded.

    `fence` rises when a writer that lost its connection makes sure that nothing of its own is still to come.
    """

    position: int
    recorded_at: datetime | None
    fence: int = 0


class AcceptedCommand(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What is kept of an accepted command: its position and answer, to be given again."""

    command_id: str
    fingerprint: bytes
    position: int
    result: bytes


class Needed(NamedTuple):
    """What a batch needs to know: states with the bytes they came from, and kept answers by command id."""

    states: dict[str, tuple[Versioned, int]]
    answers: dict[str, AcceptedCommand]


class StoredEntry(NamedTuple):
    """One entry as its row holds it."""

    position: int
    stream: str
    version: int
    type: str
    state: bytes


class NewEntry(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One event to append."""

    stream: str
    version: int
    type: str
    state: bytes


def channel_of(schema: str) -> str:
    """The NOTIFY channel of a tenant: channels are the whole database's, so it carries the schema."""
    return f"{schema}.stored_events"


class Journal:
    """The journal of one tenant, on connections whose search_path is the tenant's schema."""

    def __init__(self, schema: str, codec: Codec | None = None, states: StateStore | None = None) -> None:
        self.schema = schema
        self.codec = codec or Codec()
        self.states = states or StateStore()

    async def head(self, connection: Connection, *, lock: bool = False) -> Head:
        """The journal's end; with `lock` it stays there until the transaction ends."""
        async with connection.cursor(row_factory=tuple_row) as cursor:
            await cursor.execute(_LOCK_HEAD if lock else _READ_HEAD, prepare=True)
            row = await cursor.fetchone()
        assert row is not None, "migrations insert the head row"
        # psycopg answers in the session's time zone; the journal is written in UTC.
        return Head(position=row[0], recorded_at=row[1] and row[1].astimezone(UTC), fence=row[2])

    async def raise_fence(self, connection: Connection) -> None:
        """From the commit on, no append that knows the old fence can land. Needs the head's lock."""
        await connection.execute(_RAISE_FENCE)

    async def read_states(
        self, connection: Connection, streams: Sequence[str]
    ) -> dict[str, tuple[Versioned, int]]:
        """The present state of each stream (initial where nothing happened) and the bytes it came from."""
        return (await self.read_needed(connection, streams, ())).states

    async def read_needed(
        self, connection: Connection, streams: Sequence[str], command_ids: Sequence[str]
    ) -> Needed:
        """States of streams, and the kept answers of those commands that were accepted before. One read."""
        found = {stream: self.states.initial(stream) for stream in streams}
        weights = dict.fromkeys(found, 0)
        answers: dict[str, AcceptedCommand] = {}
        long, short = self.states.long_and_short(found)
        async with connection.cursor(binary=True, row_factory=tuple_row) as cursor:
            await cursor.execute(
                READ_NEEDED,
                {
                    "command_ids": list(command_ids),
                    "long": long,
                    "short": short,
                    "snapshot_topics": self.states.snapshot_topics,
                },
                prepare=True,
            )
            for name, number, topic, stored, fingerprint in await cursor.fetchall():
                if fingerprint is not None:
                    answers[name] = AcceptedCommand(
                        command_id=name, fingerprint=fingerprint, position=number, result=stored
                    )
                    continue
                weights[name] += len(stored)
                if topic is None:
                    found[name] = self.states.decode_snapshot(name, number, stored)
                else:
                    event = self.codec.decode(topic, stored, name, number).data
                    found[name] = self.states.evolve(name, found[name], event)
        return Needed({name: (state, weights[name]) for name, state in found.items()}, answers)

    async def read_page(self, connection: Connection, after: int, limit: int) -> list[AnyRecorded]:
        """Up to `limit` entries after a position, oldest first."""
        return await self._entries(connection, _READ_PAGE, {"after": after, "limit": limit})

    async def read_stream(
        self, connection: Connection, stream: str, after: int, limit: int
    ) -> list[AnyRecorded]:
        """Up to `limit` entries of a stream after a version, oldest first."""
        return await self._entries(
            connection, _READ_STREAM, {"stream": stream, "after": after, "limit": limit}
        )

    async def read_first(self, connection: Connection, streams: Sequence[str]) -> list[AnyRecorded]:
        """The first entry of each of the streams that exist, in one read, oldest first."""
        return await self._entries(connection, _READ_FIRST, {"streams": list(streams)})

    async def streams_since(self, connection: Connection, after: int) -> list[str]:
        """The streams that were written after a position."""
        async with connection.cursor(row_factory=tuple_row) as cursor:
            await cursor.execute(_READ_STREAMS_SINCE, {"after": after}, prepare=True)
            return [stream for (stream,) in await cursor.fetchall()]

    async def streams_of(
        self, connection: Connection, types: Sequence[str], after: int, up_to: int
    ) -> list[str]:
        """The streams to which an event of these types was written behind a position, up to another."""
        parameters = {"types": list(types), "after": after, "up_to": up_to}
        async with connection.cursor(row_factory=tuple_row) as cursor:
            await cursor.execute(_READ_STREAMS_OF, parameters, prepare=True)
            return [stream for (stream,) in await cursor.fetchall()]

    async def stored_page(self, connection: Connection, after: int, limit: int) -> list[StoredEntry]:
        """Like read_page, undecoded."""
        return await self._stored(connection, _READ_PAGE, {"after": after, "limit": limit})

    async def stored_span(
        self, connection: Connection, after: int, up_to: int, unwanted: Sequence[str]
    ) -> list[StoredEntry]:
        """The entries from behind a position up to another, without those of unwanted types; undecoded."""
        parameters = {"after": after, "up_to": up_to, "unwanted": unwanted}
        return await self._stored(connection, _READ_SPAN, parameters)

    async def stored_stream(
        self, connection: Connection, stream: str, after: int, limit: int
    ) -> list[StoredEntry]:
        """Like read_stream, undecoded."""
        parameters = {"stream": stream, "after": after, "limit": limit}
        return await self._stored(connection, _READ_STREAM, parameters)

    async def _stored(
        self, connection: Connection, query: LiteralString, parameters: dict[str, Any]
    ) -> list[StoredEntry]:
        async with connection.cursor(binary=True, row_factory=tuple_row) as cursor:
            await cursor.execute(query, parameters, prepare=True)
            return list(map(StoredEntry._make, await cursor.fetchall()))

    async def _entries(
        self, connection: Connection, query: LiteralString, parameters: dict[str, Any]
    ) -> list[AnyRecorded]:
        decode = self.codec.decode
        return [
            decode(entry.type, entry.state, entry.stream, entry.version, entry.position)
            for entry in await self._stored(connection, query, parameters)
        ]

    async def append(
        self,
        connection: Connection,
        *,
        known: int,
        fence: int = 0,
        recorded_at: datetime,
        entries: Sequence[NewEntry],
        accepted: Sequence[AcceptedCommand],
    ) -> bool:
        """Appends the entries at `known` + 1 and keeps the answers; False and nothing if the head moved.

        In autocommit the statement is its own transaction and is durable when this returns.
        """
        async with connection.cursor(binary=True, row_factory=tuple_row) as cursor:
            await cursor.execute(
                _APPEND,
                {
                    "known": known,
                    "fence": fence,
                    "count": len(entries),
                    "recorded_at": recorded_at.astimezone(UTC),
                    "streams": [entry.stream for entry in entries],
                    "versions": _bigints(entry.version for entry in entries),
                    "types": [entry.type for entry in entries],
                    "states": [entry.state for entry in entries],
                    "command_ids": [command.command_id for command in accepted],
                    "fingerprints": [command.fingerprint for command in accepted],
                    "positions": _bigints(command.position for command in accepted),
                    "results": [command.result for command in accepted],
                    "channel": channel_of(self.schema),
                },
                prepare=True,
            )
            return await cursor.fetchone() is not None

    async def write_snapshots(self, connection: Connection, snapshots: dict[str, Versioned]) -> None:
        """Keeps the states as snapshots and drops the older ones of the same streams."""
        encoded = {stream: self.states.encode_snapshot(stream, state) for stream, state in snapshots.items()}
        streams = list(snapshots)
        versions = _bigints(state.version for state in snapshots.values())
        async with connection.transaction(), connection.cursor() as cursor:
            await cursor.execute(
                _INSERT_SNAPSHOTS,
                {
                    "streams": streams,
                    "versions": versions,
                    "topics": [topic for topic, _ in encoded.values()],
                    "states": [state for _, state in encoded.values()],
                },
            )
            await cursor.execute(_DELETE_OLD_SNAPSHOTS, {"streams": streams, "versions": versions})


def _bigints(numbers: Iterable[int]) -> str:
    """An array literal: psycopg picks int2[], int4[] or int8[] by the values and would prepare each anew."""
    return "{" + ",".join(map(str, numbers)) + "}"
