"""Where the data is: the configured PostgreSQL, or Daybook's own, running or started for the occasion."""

import asyncio
from collections.abc import Callable, Coroutine, Generator
from contextlib import contextmanager
from typing import Any

import msgspec

from infra.event_store.journal import Journal
from infra.postgres.embedded import embedded
from infra.postgres.migrate import tenant_schema
from infra.postgres.pools import Connection, connector, tenant_conninfo
from infra.settings import Settings
from infra.tenancy import TenantUnknown, tenant_names


class Database(msgspec.Struct, frozen=True, kw_only=True):
    """Connection strings: of the schemas' owner, of the service, and of the key store for each of the two."""

    owner: str
    service: str
    keys_owner: str
    keys: str


@contextmanager
def database(settings: Settings) -> Generator[Database]:
    """The database of these settings; Daybook's own server runs at least until the block ends."""
    if settings.database_url is not None:
        owner = settings.owner_database_url or settings.database_url
        yield Database(
            owner=owner,
            service=settings.database_url,
            keys_owner=settings.keys_database_url or owner,
            keys=settings.keys_database_url or settings.database_url,
        )
        return
    with embedded(settings.data_dir) as urls:
        yield Database(
            owner=urls.owner,
            service=urls.service,
            keys_owner=settings.keys_database_url or urls.owner,
            keys=settings.keys_database_url or urls.service,
        )


class TenantDatabase:
    """A tenant's part of the database, for the service."""

    def __init__(self, url: str, tenant: str) -> None:
        self.url = url
        self.tenant = tenant
        self.journal = Journal(tenant_schema(tenant))

    async def connect(self, slot: str | None = None) -> Connection:
        """A connection; with a slot, one for folding, on which bare names of read models are the slot's."""
        conninfo = tenant_conninfo(self.url, self.tenant, slot=slot, plan_once=slot is not None)
        return await connector(conninfo)()


def on_tenant(settings: Settings, work: Callable[[TenantDatabase], Coroutine[Any, Any, None]]) -> None:
    """Does something with the tenant of these settings. Raises TenantUnknown."""

    async def main(url: str) -> None:
        async with await connector(url)() as connection:
            if settings.tenant not in await tenant_names(connection):
                raise TenantUnknown(settings.tenant)
        await work(TenantDatabase(url, settings.tenant))

    with database(settings) as connections:
        asyncio.run(main(connections.service))


def on_journal(settings: Settings, work: Callable[[Connection, Journal], Coroutine[Any, Any, None]]) -> None:
    """Does something on one connection to the tenant of these settings. Raises TenantUnknown."""

    async def on_connection(tenant: TenantDatabase) -> None:
        async with await tenant.connect() as connection:
            await work(connection, tenant.journal)

    on_tenant(settings, on_connection)
