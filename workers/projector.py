"""The projector process: follows its tenants' journals, and sees that read models are of this version."""

import asyncio
import hashlib
import time
from collections.abc import Coroutine, Sequence
from contextlib import aclosing
from typing import Any, LiteralString

import structlog
from psycopg import OperationalError
from psycopg.sql import SQL, Identifier

from infra.errors import OperatorError
from infra.event_store.journal import Journal, channel_of
from infra.postgres.migrate import tenant_schema
from infra.postgres.pools import Connection, connector, tenant_conninfo
from infra.process import calm_collector, owner_name
from infra.tenancy import tenant_names
from projections.catalogue import PROJECTIONS
from projections.kernel.projection import Projection
from workers.database import TenantDatabase
from workers.pausing import pause
from workers.projection_runner import SILENT_S, SMALL_PAGE, Overtaken, Runner
from workers.reading_ahead import ReadingAhead
from workers.rebuild_processes import default_readers, left_to_do, rebuild_in_processes

POLL_S = 0.25
"""NOTIFY is a hint that can be lost; looking is the truth."""
RETRY_S = 1.0
LOOK_FOR_REBUILDS_S = 5.0
REST = 3
"""So many times as long as a page that was not full took of the processor, the projector rests."""

_STAY_ALIVE: LiteralString = """
WITH gone AS (
    DELETE FROM daybook.projectors
    WHERE alive_at < now() - make_interval(secs => %(silent_s)s)
)
INSERT INTO daybook.projectors (name, alive_at)
VALUES (%(name)s, now())
ON CONFLICT (name) DO UPDATE SET alive_at = excluded.alive_at
"""

_LIST_ALIVE: LiteralString = """
SELECT name
FROM daybook.projectors
WHERE alive_at >= now() - make_interval(secs => %(silent_s)s)
"""

_LEAVE: LiteralString = """
DELETE FROM daybook.projectors
WHERE name = %(name)s
"""

# A page need not be flushed: what a crash of the server takes is rows and position together, and is folded
# again. The tills' commits, which are flushed, need not wait for it.
_NO_FLUSH: LiteralString = "SET synchronous_commit = off"

log = structlog.get_logger(__name__)


class Share:
    """Which tenants are this process's, of all projectors that are alive.

    Each tenant goes to the one whose name and the tenant's make the greatest hash. So all agree without a
    word, and when one comes or goes only its own tenants change hands. While they disagree for a moment, the
    lease of the tenant decides.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.alive = {name}

    async def renew(self, connection: Connection) -> None:
        """Gives a sign of life and looks who else does."""
        parameters = {"name": self.name, "silent_s": SILENT_S}
        await connection.execute(_STAY_ALIVE, parameters)
        cursor = await connection.execute(_LIST_ALIVE, parameters)
        self.alive = {name for (name,) in await cursor.fetchall()} | {self.name}

    async def leave(self, connection: Connection) -> None:
        """Leaves its tenants to the others at once."""
        await connection.execute(_LEAVE, {"name": self.name})

    def has(self, tenant: str) -> bool:
        """Whether the tenant is this process's."""
        return max(self.alive, key=lambda name: _weight(name, tenant)) == self.name


def _weight(name: str, tenant: str) -> bytes:
    return hashlib.sha256(f"{name} {tenant}".encode()).digest()


