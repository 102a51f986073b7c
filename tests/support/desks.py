"""A desk: one of several processes that write a journal, with a clerk that can be restarted and cut off."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Self

import msgspec
import pytest

from infra.event_store import knowledge as knowledge_module
from infra.event_store.clerk import Clerk, now_utc
from infra.event_store.journal import Connection
from tests.support.journals import CONNECTIONS, Lines, conninfo_of, end_backend, journal_of
from tests.support.postgres import Tenant
from tests.support.wires import Wire


class Desk:
    """A clerk with a wire, a memory and a clock of its own. The clock is `behind`."""

    def __init__(self, tenant: Tenant, wire: Wire, behind: timedelta) -> None:
        self.wire = wire
        self._journal = journal_of(tenant)
        self._lines = Lines(msgspec.structs.replace(tenant, service_url=wire.conninfo))
        self._behind = behind
        self.clerk = Clerk(self._journal, self._lines, self._now)

    async def restart(self, memory_bytes: int) -> None:
        """Stops the clerk, which answers what waits, and starts another that remembers so much."""
        await self.clerk.stop()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(knowledge_module, "CACHE_BYTES", memory_bytes)
            self.clerk = Clerk(self._journal, self._lines, self._now)
        await self.clerk.start()

    async def end_backend(self, by: Connection, *, reading: bool) -> None:
        """Ends the server's side of one of the clerk's connections and returns when it is gone."""
        await end_backend(self._lines.pids[-CONNECTIONS if reading else -1], by)

    def _now(self) -> datetime:
        return now_utc() - self._behind

    @classmethod
    @asynccontextmanager
    async def of(cls, tenant: Tenant, behind: timedelta) -> AsyncGenerator[Self]:
        """A desk at work."""
        async with Wire.to(conninfo_of(tenant)) as wire:
            desk = cls(tenant, wire, behind)
            await desk.clerk.start()
            try:
                yield desk
            finally:
                await desk.clerk.stop()
