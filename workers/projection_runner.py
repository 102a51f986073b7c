"""Running projections over a journal: page by page and exactly once, or anew from the beginning."""

import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any, LiteralString

import psycopg
import structlog
from psycopg import DataError, IntegrityError
from psycopg.rows import tuple_row
from psycopg.sql import SQL, Identifier

from domain.kernel.event import AnyRecorded
from infra.errors import OperatorError
from infra.event_store.journal import Journal, StoredEntry
from projections.kernel.parking import (
    WHOLE_STREAM,
    Aside,
    Place,
    key_text,
    read_aside,
    read_skipped,
    unpark_all,
)
from projections.kernel.projection import Changes, KnownRows, Projection, apply, collect
from projections.kernel.table import Connection, Key, Table

PAGE = 5_000
REBUILD_PAGE = 10_000
KNOWN_ROWS = 5_000
"""Of each table: some megabytes a tenant. The rows of a shop's busy hour are fewer."""
SILENT_S = 3.0
HEARTBEAT_S = 1.0

_ENROL: LiteralString = """
INSERT INTO projection_checkpoints (name, version, position)
SELECT name, version, 0
FROM unnest(%(names)s::text[], %(versions)s::bigint[]) AS known (name, version)
ON CONFLICT (name) DO NOTHING
"""

# Taken over only from a projector that has left or has been silent for SILENT_S. Every epoch rises, so that
# one that was merely slow finds another epoch when it comes back, and can't write.
_BEGIN_EPOCH: LiteralString = """
UPDATE projection_checkpoints
SET epoch = epoch + 1, owner = %(owner)s, alive_at = now()
WHERE name = ANY (%(names)s::text[])
    AND NOT EXISTS (
        SELECT
        FROM projection_checkpoints AS other
        WHERE other.name = ANY (%(names)s::text[])
            AND other.owner <> %(owner)s
            AND other.alive_at > now() - make_interval(secs => %(silent_s)s)
    )
RETURNING name, epoch
"""

_LEAVE: LiteralString = """
UPDATE projection_checkpoints
SET owner = NULL, alive_at = NULL
WHERE name = ANY (%(names)s::text[]) AND owner = %(owner)s
"""

_STAY_ALIVE: LiteralString = """
UPDATE projection_checkpoints
SET alive_at = now()
WHERE name = ANY (%(names)s::text[])
"""

# Held until the page's transaction ends, so that two projectors never fold the same page.
LOCK_CHECKPOINTS: LiteralString = """
SELECT name, position, epoch
FROM projection_checkpoints
WHERE name = ANY (%(names)s::text[])
ORDER BY name
FOR UPDATE
"""

_MOVE_CHECKPOINTS: LiteralString = """
UPDATE projection_checkpoints
SET position = GREATEST(position, %(position)s),
    moved_at = CASE WHEN position < %(position)s THEN now() ELSE moved_at END,
    alive_at = now()
WHERE name = ANY (%(names)s::text[])
"""

_RESET_CHECKPOINT: LiteralString = """
UPDATE projection_checkpoints
SET position = %(position)s, version = %(version)s, epoch = epoch + 1, moved_at = now()
WHERE name = %(name)s
"""


log = structlog.get_logger(__name__)


class Overtaken(Exception):
    """Another projector has begun since; this one must stop writing."""


class CannotFold(OperatorError):
    """A rebuild met an event that the projection can't fold, and changed nothing."""


