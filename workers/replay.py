"""Projections as they were at a position, or as they ought to be now: folded anew into a scratch slot.

Nothing that is read changes. A slot goes when whoever asked for it is done, or else when its time is over.
"""

import asyncio
import secrets
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import msgspec
from psycopg import IsolationLevel
from psycopg.rows import tuple_row
from psycopg.sql import SQL, Composed, Identifier, Literal

from infra.errors import OperatorError
from projections.kernel.checkpoints import read_checkpoints
from projections.kernel.projection import Projection
from projections.kernel.rebuilds import (
    drop_expired_scratch,
    drop_scratch,
    index_tables,
    keep_scratch,
    make_tables,
)
from projections.kernel.table import Connection, Table
from workers.database import TenantDatabase
from workers.projection_runner import lock_checkpoints
from workers.rebuild import Builder, Progress, skipped_in

LIMIT_S = 600.0
MOST_SHOWN = 100
"""Differences of a table that are told one by one."""


class TookTooLong(OperatorError):
    """The time limit was reached; what had been made is gone."""


class CannotVerify(OperatorError):
    """There is nothing to compare with now."""


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """A row that is not what the journal says. `live` and `replayed` are None where there is no such row."""

    table: str
    key: list[Any]
    live: dict[str, Any] | None
    replayed: dict[str, Any] | None


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What a comparison at a position found: rows and those that differ, by table, and some of these."""

    position: int
    rows: dict[str, int]
    differing: dict[str, int]
    differences: list[Difference]


class Replay:
    """A scratch slot that is being filled; `position` is how far it is."""

    def __init__(self, slot: str, connection: Connection, builder: Builder, names: Sequence[str]) -> None:
        self.slot = slot
        self.is_kept = False
        self._connection = connection
        self._builder = builder
        self._names = names

    async def fold_up_to(self, position: int, progress: Progress = lambda _done, _total: None) -> None:
        """The tables as they are at a position; it can't go back."""
        await self._builder.fold_up_to(self._connection, position, self._write, progress)
        await self._write()

    async def keep(self, seconds: float) -> datetime:
        """Has the slot outlive the block, with all indexes; returns until when."""
        await index_tables(self._connection, self.slot, self._names)
        expires_at = await keep_scratch(self._connection, self.slot, seconds)
        self.is_kept = True
        return expires_at

    async def _write(self) -> None:
        async with self._connection.transaction():
            await self._builder.write(self._connection)
            await index_tables(self._connection, self.slot, self._names, keys_only=True)


_DIFFERENCES = """
SELECT jsonb_build_array({keys}), to_jsonb(live), to_jsonb(replayed), count(*) OVER ()
FROM {home} AS live
FULL JOIN {slot} AS replayed USING ({keys})
WHERE live IS DISTINCT FROM replayed
ORDER BY {keys}
LIMIT {most}
"""

_COUNT = """
SELECT count(*)
FROM {home}
"""


@asynccontextmanager
async def replay(
    database: TenantDatabase, projections: Sequence[Projection], *, limit_s: float = LIMIT_S
) -> AsyncGenerator[Replay]:
    """A slot with these projections' tables, empty at first, which is dropped with the block.

    The block is given up after `limit_s`: TookTooLong. What a killed one leaves is dropped by the next, and
    by the shop's upkeep, when that time is over.
    """
    slot = f"scratch_{secrets.token_hex(5)}"
    names = [projection.name for projection in projections]
    async with await database.connect() as home:
        await drop_expired_scratch(home)
        await keep_scratch(home, slot, limit_s)
        scratch: Replay | None = None
        try:
            async with asyncio.timeout(limit_s), await database.connect(slot) as connection:
                await make_tables(home, slot, names)
                skipped = await skipped_in(home, projections)
                builder = Builder(database.journal, projections, dict.fromkeys(names, 0), skipped)
                scratch = Replay(slot, connection, builder, names)
                yield scratch
        except TimeoutError:
            raise TookTooLong(f"not done after {limit_s:,.0f} s: allow it more with --limit-s") from None
        finally:
            if scratch is None or not scratch.is_kept:
                await drop_scratch(home, slot)


