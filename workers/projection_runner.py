"""Running projections over a journal: page by page and exactly once, or anew from the beginning."""

import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any, LiteralString

from psycopg.rows import tuple_row
from psycopg.sql import SQL, Identifier

from infra.event_store.journal import Journal
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
_LOCK_CHECKPOINTS: LiteralString = """
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


class Overtaken(Exception):
    """Another projector has begun since; this one must stop writing."""


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

    async def begin(self, connection: Connection) -> bool:
        """Enrols new projections and takes over; False while another projector is alive."""
        self._known_at = {}
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

        Rows and positions commit together: after a crash the page was either folded or not. Raises Overtaken.
        """
        # In a pipeline, what nobody waits for travels together: all reads of rows, then all writes.
        async with connection.pipeline(), connection.transaction():
            positions = await self._lock(connection)
            if positions != self._known_at:
                # The last page failed, or another has written since.
                self._known.forget()
            after = min(positions.values())
            entries = await self._journal.read_page(connection, after, limit)
            if not entries:
                await self._stay_alive(connection)
                return 0
            self._known_at = {}
            changes: Changes = defaultdict(list)
            for projection in self._projections:
                seen = positions[projection.name]
                new = entries if seen == after else [entry for entry in entries if entry.position > seen]
                collect(projection, new, changes)
            await apply(connection, changes, self._known)
            reached = entries[-1].position
            await connection.execute(_MOVE_CHECKPOINTS, {"position": reached, "names": self._names})
        self._known.shrink()
        self._known_at = dict.fromkeys(self._names, reached)
        return len(entries)

    async def _stay_alive(self, connection: Connection) -> None:
        if time.monotonic() - self._alive_at >= HEARTBEAT_S:
            self._alive_at = time.monotonic()
            await connection.execute(_STAY_ALIVE, {"names": self._names})

    async def _lock(self, connection: Connection) -> dict[str, int]:
        async with connection.cursor(row_factory=tuple_row) as cursor:
            await cursor.execute(_LOCK_CHECKPOINTS, {"names": self._names})
            rows = await cursor.fetchall()
        if {name: epoch for name, _, epoch in rows} != self._epochs:
            raise Overtaken
        return {name: position for name, position, _ in rows}


async def rebuild(
    connection: Connection,
    journal: Journal,
    projection: Projection,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> int:
    """Folds the whole journal in memory and replaces the projection's rows in one transaction.

    Readers see the old rows until the commit, and a running projector waits at the checkpoint and then begins
    a new epoch. Returns the position that was reached. `progress` is told entries done and in all.
    """
    async with connection.transaction():
        # Where no projector ever ran there is no checkpoint yet, and the first one would fold it all again.
        enrolled = {"names": [projection.name], "versions": [projection.version]}
        await connection.execute(_ENROL, enrolled)
        # The checkpoint's lock keeps the projector away; the shop goes on.
        await connection.execute(_LOCK_CHECKPOINTS, {"names": [projection.name]})
        total = (await journal.head(connection)).position
        rows: dict[Table[Any, Any], dict[Key, Any]] = defaultdict(dict)
        position = 0
        while entries := await journal.read_page(connection, position, REBUILD_PAGE):
            for entry in entries:
                for table, key, delta in projection.changes(entry):
                    known = rows[table]
                    row = known.get(key)
                    if row is None:
                        row = known[key] = table.row(*key)
                    table.fold(row, delta)
            position = entries[-1].position
            progress(position, max(total, position))
        for table in projection.tables:
            await connection.execute(SQL("DELETE FROM {}").format(Identifier(table.name)))
            await table.write_all(connection, rows[table].values())
        await connection.execute(
            _RESET_CHECKPOINT,
            {"position": position, "version": projection.version, "name": projection.name},
        )
    return position