class Runner:
    """Keeps the projections of one tenant up to its journal. One at a time has the epoch to write."""

    def __init__(self, journal: Journal, projections: Sequence[Projection], owner: str) -> None:
        self._journal = journal
        self._owner = owner
        self._alive_at = 0.0
        self._projections = projections
        self._names = [projection.name for projection in projections]
        self._epochs: dict[str, int] = {}
        self._known = KnownRows(KNOWN_ROWS)
        self._known_at: dict[str, int] = {}
        self._aside: Aside | None = None
        self._most = PAGE

    async def begin(self, connection: Connection) -> bool:
        """Enrols new projections and takes over; False while another projector is alive."""
        self._known_at = {}
        self._aside = None
        names = {"names": self._names, "owner": self._owner}
        async with connection.transaction(), connection.cursor(row_factory=tuple_row) as cursor:
            versions = [projection.version for projection in self._projections]
            await cursor.execute(_ENROL, {"names": self._names, "versions": versions})
            await cursor.execute(_BEGIN_EPOCH, {**names, "silent_s": SILENT_S})
            self._epochs = dict(await cursor.fetchall())
        return bool(self._epochs)

    async def leave(self, connection: Connection) -> None:
        """Makes room for another projector at once."""
        await connection.execute(_LEAVE, {"names": self._names, "owner": self._owner})

    async def run_page(self, connection: Connection, limit: int = PAGE) -> int:
        """Folds the next page into every projection that has not seen it; returns the number of entries.

        Rows and positions commit together: after a crash the page was either folded or not. A page that can't
        be folded is tried again as ever smaller ones, until what is wrong is a single entry, which is then
        parked with the rows that it concerns. Raises Overtaken.
        """
        while True:
            size = min(limit, self._most)
            try:
                entries = await self._fold_page(connection, size)
            except Exception as error:
                if not lies_in_the_event(error):
                    raise
                log.warning("page_not_folded", entries=size, error=repr(error))
                self._aside = None
                if size == 1:
                    await self._fold_row_by_row(connection)
                    return 1
                self._most = size // 2
            else:
                self._most = min(2 * self._most, PAGE)
                return entries

    async def _fold_page(self, connection: Connection, limit: int) -> int:
        # In a pipeline, what nobody waits for travels together: all reads of rows, then all writes.
        async with connection.pipeline(), connection.transaction():
            positions = await self._lock(connection)
            if positions != self._known_at:
                # The last page failed, or another has written since.
                self._known.forget()
            self._known_at = {}
            after = min(positions.values())
            stored = await self._journal.stored_page(connection, after, limit)
            if not stored:
                await self._stay_alive(connection)
                self._known_at = positions
                return 0
            changes: Changes = defaultdict(list)
            aside = await self._what_is_aside(connection)
            entries, reached = self._decoded(stored, positions, aside)
            for projection in self._projections:
                seen = positions[projection.name]
                new = entries if seen == after else [entry for entry in entries if entry.position > seen]
                collect(projection, new, changes, aside)
            await apply(connection, changes, self._known)
            await self._move(connection, reached, aside)
        self._known.shrink()
        self._known_at = dict.fromkeys(self._names, reached)
        return reached - after

    async def _fold_row_by_row(self, connection: Connection) -> None:
        """Folds one entry row by row, each on its own: those that can't be folded are parked."""
        async with connection.transaction():
            positions = await self._lock(connection)
            (stored,) = await self._journal.stored_page(connection, min(positions.values()), 1)
            aside = await self._what_is_aside(connection)
            entries, _ = self._decoded([stored], positions, aside)
            for projection in self._projections:
                if positions[projection.name] < stored.position:
                    changes: Changes = defaultdict(list)
                    collect(projection, entries, changes, aside)
                    for (table, key), deltas in by_row(changes).items():
                        try:
                            await fold_row(connection, table, key, deltas)
                        except Exception as error:
                            if not lies_in_the_event(error):
                                raise
                            place = Place(projection.name, table.name, key_text(key))
                            log.exception("event_parked", position=stored.position, **place._asdict())
                            aside.park(place, stored.position, error)
            await self._move(connection, stored.position, aside)

    def _decoded(
        self, stored: Sequence[StoredEntry], positions: Mapping[str, int], aside: Aside
    ) -> tuple[list[AnyRecorded], int]:
        """The entries that this version of the software can read, and the position up to which that goes.

        One that it can't read waits with its stream. It begins a page, so that it blocks none before it.
        """
        decode = self._journal.codec.decode
        entries: list[AnyRecorded] = []
        reached = 0
        for entry in stored:
            try:
                entries.append(decode(entry.type, entry.state, entry.stream, entry.version, entry.position))
            except Exception as error:  # noqa: BLE001 - it is told to the operator
                if entries:
                    break
                log.warning("event_not_read", position=entry.position, error=repr(error))
                for name, seen in positions.items():
                    if seen < entry.position:
                        aside.park(Place(name, WHOLE_STREAM, entry.stream), entry.position, error)
            reached = entry.position
        return entries, reached

    async def _what_is_aside(self, connection: Connection) -> Aside:
        if self._aside is None:
            self._aside = await read_aside(connection, self._names)
        return self._aside

    async def _move(self, connection: Connection, reached: int, aside: Aside) -> None:
        await aside.write(connection)
        await connection.execute(_MOVE_CHECKPOINTS, {"position": reached, "names": self._names})

    async def _stay_alive(self, connection: Connection) -> None:
        if time.monotonic() - self._alive_at >= HEARTBEAT_S:
            self._alive_at = time.monotonic()
            await connection.execute(_STAY_ALIVE, {"names": self._names})

    async def _lock(self, connection: Connection) -> dict[str, int]:
        async with connection.cursor(row_factory=tuple_row) as cursor:
            await cursor.execute(LOCK_CHECKPOINTS, {"names": self._names})
            rows = await cursor.fetchall()
        if {name: epoch for name, _, epoch in rows} != self._epochs:
            raise Overtaken
        return {name: position for name, position, _ in rows}


