"""What is done about replenishment from the command line."""

import asyncio
from datetime import UTC, datetime

import click

from infra.crypto.master_key import MasterKey
from infra.settings import Settings
from infra.tenancy import open_tenant
from workers.database import database
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
