"""Keys and people from the command line, recorded in the tenant's journal like those of the API."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import click

from domain.access.limits import GivenLimits
from domain.access.record import RecordAccess, RoleInStore
from infra.access.changes import Changes, UserChange
from infra.access.passwords import hash_of, one_time_password
from infra.access.people import read_users
from infra.access.roles import EVERY_STORE
from infra.api_keys import ALL_SCOPES, ROTATION_S, Maker, list_keys
from infra.errors import OperatorError
from infra.event_store.clerk import Clerk
from infra.event_store.journal import Journal
from infra.event_store.submission import Answer, Origin
from infra.ids import uuid7
from infra.postgres.migrate import tenant_schema
from infra.postgres.pools import Connection, connector, tenant_conninfo
from infra.settings import Settings
from infra.tenancy import TenantUnknown, tenant_names
from workers.database import database

ACTOR = "operator"
CHANNEL = "cli"
S_PER_DAY = 24 * 60 * 60


class UserUnknown(OperatorError):
    """Nobody signs in with this name."""


Work = Callable[[Changes, Connection], Awaitable[None]]


def keys_create(
    settings: Settings, name: str, scopes: Sequence[str], stores: Sequence[str], expires_at: datetime | None
) -> None:
    """Makes a key and prints it, once."""

    async def work(changes: Changes, _connection: Connection) -> None:
        new = await changes.issue_key(name, scopes or (ALL_SCOPES,), stores or None, expires_at)
        click.echo(new.key)

    _on_doors(settings, work)


def keys_list(settings: Settings) -> None:
    """Prints every key, a line each."""

    async def work(_changes: Changes, connection: Connection) -> None:
        for key in await list_keys(connection, settings.tenant):
            stores = "every store" if key.stores is None else ",".join(key.stores)
            used = "never used" if key.last_used_at is None else f"used {_time(key.last_used_at)}"
            click.echo("  ".join((key.key_id, _state(key.live, key.expires_at), used, stores, key.name)))
            made = "" if key.created_by is None else f"  (made by {key.created_by})"
            click.echo(f"    {' '.join(key.scopes)}{made}")

    _on_doors(settings, work)


def keys_rotate(settings: Settings, wanted: str, keep_days: float | None) -> None:
    """Makes a successor and prints it, once; the old key ends in a while."""
    keep_s = ROTATION_S if keep_days is None else keep_days * S_PER_DAY

    async def work(changes: Changes, _connection: Connection) -> None:
        new = await changes.rotate_key(wanted, keep_s)
        click.echo(new.key)
        ends_at = datetime.now(UTC) + timedelta(seconds=keep_s)
        click.echo(f"The old key, {new.listed.successor_of}, ends {_time(ends_at)} at the latest.", err=True)

    _on_doors(settings, work)


def keys_revoke(settings: Settings, wanted: str) -> None:
    """Ends a key at once."""

    async def work(changes: Changes, _connection: Connection) -> None:
        key, _ = await changes.revoke_key(wanted)
        click.echo(f"{key.key_id} opens nothing any more.")

    _on_doors(settings, work)


def users_create(settings: Settings, name: str, roles: Sequence[str], stores: Sequence[str]) -> None:
    """Lets a person sign in and prints the first password, once."""
    held = [RoleInStore(role=role, store_id=store) for role in roles for store in stores or (EVERY_STORE,)]

    async def work(changes: Changes, _connection: Connection) -> None:
        password = one_time_password()
        await changes.add_user(name.casefold(), held, GivenLimits(), password, hash_of(password))
        click.echo(password)

    _on_doors(settings, work)


def users_list(settings: Settings) -> None:
    """Prints everybody who may sign in, a line each."""

    async def work(_changes: Changes, connection: Connection) -> None:
        for user in await read_users(connection, settings.tenant):
            roles = " ".join(f"{held.role}@{held.store_id}" for held in user.roles) or "no role"
            state = "active"
            if user.disabled:
                state = "disabled" if user.erased_at is None else "erased"
            click.echo("  ".join((user.user_id, state, user.sign_in_name, roles)))

    _on_doors(settings, work)


def users_reset(settings: Settings, name: str) -> None:
    """Gives a person a new first password, which also lets in who was disabled, and prints it, once."""

    async def work(changes: Changes, connection: Connection) -> None:
        found = [
            user
            for user in await read_users(connection, settings.tenant)
            if user.sign_in_name == name.casefold() and user.erased_at is None
        ]
        if not found:
            raise UserUnknown(f"nobody signs in as {name!r}; daybook users list shows all")
        password = one_time_password()
        change = UserChange(disabled=False, reset_password=True)
        await changes.change_user(found[0].user_id, change, None, password, hash_of(password))
        click.echo(password)

    _on_doors(settings, work)


def _on_doors(settings: Settings, work: Work) -> None:
    """Does something with the doors of the tenant of these settings. Raises TenantUnknown."""

    async def main(url: str) -> None:
        async with await connector(url)() as connection:
            if settings.tenant not in await tenant_names(connection):
                raise TenantUnknown(settings.tenant)
            async with _recorder(url, settings.tenant) as record:

                @asynccontextmanager
                async def connect() -> AsyncGenerator[Connection]:
                    yield connection

                @asynccontextmanager
                async def read() -> AsyncGenerator[Connection]:
                    async with await connector(tenant_conninfo(url, settings.tenant))() as reader:
                        yield reader

                await work(Changes(connect, read, settings.tenant, record, Maker(name=ACTOR)), connection)

    with database(settings) as connections:
        asyncio.run(main(connections.service))


@asynccontextmanager
async def _recorder(url: str, tenant: str) -> AsyncGenerator[Callable[[RecordAccess], Awaitable[Answer]]]:
    """Appends records to the tenant's journal. It needs no vault: nothing in them is personal."""
    clerk = Clerk(Journal(tenant_schema(tenant)), connector(tenant_conninfo(url, tenant, plan_once=True)))
    await clerk.start()

    async def record(command: RecordAccess) -> Answer:
        return await clerk.submit(command, Origin(command_id=uuid7(), actor=ACTOR, channel=CHANNEL))

    try:
        yield record
    finally:
        await clerk.stop()


def _state(live: bool, expires_at: datetime | None) -> str:  # noqa: FBT001 - a column of the list
    if not live:
        return "ended"
    return "live" if expires_at is None else f"live until {_time(expires_at)}"


def _time(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
