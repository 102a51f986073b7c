"""Each tenant has a database role, which opens its schema and nothing of anybody else's."""

import secrets
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.errors import InsufficientPrivilege

from infra.jobs import migrate_jobs
from infra.postgres.migrate import MigrationError, create_tenant, migrate
from infra.postgres.pools import tenant_conninfo
from infra.postgres.roles import SERVICE_ROLE, tenant_role
from tests.support.catalog import relations
from tests.support.journals import query, query_as_login
from tests.support.postgres import Database, Tenant, new_tenant, worker_database

TRIES = ("SELECT * FROM {}", "INSERT INTO {} DEFAULT VALUES", "DELETE FROM {}", "TRUNCATE {}")
SLOTS = ("next", "previous", "scratch_a")
MAKE_SLOT = "SELECT make_read_model(%s, 'stock_levels')"

ROUTINES = """
SELECT nspname, proname, array(SELECT format_type(type, NULL) FROM unnest(proargtypes) AS type)
FROM pg_proc
JOIN pg_namespace ON pg_namespace.oid = pronamespace
WHERE nspname NOT IN ('pg_catalog', 'information_schema')
ORDER BY 1, 2
"""
RIGHTS = """
SELECT has_schema_privilege(%(role)s, pg_namespace.oid, 'USAGE, CREATE') AS schema,
    has_table_privilege(%(role)s, pg_class.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, TRIGGER')
        OR has_any_column_privilege(%(role)s, pg_class.oid, 'SELECT, INSERT, UPDATE, REFERENCES') AS relation
FROM pg_class
JOIN pg_namespace ON pg_namespace.oid = relnamespace
WHERE nspname = %(schema)s AND relname = %(name)s AND relkind <> 'S'
"""


class Neighbours(NamedTuple):
    """Two tenants of one database, who have a slot of each kind."""

    one: Tenant
    other: Tenant


@pytest.fixture(scope="module")
def neighbours(worker_id: str) -> Neighbours:
    database = worker_database(f"{worker_id}_roles")
    migrate_jobs(database.owner_url)
    tenants = [new_tenant(database, name) for name in ("one", "other")]
    for tenant in tenants:
        for slot in SLOTS:
            query(tenant.service_url, tenant, MAKE_SLOT, slot)
    return Neighbours(*tenants)


def schemas_of(tenant: Tenant) -> set[str]:
    return {tenant.schema, *(f"{tenant.schema}.{slot}" for slot in SLOTS)}


@pytest.fixture
def as_one(neighbours: Neighbours) -> Generator["psycopg.Connection[tuple[Any, ...]]"]:
    """A connection of the first tenant."""
    conninfo = tenant_conninfo(neighbours.one.service_url, neighbours.one.name)
    with psycopg.connect(conninfo, autocommit=True) as connection:
        yield connection


def test_a_tenant_reads_and_writes_nothing_that_is_not_its_own(
    neighbours: Neighbours, as_one: "psycopg.Connection[tuple[Any, ...]]"
) -> None:
    """The catalog is walked, not a list: control, keys, jobs and the neighbour's slots are all there."""
    seen: set[str] = set()
    for schema, name in relations(neighbours.one):
        if schema in schemas_of(neighbours.one):
            continue
        seen.add(schema)
        for statement in (
            "SELECT * FROM {}",
            "INSERT INTO {} DEFAULT VALUES",
            "DELETE FROM {}",
            "TRUNCATE {}",
        ):
            with pytest.raises(InsufficientPrivilege):
                as_one.execute(sql.SQL(statement).format(sql.Identifier(schema, name)))
    assert seen == schemas_of(neighbours.other) | {"daybook", "daybook_keys", "jobs"}


