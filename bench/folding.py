"""A journal that is folded again and again, and what that is measured against."""

import asyncio
import time
from contextlib import aclosing
from typing import Any, LiteralString

import psycopg
from psycopg.sql import SQL, Identifier

from bench.books import Books
from bench.measure import BenchmarkFailed
from bench.parts import Database, owner_conninfo, run_command
from bench.peak import Ran
from bench.preload import CHUNK_BYTES
from bench.shop import Shop
from infra.postgres.pools import connector, tenant_conninfo
from projections.catalogue import PROJECTIONS
from projections.kernel.projection import Projection
from workers.database import TenantDatabase
from workers.projection_runner import Runner
from workers.reading_ahead import ReadingAhead
from workers.replay import replay

PAGE = 10_000
MOST_MIB = 1_024.0
"""What a rebuild may need of memory."""
TABLES = [table.name for projection in PROJECTIONS for table in projection.tables]

_CREATE_COPY: LiteralString = "CREATE TABLE copied (LIKE {table} INCLUDING ALL EXCLUDING INDEXES)"


class Folding:
    """A tenant whose journal stands still. Times are seconds; nobody else is at work there."""

    def __init__(self, data: Database, tenant: str) -> None:
        self._data = data
        self._tenant = TenantDatabase(data.service, tenant)
        self._owner = owner_conninfo(data.owner, tenant)
        self._books = Books(Shop(database=data, tenant=tenant, key=""))
        self.events = self._books.head()
        with self._connect() as connection:
            # As autovacuum leaves it by and by; it must not begin in the midst of a run.
            connection.execute("VACUUM (ANALYZE) stored_events")

    def read_and_decode_s(self, projection: Projection | None = None) -> float:
        """All events, or those that a projection folds, fetched and decoded by one process; none is kept."""
        return asyncio.run(self._read_and_decode(projection))

    def catch_up_s(self) -> float:
        """The projector's own work, from nothing, in this process."""
        self._empty_read_models()
        took_s = asyncio.run(self._catch_up())
        self._require_complete()
        return took_s

    def rebuild(self) -> Ran:
        """All projections, made anew by the operator's command."""
        environment = {**self._data.environment, "DAYBOOK_TENANT": self._tenant.tenant}
        ran = run_command(environment, "projections", "rebuild")
        self._require_complete()
        return ran

    def replay_s(self, projection: Projection) -> float:
        """One projection as a rebuild makes it: read, decoded, folded, written, its keys indexed."""
        return asyncio.run(self._replay(projection))

    def copy_s(self) -> float:
        """All rows of the read models copied, ready as text, into equal tables without indexes."""
        with self._connect() as connection:
            return sum(_copy_s(connection, table) for table in TABLES)

    def rows(self) -> int:
        """How many rows the read models have, all together."""
        with self._connect() as connection:
            return sum(_count(connection, table) for table in TABLES)

    def require_rows(self, expected: int) -> None:
        """BenchmarkFailed where the read models have more or fewer rows."""
        if (rows := self.rows()) != expected:
            raise BenchmarkFailed(f"{rows:,} rows were made in one way and {expected:,} in another")

    async def _read_and_decode(self, projection: Projection | None) -> float:
        journal = self._tenant.journal
        decode = journal.codec.decode
        unwanted = journal.codec.types_outside(projection.events) if projection else []
        async with await self._tenant.connect() as connection:
            began = time.perf_counter()
            for after in range(0, self.events, PAGE):
                for position, stream, version, type_, state in await journal.stored_span(
                    connection, after, after + PAGE, unwanted
                ):
                    decode(type_, state, stream, version, position)
            return time.perf_counter() - began

    async def _catch_up(self) -> float:
        conninfo = tenant_conninfo(self._data.service, self._tenant.tenant, plan_once=True)
        connect = connector(conninfo)
        ahead = ReadingAhead(self._tenant.journal, connect)
        runner = Runner(self._tenant.journal, PROJECTIONS, owner="bench", ahead=ahead)
        async with await connect() as connection, aclosing(ahead):
            began = time.perf_counter()
            if not await runner.begin(connection):
                raise BenchmarkFailed("another projector is at work")
            while await runner.run_page(connection):
                pass
            took_s = time.perf_counter() - began
            await runner.leave(connection)
        return took_s

    async def _replay(self, projection: Projection) -> float:
        async with replay(self._tenant, [projection]) as scratch:
            began = time.perf_counter()
            await scratch.fold_up_to(self.events)
            return time.perf_counter() - began

    def _empty_read_models(self) -> None:
        with self._connect() as connection, connection.transaction():
            connection.execute(SQL("TRUNCATE {}").format(SQL(", ").join(map(Identifier, TABLES))))
            connection.execute("DELETE FROM projection_checkpoints")

    def _require_complete(self) -> None:
        """Every projection has folded everything, and nothing waits."""
        with self._connect() as connection:
            if self._books.lag() or _count(connection, "parked_events"):
                raise BenchmarkFailed("not every event was folded")

    def _connect(self) -> "psycopg.Connection[tuple[Any, ...]]":
        return psycopg.connect(self._owner, autocommit=True)


def _copy_s(connection: "psycopg.Connection[tuple[Any, ...]]", table: str) -> float:
    name = Identifier(table)
    with connection.cursor() as cursor, cursor.copy(SQL("COPY {} TO STDOUT").format(name)) as copy:
        text = b"".join(copy)
    connection.execute(SQL(_CREATE_COPY).format(table=name))
    began = time.perf_counter()
    with connection.cursor() as cursor, cursor.copy("COPY copied FROM STDIN") as copy:
        for start in range(0, len(text), CHUNK_BYTES):
            copy.write(text[start : start + CHUNK_BYTES])
    took_s = time.perf_counter() - began
    connection.execute("DROP TABLE copied")
    return took_s


def _count(connection: "psycopg.Connection[tuple[Any, ...]]", table: str) -> int:
    row = connection.execute(SQL("SELECT count(*) FROM {}").format(Identifier(table))).fetchone()
    assert row is not None
    return int(row[0])
