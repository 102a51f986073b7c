"""What could not be folded is set aside with the row it belongs to, and so is all that comes after it there.

Everything else goes on. An operator looks at what is parked, and has it tried again or skips it.
"""

import traceback
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any, LiteralString, NamedTuple

import msgspec
from psycopg.rows import tuple_row

from projections.kernel.table import Connection, Key

_READ_PLACES: LiteralString = """
SELECT DISTINCT projection, table_name, key
FROM parked_events
WHERE projection = ANY (%(names)s::text[])
"""

_READ_PARKED: LiteralString = """
SELECT projection, table_name, key, position, error, traceback, parked_at
FROM parked_events
ORDER BY projection, table_name, key, position
"""

_READ_WAITING: LiteralString = """
SELECT position
FROM parked_events
WHERE projection = %(projection)s AND table_name = %(table)s AND key = %(key)s
ORDER BY position
"""

_COUNT_PARKED: LiteralString = """
SELECT projection, count(DISTINCT (table_name, key))
FROM parked_events
GROUP BY projection
"""

_PARK: LiteralString = """
INSERT INTO parked_events (projection, table_name, key, position, error, traceback)
SELECT projection, table_name, key, position, error, traceback
FROM unnest(
    %(projections)s::text[], %(tables)s::text[], %(keys)s::text[], %(positions)s::bigint[],
    %(errors)s::text[], %(tracebacks)s::text[]
) AS new (projection, table_name, key, position, error, traceback)
ON CONFLICT (projection, table_name, key, position)
    DO UPDATE SET error = excluded.error, traceback = excluded.traceback
"""

_UNPARK: LiteralString = """
DELETE FROM parked_events
WHERE projection = %(projection)s AND table_name = %(table)s AND key = %(key)s AND position = %(position)s
"""

_SKIP: LiteralString = """
WITH failed AS (
    DELETE FROM parked_events
    WHERE projection = %(projection)s AND table_name = %(table)s AND key = %(key)s
        AND position = %(position)s AND error IS NOT NULL
    RETURNING *
)
INSERT INTO skipped_events (projection, table_name, key, position, error, reason)
SELECT projection, table_name, key, position, error, %(reason)s
FROM failed
"""

_READ_SKIPPED: LiteralString = """
SELECT table_name, key, position
FROM skipped_events
WHERE projection = %(projection)s
"""

WHOLE_STREAM = ""
"""The table of a place that is a stream: which rows its events touch could not be said."""


class Place(NamedTuple):
    """A row of a projection, or a stream, at which events wait. `key` is the row's key as a JSON array."""

    projection: str
    table: str
    key: str


class ParkedEvent(msgspec.Struct, frozen=True, kw_only=True):
    """An event that waits at a place: it failed, or it comes after one that did and has no error."""

    place: Place
    position: int
    error: str | None
    traceback: str | None
    parked_at: datetime


def key_text(key: Key) -> str:
    """A row's key as operators see and write it: `["main","apple"]`."""
    return msgspec.json.encode(key).decode()


def _storable(text: str) -> str:
    """What an exception says may hold what no text column takes."""
    return text.replace("\x00", "\\x00").encode(errors="backslashreplace").decode()


class _NewlyParked(NamedTuple):
    place: Place
    position: int
    error: str | None
    traceback: str | None


class Aside:
    """The places of some projections at which events wait, and what has newly been set aside there.

    The memory of the only one who folds. Whoever keeps it reads it anew when a page has failed.
    """

    def __init__(self, places: Iterable[Place] = ()) -> None:
        self._places: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
        self._new: dict[tuple[Place, int], _NewlyParked] = {}
        for projection, table, key in places:
            self._places[projection].add((table, key))

    def of(self, projection: str) -> set[tuple[str, str]]:
        """The projection's places, by table and key."""
        return self._places[projection]

    def park(self, place: Place, position: int, error: Exception | None = None) -> None:
        """Sets an event aside: the one that failed, with its error, or one that comes after it."""
        self._places[place.projection].add((place.table, place.key))
        said = None if error is None else _storable(f"{type(error).__name__}: {error}")
        story = None if error is None else _storable("".join(traceback.format_exception(error)))
        if error is not None or (place, position) not in self._new:
            self._new[place, position] = _NewlyParked(place, position, said, story)

    async def write(self, connection: Connection) -> None:
        """Writes down what was newly set aside. Belongs into the transaction that moves the position."""
        new = list(self._new.values())
        self._new.clear()
        if not new:
            return
        await connection.execute(
            _PARK,
            {
                "projections": [event.place.projection for event in new],
                "tables": [event.place.table for event in new],
                "keys": [event.place.key for event in new],
                "positions": [event.position for event in new],
                "errors": [event.error for event in new],
                "tracebacks": [event.traceback for event in new],
            },
        )


async def read_aside(connection: Connection, names: list[str]) -> Aside:
    """Where events of these projections wait."""
    return Aside(Place(*row) for row in await _rows(connection, _READ_PLACES, {"names": names}))


async def read_parked(connection: Connection) -> list[ParkedEvent]:
    """All events that wait, by place and position."""
    return [
        ParkedEvent(
            place=Place(projection, table, key),
            position=position,
            error=error,
            traceback=story,
            parked_at=parked_at,
        )
        for projection, table, key, position, error, story, parked_at in await _rows(connection, _READ_PARKED)
    ]


async def count_parked(connection: Connection) -> dict[str, int]:
    """How many places of each projection have events waiting; nothing for those that have none."""
    return dict(await _rows(connection, _COUNT_PARKED))


async def waiting_at(connection: Connection, place: Place) -> list[int]:
    """The positions of the events that wait at a place, in order."""
    return [position for (position,) in await _rows(connection, _READ_WAITING, place._asdict())]


async def unpark(connection: Connection, place: Place, position: int) -> None:
    """The event has been folded."""
    await connection.execute(_UNPARK, {**place._asdict(), "position": position})


async def skip(connection: Connection, place: Place, position: int, reason: str) -> bool:
    """Takes a failed event out of a place for good; False if no failed event of this position waits there."""
    parameters = {**place._asdict(), "position": position, "reason": reason}
    return (await connection.execute(_SKIP, parameters)).rowcount == 1


async def read_skipped(connection: Connection, projection: str) -> set[tuple[str, str, int]]:
    """What was skipped in a projection: table, key and position."""
    return set(await _rows(connection, _READ_SKIPPED, {"projection": projection}))


async def _rows(
    connection: Connection, query: LiteralString, parameters: dict[str, Any] | None = None
) -> list[Any]:
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(query, parameters)
        return await cursor.fetchall()
