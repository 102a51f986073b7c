"""The whole journal, hashed anew and held against every checkpoint: in the database, in the sink, in hand.

One read-only snapshot of the database; the shop goes on. Memory stays the same however long the journal is.
"""

import contextlib
from collections.abc import Callable, Iterator
from itertools import chain
from typing import LiteralString

import msgspec
from psycopg import IsolationLevel
from psycopg.rows import tuple_row

from infra.audit.checkpoint import Checkpoint, NoteError, VerifierKey
from infra.audit.examination import Examination, Finding
from infra.audit.key_chain import KeyChain
from infra.audit.leaf import Row, read_rows
from infra.audit.merkle import HASH_BYTES
from infra.audit.sealer import key_changes, stored_notes
from infra.audit.sink import Sink
from infra.audit.snapshots import check_snapshots
from infra.audit.tiles import WIDTH, read_leaf_hashes
from infra.event_store.journal import Journal
from infra.postgres.pools import Connection

PAGE = 16 * WIDTH
"""Begins and ends with a tile."""

Progress = Callable[[int, int], None]

_READ_NEXT: LiteralString = """
SELECT min(notification_id)
FROM stored_events
WHERE notification_id > %(after)b::bigint
"""

_READ_BOUNDS: LiteralString = """
SELECT (SELECT position FROM journal_head), (SELECT size FROM audit_seal),
    COALESCE((SELECT min(notification_id) FROM stored_events), 1),
    COALESCE((SELECT max(notification_id) FROM stored_events), 0)
"""

# What is read by stream and not by position: decisions would see it, and the walk above would not.
_READ_UNPLACED: LiteralString = """
SELECT originator_id, originator_version
FROM stored_events
WHERE notification_id IS NULL
ORDER BY originator_id, originator_version
LIMIT 100
"""

# By the key's index, which is not that of the positions.
_COUNT_IN_STREAMS: LiteralString = """
SELECT COALESCE(sum(events), 0)::bigint
FROM (
    SELECT count(*) AS events
    FROM stored_events
    GROUP BY originator_id
) AS streams
"""

# By the key's index alone: the table's rows are not read for it.
_BROKEN_STREAMS: LiteralString = """
SELECT originator_id
FROM stored_events
GROUP BY originator_id
HAVING min(originator_version) <> 1 OR max(originator_version) <> count(*)
ORDER BY originator_id
LIMIT 100
"""

_BROKEN_VERSIONS: LiteralString = """
SELECT notification_id, originator_id, originator_version, before
FROM (
    SELECT notification_id, originator_id, originator_version,
        lag(originator_version, 1, 0::bigint) OVER (
            PARTITION BY originator_id
            ORDER BY originator_version, notification_id
        ) AS before
    FROM stored_events
    WHERE originator_id = ANY (%(streams)s)
) AS versions
WHERE originator_version <> before + 1
ORDER BY notification_id
LIMIT 100
"""

_READ_NOTES_BACKWARDS: LiteralString = """
SELECT size, COALESCE(note, '')
FROM audit_checkpoints
ORDER BY size DESC
LIMIT 1000
"""

_READ_UPPER_TILES: LiteralString = """
SELECT level::int, index, hashes
FROM audit_tiles
WHERE level > 0
ORDER BY level, index
"""

