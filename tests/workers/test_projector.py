"""The projector process: one tenant's trouble is its own."""

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any

from domain.kernel.event import AnyRecorded
from projections.kernel.projection import Projection
from projections.kernel.table import Change, Table
from projections.stock_levels.fold import StockLevels
from tests.support.commands import add_product, open_store, receive
from tests.support.journals import answered, clerk_of, connected, run
from tests.support.postgres import Database, Tenant, new_tenant
from workers import projector


class Stumbling:
    """A projection with a bug, until it is mended."""

    name = "stock_levels"
    version = 1
    tables: Sequence[Table[Any, Any]] = StockLevels.tables

    def __init__(self) -> None:
        self.mended = False
        self.stumbled = asyncio.Event()

    def changes(self, entry: AnyRecorded) -> Iterable[Change]:
        if not self.mended:
            self.stumbled.set()
            raise RuntimeError("a bug")
        return StockLevels().changes(entry)


async def reached(tenant: Tenant, position: int) -> None:
    """Returns when the tenant's read models have folded a position."""
    async with asyncio.timeout(20), connected(tenant) as connection:
        while True:
            cursor = await connection.execute("SELECT min(position) FROM projection_checkpoints")
            row = await cursor.fetchone()
            if row is not None and row[0] is not None and row[0] >= position:
                return
            await asyncio.sleep(0.01)


def test_an_event_that_can_not_be_folded_stops_its_own_tenant_and_goes_on_when_mended(
    database: Database, tenant: Tenant
) -> None:
    neighbour = new_tenant(database, f"{tenant.name}_b")
    stumbling = Stumbling()
    projections: Sequence[Projection] = (stumbling,)

    async def test() -> None:
        stop = asyncio.Event()
        for shop in (tenant, neighbour):
            async with clerk_of(shop) as clerk:
                await answered(clerk, open_store(), add_product(), receive(("apple", 3)))
        async with asyncio.TaskGroup() as group:
            group.create_task(projector.follow(tenant.service_url, tenant.name, stop, projections))
            group.create_task(projector.follow(neighbour.service_url, neighbour.name, stop))
            await asyncio.wait_for(stumbling.stumbled.wait(), 20)
            await reached(neighbour, 3)
            stumbling.mended = True
            await reached(tenant, 3)
            stop.set()

    run(test())
