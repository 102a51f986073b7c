"""Where the data is: the configured PostgreSQL, or Daybook's own, running or started for the occasion."""

import asyncio
from collections.abc import Callable, Coroutine, Generator
from contextlib import contextmanager
from typing import Any

import msgspec
from psycopg.errors import InsufficientPrivilege

from infra.errors import OperatorError
from infra.event_store.journal import Journal
from infra.postgres.auditors import may_only_audit
from infra.postgres.embedded import embedded
from infra.postgres.migrate import tenant_schema
from infra.postgres.pools import Connection, auditor_conninfo, connector, tenant_conninfo
from infra.settings import Settings
from infra.tenancy import TenantUnknown, tenant_names


class LoginRefused(OperatorError):
    """The login of DAYBOOK_DATABASE_URL may not do what was asked."""


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


class AuditedTenant(TenantDatabase):
    """A tenant's history, for an auditor's own login: nothing of it can be written."""

    async def connect(self, slot: str | None = None) -> Connection:
        """A connection as the login itself."""
        assert slot is None, "an auditor folds nothing: that writes tables"
        return await connector(auditor_conninfo(self.url, self.tenant))()


def on_tenant(settings: Settings, work: Callable[[TenantDatabase], Coroutine[Any, Any, None]]) -> None:
    """Does something with the tenant of these settings. Raises TenantUnknown."""

    async def main(url: str) -> None:
        async with await connector(url)() as connection:
            await _require_tenant(connection, settings.tenant)
        await work(TenantDatabase(url, settings.tenant))

    with database(settings) as connections:
        asyncio.run(main(connections.service))


def on_history(settings: Settings, work: Callable[[TenantDatabase], Coroutine[Any, Any, None]]) -> None:
    """As on_tenant, for work that only reads history: with an auditor's login `work` gets an AuditedTenant.

    An auditor sees no list of tenants; that there is a role which reads this one says that there is one.
    """

    async def main(url: str) -> None:
        async with await connector(url)() as connection:
            is_auditor = await may_only_audit(connection, settings.tenant)
            if not is_auditor:
                await _require_tenant(connection, settings.tenant)
        await work((AuditedTenant if is_auditor else TenantDatabase)(url, settings.tenant))

    with database(settings) as connections:
        asyncio.run(main(connections.service))


async def _require_tenant(connection: Connection, tenant: str) -> None:
    try:
        names = await tenant_names(connection)
    except InsufficientPrivilege:
        raise LoginRefused(
            f"The login {connection.info.user!r} may not do this with the tenant {tenant!r}. An auditor's"
            " login reads the tenant that it was made for, named by DAYBOOK_TENANT, and writes nothing."
        ) from None
    if tenant not in names:
        raise TenantUnknown(tenant)


def on_journal(settings: Settings, work: Callable[[Connection, Journal], Coroutine[Any, Any, None]]) -> None:
    """Does something on one connection to the tenant of these settings. Raises TenantUnknown."""

    async def on_connection(tenant: TenantDatabase) -> None:
        async with await tenant.connect() as connection:
            await work(connection, tenant.journal)

    on_tenant(settings, on_connection)
