"""Running projections over a journal: page by page, and exactly once."""

import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import nullcontext
from typing import Any, LiteralString, NamedTuple

import psycopg
import structlog
from psycopg import DataError, IntegrityError
from psycopg.rows import tuple_row

from domain.kernel.event import AnyRecorded, Event
from infra.event_store.journal import Journal, StoredEntry
from projections.kernel.parking import WHOLE_STREAM, Aside, Place, key_text, read_aside
from projections.kernel.projection import KnownRows, Page, Projection, by_event, changes_of
from projections.kernel.table import Change, Connection, Key, Table
from workers.reading_ahead import ReadingAhead

PAGE = 50_000
"""So many positions at most, when it is far behind."""
SMALL_PAGE = 5_000
"""Who is no further behind is at the till's heels."""
KNOWN_ROWS = 5_000
"""Of each table, between small pages: some megabytes a tenant. The rows of a shop's busy hour are fewer."""
SILENT_S = 3.0
HEARTBEAT_S = 1.0

# Beside others that have a long past it is of no version yet: a rebuild makes it, and they need not wait.
_ENROL: LiteralString = """
INSERT INTO projection_checkpoints (name, version, position)
SELECT name, CASE WHEN EXISTS (
        SELECT FROM projection_checkpoints WHERE position > %(small)s
    ) THEN 0 ELSE version END, 0
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
RETURNING name, version, epoch
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
SELECT name, version, position, epoch, (SELECT position FROM journal_head)
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

log = structlog.get_logger(__name__)


class Overtaken(Exception):
    """Another projector has begun since; this one must stop writing."""


class _Checkpoint(NamedTuple):
    name: str
    version: int
    position: int
    epoch: int
    head: int


class Runner:
    """Keeps the projections of one tenant up to its journal. One at a time has the epoch to write.

    A projection whose tables another version of the software made is left as it is until a rebuild (of this
    version) or a rollback (to it) has changed the tables.
    """

    def __init__(
        self,
        journal: Journal,
        projections: Sequence[Projection],
        owner: str,
        ahead: ReadingAhead | None = None,
    ) -> None:
        self._journal = journal
        self._owner = owner
        self._ahead = ahead
        self._alive_at = 0.0
        self._projections = projections
        self._versions = {projection.name: projection.version for projection in projections}
        self._names = list(self._versions)
        self._unwanted = journal.codec.types_outside(
            event for projection in projections for event in projection.events
        )
        self._epochs: dict[str, int] = {}
        self._known = KnownRows()
        self._known_at: dict[str, int] = {}
        self._aside: Aside | None = None
        self._most = PAGE
        self._far_behind = False

    async def begin(self, connection: Connection) -> bool:
        """Enrols new projections and takes over; False while another projector is alive."""
        self._known_at = {}
        self._aside = None
        names = {"names": self._names, "owner": self._owner}
        async with connection.transaction(), connection.cursor(row_factory=tuple_row) as cursor:
            await enrol(connection, self._projections)
            await cursor.execute(_BEGIN_EPOCH, {**names, "silent_s": SILENT_S})
            found = await cursor.fetchall()
        self._epochs = {name: epoch for name, _, epoch in found}
        for name, version, _ in found:
            if version != self._versions[name]:
                log.warning(
                    "projection_stands_still",
                    projection=name,
                    tables=version,
                    software=self._versions[name],
                    until="a rebuild or a rollback",
                )
        return bool(found)

    async def leave(self, connection: Connection) -> None:
        """Makes room for another projector at once."""
        await connection.execute(_LEAVE, {"names": self._names, "owner": self._owner})

    async def run_page(self, connection: Connection, limit: int = PAGE) -> int:
        """Folds the next page into every projection that has not seen it; returns how many positions it had.

        Rows and positions commit together: after a crash the page was either folded or not. A page that can't
        be folded is tried again as ever smaller ones, until what is wrong is a single entry, which is then
        parked with the rows that it concerns. Raises Overtaken.
        """
        while True:
            size = min(limit, self._most, PAGE if self._far_behind else SMALL_PAGE)
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
        # In a pipeline, what nobody waits for travels together: all reads of rows, then all writes. COPY can
        # be part of none.
        pipelined = limit <= SMALL_PAGE
        async with connection.pipeline() if pipelined else nullcontext(), connection.transaction():
            positions, head = await self._lock(connection)
            if positions != self._known_at:
                # The last page failed, or another has written since.
                self._known.forget(empty=not any(positions.values()))
            self._known_at = {}
            after = min(positions.values(), default=head)
            # Projections that are further wait, until the others are where they are.
            up_to = min(after + limit, head, *(seen for seen in positions.values() if seen > after))
            if up_to <= after:
                await self._stay_alive(connection)
                self._known_at = positions
                return 0
            aside = await self._what_is_aside(connection, positions)
            entries, reached = await self._read(connection, after, up_to, positions, aside)
            page, wanting = Page(self._known, aside), by_event(self._folding(positions, after))
            for entry in entries:
                event: Event = entry.data
                page.fold(entry, wanting.get(type(event), ()))
            await page.load(connection)
            self._read_ahead(reached, head)
            await (page.write(connection) if pipelined else page.write_many(connection))
            await self._move(connection, positions, reached, aside)
        self._far_behind = reached - after >= SMALL_PAGE
        if self._far_behind:
            self._known.shrink(PAGE)
        else:
            self._known.shrink(KNOWN_ROWS)
            self._known.forget_keys()
            if self._ahead is not None:
                await self._ahead.aclose()
        self._known_at = {name: max(seen, reached) for name, seen in positions.items()}
        return reached - after

    async def _fold_row_by_row(self, connection: Connection) -> None:
        """Folds one entry row by row, each on its own: those that can't be folded are parked."""
        async with connection.transaction():
            positions, _ = await self._lock(connection)
            after = min(positions.values())
            aside = await self._what_is_aside(connection, positions)
            entries, reached = await self._read(connection, after, after + 1, positions, aside)
            wanting = by_event(self._folding(positions, after))
            for entry in entries:
                event: Event = entry.data
                for projection in wanting.get(type(event), ()):
                    for (table, key), deltas in by_row(changes_of(projection, entry, aside)).items():
                        try:
                            await fold_row(connection, table, key, deltas)
                        except Exception as error:
                            if not lies_in_the_event(error):
                                raise
                            place = Place(projection.name, table.name, key_text(key))
                            log.exception("event_parked", position=reached, **place._asdict())
                            aside.park(place, reached, error)
            await self._move(connection, positions, reached, aside)

    async def _read(
        self, connection: Connection, after: int, up_to: int, positions: Mapping[str, int], aside: Aside
    ) -> tuple[list[AnyRecorded], int]:
        """The next entries, and the position up to which they go."""
        if self._ahead is not None and (span := await self._ahead.take(after, up_to)) is not None:
            return span.entries, span.up_to
        stored = await self._journal.stored_span(connection, after, up_to, self._unwanted)
        return self._decoded(stored, up_to, positions, aside)

    def _read_ahead(self, after: int, head: int) -> None:
        """Has the next page read while this one is written, if it will be a large one."""
        if self._ahead is not None and head - after > SMALL_PAGE:
            self._ahead.begin(after, min(after + PAGE, after + 2 * self._most, head), self._unwanted)

    def _folding(self, positions: Mapping[str, int], after: int) -> list[Projection]:
        return [projection for projection in self._projections if positions.get(projection.name) == after]

    def _decoded(
        self, stored: Sequence[StoredEntry], up_to: int, positions: Mapping[str, int], aside: Aside
    ) -> tuple[list[AnyRecorded], int]:
        """The entries that this version of the software can read, and the position up to which that goes.

        One that it can't read waits with its stream. It begins a page, so that it blocks none before it.
        """
        decode = self._journal.codec.decode
        entries: list[AnyRecorded] = []
        for entry in stored:
            try:
                entries.append(decode(entry.type, entry.state, entry.stream, entry.version, entry.position))
            except Exception as error:  # noqa: BLE001 - it is told to the operator
                if entries:
                    return entries, entry.position - 1
                log.warning("event_not_read", position=entry.position, error=repr(error))
                for name, seen in positions.items():
                    if seen < entry.position:
                        aside.park(Place(name, WHOLE_STREAM, entry.stream), entry.position, error)
        return entries, up_to

    async def _what_is_aside(self, connection: Connection, positions: Mapping[str, int]) -> Aside:
        if self._aside is None:
            self._aside = await read_aside(connection, list(positions))
        return self._aside

    async def _move(
        self, connection: Connection, positions: Mapping[str, int], reached: int, aside: Aside
    ) -> None:
        await aside.write(connection)
        await connection.execute(_MOVE_CHECKPOINTS, {"position": reached, "names": list(positions)})

    async def _stay_alive(self, connection: Connection) -> None:
        if time.monotonic() - self._alive_at >= HEARTBEAT_S:
            self._alive_at = time.monotonic()
            await connection.execute(_STAY_ALIVE, {"names": self._names})

    async def _lock(self, connection: Connection) -> tuple[dict[str, int], int]:
        """The positions of the projections that this version of the software folds, and the journal's end."""
        checkpoints = await lock_checkpoints(connection, self._names)
        if {checkpoint.name: checkpoint.epoch for checkpoint in checkpoints} != self._epochs:
            raise Overtaken
        positions = {
            checkpoint.name: checkpoint.position
            for checkpoint in checkpoints
            if checkpoint.version == self._versions[checkpoint.name]
        }
        return positions, checkpoints[0].head


