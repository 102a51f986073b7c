"""What is done about replenishment from the command line."""

import asyncio
from datetime import UTC, datetime

import click

from infra.crypto.master_key import MasterKey
from infra.errors import OperatorError
from infra.postgres.pools import connector, tenant_conninfo
from infra.settings import Settings
from infra.tenancy import open_tenant
from workers.database import database
from workers.demand_scoring import Series, as_text, observed_series, score
from workers.jobs.replenishment import replenish


def replenish_now(settings: Settings, store_id: str | None) -> None:
    """Does at once what is done every night: suggests what the tenant, or a store of it, should order."""
    with database(settings) as connections:
        master = MasterKey.of_settings(settings, connections.keys, settings.tenant)

        async def work() -> None:
            url, keys = connections.service, connections.keys
            async with open_tenant(url, keys, master, settings.tenant) as tenant:
                done = await replenish(tenant, datetime.now(UTC), store_id)
            click.echo(f"{done.items:,} items looked at, {done.suggested:,} suggestions made.")

        asyncio.run(work())


def score_demand(settings: Settings, source: str, seed: int, share: int) -> None:
    """Prints how far estimates are off on masked days, beside a mean that knows of no empty shelf."""
    with database(settings) as connections:

        async def work() -> list[Series]:
            conninfo = tenant_conninfo(connections.service, settings.tenant)
            async with await connector(conninfo)() as connection:
                return await observed_series(connection, source)

        series = asyncio.run(work())
    found = score(series, seed, share)
    if found is None:
        raise OperatorError(
            f"Nothing of {source!r} can be scored. Import it, and wait for `daybook projections status`."
        )
    click.echo(as_text(found, seed, series))
