"""A tenant at work in this process: its clerk, its readers' pool and its vault, opened together."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import TypeVar

from psycopg.rows import tuple_row

from domain.kernel.command import Command
from domain.kernel.stream import States, StreamKind, Versioned
from infra.crypto.master_key import MasterKey
from infra.crypto.vault import Vault
from infra.errors import OperatorError
from infra.event_store.clerk import Clerk
from infra.event_store.journal import Journal
from infra.event_store.submission import Answer, Origin
from infra.people.indexer import PeopleIndex
from infra.postgres.migrate import LIST_TENANTS, tenant_schema
from infra.postgres.pools import Connection, Pool, connector, pool, tenant_conninfo

S = TypeVar("S")

SHORT_STREAM = 10_000
"""More events than a stream without snapshots will ever have."""
DEFAULT_REGION = "CN"
COMMANDS_AT_ONCE = 4


class TenantUnknown(OperatorError):
    """There is no such tenant."""

    def __init__(self, name: str) -> None:
        super().__init__(f"There is no tenant {name!r}. Make it: daybook tenant create {name}")


class Tenant:
    """What a merchant's requests need in this process."""

    def __init__(self, name: str, url: str, keys: Pool, master: MasterKey, phone_region: str) -> None:
        conninfo = tenant_conninfo(url, name)
        self.name = name
        self.journal = Journal(tenant_schema(name))
        self.readers = pool(conninfo)
        self.clerk = Clerk(self.journal, connector(tenant_conninfo(url, name, plan_once=True)))
        self.vault = Vault(keys, master, name)
        self.people = PeopleIndex(self.journal, self.vault, phone_region)

    async def start(self) -> None:
        """Connects; nothing is read ahead but the journal's head and the tenant's key."""
        await self.readers.open(wait=True)
        await self.vault.start()
        await self.clerk.start()

    async def stop(self) -> None:
        """Finishes the queue and disconnects."""
        await self.clerk.stop()
        await self.readers.close()

    async def submit(self, command: Command, origin: Origin) -> Answer:
        """Has the clerk decide a command. Raises what Clerk.submit and its future raise."""
        return await self.clerk.submit(command, origin)

    async def submit_all(self, commands: Sequence[Command], name: Callable[[], Origin]) -> list[Answer]:
        """Has the clerk decide many, a few at a time: tills decide in between. Each has a name of its own.

        Raises what `submit` raises; those before it are done, and those after it are not begun.
        """
        answers: list[Answer] = []
        for first in range(0, len(commands), COMMANDS_AT_ONCE):
            some = commands[first : first + COMMANDS_AT_ONCE]
            answers += await asyncio.gather(*(self.submit(command, name()) for command in some))
        return answers

    async def state_of(self, kind: StreamKind[S], id_: str) -> S:
        """A stream's present state, read from the journal itself; the initial one if there is none."""
        stream = kind.stream(id_)
        async with self.readers.connection() as connection:
            found, _ = (await self.journal.read_states(connection, [stream]))[stream]
        return found.state

    async def require_state(self, kind: StreamKind[S], id_: str) -> tuple[S, int]:
        """A stream's present state and version, read from the journal itself; NotFound if there is none."""
        stream = kind.stream(id_)
        async with self.readers.connection() as connection:
            found, _ = (await self.journal.read_states(connection, [stream]))[stream]
        States({stream: found}).require_stream(stream)
        return found.state, found.version

    async def look_up(self, kind: StreamKind[S], id_: str) -> Versioned:
        """A stream's present state and version, whether or not anything has happened in it."""
        stream = kind.stream(id_)
        async with self.readers.connection() as connection:
            return (await self.journal.read_states(connection, [stream]))[stream][0]

    async def states_of(self, streams: Iterable[str]) -> States:
        """The present states of several streams, read from the journal itself at one instant."""
        async with self.readers.connection() as connection:
            found = await self.journal.read_states(connection, list(streams))
        return States({stream: state for stream, (state, _) in found.items()})

    async def state_at(self, kind: StreamKind[S], id_: str, position: int) -> tuple[S, int]:
        """A short stream's state and version as they were at a position of the journal."""
        stream = kind.stream(id_)
        state = self.journal.states.initial(stream)
        async with self.readers.connection() as connection:
            for entry in await self.journal.read_stream(connection, stream, 0, SHORT_STREAM):
                if entry.position <= position:
                    state = self.journal.states.evolve(stream, state, entry.data)
        return state.state, state.version


class Tenants:
    """The tenants that this process has met, each started when first asked for."""

    def __init__(
        self, url: str, keys_url: str, master: MasterKey, phone_region: str = DEFAULT_REGION
    ) -> None:
        self._url = url
        self._phone_region = phone_region
        self._master = master
        self._keys = pool(keys_url)
        self.control = pool(url)
        self._started: dict[str, Tenant] = {}
        self._starting = asyncio.Lock()

    async def get(self, name: str) -> Tenant:
        """The tenant, started. TenantUnknown if it doesn't exist."""
        if (tenant := self._started.get(name)) is not None:
            return tenant
        async with self._starting:
            if (tenant := self._started.get(name)) is not None:
                return tenant
            tenant = Tenant(name, self._url, self._keys, self._master, self._phone_region)
            if name not in await self.names():
                raise TenantUnknown(name)
            try:
                await tenant.start()
            except BaseException:
                await tenant.readers.close()
                raise
            self._started[name] = tenant
            return tenant

    async def start(self) -> None:
        """Connects to the key store and the control schema."""
        await self._keys.open(wait=True)
        await self.control.open(wait=True)

    async def stop(self) -> None:
        """Stops every tenant."""
        for tenant in self._started.values():
            await tenant.stop()
        await self.control.close()
        await self._keys.close()

    def started(self) -> list[Tenant]:
        """The tenants that this process has met."""
        return list(self._started.values())

    async def names(self) -> list[str]:
        """The names of all tenants."""
        async with self.control.connection() as connection:
            return await tenant_names(connection)

    async def check(self) -> None:
        """Raises psycopg's error unless the database answers and holds the control schema."""
        await self.names()


@asynccontextmanager
async def open_tenant(url: str, keys_url: str, master: MasterKey, name: str) -> AsyncGenerator[Tenant]:
    """One tenant for the length of a block: for command-line work."""
    tenants = Tenants(url, keys_url, master)
    await tenants.start()
    try:
        yield await tenants.get(name)
    finally:
        await tenants.stop()


async def tenant_names(connection: Connection) -> list[str]:
    """The names of all tenants."""
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(LIST_TENANTS)
        return [name for (name,) in await cursor.fetchall()]