async def enrol(connection: Connection, projections: Sequence[Projection]) -> None:
    """Gives a checkpoint to each projection that has none: it has folded nothing."""
    names = [projection.name for projection in projections]
    versions = [projection.version for projection in projections]
    await connection.execute(_ENROL, {"names": names, "versions": versions, "small": SMALL_PAGE})


async def lock_checkpoints(connection: Connection, names: Sequence[str]) -> list[_Checkpoint]:
    """Keeps whoever folds these projections away until the transaction ends."""
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(LOCK_CHECKPOINTS, {"names": names})
        return [_Checkpoint(*row) for row in await cursor.fetchall()]


def lies_in_the_event(error: Exception) -> bool:
    """Whether the fold failed, or made a row that the table can't hold. The rest is the database or we."""
    return isinstance(error, DataError | IntegrityError) or not isinstance(error, psycopg.Error | Overtaken)


def by_row(changes: Iterable[Change]) -> dict[tuple[Table[Any, Any], Key], list[Any]]:
    """The same by row: what its fold is given, in order."""
    rows: dict[tuple[Table[Any, Any], Key], list[Any]] = defaultdict(list)
    for table, key, delta in changes:
        rows[table, key].append(delta)
    return rows


async def fold_row(connection: Connection, table: Table[Any, Any], key: Key, deltas: Sequence[Any]) -> None:
    """What one entry does to one row: all of it or nothing."""
    async with connection.transaction():
        rows = await table.load(connection, [key])
        for delta in deltas:
            table.fold(rows[key], delta)
        await table.write(connection, list(rows.values()))
