"""Projections that are being made anew: their slot's tables, how far they are, and the change of places."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, LiteralString

import msgspec
from psycopg.rows import class_row, tuple_row

from projections.kernel.table import Connection

NEXT = "next"
PREVIOUS = "previous"
"""The slots in which a projection is made anew, and in which the one that it replaced is kept."""

_MAKE: LiteralString = """
SELECT make_read_model(%(slot)s, name)
FROM unnest(%(names)s::text[]) AS name
"""

_INDEX: LiteralString = """
SELECT index_read_model(%(slot)s, name, %(keys_only)s)
FROM unnest(%(names)s::text[]) AS name
"""

# What was left of a rebuild of another version is begun anew, and so is one that had failed.
_ASK: LiteralString = """
INSERT INTO projection_rebuilds (name, version, epoch)
SELECT name, version, nextval('rebuild_epochs')
FROM unnest(%(names)s::text[], %(versions)s::bigint[]) AS asked (name, version)
ON CONFLICT (name) DO UPDATE
SET version = excluded.version, position = 0, folded = 0, epoch = nextval('rebuild_epochs'),
    owner = NULL, alive_at = NULL, error = NULL, asked_at = now(), resumed_at = now(), resumed_from = 0
WHERE projection_rebuilds.version <> excluded.version OR projection_rebuilds.error IS NOT NULL
"""

_BEGIN: LiteralString = """
UPDATE projection_rebuilds
SET epoch = nextval('rebuild_epochs'), owner = %(owner)s, alive_at = now(), folded = position,
    resumed_at = now(), resumed_from = position
WHERE name = ANY (%(names)s::text[])
    AND (owner IS NULL OR owner = %(owner)s OR alive_at < now() - make_interval(secs => %(silent_s)s))
RETURNING name, position, epoch
"""

_LEAVE: LiteralString = """
UPDATE projection_rebuilds
SET owner = NULL, alive_at = NULL, error = %(error)s
WHERE name = ANY (%(names)s::text[]) AND owner = %(owner)s
"""

_STAY_ALIVE: LiteralString = """
UPDATE projection_rebuilds
SET alive_at = now(), folded = GREATEST(position, %(folded)s)
WHERE name = ANY (%(names)s::text[]) AND owner = %(owner)s
"""

_MOVE: LiteralString = """
UPDATE projection_rebuilds
SET position = GREATEST(position, %(position)s), folded = GREATEST(folded, %(position)s), alive_at = now()
FROM unnest(%(names)s::text[], %(epochs)s::bigint[]) AS mine (name, epoch)
WHERE projection_rebuilds.name = mine.name AND projection_rebuilds.epoch = mine.epoch
"""

_LIST: LiteralString = """
SELECT name, version, position, folded, owner, extract(epoch FROM now() - alive_at)::float8 AS silent_s,
    extract(epoch FROM now() - resumed_at)::float8 AS running_s, resumed_from, error
FROM projection_rebuilds
ORDER BY name
"""

_SWAP: LiteralString = """
SELECT swap_read_model(%(slot)s, name)
FROM unnest(%(names)s::text[]) AS name
"""

# What is parked goes with the tables in which it is missing.
_KEEP_PREVIOUS: LiteralString = """
WITH parked AS (
    DELETE FROM parked_events
    WHERE projection = ANY (%(names)s::text[])
    RETURNING *
)
INSERT INTO previous_projections (name, version, position, parked)
SELECT name, version, position,
    COALESCE((SELECT jsonb_agg(to_jsonb(parked)) FROM parked WHERE parked.projection = checkpoint.name), '[]')
FROM projection_checkpoints AS checkpoint
WHERE name = ANY (%(names)s::text[])
ON CONFLICT (name) DO UPDATE
SET version = excluded.version, position = excluded.position, parked = excluded.parked, replaced_at = now()
"""

_PUT_IN_PLACE: LiteralString = """
UPDATE projection_checkpoints
SET version = rebuilt.version, position = rebuilt.position, epoch = projection_checkpoints.epoch + 1,
    moved_at = now()