async def keep_as_of(
    database: TenantDatabase,
    projections: Sequence[Projection],
    position: int,
    *,
    limit_s: float = LIMIT_S,
    keep_s: float,
    progress: Progress = lambda _done, _total: None,
) -> tuple[str, datetime]:
    """The projections as they were at a position: the slot that has them, and until when it stands.

    What an operator skipped is left out of the past too. Raises CannotFold and TookTooLong.
    """
    async with replay(database, projections, limit_s=limit_s) as scratch:
        await scratch.fold_up_to(position, progress)
        return scratch.slot, await scratch.keep(keep_s)


async def verify(
    database: TenantDatabase,
    projections: Sequence[Projection],
    *,
    limit_s: float = LIMIT_S,
    progress: Progress = lambda _done, _total: None,
) -> Verdict:
    """Folds the journal anew and compares every row of every table with what is read, at one position.

    The projector waits for the last entries only; the comparison sees both as they were then. Raises
    CannotVerify, CannotFold and TookTooLong.
    """
    names = [projection.name for projection in projections]
    async with replay(database, projections, limit_s=limit_s) as scratch, await database.connect() as live:
        behind = [each.position for each in await read_checkpoints(live) if each.name in names]
        await scratch.fold_up_to(min(behind, default=0), progress)
        async with await database.connect() as comparing:
            await comparing.set_isolation_level(IsolationLevel.REPEATABLE_READ)
            async with comparing.transaction():
                position = await _meet(live, comparing, scratch, projections, names)
                return await compare(comparing, database, scratch.slot, projections, position)


async def _meet(
    live: Connection,
    comparing: Connection,
    scratch: Replay,
    projections: Sequence[Projection],
    names: list[str],
) -> int:
    """Brings the scratch slot to where the live tables are, and has `comparing` see that moment of both."""
    versions = {projection.name: projection.version for projection in projections}
    async with live.transaction():
        found = await lock_checkpoints(live, names)
        if {checkpoint.name: checkpoint.version for checkpoint in found} != versions:
            raise CannotVerify("some tables are of another version of the software, or of none: rebuild them")
        positions = {checkpoint.position for checkpoint in found}
        if len(positions) > 1:
            raise CannotVerify("some projections are behind the others: wait until they have caught up")
        await scratch.fold_up_to(position := positions.pop())
        for table in [table for projection in projections for table in projection.tables]:
            # The first fixes what it sees; each keeps a rebuild from putting another table there.
            await comparing.execute(SQL("SELECT FROM {} LIMIT 0").format(Identifier(table.name)))
    return position


async def compare(
    connection: Connection,
    database: TenantDatabase,
    slot: str,
    projections: Sequence[Projection],
    position: int,
) -> Verdict:
    rows: dict[str, int] = {}
    differing: dict[str, int] = {}
    differences: list[Difference] = []
    for table in [table for projection in projections for table in projection.tables]:
        names = _names(table, database.journal.schema, slot)
        async with connection.cursor(row_factory=tuple_row) as cursor:
            await cursor.execute(SQL(_COUNT).format(**names))
            rows[table.name] = sum(count for (count,) in await cursor.fetchall())
            await cursor.execute(SQL(_DIFFERENCES).format(**names))
            found = await cursor.fetchall()
        differing[table.name] = found[0][3] if found else 0
        differences += [
            Difference(table=table.name, key=key, live=live, replayed=replayed)
            for key, live, replayed, _ in found
        ]
    return Verdict(position=position, rows=rows, differing=differing, differences=differences)


def _names(table: Table[Any, Any], home: str, slot: str) -> dict[str, Composed | Identifier | Literal]:
    return {
        "home": Identifier(home, table.name),
        "slot": Identifier(f"{home}.{slot}", table.name),
        "keys": SQL(", ").join(map(Identifier, table.key_columns)),
        "most": Literal(MOST_SHOWN),
    }