def test_a_tenant_calls_no_function_that_is_not_its_own(
    neighbours: Neighbours, as_one: "psycopg.Connection[tuple[Any, ...]]"
) -> None:
    seen: set[str] = set()
    for schema, name, types in query(neighbours.one.owner_url, neighbours.one, ROUTINES):
        if schema == neighbours.one.schema:
            continue
        seen.add(schema)
        nothing = ", ".join(f"NULL::{type_}" for type_ in types)
        with pytest.raises(InsufficientPrivilege):
            as_one.execute(f'SELECT "{schema}".{name}({nothing})'.encode())
    assert neighbours.other.schema in seen


def test_no_grant_names_a_stranger(neighbours: Neighbours) -> None:
    """Also where a schema would be opened by mistake, what is in it stays closed."""
    for tenant, stranger in (neighbours, neighbours[::-1]):
        for role in (tenant_role(stranger.schema), SERVICE_ROLE):
            for schema, name in relations(tenant):
                if schema in schemas_of(tenant):
                    values = {"role": role, "schema": schema, "name": name}
                    for rights in query_named(tenant.owner_url, RIGHTS, values):
                        assert rights == (False, False), (role, schema, name)


def query_named(url: str, statement: str, values: dict[str, str]) -> list[tuple[Any, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(statement.encode(), values).fetchall()


def test_a_tenant_does_what_is_its_own(neighbours: Neighbours) -> None:
    for tenant in neighbours:
        assert query(tenant.service_url, tenant, "SELECT position FROM journal_head") == [(0,)]
        for slot in SLOTS:
            rows = f'SELECT sku FROM "{tenant.schema}.{slot}".stock_levels'
            assert query(tenant.service_url, tenant, rows) == []


@pytest.mark.parametrize("table", ["journal_head", "stored_events", "history", "stock_levels"])
def test_the_services_login_itself_opens_no_tenant(neighbours: Neighbours, table: str) -> None:
    """It has to say as whom it acts: what it reads for all is in the control schema."""
    with pytest.raises(InsufficientPrivilege):
        query_as_login(neighbours.one, f"SELECT * FROM {neighbours.one.schema}.{table}")
    assert query_as_login(neighbours.one, "SELECT count(*) FROM daybook.tenants") == [(2,)]


def test_what_an_older_version_granted_to_the_service_becomes_the_tenants(tenant: Tenant) -> None:
    """Tables, single columns, sequences, functions, the schema and its slots."""
    role, schema = tenant_role(tenant.schema), tenant.schema
    query(tenant.service_url, tenant, MAKE_SLOT, "next")
    back = (
        f"GRANT USAGE ON SCHEMA {schema} TO {SERVICE_ROLE}; REVOKE ALL ON SCHEMA {schema} FROM {role}",
        f'GRANT USAGE ON SCHEMA "{schema}.next" TO {SERVICE_ROLE}',
        f'GRANT SELECT ON "{schema}.next".stock_levels TO {SERVICE_ROLE}',
        f"GRANT SELECT ON stored_events, history TO {SERVICE_ROLE}",
        f"GRANT SELECT (name), UPDATE (name) ON projection_rebuilds TO {SERVICE_ROLE}",
        f"REVOKE ALL ON stored_events, history, projection_rebuilds FROM {role}",
        f"GRANT USAGE ON SEQUENCE rebuild_epochs TO {SERVICE_ROLE}",
        f"REVOKE ALL ON SEQUENCE rebuild_epochs FROM {role}",
        f"GRANT EXECUTE ON FUNCTION drop_scratch TO {SERVICE_ROLE}",
        f"REVOKE ALL ON FUNCTION drop_scratch FROM {role}",
    )
    for statement in back:
        query(tenant.owner_url, tenant, statement)

    assert migrate(tenant.owner_url) == []

    query(tenant.service_url, tenant, "SELECT position FROM history")
    query(tenant.service_url, tenant, "UPDATE projection_rebuilds SET name = name")
    query(tenant.service_url, tenant, "SELECT nextval('rebuild_epochs')")
    query(tenant.service_url, tenant, "SELECT drop_scratch('scratch_b')")
    left = query(
        tenant.owner_url,
        tenant,
        "SELECT refobjid::regrole, classid::regclass, objid FROM pg_shdepend"
        " JOIN pg_namespace ON starts_with(nspname, %s) AND (classid, objid) IN ("
        "     VALUES ('pg_namespace'::regclass::oid, pg_namespace.oid)"
        "     UNION ALL SELECT 'pg_class'::regclass, oid FROM pg_class WHERE relnamespace = pg_namespace.oid"
        "     UNION ALL SELECT 'pg_proc'::regclass, oid FROM pg_proc WHERE pronamespace = pg_namespace.oid)"
        f" WHERE refobjid = '{SERVICE_ROLE}'::regrole AND nspname ~ ('^' || %s || '($|[.])')",
        schema,
        schema,
    )
    assert left == []


# Roles belong to the server: other databases may have a tenant of the same name.


def test_tenants_of_one_name_are_made_in_several_databases_at_once(worker_id: str) -> None:
    name = f"twin_{secrets.token_hex(4)}"
    databases = [worker_database(f"{worker_id}_twin{number}") for number in range(4)]

    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(new_tenant, databases, [name] * len(databases)))

    for tenant in made:
        assert query(tenant.service_url, tenant, "SELECT position FROM journal_head") == [(0,)]


def test_a_tenant_is_made_again_after_its_database_was_dropped(worker_id: str) -> None:
    """The role has stayed."""
    name = f"again_{secrets.token_hex(4)}"
    gone = worker_database(f"{worker_id}_gone")
    new_tenant(gone, name)
    server = worker_database(f"{worker_id}_stays")
    with psycopg.connect(server.owner_url, autocommit=True) as connection:
        dropped = sql.Identifier(str(conninfo_to_dict(gone.owner_url)["dbname"]))
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(dropped))

    tenant = new_tenant(server, name)

    assert query(tenant.service_url, tenant, "SELECT position FROM journal_head") == [(0,)]


