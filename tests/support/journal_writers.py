"""The ways in which a journal is written, step by step: with the head locked, read, or never asked for."""

import asyncio
import itertools
from collections.abc import Sequence
from datetime import UTC, datetime

from eventsourcing.persistence import StoredEvent

from domain.kernel.event import Envelope
from domain.stores.store import StoreOpened
from infra.event_store.codec import Codec
from infra.event_store.journal import Connection, Journal, NewEntry
from infra.event_store.recorder import JournalRecorder
from tests.support.interleavings import Ending, Step, Writer
from tests.support.journals import end_backend

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
_ENVELOPE = Envelope(
    occurred_at=NOON, recorded_at=NOON, actor="tester", channel="till", command_id="c1", correlation_id="c1"
)
_OPENED = StoreOpened(store_id="s1", name="Main Street", currency="CNY", time_zone="UTC")
(_STATE,) = Codec().encode(_ENVELOPE, [_OPENED])

_numbers = itertools.count(1)


def new_streams(count: int) -> list[str]:
    """Names that no other writer uses."""
    return [f"store-{next(_numbers)}" for _ in range(count)]


async def append(journal: Journal, connection: Connection, known: int, streams: Sequence[str]) -> bool:
    """The journal's own append. It lands where the head was known to be, or not at all."""
    entries = [NewEntry(stream=stream, version=1, type=_OPENED.TYPE, state=_STATE) for stream in streams]
    landed = await journal.append(connection, known=known, recorded_at=NOON, entries=entries, accepted=[])
    head = (await journal.head(connection)).position
    assert head >= known + len(streams) if landed else head != known
    return landed


class InATransaction(Writer):
    """Begins, with the head `locked` or just read; appends where it was; ends."""

    def __init__(
        self,
        journal: Journal,
        connection: Connection,
        ending: Ending,
        watch: Connection,
        *,
        events: int,
        locked: bool,
    ) -> None:
        super().__init__(new_streams(events))
        self._journal = journal
        self._connection = connection
        self._ending = ending
        self._watch = watch
        self._locked = locked
        self._known: int | None = None
        self._landed: bool | None = None

    def steps(self) -> list[Step]:
        return [self._begin, self._append, self._end]

    def needs_the_head(self, position: int) -> bool:
        if self._known is None:
            return self._locked
        # Where the head has moved already, the append finds nothing to wait for.
        return self._landed is None and self._known == position

    async def _begin(self) -> None:
        await self._connection.execute("BEGIN")
        self._known = (await self._journal.head(self._connection, lock=self._locked)).position
        self.holds = self._locked

    async def _append(self) -> None:
        assert self._known is not None
        self._landed = await append(self._journal, self._connection, self._known, self.streams)
        self.holds = self.holds or self._landed

    async def _end(self) -> None:
        match self._ending:
            case Ending.COMMITS:
                await self._connection.execute("COMMIT")
                self.committed = bool(self._landed)
            case Ending.ROLLS_BACK:
                await self._connection.execute("ROLLBACK")
            case Ending.DIES:
                await end_backend(self._connection.info.backend_pid, self._watch)
                await self._connection.close()
        self.holds = False


class AtOnce(Writer):
    """Looks where the head is and appends there, in a statement of its own: the clerk's usual way."""

    def __init__(self, journal: Journal, connection: Connection, *, events: int) -> None:
        super().__init__(new_streams(events))
        self._journal = journal
        self._connection = connection
        self._known: int | None = None

    def steps(self) -> list[Step]:
        return [self._look, self._append]

    def needs_the_head(self, position: int) -> bool:
        return self._known == position

    async def _look(self) -> None:
        self._known = (await self._journal.head(self._connection)).position

    async def _append(self) -> None:
        assert self._known is not None
        self.committed = await append(self._journal, self._connection, self._known, self.streams)


class ByTheLibrary(Writer):
    """Inserts through the library's recorder, which takes the head where it is and commits by itself."""

    def __init__(self, recorder: JournalRecorder, *, events: int) -> None:
        super().__init__(new_streams(events))
        self._recorder = recorder

    def steps(self) -> list[Step]:
        return [self._insert]

    def needs_the_head(self, position: int) -> bool:
        return True

    async def _insert(self) -> None:
        events = [StoredEvent(stream, 1, _OPENED.TYPE, _STATE) for stream in self.streams]
        await asyncio.to_thread(self._recorder.insert_events, events)
        self.committed = True
