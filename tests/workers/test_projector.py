"""The projector process: one tenant's trouble is its own."""

import asyncio

from tests.support.commands import add_product, open_store, receive
from tests.support.journals import answered, clerk_of, connected, query, run
from tests.support.postgres import Database, Tenant, new_tenant
from workers import projector


async def reached(tenant: Tenant, *, position: int = 0, epoch: int = 1) -> None:
    """Returns when all of the tenant's read models have folded a position and begun so many epochs."""
    async with asyncio.timeout(20), connected(tenant) as connection:
        while True:
            cursor = await connection.execute("SELECT min(position), min(epoch) FROM projection_checkpoints")
            least = await cursor.fetchone()
            if least not in (None, (None, None)) and least[0] >= position and least[1] >= epoch:
                return
            await asyncio.sleep(0.01)


def test_read_models_that_can_not_be_written_stop_their_own_tenant_and_go_on_when_mended(
    database: Database, tenant: Tenant
) -> None:
    """No event is to blame, so none is parked."""
    neighbour = new_tenant(database, f"{tenant.name}_b")

    async def test() -> None:
        stop = asyncio.Event()
        for shop in (tenant, neighbour):
            async with clerk_of(shop) as clerk:
                await answered(clerk, open_store(), add_product(), receive(("apple", 3)))
        query(tenant.owner_url, tenant, "ALTER TABLE stock_levels RENAME TO mislaid")
        async with asyncio.TaskGroup() as group:
            for shop in (tenant, neighbour):
                group.create_task(projector.follow(shop.service_url, shop.name, stop))
            await reached(neighbour, position=3)
            # Each attempt is an epoch.
            await reached(tenant, epoch=2)
            query(tenant.owner_url, tenant, "ALTER TABLE mislaid RENAME TO stock_levels")
            await reached(tenant, position=3)
            stop.set()

    run(test())
    assert query(tenant.service_url, tenant, "SELECT position FROM parked_events") == []