@pytest.fixture
def managed(database: Database) -> Generator[Database]:
    """A database whose owner may not make roles, as some who run PostgreSQL for others have it."""
    with psycopg.connect(database.owner_url, autocommit=True) as administrator:
        name = f"{administrator.info.dbname}_{secrets.token_hex(4)}"
        password = secrets.token_urlsafe(12)
        login = sql.Identifier(name)
        administrator.execute(
            sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(login, sql.Literal(password))
        )
        # To give a database away one has to be a member of whom it is given to.
        administrator.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(login))
        administrator.execute(sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE template0").format(login, login))
        try:
            yield Database(
                owner_url=make_conninfo(database.owner_url, dbname=name, user=name, password=password),
                service_url=make_conninfo(database.service_url, dbname=name),
            )
        finally:
            # Not by force: the service's sessions are none of its own, and end by themselves.
            administrator.execute(sql.SQL("DROP DATABASE {}").format(login))
            administrator.execute(sql.SQL("DROP OWNED BY {}").format(login))
            administrator.execute(sql.SQL("DROP ROLE {}").format(login))


def test_an_owner_who_may_make_no_roles_is_told_what_an_administrator_has_to_run(
    managed: Database, database: Database
) -> None:
    """Word for word: when that was run, the tenant is made."""
    name = f"managed_{secrets.token_hex(4)}"
    migrate(managed.owner_url)
    with pytest.raises(MigrationError, match="let an administrator run CREATE ROLE ") as refused:
        create_tenant(managed.owner_url, name)
    script = str(refused.value).partition("administrator run ")[2].partition("; and then")[0]
    with psycopg.connect(database.owner_url, autocommit=True) as administrator:
        administrator.execute(script.encode())

    create_tenant(managed.owner_url, name)

    with psycopg.connect(tenant_conninfo(managed.service_url, name)) as connection:
        assert connection.execute("SELECT position FROM journal_head").fetchall() == [(0,)]
