"""The job that carries a reaction out: tried again until it is done, and each time the same command."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

from procrastinate import App, RetryStrategy

from infra.settings import Settings
from infra.tenancy import Tenant, Tenants
from workers.jobs.people import existing_master_key, key_store
from workers.reactor import TASK, Cause, Reaction, react

ATTEMPTS = 20
"""With ever longer pauses, some days: a database that is away for a night loses no reaction."""

Open = Callable[[str], Awaitable[Tenant]]


@asynccontextmanager
async def tenants_at_work(settings: Settings) -> AsyncGenerator[Open]:
    """Opens tenants when first asked for: until there is work, nothing needs their keys."""
    started: list[Tenants] = []
    starting = asyncio.Lock()

    async def get(name: str) -> Tenant:
        async with starting:
            if not started:
                tenants = Tenants(
                    settings.require_database_url(),
                    key_store(settings),
                    existing_master_key(settings),
                    settings.phone_region,
                )
                await tenants.start()
                started.append(tenants)
        return await started[0].get(name)

    try:
        yield get
    finally:
        for tenants in started:
            await tenants.stop()


def add_reaction_task(app: App, get: Open, reactions: Sequence[Reaction]) -> None:
    """Adds the job that the reactor's relay puts into the queue."""

    @app.task(name=TASK, retry=RetryStrategy(max_attempts=ATTEMPTS, exponential_wait=2))
    async def carry_out(tenant: str, reaction: str, position: int) -> None:
        await react(await get(tenant), Cause(tenant, reaction, position), reactions)
