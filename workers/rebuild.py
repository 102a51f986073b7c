"""Making projections anew beside those that are read, while the shop is open (decision 0022).

The journal is folded in memory, in spans of positions, and written by COPY into tables of a slot that nobody
reads yet. When memory is full, all rows are written, with the position, in one transaction: so memory is
bounded, and whoever follows one that was killed goes on from there.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, LiteralString

import psycopg
from psycopg import DataError, IntegrityError
from psycopg.errors import LockNotAvailable

from domain.kernel.event import Event
from infra.errors import OperatorError
from infra.event_store.journal import Journal, StoredEntry
from projections.kernel.parking import WHOLE_STREAM, key_text, read_skipped
from projections.kernel.projection import Projection, by_event
from projections.kernel.rebuilds import (
    NEXT,
    ask_for_rebuild,
    begin_rebuild,
    index_tables,
    leave_rebuild,
    make_tables,
    move_rebuild,
    put_back,
    put_in_place,
    read_previous,
    stay_alive,
)
from projections.kernel.table import Change, Connection, Key, Table
from workers.database import TenantDatabase
from workers.projection_runner import HEARTBEAT_S, Overtaken, enrol, lock_checkpoints

SPAN = 10_000
MOST_ROWS = 1_000_000
"""In memory, of all tables together: some 500 MB. Then they are written, and memory is empty again."""
MOST_EVENTS = 2_000_000
"""So many are folded at most before they are written, so that a kill never costs much more."""
REST = 3
"""Beside a shop that sells it rests so many times as long as it works."""
NEARLY_THERE = 2_000
"""With no more to fold than that the checkpoints are locked for the rest."""
SILENT_S = 10.0
"""Who gives no sign of life for so long is followed by another. A busy machine lets a rebuild wait."""
SWAP_PATIENCE_S = 0.05
"""The change of places waits so long for readers of the tables, and keeps new ones waiting meanwhile."""
SWAP_ATTEMPTS = 200

_LOCK_TIMEOUT: LiteralString = "SELECT set_config('lock_timeout', %(milliseconds)s, true)"

Progress = Callable[[int, int], None]


class CannotFold(OperatorError):
    """A rebuild met an event that the projection can't fold, and stopped. What is read is as it was."""


class NoWayBack(OperatorError):
    """There are no previous tables that this version of the software could go on with."""


class InOtherHands(OperatorError):
    """Another is making the same projection anew."""


