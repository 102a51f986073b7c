"""Brings the schemas up to date: plain SQL files, numbered, applied once, each schema in one transaction.

The files lie in the package `migrations`: control/ (schema `daybook`), keys/ (schema `daybook_keys`, which
may be on a server of its own) and tenant/ (every tenant's schema `t_<tenant>`). They name no schema: the
search path does. Nor does a tenant's name its role: it grants to daybook_service, and the runner gives that
to the role (roles.py). A file that was applied is never edited; its checksum is kept in schema_migrations.

Two migrators at once are safe: the second waits for the first and finds nothing left to do. For a tenant
they meet at its row in daybook.tenants.
"""

import hashlib
import re
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, NamedTuple

import psycopg
from psycopg import errors, sql
from psycopg.pq import TransactionStatus

from infra.errors import MigrationError
from infra.postgres.roles import (
    SERVICE_ROLE,
    ensure_service_role,
    ensure_tenant_roles,
    give_to_tenant,
    tenant_role,
)
from infra.settings import TENANT_NAME

CONTROL_SCHEMA = "daybook"
KEYS_SCHEMA = "daybook_keys"

_Connection = psycopg.Connection[tuple[Any, ...]]

LOCK_SCHEMA = """
SELECT pg_advisory_xact_lock(hashtextextended('daybook migrate ' || %(schema)s, 0))
"""

LOCK_TENANT = """
SELECT name
FROM daybook.tenants
WHERE name = %(tenant)s
FOR UPDATE
"""

ADD_TENANT = """
INSERT INTO daybook.tenants (name)
VALUES (%(tenant)s)
ON CONFLICT DO NOTHING
RETURNING name
"""

LIST_TENANTS = """
SELECT name
FROM daybook.tenants
ORDER BY name
"""

CREATE_SCHEMA = """
CREATE SCHEMA IF NOT EXISTS {schema};
GRANT USAGE ON SCHEMA {schema} TO {role};
SET LOCAL search_path = {schema};
CREATE TABLE IF NOT EXISTS schema_migrations (
    number integer PRIMARY KEY,
    name text NOT NULL,
    checksum text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
);
"""

LIST_APPLIED = """
SELECT number, name, checksum
FROM schema_migrations
ORDER BY number
"""

RECORD = """
INSERT INTO schema_migrations (number, name, checksum)
VALUES (%(number)s, %(name)s, %(checksum)s)
"""


class TenantExists(MigrationError):
    """A tenant of this name is there already."""


class Applied(NamedTuple):
    """One file that was applied to one schema."""

    schema: str
    file: str


class _Migration(NamedTuple):
    number: int
    name: str
    checksum: str
    sql: bytes


def migrate(owner_url: str, keys_url: str | None = None, *, root: Traversable | None = None) -> list[Applied]:
    """Apply what is missing to the control schema, the key store, then every tenant; returns what was.

    `owner_url` is a login that owns the schemas (or may create them), `keys_url` the same for the key
    store (None: the same database). Each schema is one transaction, so after a MigrationError the
    schemas before it are up to date, and the call can be repeated.
    """
    root = root or files("migrations")
    tenant_files = _load(root, "tenant")
    with _connect(owner_url) as connection:
        applied = _migrate_shared(connection, CONTROL_SCHEMA, _load(root, "control"))
        tenants = [name for (name,) in connection.execute(LIST_TENANTS)]
    with _connect(keys_url or owner_url) as connection:
        applied += _migrate_shared(connection, KEYS_SCHEMA, _load(root, "keys"))
    with _connect(owner_url) as connection:
        for tenant in tenants:
            with connection.transaction():
                connection.execute(LOCK_TENANT, {"tenant": tenant})
                applied += _apply_to_tenant(connection, tenant, tenant_files)
    return applied


def create_tenant(owner_url: str, name: str, *, root: Traversable | None = None) -> list[Applied]:
    """Open a tenant: its row and its schema, whole or not at all.

    Raises TenantExists, and MigrationError for a name that is none or where `migrate` never ran.
    """
    if re.fullmatch(TENANT_NAME, name) is None:
        raise MigrationError(f"{name!r} can't be a tenant's name: it must match {TENANT_NAME}")
    migrations = _load(root or files("migrations"), "tenant")
    with _connect(owner_url) as connection, connection.transaction():
        try:
            row = connection.execute(ADD_TENANT, {"tenant": name}).fetchone()
        except (errors.UndefinedTable, errors.InvalidSchemaName):
            raise MigrationError("the control schema is missing: run migrate first") from None
        if row is None:
            raise TenantExists(f"the tenant {name} exists")
        return _apply_to_tenant(connection, name, migrations)


