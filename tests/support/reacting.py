"""The reactor, its relay and the jobs at work on a shop, as the jobs' process runs them."""

from collections.abc import Sequence

from infra.event_store.journal import Journal
from infra.postgres.pools import Connection, connector, tenant_conninfo
from tests.support.api import World
from workers.jobs.maintenance import build_app
from workers.jobs.reactions import add_reaction_task, tenants_at_work
from workers.reactions import REACTIONS
from workers.reactor import Reaction, Reactor


async def connect(shop: World) -> Connection:
    return await connector(tenant_conninfo(shop.tenant.service_url, shop.tenant.name))()


def reactor_of(shop: World, reactions: Sequence[Reaction] = REACTIONS) -> Reactor:
    return Reactor(Journal(shop.tenant.schema), shop.tenant.name, reactions)


async def at_rest(shop: World, reactions: Sequence[Reaction] = REACTIONS) -> None:
    """Everything that has happened is followed, relayed and done, and leads to nothing more."""
    reactor = reactor_of(shop, reactions)
    async with await connect(shop) as connection:
        while await reactor.run_page(connection) + await reactor.relay(connection):
            await work(shop, reactions)


async def work(shop: World, reactions: Sequence[Reaction] = REACTIONS) -> None:
    """Does the jobs that are due."""
    app = build_app(shop.tenant.service_url)
    async with tenants_at_work(shop.settings) as get, app.open_async():
        add_reaction_task(app, get, reactions)
        await app.run_worker_async(wait=False, install_signal_handlers=False, queues=["default"])
