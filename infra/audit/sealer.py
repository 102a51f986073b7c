"""Sealing: the journal's new entries become leaves, and a signed checkpoint leaves the database.

The order is: hash what is new, lock, keep the checkpoint in the sink, commit. So what the database calls
sealed always stands outside of it too. No transaction is open while much is hashed: as long as one is, no
replaced row can be cleared away in the whole database, and the busiest are replaced a hundred times a second.

A crash in between leaves the sink ahead; the next round finds the same leaves, keeps that checkpoint and goes
on. A journal that contradicts the sink is not sealed: HistoryContradicted.
"""

import contextlib
from collections.abc import AsyncGenerator, Sequence
from typing import LiteralString

import msgspec
import structlog
from psycopg.rows import tuple_row

from infra.audit.checkpoint import Checkpoint, NoteError, Signer
from infra.audit.entries import PAGE, Leaves, hash_ahead, hashed
from infra.audit.sink import HistoryContradicted, Sink
from infra.audit.tiles import (
    HEIGHT,
    NO_HASH,
    RightEdge,
    TilesMissing,
    read_edge,
    read_leaf_hashes,
    split,
    write_tiles,
)
from infra.event_store.journal import Journal
from infra.postgres.pools import Connection

BIGGEST = (1 << 63) - 1
MOST_AT_ONCE = 65_536
"""A first seal of a long journal is many checkpoints: what is held in memory, and locked, stays small."""

# Two sealers take turns; readers never wait.
_LOCK: LiteralString = """
SELECT size
FROM audit_seal
FOR UPDATE
"""

_MOVE: LiteralString = """
UPDATE audit_seal
SET size = %(size)s, sealed_at = now(), error = NULL
"""

_KEEP_CHECKPOINT: LiteralString = """
INSERT INTO audit_checkpoints (size, note)
VALUES (%(size)s, %(note)s)
"""

_READ_CHECKPOINTS: LiteralString = """
SELECT size, COALESCE(note, '')
FROM audit_checkpoints
WHERE size > %(after)s AND size <= %(up_to)s
ORDER BY size
LIMIT %(limit)s
"""

# By an index of their own: there are few of them among very many.
_READ_KEY_CHANGES: LiteralString = """
SELECT note
FROM audit_checkpoints
WHERE size <= %(up_to)s AND note LIKE E'%%\\nkey-change %%'
ORDER BY size
"""

_READ_LAST: LiteralString = """
SELECT note
FROM audit_checkpoints
ORDER BY size DESC
LIMIT 1
"""

_SIGN_OF_LIFE: LiteralString = """
UPDATE audit_seal
SET alive_at = now(), error = %(error)s
"""

_READ_STATUS: LiteralString = """
SELECT size, journal_head.position, error,
    extract(epoch FROM now() - sealed_at)::float8,
    extract(epoch FROM now() - alive_at)::float8
FROM audit_seal
CROSS JOIN journal_head
"""

log = structlog.get_logger(__name__)


class SealStatus(msgspec.Struct, frozen=True, kw_only=True):
    """How far the journal is sealed, and whether somebody works at it. Ages None: never."""

    size: int
    position: int
    error: str | None
    checkpoint_age_s: float | None
    silent_s: float | None


async def read_status(connection: Connection) -> SealStatus:
    """What the sealer's row says."""
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_READ_STATUS)
        row = await cursor.fetchone()
    assert row is not None, "a migration inserts the row"
    size, position, error, age_s, silent_s = row
    return SealStatus(size=size, position=position, error=error, checkpoint_age_s=age_s, silent_s=silent_s)


async def give_sign_of_life(connection: Connection, error: str | None) -> None:
    """A sealer is at work on this tenant, or can't go on."""
    await connection.execute(_SIGN_OF_LIFE, {"error": error})


async def last_checkpoint(connection: Connection) -> Checkpoint | None:
    """The newest checkpoint in the database, as it stands there."""
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_READ_LAST)
        row = await cursor.fetchone()
    return None if row is None else Checkpoint.parse(row[0])


async def key_changes(connection: Connection, up_to: int = BIGGEST) -> list[Checkpoint]:
    """The checkpoints up to a size with which one key follows another; what is none is passed over."""
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_READ_KEY_CHANGES, {"up_to": up_to})
        notes = [note for (note,) in await cursor.fetchall()]
    found: list[Checkpoint] = []
    for note in notes:
        with contextlib.suppress(NoteError):
            found.append(Checkpoint.parse(note))
    return found


async def stored_notes(connection: Connection, after: int, up_to: int) -> AsyncGenerator[tuple[int, str]]:
    """Size and note of the checkpoints in the database, the smallest first, whatever their notes say."""
    while True:
        parameters = {"after": after, "up_to": up_to, "limit": PAGE}
        async with connection.cursor(row_factory=tuple_row) as cursor:
            await cursor.execute(_READ_CHECKPOINTS, parameters)
            page = await cursor.fetchall()
        for size, note in page:
            yield size, note
        if len(page) < PAGE:
            return
        after = page[-1][0]