def tenant_schema(tenant: str) -> str:
    """The PostgreSQL schema that holds everything of a tenant."""
    return f"t_{tenant}"


def _migrate_shared(connection: _Connection, schema: str, migrations: Sequence[_Migration]) -> list[Applied]:
    with connection.transaction():
        # Before the first run there is no row to meet at. Like the role, it is needed once per server.
        connection.execute(LOCK_SCHEMA, {"schema": schema})
        ensure_service_role(connection)
        return _apply(connection, schema, SERVICE_ROLE, migrations)


def _apply_to_tenant(connection: _Connection, tenant: str, migrations: Sequence[_Migration]) -> list[Applied]:
    """In a tenant's files daybook_service stands for the tenant's own role, which no file can name."""
    schema = tenant_schema(tenant)
    ensure_tenant_roles(connection, schema)
    applied = _apply(connection, schema, tenant_role(schema), migrations)
    give_to_tenant(connection, schema)
    return applied


def _apply(
    connection: _Connection, schema: str, role: str, migrations: Sequence[_Migration]
) -> list[Applied]:
    """Bring one schema up to date inside the caller's transaction, which holds the schema's lock."""
    names = {"schema": sql.Identifier(schema), "role": sql.Identifier(role)}
    try:
        connection.execute(sql.SQL(CREATE_SCHEMA).format(**names))
    except errors.InsufficientPrivilege as error:
        raise MigrationError(
            f"the login {connection.info.user!r} can't create or own the schema {schema}: "
            f"use the login that owns the database {connection.info.dbname!r} ({_first_line(error)})"
        ) from None
    known = connection.execute(LIST_APPLIED).fetchall()
    _refuse_changed_history(schema, known, migrations)
    missing = migrations[len(known) :]
    for migration in missing:
        _run(connection, schema, migration)
    return [Applied(schema, migration.name) for migration in missing]


def _refuse_changed_history(
    schema: str, known: Sequence[tuple[Any, ...]], migrations: Sequence[_Migration]
) -> None:
    """What was applied must be the first of the files, unchanged."""
    by_number = {migration.number: migration for migration in migrations}
    for number, name, checksum in known:
        file = by_number.get(number)
        if file is None:
            raise MigrationError(
                f"{schema} has {name}, which this program does not know: run the version that applied it"
            )
        if (file.name, file.checksum) != (name, checksum):
            raise MigrationError(
                f"{file.name} is not what was applied to {schema} as {name}: "
                f"restore that file and put the change into a new one, number {len(migrations) + 1:04}"
            )
    if [number for number, *_ in known] != list(range(1, len(known) + 1)):
        raise MigrationError(f"{schema}.schema_migrations has gaps: restore its rows from a backup")


def _run(connection: _Connection, schema: str, migration: _Migration) -> None:
    try:
        connection.execute(migration.sql)
    except psycopg.Error as error:
        raise MigrationError(f"{migration.name} failed in {schema}: {error}") from error
    if connection.info.transaction_status is not TransactionStatus.INTRANS:
        raise MigrationError(
            f"{migration.name} ends the transaction it runs in: remove its COMMIT or ROLLBACK"
        )
    record = {"number": migration.number, "name": migration.name, "checksum": migration.checksum}
    connection.execute(RECORD, record)


def _load(root: Traversable, folder: str) -> list[_Migration]:
    """The files of one folder in order; their numbers are 1, 2, 3 without a gap."""
    names = sorted(item.name for item in (root / folder).iterdir() if item.name.endswith(".sql"))
    migrations: list[_Migration] = []
    for expected, name in enumerate(names, start=1):
        if re.fullmatch(rf"{expected:04}_[a-z0-9_]+\.sql", name) is None:
            raise MigrationError(f"{folder}/{name}: expected a name like {expected:04}_what_it_adds.sql here")
        # A checkout on another system may end its lines otherwise; that is no edit.
        content = (root / folder / name).read_bytes().replace(b"\r\n", b"\n")
        migrations.append(_Migration(expected, name, hashlib.sha256(content).hexdigest(), content))
    return migrations


@contextmanager
def _connect(url: str) -> Generator[_Connection]:
    """A connection whose transactions are written out; its failure is ours to explain."""
    try:
        connection = psycopg.connect(url, autocommit=True)
    except psycopg.OperationalError as error:
        raise MigrationError(f"no connection to PostgreSQL: {_first_line(error)}") from None
    with connection:
        encoding = connection.info.parameter_status("server_encoding")
        if encoding != "UTF8":
            raise MigrationError(f"the database's encoding is {encoding}: create it with ENCODING 'UTF8'")
        yield connection


def _first_line(error: psycopg.Error) -> str:
    return str(error).partition("\n")[0]
