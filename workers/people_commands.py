"""What an operator does about people and their keys from the command line."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import click
import msgspec

from infra.crypto.master_key import new_master_key, put_first
from infra.crypto.rotation import begin_rotation, keys_under_others, rewrap_all
from infra.people import blind_index
from infra.postgres.pools import connector, pool, tenant_conninfo
from infra.settings import Settings
from infra.tenancy import TenantUnknown, tenant_names
from workers.database import Database, database
from workers.jobs.people import existing_master_key, look_after_people, people_of


def rotate_master(settings: Settings) -> None:
    """Wraps all keys by a new master key, or goes on with what was interrupted. Needs the owner's login."""

    async def work(connections: Database) -> None:
        async with await connector(connections.keys_owner)() as connection:
            await begin_rotation(connection)
            master = existing_master_key(settings)
            if not await keys_under_others(connection, master):
                if settings.master_key_command is not None:
                    click.echo("All keys are wrapped by the first master key that the command prints.")
                    click.echo("To change it, put a new one before it: openssl rand -base64 32")
                    return
                put_first(settings.master_key_file, new_master_key())
                master = existing_master_key(settings)
            wrapped = await rewrap_all(connection, master)
            left = await keys_under_others(connection, master)
        click.echo(f"{wrapped} keys are wrapped by the first master key now, {left} are not.")
        if not left:
            click.echo("The other lines wrap nothing any more. Remove them when no backup of the key store")
            click.echo("that you may have to restore is older than this moment.")

    _on_database(settings, work)


def reindex(settings: Settings) -> None:
    """Makes the blind index of the tenant anew from the journal."""

    async def work(connections: Database) -> None:
        async with await connector(connections.service)() as connection:
            if settings.tenant not in await tenant_names(connection):
                raise TenantUnknown(settings.tenant)
        here = _here(settings, connections)
        async with (
            pool(connections.keys) as keys,
            people_of(here, settings.tenant, keys) as people,
            await connector(tenant_conninfo(connections.service, settings.tenant))() as connection,
        ):
            await blind_index.start_over(connection)
            while await people.run_page(connection):
                pass
            click.echo(f"The index follows the journal up to {await people.reached(connection)}.")

    _on_database(settings, work)


def keep_privacy(settings: Settings) -> None:
    """Does at once what is done every night: retention, unfinished erasures, and the disk."""

    async def work(connections: Database) -> None:
        done = await look_after_people(_here(settings, connections))
        click.echo(f"{done.kept.expired} customers: details forgotten. {done.kept.refused} are held.")
        click.echo(f"{done.destroyed_again} keys of the forgotten had come back and are destroyed.")
        click.echo(f"{done.rewritten} tables were written anew.")

    _on_database(settings, work)


def _here(settings: Settings, connections: Database) -> Settings:
    """The settings with the database that there is, Daybook's own included."""
    return msgspec.structs.replace(
        settings, database_url=connections.service, keys_database_url=connections.keys
    )


def _on_database(settings: Settings, work: Callable[[Database], Coroutine[Any, Any, None]]) -> None:
    with database(settings) as connections:
        asyncio.run(work(connections))