_MEASURE_LEAF_TILES: LiteralString = """
SELECT COALESCE(sum(octet_length(hashes)), 0)::bigint
FROM audit_tiles
WHERE level = 0
"""


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What was found: up to `proven` the journal is as it was sealed, unless a finding says otherwise."""

    position: int
    proven: int
    checkpoints: int
    outside: bool
    findings: list[Finding]
    untold: int

    @property
    def unproven(self) -> int:
        """Events behind the last checkpoint that was right: nothing is known of them."""
        return max(0, self.position - self.proven)


async def verify_journal(
    connection: Connection,
    journal: Journal,
    sink: Sink | None,
    key: VerifierKey,
    given: Checkpoint | None = None,
    progress: Progress = lambda _done, _total: None,
) -> Verdict:
    """Holds a journal against its checkpoints, and one that somebody has in hand. Raises SinkError.

    Without a sink those in the database are all that there is besides the one in hand.
    """
    # Before the snapshot: then the journal that is seen is at least as long as what the sink had kept.
    kept = sink.last() if sink is not None else None
    await connection.set_isolation_level(IsolationLevel.REPEATABLE_READ)
    await connection.set_read_only(True)
    async with connection.transaction():
        keys = KeyChain(key)
        keys.learn([given] if given is not None else [])
        keys.learn(await key_changes(connection))
        return await _Verification(connection, journal, sink, keys, kept, given).run(progress)


class _Verification:
    def __init__(
        self,
        connection: Connection,
        journal: Journal,
        sink: Sink | None,
        keys: KeyChain,
        kept: Checkpoint | None,
        given: Checkpoint | None,
    ) -> None:
        self._connection = connection
        self._journal = journal
        self._sink = sink
        self._keys = keys
        self._examination = Examination()
        self._findings = self._examination.findings
        # Before anything is read up to the sizes that they claim.
        if given is not None and not self._signed(given, "file"):
            given = None
        if kept is not None and not self._signed(kept, "sink"):
            self._findings.add("nothing in the sink can be trusted, nor was it compared")
            self._sink = kept = None
        self._given = given
        self._kept_size = kept.size if kept is not None else 0
        self._kept_notes = self._sink.checkpoints() if self._sink is not None else iter(())
        self._next_kept: Checkpoint | None = next(self._kept_notes, None)
        self._checkpoints = 0
        self._sealed = 0
        self._noted = 0
        self._walked = 0

    async def run(self, progress: Progress) -> Verdict:
        head, self._sealed, first, last = await self._bounds()
        self._noted = await self._last_noted()
        if head != last:
            self._findings.add(f"the journal's head says {head}, and its last event is at {last}")
        if first < 1:
            self._findings.add("an event stands before the first position", first)
        trusted = max(self._kept_size, self._noted, self._given.size if self._given is not None else 0)
        start, total = 0, max(trusted, last)
        while start < total:
            end = min(start + PAGE, total)
            rows = await read_rows(self._connection, start, end)
            self._walked += len(rows)
            if rows or start < trusted:
                await self._page(start, end, rows)
                start = end
            else:
                start = await self._skip(start)
            progress(start, total)
        self._examination.end(kept=self._kept_size > 0)
        await self._check_tables()
        await check_snapshots(self._connection, self._journal, self._findings)
        return Verdict(
            position=last,
            proven=self._examination.proven,
            checkpoints=self._checkpoints,
            outside=self._kept_size > 0,
            findings=sorted(self._findings.list, key=lambda finding: finding.first),
            untold=self._findings.untold,
        )

    async def _skip(self, after: int) -> int:
        """The page of the next event, where there is none for a while behind all that was sealed."""
        async with self._connection.cursor(binary=True, row_factory=tuple_row) as cursor:
            await cursor.execute(_READ_NEXT, {"after": after})
            row = await cursor.fetchone()
        assert row is not None
        assert row[0] is not None, "there is an event behind it"
        page = (row[0] - 1) // PAGE * PAGE
        self._findings.add("the event is missing", after + 1, page)
        return page

    async def _page(self, start: int, end: int, rows: list[Row]) -> None:
        examination = self._examination
        hashes = examination.hash_page(start, end, rows)
        tiles = kept = b""
        if start < self._noted:
            tiles = await read_leaf_hashes(self._connection, start, min(end, self._noted))
        if self._sink is not None and start < self._kept_size:
            until = min(end, self._kept_size)
            kept = self._sink.leaf_hashes(start, until).ljust((until - start) * HASH_BYTES, b"\0")
        done = start
        for checkpoint in chain(await self._checkpoints_in(start, end), [None]):
            until = end if checkpoint is None else checkpoint.size
            span = slice((done - start) * HASH_BYTES, (until - start) * HASH_BYTES)
            examination.take(hashes[span], tiles[span], kept[span])
            done = until
            if checkpoint is not None:
                self._checkpoints += examination.check(checkpoint)

    async def _checkpoints_in(self, start: int, end: int) -> list[Checkpoint]:
        """Those to trust, of sizes start + 1 … end; names what is wrong with any."""
        stored = {size: note async for size, note in stored_notes(self._connection, start, end)}
        trusted: dict[int, Checkpoint] = {}
        for checkpoint in self._kept_until(end):
            size = checkpoint.size
            if size <= start or size in trusted:
                self._findings.add(f"the sink's checkpoints are out of order at size {size}")
            elif self._signed(checkpoint, "sink"):
                trusted[size] = checkpoint
            if size <= self._sealed and stored.get(size) != checkpoint.note:
                what = "is missing from the database" if size not in stored else "in the database is another"
                self._findings.add(f"the sink's checkpoint of size {size} {what}")
        for size, note in stored.items():
            if size in trusted and note == trusted[size].note:
                continue
            checkpoint = self._parsed(size, note)
            if checkpoint is None:
                continue
            if not self._kept_size:
                trusted[size] = checkpoint
            elif size <= self._kept_size and size not in trusted:
                self._findings.add(f"the checkpoint of size {size} is missing from the sink")
        given = self._given
        if given is not None and start < given.size <= end:
            if given.size in trusted and trusted[given.size].root != given.root:
                self._findings.add(f"the checkpoint in hand, of size {given.size}, is of another history")
            trusted[given.size] = given
        return [trusted[size] for size in sorted(trusted)]

    def _kept_until(self, end: int) -> Iterator[Checkpoint]:
        while self._next_kept is not None and self._next_kept.size <= min(end, self._kept_size):
            yield self._next_kept
            self._next_kept = next(self._kept_notes, None)

    def _parsed(self, size: int, note: str) -> Checkpoint | None:
        try:
            checkpoint = Checkpoint.parse(note)
        except NoteError:
            checkpoint = None
        if checkpoint is None or checkpoint.size != size:
            self._findings.add(f"the checkpoint of size {size} in the database is none")
            return None
        return checkpoint if self._signed(checkpoint, "database") else None

    def _signed(self, checkpoint: Checkpoint, where: str) -> bool:
        # The sink may know of a change of keys that the database has lost.
        if self._keys.signed(checkpoint) or (checkpoint.change and not self._keys.learn([checkpoint])):
            return True
        self._findings.add(f"the {where}'s checkpoint of size {checkpoint.size} is not signed with the key")
        return False

    async def _check_tables(self) -> None:
        """What is of no single leaf: gapless streams, upper tiles, and how far it is said to be sealed."""
        connection = self._connection
        await connection.execute("SET LOCAL enable_hashagg = off")
        await connection.execute("SET LOCAL enable_seqscan = off")
        async with connection.cursor(row_factory=tuple_row) as cursor:
            await cursor.execute(_BROKEN_STREAMS)
            streams = [stream for (stream,) in await cursor.fetchall()]
            if streams:
                await cursor.execute(_BROKEN_VERSIONS, {"streams": streams})
            for position, stream, version, before in await cursor.fetchall() if streams else ():
                self._findings.add(f"version {version} of {stream} follows version {before}", position or 0)
            await cursor.execute(_READ_UNPLACED)
            unplaced = await cursor.fetchall()
            for stream, version in unplaced:
                self._findings.add(f"version {version} of {stream} has no position")
            await cursor.execute(_COUNT_IN_STREAMS)
            counted = await cursor.fetchone()
            assert counted is not None
            if counted[0] != self._walked and not unplaced:
                self._findings.add(f"the streams hold {counted[0]} events, and the positions {self._walked}")
            await cursor.execute(_MEASURE_LEAF_TILES)
            row = await cursor.fetchone()
            await cursor.execute(_READ_UPPER_TILES)
            upper = await cursor.fetchall()
        assert row is not None
        if self._sealed != self._noted:
            self._findings.add(
                f"the database says that {self._sealed} events are sealed,"
                f" and its last checkpoint {self._noted}"
            )
        if row[0] != self._noted * HASH_BYTES:
            self._findings.add(
                f"the tiles hold {row[0]} bytes of leaf hashes instead of {self._noted * HASH_BYTES}"
            )
        self._examination.compare_upper_tiles(upper, self._noted)
        last = self._sink.last() if self._sink is not None else None
        if self._sink is not None and self._noted > (last.size if last is not None else 0):
            self._findings.add("the sink lacks checkpoints that the database has: run daybook audit seal")

    async def _bounds(self) -> tuple[int, int, int, int]:
        async with self._connection.cursor(row_factory=tuple_row) as cursor:
            await cursor.execute(_READ_BOUNDS)
            row = await cursor.fetchone()
        assert row is not None
        head, sealed, first, last = row
        if head is None:
            self._findings.add("the journal's head is missing")
        if sealed is None:
            self._findings.add("the sealer's row is missing")
        return head if head is not None else last, sealed or 0, first, last

    async def _last_noted(self) -> int:
        """The largest size of which the database has a checkpoint that the key has signed."""
        async with self._connection.cursor(row_factory=tuple_row) as cursor:
            await cursor.execute(_READ_NOTES_BACKWARDS)
            async for size, note in cursor:
                with contextlib.suppress(NoteError):
                    checkpoint = Checkpoint.parse(note)
                    if checkpoint.size == size and self._keys.signed(checkpoint):
                        return size
        return 0
