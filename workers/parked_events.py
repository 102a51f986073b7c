"""What an operator does about events that could not be folded: has them tried again, or leaves one out."""

from typing import LiteralString

from domain.kernel.event import AnyRecorded
from infra.errors import OperatorError
from infra.event_store.journal import Journal
from projections.kernel.parking import WHOLE_STREAM, Aside, Place, key_text, skip, unpark, waiting_at
from projections.kernel.projection import Projection
from projections.kernel.table import Connection
from workers.projection_runner import by_row, fold_row, lies_in_the_event, lock_checkpoints

_RAISE_EPOCH: LiteralString = """
UPDATE projection_checkpoints
SET epoch = epoch + 1
WHERE name = %(name)s
"""


class NothingParked(OperatorError):
    """No such event waits there."""


class NeedsRebuild(OperatorError):
    """What waits there can't be folded by itself."""


async def retry(connection: Connection, journal: Journal, projection: Projection, place: Place) -> int:
    """Folds what waits at a row, in order, until something fails again; returns how many still wait.

    A running projector begins a new epoch and from then on folds what comes there. Raises NothingParked, and
    NeedsRebuild for a stream: only a rebuild folds its events in the order that they have among the others.
    """
    if place.table == WHOLE_STREAM:
        raise NeedsRebuild(
            f"which rows of {place.projection} the stream {place.key} concerns is not known:"
            f" run daybook projections rebuild {place.projection}"
        )
    async with connection.transaction():
        await _interrupt(connection, projection)
        positions = await waiting_at(connection, place)
        if not positions:
            raise NothingParked(f"nothing waits at {place.projection} {place.table} {place.key}")
        for done, position in enumerate(positions):
            try:
                (entry,) = await journal.read_page(connection, position - 1, 1)
                await _fold_at(connection, projection, place, entry)
            except Exception as error:
                if not lies_in_the_event(error):
                    raise
                aside = Aside()
                aside.park(place, position, error)
                await aside.write(connection)
                return len(positions) - done
            await unpark(connection, place, position)
    return 0


async def _fold_at(connection: Connection, projection: Projection, place: Place, entry: AnyRecorded) -> None:
    changes = [
        (table, key, delta)
        for table, key, delta in projection.changes(entry)
        if (table.name, key_text(key)) == (place.table, place.key)
    ]
    if not changes:
        raise NeedsRebuild(f"{place.projection} folds it into another row now: rebuild it")
    for (table, key), deltas in by_row(changes).items():
        await fold_row(connection, table, key, deltas)


async def skip_event(
    connection: Connection, journal: Journal, projection: Projection, place: Place, position: int, reason: str
) -> int:
    """Leaves a failed event out of its place for good, and folds those after it as `retry` does.

    Returns how many still wait: at a stream all of them, until a rebuild. Raises NothingParked.
    """
    async with connection.transaction():
        await _interrupt(connection, projection)
        if not await skip(connection, place, position, reason):
            raise NothingParked(
                f"no event that failed at position {position} waits at"
                f" {place.projection} {place.table} {place.key}"
            )
        waiting = len(await waiting_at(connection, place))
        if waiting and place.table != WHOLE_STREAM:
            return await retry(connection, journal, projection, place)
    return waiting


async def _interrupt(connection: Connection, projection: Projection) -> None:
    """Keeps the projector away until the commit; afterwards it forgets what it knew and begins anew.

    Raises NeedsRebuild where the tables are of another version of the software.
    """
    name = projection.name
    for checkpoint in await lock_checkpoints(connection, [name]):
        if checkpoint.version != projection.version:
            raise NeedsRebuild(
                f"the tables of {name} are of its version {checkpoint.version}, this software folds version"
                f" {projection.version}: run daybook projections rebuild {name}"
            )
    await connection.execute(_RAISE_EPOCH, {"name": name})