class Builder:
    """Folds the journal into the tables of a slot, in memory as long as they fit there.

    `positions` are those of the tables: whatever is behind them is folded.
    """

    def __init__(
        self,
        journal: Journal,
        projections: Sequence[Projection],
        positions: Mapping[str, int],
        skipped: Mapping[str, set[tuple[str, str, int]]],
        most_rows: int | None = None,
    ) -> None:
        assert len({projection.name for projection in projections}) == len(projections), "each but once"
        self._journal = journal
        self._projections = projections
        self._positions = dict(positions)
        self._skipped = skipped
        self._most_rows = MOST_ROWS if most_rows is None else most_rows
        self._unwanted = journal.codec.types_outside(
            event for projection in projections for event in projection.events
        )
        self._rows: dict[Table[Any, Any], dict[Key, Any]] = defaultdict(dict)
        # Tables that hold rows which are not in memory, and which of those in memory came from there.
        self._written = {
            table for projection in projections if positions[projection.name] for table in projection.tables
        }
        self._loaded: dict[Table[Any, Any], set[Key]] = defaultdict(set)
        self._kept = self.position

    @property
    def position(self) -> int:
        """Up to where everything is folded."""
        return min(self._positions.values())

    @property
    def is_full(self) -> bool:
        """Whether what is in memory should be written now."""
        rows = sum(map(len, self._rows.values()))
        return rows >= self._most_rows or self.position - self._kept >= MOST_EVENTS

    async def fold_up_to(
        self, connection: Connection, until: int, keep: Callable[[], Awaitable[None]], progress: Progress
    ) -> None:
        """Folds up to a position. Whenever memory is full it has everything kept by `keep`, which writes.

        While the shop sells it rests longer than it works: the system holds back this process, which is nice,
        but not what the database does for it.
        """
        head = (await self._journal.head(connection)).position
        while self.position < until:
            began = time.monotonic()
            await self.fold_span(connection, until)
            progress(self.position, until)
            if self.is_full and self.position < until:
                await keep()
            before, head = head, (await self._journal.head(connection)).position
            if head > before and self.position < until:
                await asyncio.sleep(REST * (time.monotonic() - began))

    async def fold_span(self, connection: Connection, until: int) -> None:
        """Folds the next entries, none behind `until`. Raises CannotFold."""
        after = self.position
        # Projections that are further wait, until the others are where they are.
        up_to = min(until, after + SPAN, *(seen for seen in self._positions.values() if seen > after))
        folding = [
            projection for projection in self._projections if self._positions[projection.name] <= after
        ]
        stored = await self._journal.stored_span(connection, after, up_to, self._unwanted)
        later = self._fold(stored, folding)
        for table, changes in later.items():
            await self._load(connection, table, changes)
        for projection in folding:
            self._positions[projection.name] = up_to

    def _fold(
        self, stored: Sequence[StoredEntry], folding: Sequence[Projection]
    ) -> dict[Table[Any, Any], list[tuple[Key, Any, StoredEntry]]]:
        """Folds what concerns rows in memory and new ones; returns what concerns rows that may not be."""
        decode, rows, written, skipped = self._journal.codec.decode, self._rows, self._written, self._skipped
        wanting = by_event(folding)
        later: dict[Table[Any, Any], list[tuple[Key, Any, StoredEntry]]] = defaultdict(list)
        for at in stored:
            position, stream, version, type_, state = at
            projection = None
            try:
                try:
                    entry = decode(type_, state, stream, version, position)
                except Exception:
                    if all((WHOLE_STREAM, stream, position) in skipped[each.name] for each in folding):
                        continue
                    raise
                event: Event = entry.data
                for projection in wanting.get(type(event), ()):
                    left_out = skipped[projection.name]
                    # It may not even be able to say what the event changes.
                    if left_out and (WHOLE_STREAM, stream, position) in left_out:
                        continue
                    changes = projection.changes(entry)
                    if left_out:
                        changes = _without(left_out, changes, position)
                    for table, key, delta in changes:
                        known = rows[table]
                        row = known.get(key)
                        if row is None:
                            if table in written:
                                later[table].append((key, delta, at))
                                continue
                            row = known[key] = table.row(*key)
                        table.fold(row, delta)
            except Exception as error:
                names = [projection.name] if projection else [projection.name for projection in folding]
                raise _named(", ".join(names), at, error) from error
        return later

    async def _load(
        self, connection: Connection, table: Table[Any, Any], changes: Sequence[tuple[Key, Any, StoredEntry]]
    ) -> None:
        """Fetches the rows and folds what belongs to them. No row of theirs has been in memory meanwhile."""
        keys = list(dict.fromkeys(key for key, _, _ in changes))
        known = self._rows[table]
        found = await table.find(connection, keys)
        self._loaded[table].update(found)
        known.update(found)
        for key, delta, at in changes:
            row = known.get(key)
            if row is None:
                row = known[key] = table.row(*key)
            try:
                table.fold(row, delta)
            except Exception as error:
                raise _named(table.name, at, error) from error

    async def write(self, connection: Connection) -> None:
        """Everything into the tables; memory is empty afterwards. Belongs into a transaction.

        Raises CannotFold for a row that a table can't hold.
        """
        for table, rows in self._rows.items():
            loaded = self._loaded[table]
            new = [row for key, row in rows.items() if key not in loaded] if loaded else rows.values()
            try:
                await table.write_all(connection, new)
                for keys in _slices(list(loaded), SPAN):
                    await table.write(connection, [rows[key] for key in keys])
            except (DataError, IntegrityError) as error:
                raise CannotFold(f"a fold made a row that {table.name} can't hold: {error}") from error
            self._written.add(table)
        self._rows.clear()
        self._loaded.clear()
        self._kept = self.position


def _without(
    left_out: set[tuple[str, str, int]], changes: Iterable[Change], position: int
) -> Iterable[Change]:
    """What no operator has skipped of an entry's changes."""
    return (change for change in changes if (change[0].name, key_text(change[1]), position) not in left_out)


def _slices(keys: Sequence[Key], size: int) -> Iterable[Sequence[Key]]:
    return (keys[begin : begin + size] for begin in range(0, len(keys), size))


def _named(name: str, at: StoredEntry, error: Exception) -> CannotFold:
    return CannotFold(
        f"{name} can't fold position {at.position}, {at.type} of {at.stream}: {type(error).__name__}: {error}"
    )


async def skipped_in(
    connection: Connection, projections: Sequence[Projection]
) -> dict[str, set[tuple[str, str, int]]]:
    """What operators left out of each projection."""
    return {projection.name: await read_skipped(connection, projection.name) for projection in projections}