async def follow(
    url: str,
    tenant: str,
    stop: asyncio.Event,
    projections: Sequence[Projection] = PROJECTIONS,
    share: Share | None = None,
) -> None:
    """Folds one tenant's journal until `stop` is set, as long as it is in this process's share.

    Reconnects after a lost connection. Where another projector is at work this one stands by and takes over
    when it has left or gone silent.
    """
    share = share or Share(owner_name())
    journal = Journal(tenant_schema(tenant))
    connect = connector(tenant_conninfo(url, tenant, plan_once=True))
    ahead = ReadingAhead(journal, connect)
    runner = Runner(journal, projections, share.name, ahead)
    while not stop.is_set():
        if not share.has(tenant):
            await pause(stop, RETRY_S)
            continue
        try:
            async with await connect() as connection, aclosing(ahead):
                await _follow_connected(connection, runner, tenant, share, stop)
        except Overtaken as error:
            # A rebuild, a retry or a rollback has changed rows, or another projector is at work.
            log.info("projector_begins_anew", tenant=tenant, error=repr(error))
        except OperationalError as error:
            log.warning("projector_interrupted", tenant=tenant, error=repr(error))
            await pause(stop, RETRY_S)
        except Exception:
            # A bug of the projector itself: this tenant's read models show their lag, the shop and the other
            # tenants go on. What can't be folded does not come here: it is parked.
            log.exception("projector_stuck", tenant=tenant)
            await pause(stop, RETRY_S)


async def _follow_connected(
    connection: Connection, runner: Runner, tenant: str, share: Share, stop: asyncio.Event
) -> None:
    await connection.execute(_NO_FLUSH)
    await connection.execute(SQL("LISTEN {}").format(Identifier(channel_of(tenant_schema(tenant)))))
    while not stop.is_set() and share.has(tenant) and not await runner.begin(connection):
        await pause(stop, RETRY_S)
    try:
        while not stop.is_set() and share.has(tenant):
            began = time.process_time()
            entries = await runner.run_page(connection)
            if entries == 0:
                await _wait_for_events(connection, stop)
            elif entries < SMALL_PAGE:
                # A busy till comes first, and the next page holds more for the same round trips.
                await pause(stop, REST * (time.process_time() - began))
    finally:
        if not connection.closed:
            await runner.leave(connection)


async def _wait_for_events(connection: Connection, stop: asyncio.Event) -> None:
    """Returns at the next NOTIFY, after POLL_S, or when `stop` is set within POLL_S."""
    if stop.is_set():
        return
    async for _ in connection.notifies(timeout=POLL_S, stop_after=1):
        return


async def keep_current(
    url: str,
    tenant: str,
    stop: asyncio.Event,
    share: Share,
    projections: Sequence[Projection] = PROJECTIONS,
) -> None:
    """Rebuilds what an older version of the software made, and goes on with rebuilds that were left."""
    database = TenantDatabase(url, tenant)
    while not stop.is_set():
        try:
            names = await left_to_do(database, projections) if share.has(tenant) else []
            if names:
                log.info("rebuild_begins", tenant=tenant, projections=names)
                wanted = [projection for projection in projections if projection.name in names]
                await _unless_stopped(stop, rebuild_in_processes(database, wanted, default_readers()))
        except (OperationalError, OperatorError) as error:
            log.warning("rebuild_interrupted", tenant=tenant, error=str(error))
        except Exception:
            log.exception("rebuild_stuck", tenant=tenant)
        await pause(stop, LOOK_FOR_REBUILDS_S)


async def _unless_stopped(stop: asyncio.Event, work: Coroutine[Any, Any, None]) -> None:
    """Does it, or gives it up when `stop` is set."""
    working, stopped = asyncio.create_task(work), asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({working, stopped}, return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            working.result()
    finally:
        for task in (working, stopped):
            task.cancel()
        await asyncio.gather(working, stopped, return_exceptions=True)


async def run(url: str, stop: asyncio.Event) -> None:
    """Follows its share of the tenants, new ones a second after they were created, until `stop` is set."""
    calm_collector()
    share = Share(owner_name())
    async with asyncio.TaskGroup() as group:
        followed: set[str] = set()
        while not stop.is_set():
            try:
                async with await connector(url)() as connection:
                    while not stop.is_set():
                        await share.renew(connection)
                        for tenant in set(await tenant_names(connection)) - followed:
                            followed.add(tenant)
                            group.create_task(follow(url, tenant, stop, share=share))
                            group.create_task(keep_current(url, tenant, stop, share))
                        await pause(stop, RETRY_S)
                    await share.leave(connection)
            except OperationalError as error:
                log.warning("projector_waits_for_database", error=str(error))
                await pause(stop, RETRY_S)
