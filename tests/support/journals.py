"""A tenant's journal and its clerks at work: start, submit, read everything back."""

import asyncio
import itertools
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Iterable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, TypeVar

import psycopg
from psycopg import sql

from domain.kernel.command import Command
from domain.kernel.event import AnyRecorded, Event
from domain.kernel.stream import Versioned
from infra.event_store.clerk import Clerk, now_utc
from infra.event_store.journal import Connection, Journal
from infra.event_store.submission import Answer, Origin
from infra.postgres.pools import connector, tenant_conninfo
from tests.support.postgres import Tenant

T = TypeVar("T")
E = TypeVar("E", bound=Event)
Connect = Callable[[], Awaitable[Connection]]

_ids = itertools.count(1)

RUNNING = """
SELECT FROM pg_stat_activity
WHERE pid = %(pid)s
"""

WAITING_FOR_A_LOCK = """
SELECT count(*)
FROM pg_stat_activity
WHERE pid = ANY (%(pids)s) AND wait_event_type = 'Lock'
"""


def run(test: Coroutine[Any, Any, T]) -> T:
    """Runs the async part of a test."""
    return asyncio.run(test)


def origin(command_id: str | None = None, *, occurred_at: datetime | None = None) -> Origin:
    """A till's command; without `command_id` one that no other test uses, and no answer is kept."""
    return Origin(
        command_id=command_id or f"c{next(_ids)}", actor="tester", channel="till", occurred_at=occurred_at
    )


def keyed(command_id: str, body: str = "the same request") -> Origin:
    """A command whose answer is kept, as with an Idempotency-Key."""
    return Origin(command_id=command_id, actor="tester", channel="till", fingerprint=body.encode())


def conninfo_of(tenant: Tenant) -> str:
    """The service's own connections to the tenant."""
    return tenant_conninfo(tenant.service_url, tenant.name)


def journal_of(tenant: Tenant) -> Journal:
    return Journal(tenant.schema)


@asynccontextmanager
async def connected(tenant: Tenant) -> AsyncGenerator[Connection]:
    """A connection of the service, in autocommit."""
    async with await connector(conninfo_of(tenant))() as connection:
        yield connection


@asynccontextmanager
async def watching(tenant: Tenant) -> AsyncGenerator[Connection]:
    """A connection as the service's login, which sees what other connections of it do and may end them."""
    async with await connector(tenant.service_url)() as connection:
        yield connection


@asynccontextmanager
async def clerk_of(
    tenant: Tenant, *, clock: Callable[[], datetime] = now_utc, connect: Connect | None = None
) -> AsyncGenerator[Clerk]:
    """A started clerk with a connection of its own, as each process has one."""
    clerk = Clerk(journal_of(tenant), connect or connector(conninfo_of(tenant)), clock)
    await clerk.start()
    try:
        yield clerk
    finally:
        await clerk.stop()


CONNECTIONS = 2
"""Of a clerk: one reads, the newer one writes."""


class Lines:
    """Connects like the service and remembers its backends, so that a test can see or end them."""

    def __init__(self, tenant: Tenant) -> None:
        self._connect = connector(conninfo_of(tenant))
        self.pids: list[int] = []

    async def __call__(self) -> Connection:
        connection = await self._connect()
        self.pids.append(connection.info.backend_pid)
        return connection


async def until_waiting(watch: Connection, lines: Iterable[Lines]) -> None:
    """Returns when the newest backend of each waits for a lock. Each look is a round trip: no sleep."""
    while True:
        newest = [line.pids[-1] for line in lines]
        cursor = await watch.execute(WAITING_FOR_A_LOCK, {"pids": newest})
        if await cursor.fetchone() == (len(newest),):
            return
        await asyncio.sleep(0)


async def end_backend(pid: int, by: Connection) -> None:
    """Ends a backend and returns when it is gone. Each look is a round trip: no sleep."""
    await by.execute("SELECT pg_terminate_backend(%s)", [pid])
    while (await by.execute(RUNNING, {"pid": pid})).rowcount:
        pass


async def answered(clerk: Clerk, *commands: Command) -> list[Answer]:
    """Answers of commands submitted together; any refusal is raised."""
    return await asyncio.gather(*[clerk.submit(command, origin()) for command in commands])


async def outcomes(clerk: Clerk, commands: Iterable[Command]) -> list[Answer | BaseException]:
    """What became of commands submitted together."""
    submitted = [clerk.submit(command, origin()) for command in commands]
    return await asyncio.gather(*submitted, return_exceptions=True)


def accepted(found: Iterable[Answer | BaseException]) -> list[Answer]:
    return [outcome for outcome in found if isinstance(outcome, Answer)]


def refused(found: Iterable[Answer | BaseException]) -> Counter[type[BaseException]]:
    return Counter(type(outcome) for outcome in found if isinstance(outcome, BaseException))


async def read_all(tenant: Tenant) -> list[AnyRecorded]:
    """Every entry of the journal, which is checked to have no gap anywhere."""
    async with connected(tenant) as connection:
        entries = await journal_of(tenant).read_page(connection, 0, 1_000_000)
        head = await journal_of(tenant).head(connection)
    assert [entry.position for entry in entries] == list(range(1, head.position + 1))
    versions: Counter[str] = Counter()
    for before, entry in itertools.pairwise([None, *entries]):
        assert entry is not None
        versions[entry.stream] += 1
        assert entry.version == versions[entry.stream]
        assert before is None or before.recorded_at <= entry.recorded_at
    return entries


def facts(entries: Iterable[AnyRecorded], kind: type[E]) -> list[E]:
    """The events of one type."""
    return [entry.data for entry in entries if isinstance(entry.data, kind)]


def folded(tenant: Tenant, entries: Iterable[AnyRecorded]) -> dict[str, Versioned]:
    """The state of every stream, folded from its first event."""
    states = journal_of(tenant).states
    found: dict[str, Versioned] = {}
    for entry in entries:
        before = found.get(entry.stream) or states.initial(entry.stream)
        found[entry.stream] = states.evolve(entry.stream, before, entry.data)
    return found


def query_as_login(tenant: Tenant, statement: str, *values: object) -> list[tuple[Any, ...]]:
    """The rows of a statement as the service's login, which is no tenant. What it changed is committed."""
    with psycopg.connect(tenant.service_url) as connection:
        cursor = connection.execute(statement.encode(), values)
        return cursor.fetchall() if cursor.description else []


def query(url: str, tenant: Tenant, statement: str, *values: object) -> list[tuple[Any, ...]]:
    """The rows of a statement whose bare names are the tenant's. What it changed is committed.

    The service acts as the tenant's role, as it always does; the owner as itself.
    """
    with psycopg.connect(conninfo_of(tenant) if url == tenant.service_url else url) as connection:
        connection.execute(sql.SQL("SET search_path = {}").format(sql.Identifier(tenant.schema)))
        cursor = connection.execute(statement.encode(), values)
        return cursor.fetchall() if cursor.description else []