FROM projection_rebuilds AS rebuilt
WHERE rebuilt.name = projection_checkpoints.name AND rebuilt.name = ANY (%(names)s::text[])
"""

_FORGET: LiteralString = """
DELETE FROM projection_rebuilds
WHERE name = ANY (%(names)s::text[])
"""

# One that a raised version asks for must stay, or the projector would begin it again.
_GIVE_UP: LiteralString = """
WITH needless AS (
    DELETE FROM projection_rebuilds AS rebuild
    USING projection_checkpoints AS checkpoint
    WHERE rebuild.name = ANY (%(names)s::text[])
        AND checkpoint.name = rebuild.name
        AND checkpoint.version = rebuild.version
    RETURNING rebuild.name
), stopped AS (
    UPDATE projection_rebuilds AS rebuild
    SET epoch = nextval('rebuild_epochs'), position = 0, folded = 0, owner = NULL, alive_at = NULL,
        error = 'given up by an operator'
    FROM projection_checkpoints AS checkpoint
    WHERE rebuild.name = ANY (%(names)s::text[])
        AND checkpoint.name = rebuild.name
        AND checkpoint.version <> rebuild.version
    RETURNING rebuild.name
)
SELECT name FROM needless
UNION ALL
SELECT name FROM stopped
"""

_DROP: LiteralString = """
SELECT drop_read_model(%(slot)s, name)
FROM unnest(%(names)s::text[]) AS name
"""

_LIST_PREVIOUS: LiteralString = """
SELECT name, version, position, replaced_at
FROM previous_projections
"""

_READ_PREVIOUS: LiteralString = """
SELECT version, position, parked, replaced_at
FROM previous_projections
WHERE name = %(name)s
FOR UPDATE
"""

_PUT_BACK: LiteralString = """
UPDATE projection_checkpoints
SET version = %(version)s, position = %(position)s, epoch = epoch + 1, moved_at = now()
WHERE name = %(name)s
"""

_PARK_AGAIN: LiteralString = """
INSERT INTO parked_events
SELECT *
FROM jsonb_populate_recordset(NULL::parked_events, %(parked)s::jsonb)
"""


_OPEN_SCRATCH: LiteralString = """
INSERT INTO scratch_slots (slot, expires_at)
VALUES (%(slot)s, now() + make_interval(secs => %(keep_s)s))
ON CONFLICT (slot) DO UPDATE SET expires_at = excluded.expires_at
RETURNING expires_at
"""

_DROP_SCRATCH: LiteralString = """
SELECT drop_scratch(%(slot)s)
"""

_DROP_EXPIRED: LiteralString = """
SELECT slot, drop_scratch(slot)
FROM scratch_slots
WHERE expires_at < now()
"""


class Rebuild(msgspec.Struct, frozen=True, kw_only=True):
    """A projection that is being made anew, or that failed to be: then `error` says why.

    `position` is what a kill would not undo, `folded` how far it is in memory. `silent_s` is None where
    nobody works at it. `running_s` and `resumed_from` are of the one who does.
    """

    name: str
    version: int
    position: int
    folded: int
    owner: str | None
    silent_s: float | None
    running_s: float
    resumed_from: int
    error: str | None

    @property
    def rate(self) -> float:
        """Events a second since whoever works at it began."""
        return (self.folded - self.resumed_from) / max(self.running_s, 1e-6)

    def seconds_left(self, head: int) -> float | None:
        """Until it has reached a position at this rate; None where there is none to tell."""
        return max(0, head - self.folded) / self.rate if self.owner and self.rate > 0 else None


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """The tables that a rebuild replaced, to which a rollback returns."""

    version: int
    position: int
    replaced_at: datetime


class Previous(msgspec.Struct, frozen=True, kw_only=True):
    """What a rebuild replaced; `parked` is a JSON array of what was set aside there."""

    version: int
    position: int
    parked: str
    replaced_at: datetime


async def make_tables(connection: Connection, slot: str, names: Iterable[str]) -> None:
    """Empty tables of the projections in a slot, without indexes, in place of what was there."""
    await connection.execute(_MAKE, {"slot": slot, "names": list(names)})


async def index_tables(
    connection: Connection, slot: str, names: Iterable[str], *, keys_only: bool = False
) -> None:
    """The indexes that are still missing in the slot; all of them come with statistics."""
    await connection.execute(_INDEX, {"slot": slot, "names": list(names), "keys_only": keys_only})


async def ask_for_rebuild(connection: Connection, versions: dict[str, int]) -> None:
    """Notes that these projections are to be made anew; one that is under way at this version goes on."""
    await connection.execute(_ASK, {"names": list(versions), "versions": list(versions.values())})


async def begin_rebuild(
    connection: Connection, names: Iterable[str], owner: str, silent_s: float
) -> dict[str, tuple[int, int]]:
    """Position and epoch of those that were taken over; the others are in somebody's hands."""
    parameters = {"names": list(names), "owner": owner, "silent_s": silent_s}
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_BEGIN, parameters)
        return {name: (position, epoch) for name, position, epoch in await cursor.fetchall()}