class Sealer:
    """Seals one tenant's journal into one sink, under one key."""

    def __init__(self, journal: Journal, sink: Sink, signer: Signer) -> None:
        self._journal = journal
        self._sink = sink
        self._signer = signer

    async def seal(self, connection: Connection) -> Checkpoint | None:
        """Seals what is new, MOST_AT_ONCE entries at most; the checkpoint, or None where nothing was new.

        Raises SinkError where the sink can't be used, and HistoryContradicted.
        """
        known = await hash_ahead(connection, self._journal, MOST_AT_ONCE)
        async with connection.transaction():
            size = await self._lock(connection)
            with self._sink.held():
                try:
                    return await self._seal_from(connection, size, known)
                except TilesMissing as error:
                    raise HistoryContradicted(f"the tree in the database is damaged: {error}") from None

    async def _lock(self, connection: Connection) -> int:
        async with connection.cursor(row_factory=tuple_row) as cursor:
            await cursor.execute(_LOCK)
            row = await cursor.fetchone()
        assert row is not None, "a migration inserts the row"
        return row[0]

    async def _seal_from(self, connection: Connection, size: int, known: Leaves) -> Checkpoint | None:
        head = (await self._journal.head(connection)).position
        kept = self._sink.last()
        if kept is not None:
            self._signer_behind(kept)
            if kept.size > head:
                raise HistoryContradicted(
                    f"position {kept.size} was sealed, and the journal ends at {head}: entries were lost"
                )
        if head < size:
            raise HistoryContradicted(f"position {size} was sealed, and the journal ends at {head}")
        kept_size = kept.size if kept is not None else 0
        if kept_size < size:
            await self._bring_sink_up(connection, kept, size)
            kept, kept_size = self._sink.last(), size
        edge = await read_edge(connection, size)
        if kept is not None and kept_size == size:
            _require_root(edge, kept)
        if kept is not None and kept_size > size:
            log.warning("sealed_ahead_of_database", schema=self._journal.schema, size=kept.size, known=size)
            await self._extend(connection, edge, kept.size, known)
            _require_root(edge, kept)
            # By itself: whoever dies in the next must not leave two that the database lacks.
            await self._keep(connection, edge, kept)
            return kept
        if edge.size == head:
            return None
        first = edge.size
        hashes = await self._extend(connection, edge, min(head, first + MOST_AT_ONCE), known)
        checkpoint = self._sign(edge, kept)
        self._sink.append(checkpoint, first, b"".join(hashes))
        await self._keep(connection, edge, checkpoint)
        return checkpoint

    def _signer_behind(self, kept: Checkpoint) -> Signer:
        """Whose key counts from a checkpoint on; HistoryContradicted where it is none that we have."""
        for signer in (self._signer, *self._signer.former):
            is_followed = kept.change is not None and kept.change.following != str(signer.key)
            if signer.key.signed(kept) and not is_followed:
                return signer
        raise HistoryContradicted(
            f"the last checkpoint that is kept, of {kept.origin}, is not signed with this key for"
            f" {self._signer.origin}: restore the sealing key, or give this database a sink of its own"
        )

    def _sign(self, edge: RightEdge, kept: Checkpoint | None) -> Checkpoint:
        """The first checkpoint behind one of a former key is signed by both."""
        signer = self._signer if kept is None else self._signer_behind(kept)
        if signer is self._signer:
            return signer.sign(edge.size, edge.root())
        return self._signer.sign_after(signer, edge.size, edge.root())

    async def _extend(
        self, connection: Connection, edge: RightEdge, up_to: int, known: Leaves
    ) -> list[bytes]:
        """Adds the journal's entries up to a position; their hashes."""
        added: list[bytes] = []
        while edge.size < up_to:
            end = min(edge.size + PAGE, up_to)
            new = known.between(edge.size, end) or await hashed(connection, edge.size, end)
            edge.extend(new)
            added += new
        return added

    async def _keep(self, connection: Connection, edge: RightEdge, checkpoint: Checkpoint) -> None:
        await write_tiles(connection, edge)
        await connection.execute(_KEEP_CHECKPOINT, {"size": checkpoint.size, "note": checkpoint.note})
        await connection.execute(_MOVE, {"size": checkpoint.size})

    async def _bring_sink_up(self, connection: Connection, kept: Checkpoint | None, size: int) -> None:
        """A sink that is new, or was restored, gets what the database has, each root proved by the tiles."""
        log.warning("sink_is_behind", schema=self._journal.schema, kept=kept.size if kept else 0, sealed=size)
        edge = await read_edge(connection, kept.size if kept is not None else 0)
        if kept is not None:
            _require_root(edge, kept)
        async for _, note in stored_notes(connection, edge.size, size):
            checkpoint = Checkpoint.parse(note)
            self._signer_behind(checkpoint)
            first = edge.size
            hashes = await _tile_hashes(connection, first, checkpoint.size)
            edge.extend(hashes)
            _require_root(edge, checkpoint)
            self._sink.append(checkpoint, first, b"".join(hashes))
        if edge.size != size:
            raise HistoryContradicted(f"the database has no checkpoint of its sealed size {size}")


async def _tile_hashes(connection: Connection, start: int, end: int) -> Sequence[bytes]:
    hashes = split(await read_leaf_hashes(connection, start, end))
    if NO_HASH in hashes:
        raise TilesMissing(0, (start + hashes.index(NO_HASH)) >> HEIGHT)
    return hashes


def _require_root(edge: RightEdge, kept: Checkpoint) -> None:
    if edge.root() != kept.root:
        raise HistoryContradicted(
            f"the history up to position {kept.size} is not the one that was sealed: daybook audit verify"
            " names what differs"
        )