async def rebuild(
    database: TenantDatabase,
    projections: Sequence[Projection],
    owner: str,
    progress: Progress = lambda _done, _total: None,
    most_rows: int | None = None,
) -> int:
    """Makes the projections anew in one pass over the journal, and puts them in place; returns the position.

    Goes on where one that was killed had come to. Reads are served from the old tables until the new ones
    have caught up, and only for the moment of the change does the projector wait. Nothing is parked
    afterwards; what an operator skipped stays out. Raises CannotFold and InOtherHands.
    """
    names = [projection.name for projection in projections]
    async with await database.connect(NEXT) as building, await database.connect() as live:
        # All or nothing: who is refused has asked for nothing, and nobody makes tables in another's epoch.
        async with live.transaction():
            await enrol(live, projections)
            await ask_for_rebuild(live, {each.name: each.version for each in projections})
            begun = await begin_rebuild(live, names, owner, SILENT_S)
            if set(begun) != set(names):
                busy = ", ".join(sorted(set(names) - set(begun)))
                raise InOtherHands(
                    f"{busy}: a rebuild is under way already; daybook projections watch shows it"
                )
            fresh = [name for name, (position, _) in begun.items() if position == 0]
            await make_tables(live, NEXT, fresh)
        builder = Builder(
            database.journal,
            projections,
            {name: position for name, (position, _) in begun.items()},
            await skipped_in(live, projections),
            most_rows,
        )
        task = _Rebuilding(database, builder, {name: epoch for name, (_, epoch) in begun.items()}, progress)
        error: str | None = None
        try:
            async with _signs_of_life(database, names, owner, builder):
                return await task.run(building, live)
        except CannotFold as caught:
            error = str(caught)
            raise
        except Overtaken:
            raise InOtherHands(
                f"{', '.join(names)}: the rebuild was given up, or another has gone on with it"
            ) from None
        except psycopg.Error as caught:
            # What passes by itself, such as a lost connection, is tried again.
            if not isinstance(caught, psycopg.OperationalError):
                error = f"{type(caught).__name__}: {caught}"
            raise
        finally:
            if not live.closed:
                await leave_rebuild(live, names, owner, error)


class _Rebuilding:
    def __init__(
        self, database: TenantDatabase, builder: Builder, epochs: dict[str, int], progress: Progress
    ) -> None:
        self._journal = database.journal
        self._builder = builder
        self._epochs = epochs
        self._names = sorted(epochs)
        self._progress = progress

    async def run(self, building: Connection, live: Connection) -> int:
        head = await self._fold_to_the_head(building, live)
        await self._write(building)
        await index_tables(building, NEXT, self._names)
        while head - self._builder.position > NEARLY_THERE:
            head = await self._fold_to_the_head(building, live)
            await self._write(building)
        return await _patiently(lambda: self._change_places(building, live))

    async def _fold_to_the_head(self, building: Connection, live: Connection) -> int:
        """Up to where the journal ends when this begins; returns where it ends afterwards."""
        head = (await self._journal.head(live)).position
        await self._builder.fold_up_to(building, head, lambda: self._write(building), self._progress)
        return (await self._journal.head(live)).position

    async def _write(self, building: Connection) -> None:
        """What is in memory, the keys that are looked up from now on, and the position: all or nothing."""
        async with building.transaction():
            # First: the tables of one that was given up are gone, and their names would mean the live ones.
            if not await move_rebuild(building, self._epochs, self._builder.position):
                raise Overtaken
            await self._builder.write(building)
            await index_tables(building, NEXT, self._names, keys_only=True)

    async def _change_places(self, building: Connection, live: Connection) -> int:
        async with live.transaction():
            await lock_checkpoints(live, self._names)
            await self._fold_to_the_head(building, live)
            await self._write(building)
            await _wait_briefly(live)
            if not await move_rebuild(live, self._epochs, self._builder.position):
                raise Overtaken
            await put_in_place(live, self._names)
        return self._builder.position


async def rollback(database: TenantDatabase, projection: Projection) -> int:
    """Puts back what the last rebuild replaced, which is kept in its turn; returns the position it has.

    The projector goes on from there. A rebuild that is under way is given up. Raises NoWayBack.
    """
    async with await database.connect() as live:
        return await _patiently(lambda: _put_back(live, projection))


async def _put_back(live: Connection, projection: Projection) -> int:
    async with live.transaction():
        await lock_checkpoints(live, [projection.name])
        previous = await read_previous(live, projection.name)
        if previous is None:
            raise NoWayBack(f"{projection.name} was never made anew: there is nothing to go back to")
        if previous.version != projection.version:
            raise NoWayBack(
                f"the previous tables of {projection.name} are of its version {previous.version}, but this"
                f" software folds version {projection.version}: install the one that fits, then roll back"
            )
        await _wait_briefly(live)
        await put_back(live, projection.name, previous)
    return previous.position


async def _patiently(change: Callable[[], Awaitable[int]]) -> int:
    """Changes tables that others read: tries again as long as a lock is not to be had."""
    for attempt in range(SWAP_ATTEMPTS):
        try:
            return await change()
        except LockNotAvailable:
            # A long report reads them. Others must get through in between.
            await asyncio.sleep(SWAP_PATIENCE_S * min(attempt + 1, 20))
    raise OperatorError("the tables are being read by long reports all the time: try again later")


async def _wait_briefly(connection: Connection) -> None:
    """From here to the end of the transaction locks are waited for SWAP_PATIENCE_S only."""
    await connection.execute(_LOCK_TIMEOUT, {"milliseconds": str(int(SWAP_PATIENCE_S * 1_000))})


@asynccontextmanager
async def _signs_of_life(
    database: TenantDatabase, names: Sequence[str], owner: str, builder: Builder
) -> AsyncGenerator[None]:
    """On a connection of its own: an index takes long, and the others would think that nobody is there."""
    async with await database.connect() as connection:

        async def live() -> None:
            while True:
                await stay_alive(connection, names, owner, builder.position)
                await asyncio.sleep(HEARTBEAT_S)

        task = asyncio.create_task(live())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