def lies_in_the_event(error: Exception) -> bool:
    """Whether the fold failed, or made a row that the table can't hold. The rest is the database or we."""
    return isinstance(error, DataError | IntegrityError) or not isinstance(error, psycopg.Error | Overtaken)


def by_row(changes: Changes) -> dict[tuple[Table[Any, Any], Key], list[Any]]:
    """The same by row: what its fold is given, in order."""
    rows: dict[tuple[Table[Any, Any], Key], list[Any]] = defaultdict(list)
    for table, touched in changes.items():
        for key, delta in touched:
            rows[table, key].append(delta)
    return rows


async def fold_row(connection: Connection, table: Table[Any, Any], key: Key, deltas: Sequence[Any]) -> None:
    """What one entry does to one row: all of it or nothing."""
    async with connection.transaction():
        rows = await table.load(connection, [key])
        for delta in deltas:
            table.fold(rows[key], delta)
        await table.write(connection, list(rows.values()))


async def rebuild(
    connection: Connection,
    journal: Journal,
    projection: Projection,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> int:
    """Folds the whole journal in memory and replaces the projection's rows in one transaction.

    Readers see the old rows until the commit, and a running projector waits at the checkpoint and then begins
    a new epoch. Nothing is parked afterwards; what an operator skipped stays out. Returns the position that
    was reached. `progress` is told entries done and in all. Raises CannotFold, which names the event.
    """
    async with connection.transaction():
        # Where no projector ever ran there is no checkpoint yet, and the first one would fold it all again.
        enrolled = {"names": [projection.name], "versions": [projection.version]}
        await connection.execute(_ENROL, enrolled)
        # The checkpoint's lock keeps the projector away; the shop goes on.
        await connection.execute(LOCK_CHECKPOINTS, {"names": [projection.name]})
        total = (await journal.head(connection)).position
        skipped = await read_skipped(connection, projection.name)
        rows: dict[Table[Any, Any], dict[Key, Any]] = defaultdict(dict)
        position = 0
        while stored := await journal.stored_page(connection, position, REBUILD_PAGE):
            _fold_in_memory(journal, projection, stored, rows, skipped)
            position = stored[-1].position
            progress(position, max(total, position))
        for table in projection.tables:
            await connection.execute(SQL("DELETE FROM {}").format(Identifier(table.name)))
            try:
                await table.write_all(connection, rows[table].values())
            except (DataError, IntegrityError) as error:
                raise CannotFold(
                    f"{projection.name} made a row that {table.name} can't hold: {error}"
                ) from error
        await unpark_all(connection, projection.name)
        await connection.execute(
            _RESET_CHECKPOINT,
            {"position": position, "version": projection.version, "name": projection.name},
        )
    return position


def _fold_in_memory(
    journal: Journal,
    projection: Projection,
    stored: Sequence[StoredEntry],
    rows: dict[Table[Any, Any], dict[Key, Any]],
    skipped: set[tuple[str, str, int]],
) -> None:
    decode, folded = journal.codec.decode, frozenset(projection.events)
    for position, stream, version, type_, state in stored:
        if skipped and (WHOLE_STREAM, stream, position) in skipped:
            continue
        try:
            entry = decode(type_, state, stream, version, position)
            if type(entry.data) not in folded:
                continue
            for table, key, delta in projection.changes(entry):
                if skipped and (table.name, key_text(key), position) in skipped:
                    continue
                known = rows[table]
                row = known.get(key)
                if row is None:
                    row = known[key] = table.row(*key)
                table.fold(row, delta)
        except Exception as error:
            raise CannotFold(
                f"{projection.name} can't fold position {position}, {type_} of {stream}:"
                f" {type(error).__name__}: {error}"
            ) from error
