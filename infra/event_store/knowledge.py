"""What the clerk knows of the journal: its connections, the latest states, and up to where they are exact."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime

from domain.kernel.stream import Versioned
from infra.event_store.journal import AcceptedCommand, Connection, Head, Journal
from infra.event_store.state_cache import StateCache

CACHE_BYTES = 24_000_000
TAIL_ENTRY_BYTES = 500
"""The usual size of an event, as the weight of a state that was brought up to date from the tail."""
TAIL_LIMIT = 10_000
"""Further behind than this, the states that others wrote are forgotten, and read again when needed."""
NAMES_LIMIT = 500_000
"""Further behind than this, so are all others: finding out which were written takes too long."""


class Knowledge:
    """The states of the streams met last, exact up to `position` of the journal.

    A state may be newer where it was read after another process wrote; its version then tells, when the tail
    is folded, which entries it already holds.
    """

    def __init__(self, journal: Journal, connect: Callable[[], Awaitable[Connection]]) -> None:
        self.journal = journal
        self.states = StateCache(CACHE_BYTES)
        self.position = 0
        self.fence = 0
        self.recorded_at: datetime | None = None
        self._connect = connect
        self._reader: Connection | None = None
        self._reads_on: Connection | None = None
        self._connection: Connection | None = None

    @property
    def connection(self) -> Connection:
        """The connection that appends, holds the lock and looks where the journal ends."""
        assert self._connection is not None, "reconnect() connects"
        return self._connection

    async def reconnect(self) -> None:
        """New connections; what was known may not be so any more and is forgotten."""
        await self.close()
        # States are read on a connection of their own: also while a batch is being written.
        self._reads_on = self._reader = await self._connect()
        self._connection = await self._connect()
        self.states.clear()
        self._see(await self.journal.head(self.connection))

    async def close(self) -> None:
        """Gives the connections back."""
        for connection in (self._reader, self._connection):
            if connection is not None:
                await connection.close()

    async def is_current(self) -> bool:
        """Whether the journal still ends where the states are exact."""
        return (await self.journal.head(self.connection)).position == self.position

    @asynccontextmanager
    async def held(self) -> AsyncGenerator[None]:
        """A transaction in which nobody else can write and everything is known up to the journal's end.

        All is read on the connection that holds the head. Should the other one have to wait for whoever waits
        for us, PostgreSQL could not see that the circle closes here.
        """
        async with self.connection.transaction():
            self._reads_on = self.connection
            try:
                await self.catch_up()
                yield
            finally:
                self._reads_on = self._reader

    async def catch_up(self) -> None:
        """Takes the head lock and brings the states up to the journal's end. Needs a transaction."""
        head = await self.journal.head(self.connection, lock=True)
        behind = head.position - self.position
        if behind > NAMES_LIMIT:
            self.states.clear()
        elif behind > TAIL_LIMIT:
            for stream in await self.journal.streams_since(self.connection, self.position):
                self.states.forget(stream)
        elif behind > 0:
            await self._fold_tail()
        self._see(head)

    async def _fold_tail(self) -> None:
        """Brings those states up to date that are known; what others did elsewhere isn't even decoded."""
        decode, evolve = self.journal.codec.decode, self.journal.states.evolve
        for entry in await self.journal.stored_page(self.connection, self.position, TAIL_LIMIT):
            state = self.states.get(entry.stream)
            if state is not None and state.version + 1 == entry.version:
                event = decode(entry.type, entry.state, entry.stream, entry.version).data
                self.states.put(entry.stream, evolve(entry.stream, state, event), TAIL_ENTRY_BYTES)

    async def bring_in(
        self, streams: Iterable[str], into: dict[str, Versioned], command_ids: Sequence[str] = ()
    ) -> Mapping[str, AcceptedCommand]:
        """Copies the streams' states, reading those that are not known, and the commands' kept answers.

        One read at most. Returns the answers of those commands that were accepted before.
        """
        missing = self.states.gather(streams, into)
        if not missing and not command_ids:
            return {}
        assert self._reads_on is not None, "reconnect() connects"
        needed = await self.journal.read_needed(self._reads_on, missing, command_ids)
        for stream, (state, weight_bytes) in needed.states.items():
            self.states.put(stream, state, weight_bytes)
            into[stream] = state
        return needed.answers

    def keep(self, states: Mapping[str, Versioned], written_bytes: Mapping[str, int]) -> None:
        """What a batch made of the states is durable: remembers those in whose streams it wrote."""
        kind_of = self.journal.states.kind_of
        for stream, grown in written_bytes.items():
            # A state that only grows weighs all of its events, one that is kept small by its kind the last.
            self.states.put(stream, states[stream], grown, grows=kind_of(stream).snapshot_every is None)
        self.states.shrink()

    async def commands_since(self, position: int) -> set[str]:
        """The ids of the commands that wrote after a position."""
        found: set[str] = set()
        while entries := await self.journal.read_page(self.connection, position, TAIL_LIMIT):
            found.update(entry.command_id for entry in entries)
            position = entries[-1].position
        return found

    def _see(self, head: Head) -> None:
        self.position, self.recorded_at, self.fence = head.position, head.recorded_at, head.fence
