"""Connections to a tenant: its schema on the search_path, autocommit, and a pool for readers."""

from collections.abc import Awaitable, Callable
from typing import Any

from psycopg import AsyncConnection
from psycopg.conninfo import make_conninfo
from psycopg_pool import AsyncConnectionPool

from infra.postgres.migrate import tenant_schema
from infra.postgres.roles import tenant_role

Connection = AsyncConnection[tuple[Any, ...]]
Pool = AsyncConnectionPool[Connection]


def tenant_conninfo(url: str, tenant: str, *, slot: str | None = None, plan_once: bool = False) -> str:
    """A connection string whose sessions see the tenant's schema by bare names, and may use nothing else.

    They act as the tenant's role, also towards the server: of other sessions they see no more than that there
    are some.

    With a `slot` they see that slot's read models (migrations/tenant/0011) and else the tenant's own tables.
    `plan_once` is for those who execute few statements very often and look everything up by key. PostgreSQL
    then never plans a prepared statement again; so it must not settle on reading whole tables while they are
    small.
    """
    schema = tenant_schema(tenant)
    path = schema if slot is None else f'"{schema}.{slot}",{schema}'
    options = f"-c role={tenant_role(schema)} -c search_path={path}"
    if plan_once:
        options += " -c plan_cache_mode=force_generic_plan -c enable_seqscan=off"
    return make_conninfo(url, options=options, application_name="daybook")


def auditor_conninfo(url: str, tenant: str) -> str:
    """A connection string for an auditor's own login: it acts as nobody else, and writes nothing."""
    options = f"-c search_path={tenant_schema(tenant)} -c default_transaction_read_only=on"
    return make_conninfo(url, options=options, application_name="daybook-audit")


def connector(conninfo: str) -> Callable[[], Awaitable[Connection]]:
    """Opens a connection of one's own, in autocommit."""

    async def connect() -> Connection:
        return await AsyncConnection.connect(conninfo, autocommit=True)

    return connect


def pool(conninfo: str, *, min_size: int = 1, max_size: int = 4) -> Pool:
    """A pool of autocommit connections; open it before use.

    A connection is asked before it is lent, so that a restart of PostgreSQL costs no reader an error.
    """
    return AsyncConnectionPool(
        conninfo,
        min_size=min_size,
        max_size=max_size,
        open=False,
        kwargs={"autocommit": True},
        timeout=5.0,
        check=AsyncConnectionPool.check_connection,
    )
