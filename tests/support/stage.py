"""Where writers of one journal take their turns: their connections, and those of the readers who look on."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager

from infra.event_store.journal import Connection
from infra.event_store.recorder import JournalRecorder, recorder_of
from tests.support.interleavings import Ending, Row, Tail, Writer
from tests.support.journal_writers import AtOnce, ByTheLibrary, InATransaction
from tests.support.journals import connected, journal_of, watching
from tests.support.postgres import Tenant

EVERYTHING = 1_000_000


class Stage:
    """Connections by name, kept from one run to the next; who lost theirs gets a new one."""

    def __init__(self, tenant: Tenant, stack: AsyncExitStack, recorder: JournalRecorder) -> None:
        self.journal = journal_of(tenant)
        self._tenant = tenant
        self._stack = stack
        self._recorder = recorder
        self._connections: dict[str, Connection] = {}

    async def connection(self, whose: str) -> Connection:
        """The same one for the same name, as long as it is open; "watch" sees what the others wait for."""
        connection = self._connections.get(whose)
        if connection is None or connection.closed:
            opened = watching(self._tenant) if whose == "watch" else connected(self._tenant)
            connection = await self._stack.enter_async_context(opened)
            # A step that waits where none should is an error, not a test that never ends.
            await connection.execute("SET lock_timeout = '30s'")
            self._connections[whose] = connection
        return connection

    async def writer(self, number: int, kind: str, ending: Ending) -> Writer:
        """A writer of the kind, who writes one event more than the one before."""
        events = number + 1
        if kind == "library":
            return ByTheLibrary(self._recorder, events=events)
        connection = await self.connection(f"writer {number}")
        if kind == "at once":
            return AtOnce(self.journal, connection, events=events)
        watch, locked = await self.connection("watch"), kind == "locks"
        return InATransaction(self.journal, connection, ending, watch, events=events, locked=locked)

    async def tail(self, whose: str, start: int) -> Tail:
        """A reader of what comes after `start`, with a connection of its own."""
        connection = await self.connection(whose)

        async def read(after: int) -> list[Row]:
            page = await self.journal.read_page(connection, after, EVERYTHING)
            return [Row(entry.position, entry.stream) for entry in page]

        return Tail(read, start)

    async def position(self) -> int:
        """Where the journal ends."""
        return (await self.journal.head(await self.connection("reader"))).position


@asynccontextmanager
async def stage_of(tenant: Tenant) -> AsyncGenerator[Stage]:
    """A stage, and whatever is still open on it closed at the end."""
    recorder = recorder_of(tenant.service_url, tenant.schema)
    try:
        async with AsyncExitStack() as stack:
            yield Stage(tenant, stack, recorder)
    finally:
        recorder.datastore.close()
