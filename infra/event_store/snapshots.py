"""Snapshots of long streams, written beside the clerk: no batch waits for them."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping

import structlog

from domain.kernel.stream import Versioned
from infra.event_store.journal import Connection, Journal

PAUSE_S = 1.0
"""Between two rounds: a busy stream is then kept once a second, in its newest state, not once a batch."""

log = structlog.get_logger(__name__)


class SnapshotKeeper:
    """Keeps the states it is given, on a connection of its own that is open while there is something to do.

    A snapshot only shortens reading: one that could not be written is missed by nobody, and comes again.
    """

    def __init__(self, journal: Journal, connect: Callable[[], Awaitable[Connection]]) -> None:
        self._journal = journal
        self._connect = connect
        self._due: dict[str, Versioned] = {}
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def add(self, states: Mapping[str, Versioned]) -> None:
        """These states are durable in the journal and have come far enough to be kept."""
        if not states:
            return
        self._due.update(states)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._write_what_is_due())

    async def stop(self) -> None:
        """Writes what is still due."""
        self._stopping.set()
        if self._task is not None:
            await self._task

    async def _write_what_is_due(self) -> None:
        try:
            async with await self._connect() as connection:
                while self._due:
                    due, self._due = self._due, {}
                    await self._journal.write_snapshots(connection, due)
                    await self._pause()
        except Exception:
            # The shop sells without them.
            log.exception("snapshots_not_written")

    async def _pause(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PAUSE_S):
                await self._stopping.wait()