async def leave_rebuild(
    connection: Connection, names: Iterable[str], owner: str, error: str | None = None
) -> None:
    """Leaves it to others, or with an error to an operator."""
    await connection.execute(_LEAVE, {"names": list(names), "owner": owner, "error": error})


async def stay_alive(connection: Connection, names: Iterable[str], owner: str, folded: int) -> None:
    """A sign of life, and how far it is in memory."""
    await connection.execute(_STAY_ALIVE, {"names": list(names), "owner": owner, "folded": folded})


async def move_rebuild(connection: Connection, epochs: dict[str, int], position: int) -> bool:
    """Moves the positions with the rows of the same transaction; False if another has taken over."""
    parameters = {"names": list(epochs), "epochs": list(epochs.values()), "position": position}
    return (await connection.execute(_MOVE, parameters)).rowcount == len(epochs)


async def read_rebuilds(connection: Connection) -> list[Rebuild]:
    """Everything that is being made anew, or failed to be, by name."""
    async with connection.cursor(row_factory=class_row(Rebuild)) as cursor:
        await cursor.execute(_LIST)
        return await cursor.fetchall()


async def give_up_rebuild(connection: Connection, names: Iterable[str]) -> int:
    """Drops what was being made anew; whoever works at it is overtaken. Returns how many it were."""
    parameters = {"names": list(names), "slot": NEXT}
    async with connection.transaction():
        given_up = (await connection.execute(_GIVE_UP, parameters)).rowcount
        await connection.execute(_DROP, parameters)
    return given_up


async def put_in_place(connection: Connection, names: Iterable[str]) -> None:
    """What was made anew is read from the commit on; what it replaces is kept as the previous.

    Belongs into a transaction that holds the checkpoints; their projector begins a new epoch.
    """
    parameters: dict[str, Any] = {"names": list(names), "slot": NEXT}
    for statement in (_KEEP_PREVIOUS, _PUT_IN_PLACE, _FORGET, _SWAP):
        await connection.execute(statement, parameters)


async def list_previous(connection: Connection) -> dict[str, Kept]:
    """What is kept for a rollback, by projection."""
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_LIST_PREVIOUS)
        return {
            name: Kept(version=version, position=position, replaced_at=replaced_at)
            for name, version, position, replaced_at in await cursor.fetchall()
        }


async def read_previous(connection: Connection, name: str) -> Previous | None:
    """What the last rebuild replaced, locked until the transaction ends; None where there was none."""
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_READ_PREVIOUS, {"name": name})
        row = await cursor.fetchone()
    if row is None:
        return None
    version, position, parked, replaced_at = row
    return Previous(
        version=version,
        position=position,
        parked=msgspec.json.encode(parked).decode(),
        replaced_at=replaced_at,
    )


async def put_back(connection: Connection, name: str, previous: Previous) -> None:
    """The previous tables and the present ones change places, with all that belongs to them.

    Belongs into a transaction that holds the checkpoint. A rebuild that was under way is given up.
    """
    await connection.execute(_KEEP_PREVIOUS, {"names": [name]})
    await connection.execute(
        _PUT_BACK, {"name": name, "version": previous.version, "position": previous.position}
    )
    await connection.execute(_PARK_AGAIN, {"parked": previous.parked})
    await connection.execute(_FORGET, {"names": [name]})
    await connection.execute(_SWAP, {"names": [name], "slot": PREVIOUS})


async def keep_scratch(connection: Connection, slot: str, seconds: float) -> datetime:
    """Lets a scratch slot stand so long from now on; returns until when. Makes no table."""
    cursor = await connection.execute(_OPEN_SCRATCH, {"slot": slot, "keep_s": seconds})
    row = await cursor.fetchone()
    assert row is not None, "an upsert returns its row"
    return row[0]


async def drop_scratch(connection: Connection, slot: str) -> None:
    """The slot and all that is in it."""
    await connection.execute(_DROP_SCRATCH, {"slot": slot})


async def drop_expired_scratch(connection: Connection) -> list[str]:
    """Drops the slots whose time is over, and returns them."""
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_DROP_EXPIRED)
        return [slot for slot, _ in await cursor.fetchall()]
