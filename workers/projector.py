"""The projector process: keeps every tenant's read models up to its journal."""

import asyncio
import time
from collections.abc import Sequence

import structlog
from psycopg import OperationalError
from psycopg.sql import SQL, Identifier

from infra.event_store.journal import Journal, channel_of
from infra.postgres.migrate import tenant_schema
from infra.postgres.pools import Connection, connector, tenant_conninfo
from infra.process import calm_collector, owner_name
from infra.tenancy import tenant_names
from projections.catalogue import PROJECTIONS
from projections.kernel.projection import Projection
from workers.projection_runner import SMALL_PAGE, Overtaken, Runner

POLL_S = 0.25
"""NOTIFY is a hint that can be lost; looking is the truth."""
RETRY_S = 1.0
REST = 2
"""So many times as long as it worked at a page that was not full, the projector rests."""

log = structlog.get_logger(__name__)


async def follow(
    url: str, tenant: str, stop: asyncio.Event, projections: Sequence[Projection] = PROJECTIONS
) -> None:
    """Folds one tenant's journal until `stop` is set; reconnects after a lost connection.

    Where another projector is at work this one stands by and takes over when it has gone silent.
    """
    runner = Runner(Journal(tenant_schema(tenant)), projections, owner=owner_name())
    connect = connector(tenant_conninfo(url, tenant, plan_once=True))
    while not stop.is_set():
        try:
            async with await connect() as connection:
                await _follow_connected(connection, runner, tenant, stop)
        except (OperationalError, Overtaken) as error:
            log.warning("projector_interrupted", tenant=tenant, error=repr(error))
            await _pause(stop, RETRY_S)
        except Exception:
            # A bug of the projector itself: this tenant's read models show their lag, the shop and the other
            # tenants go on. What can't be folded does not come here: it is parked.
            log.exception("projector_stuck", tenant=tenant)
            await _pause(stop, RETRY_S)


async def _follow_connected(connection: Connection, runner: Runner, tenant: str, stop: asyncio.Event) -> None:
    await connection.execute(SQL("LISTEN {}").format(Identifier(channel_of(tenant_schema(tenant)))))
    while not stop.is_set() and not await runner.begin(connection):
        await _pause(stop, RETRY_S)
    try:
        while not stop.is_set():
            began = time.monotonic()
            entries = await runner.run_page(connection)
            if entries == 0:
                await _wait_for_events(connection, stop)
            elif entries < SMALL_PAGE:
                # A busy till comes first, and the next page holds more for the same round trips.
                await _pause(stop, REST * (time.monotonic() - began))
    finally:
        if not connection.closed:
            await runner.leave(connection)


async def _wait_for_events(connection: Connection, stop: asyncio.Event) -> None:
    """Returns at the next NOTIFY, after POLL_S, or when `stop` is set within POLL_S."""
    if stop.is_set():
        return
    async for _ in connection.notifies(timeout=POLL_S, stop_after=1):
        return


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return


async def run(url: str, stop: asyncio.Event) -> None:
    """Follows every tenant, new ones from a second after they were created, until `stop` is set."""
    calm_collector()
    async with asyncio.TaskGroup() as group:
        followed: set[str] = set()
        while not stop.is_set():
            try:
                async with await connector(url)() as connection:
                    names = await tenant_names(connection)
                for tenant in set(names) - followed:
                    followed.add(tenant)
                    group.create_task(follow(url, tenant, stop))
            except OperationalError as error:
                log.warning("projector_waits_for_database", error=str(error))
            await _pause(stop, RETRY_S)
