"""The span of the journal behind the one that is being written, fetched and decoded meanwhile."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple

import psycopg

from domain.kernel.event import AnyRecorded
from infra.event_store.journal import Journal
from projections.kernel.table import Connection

LET_OTHERS_WORK = 500
"""After so many entries, a millisecond, whoever writes meanwhile gets a turn."""


class Span(NamedTuple):
    """The entries from behind a position up to another. It ends before the first that can't be decoded."""

    after: int
    up_to: int
    entries: list[AnyRecorded]


class ReadingAhead:
    """Fetches and decodes one span at a time, on a connection of its own, which is there while it is needed.

    Up to a head that was seen the journal changes no more, so it is no matter when it is read.
    """

    def __init__(self, journal: Journal, connect: Callable[[], Awaitable[Connection]]) -> None:
        self._journal = journal
        self._connect = connect
        self._connection: Connection | None = None
        self._task: asyncio.Task[Span] | None = None

    def begin(self, after: int, up_to: int, unwanted: Sequence[str]) -> None:
        """Begins to fetch what is behind `after`; up to there the journal must have been seen."""
        assert self._task is None, "the last span was taken"
        self._task = asyncio.create_task(self._fetch(after, up_to, unwanted))

    async def take(self, after: int, up_to: int) -> Span | None:
        """What was fetched, if it begins there and goes no further; else it is thrown away."""
        if self._task is None:
            return None
        task, self._task = self._task, None
        try:
            span = await task
        except psycopg.Error:
            # Whoever asked fetches it on its own connection, and learns there what is wrong.
            await self.aclose()
            return None
        return span if after == span.after < span.up_to <= up_to else None

    async def aclose(self) -> None:
        """Ends the connection, until it is needed again."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        if self._connection is not None:
            await self._connection.close()
            self._connection = None

    async def _fetch(self, after: int, up_to: int, unwanted: Sequence[str]) -> Span:
        if self._connection is None:
            self._connection = await self._connect()
        decode = self._journal.codec.decode
        entries: list[AnyRecorded] = []
        for number, entry in enumerate(
            await self._journal.stored_span(self._connection, after, up_to, unwanted)
        ):
            if number % LET_OTHERS_WORK == 0:
                await asyncio.sleep(0)
            try:
                entries.append(decode(entry.type, entry.state, entry.stream, entry.version, entry.position))
            except Exception:  # noqa: BLE001 - whoever asked meets it again, and knows what to do
                return Span(after, entry.position - 1, entries)
        return Span(after, up_to, entries)
