"""An auditor's login reads a tenant's journal and read models, and neither writes nor opens anything else."""

import re
import secrets
from collections.abc import Generator
from typing import Any, NamedTuple

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.errors import InsufficientPrivilege, ObjectNotInPrerequisiteState, WrongObjectType

from infra.postgres.auditors import AuditorRefused, add_auditor
from infra.postgres.roles import auditor_role
from projections.catalogue import PROJECTIONS
from projections.stock_levels.fold import STOCK_LEVELS
from tests.support.catalog import relations
from tests.support.commands import add_product, open_store, receive
from tests.support.journals import answered, clerk_of, connected, query, run
from tests.support.postgres import Database, Tenant, new_tenant, worker_database
from tests.support.read_models import TABLES, contents, made_anew, project

SHOWN = {
    *("stored_events", "history", "journal_head", "projection_checkpoints", "read_models", "skipped_events"),
    *("audit_seal", "audit_tiles", "audit_checkpoints", "accesses", "snapshots"),
    *(table.name for table in TABLES),
}
WRITES = (
    "INSERT INTO {} DEFAULT VALUES",
    "DELETE FROM {}",
    "TRUNCATE {}",
    "SELECT FROM {} FOR UPDATE",
    "ALTER TABLE {} RENAME TO mine",
)
# The latter two are said of a view before anybody asks for the right to write to it.
REFUSALS = (InsufficientPrivilege, ObjectNotInPrerequisiteState, WrongObjectType)
LEVELS = "SELECT whole::text FROM {} AS whole ORDER BY store_id, sku"
MAY_CALL = """
SELECT proname
FROM pg_proc
WHERE has_schema_privilege(%(role)s, pronamespace, 'USAGE')
    AND has_function_privilege(%(role)s, oid, 'EXECUTE')
    AND pronamespace = %(schema)s::regnamespace
    AND prorettype <> 'trigger'::regtype
"""

# The owner, who made the role, is a member that can grant it.
MEMBERS = """
SELECT rolname
FROM pg_auth_members
JOIN pg_roles ON pg_roles.oid = member
WHERE roleid = %s::regrole AND rolname <> current_user
"""


class Audit(NamedTuple):
    """A tenant that has received some apples, and an auditor's connection to it."""

    tenant: Tenant
    login: str
    connection: "psycopg.Connection[tuple[Any, ...]]"

    def read(self, statement: str) -> list[tuple[Any, ...]]:
        return self.connection.execute(statement.encode()).fetchall()


@pytest.fixture(scope="module")
def audit(worker_id: str) -> Generator[Audit]:
    database = worker_database(f"{worker_id}_audit")
    tenant = new_tenant(database, "audited")
    new_tenant(database, "neighbour")
    run(trade(tenant))
    login = new_login(tenant.owner_url)
    password = add_auditor(tenant.owner_url, tenant.name, login)
    conninfo = make_conninfo(tenant.owner_url, user=login, password=password)
    with psycopg.connect(conninfo, autocommit=True) as connection:
        yield Audit(tenant, login, connection)


def new_login(owner_url: str) -> str:
    """A name that no other run on this server has. It begins with the run's, so that its end finds it."""
    return f"{conninfo_to_dict(owner_url)['dbname']}_{secrets.token_hex(4)}"


async def trade(tenant: Tenant) -> None:
    async with clerk_of(tenant) as clerk:
        await answered(clerk, open_store(), add_product(), receive(("apple", 10)))
    await project(tenant)


def test_an_auditor_reads_history_and_read_models_by_their_bare_names(audit: Audit) -> None:
    assert audit.read("SELECT max(position) FROM history") == [(3,)]
    assert audit.read("SELECT count(*) FROM stored_events") == [(3,)]
    assert audit.read("SELECT position FROM journal_head") == [(3,)]
    for table in TABLES:
        rows = audit.read(f"SELECT whole::text FROM {table.name} AS whole")
        assert sorted(row for (row,) in rows) == sorted(contents(audit.tenant, table))


def test_an_auditor_reads_nothing_else_of_the_whole_database(audit: Audit) -> None:
    """Not the answers that are kept for callers, nor keys, nor another tenant."""
    for schema, name in relations(audit.tenant):
        statement = sql.SQL("SELECT * FROM {}").format(sql.Identifier(schema, name))
        if schema == audit.tenant.schema and name in SHOWN:
            audit.connection.execute(statement)
        else:
            with pytest.raises(InsufficientPrivilege):
                audit.connection.execute(statement)


def test_an_auditor_writes_nowhere(audit: Audit) -> None:
    """Also one who has taken back that the login's sessions are read-only."""
    audit.connection.execute("SET default_transaction_read_only = off")
    for schema, name in relations(audit.tenant):
        for statement in WRITES:
            with pytest.raises(REFUSALS):
                audit.connection.execute(sql.SQL(statement).format(sql.Identifier(schema, name)))
    with pytest.raises(InsufficientPrivilege):
        audit.connection.execute("CREATE TABLE mine (id integer)")


def test_an_auditor_calls_no_function_of_the_tenants(audit: Audit) -> None:
    """Some of them act as the schemas' owner."""
    values = {"role": audit.login, "schema": audit.tenant.schema}
    with psycopg.connect(audit.tenant.owner_url) as connection:
        assert connection.execute(MAY_CALL.encode(), values).fetchall() == []


def test_an_auditor_acts_as_nobody_else(audit: Audit) -> None:
    for role in (f"daybook_{audit.tenant.schema}", "daybook_service", "daybook_audit_t_neighbour"):
        with pytest.raises(InsufficientPrivilege):
            audit.connection.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(role)))


def test_the_sessions_of_an_auditor_begin_read_only(audit: Audit) -> None:
    conninfo = audit.connection.info.dsn
    password = audit.connection.info.password
    with psycopg.connect(conninfo, password=password) as connection:
        assert connection.execute("SHOW transaction_read_only").fetchall() == [("on",)]


def test_what_was_made_anew_or_put_back_is_still_shown(audit: Audit) -> None:
    run(made_anew(audit.tenant))
    levels = [(row,) for row in contents(audit.tenant, STOCK_LEVELS)]
    assert audit.read(LEVELS.format("stock_levels")) == levels
    query(audit.tenant.service_url, audit.tenant, "SELECT swap_read_model('previous', 'stock_levels')")
    assert audit.read(LEVELS.format("stock_levels")) == levels


def test_a_read_model_as_it_was_is_shown(audit: Audit) -> None:
    async def test() -> None:
        async with connected(audit.tenant) as connection:
            for projection in PROJECTIONS:
                await connection.execute("SELECT make_read_model('scratch_b', %s)", [projection.name])

    run(test())
    assert audit.read(LEVELS.format(f'"{audit.tenant.schema}.scratch_b".stock_levels')) == []


def test_a_read_model_that_a_later_migration_enters_is_shown(audit: Audit) -> None:
    query(audit.tenant.owner_url, audit.tenant, "CREATE TABLE later (id integer)")
    query(audit.tenant.owner_url, audit.tenant, "SELECT enter_read_model('later', 'later')")

    assert audit.read("SELECT id FROM later") == []


@pytest.mark.parametrize("login", ["daybook_service", "pg_mine", "", "a" * 64])
def test_a_name_that_is_taken_or_can_be_none_is_refused(tenant: Tenant, login: str) -> None:
    with pytest.raises(AuditorRefused, match=re.escape(repr(login))):
        add_auditor(tenant.owner_url, tenant.name, login)


def test_a_tenant_that_there_is_not_has_no_auditors(database: Database) -> None:
    login = new_login(database.owner_url)
    with pytest.raises(AuditorRefused, match="no role daybook_audit_t_nowhere"):
        add_auditor(database.owner_url, "nowhere", login)


def test_a_login_that_makes_no_roles_makes_no_auditor(tenant: Tenant) -> None:
    with pytest.raises(AuditorRefused, match="can't be made"):
        add_auditor(tenant.service_url, tenant.name, new_login(tenant.owner_url))


def test_a_name_is_no_sql(tenant: Tenant) -> None:
    login = f'{new_login(tenant.owner_url)}"; DROP SCHEMA x; --'

    add_auditor(tenant.owner_url, tenant.name, login)

    assert (login,) in query(tenant.owner_url, tenant, MEMBERS, auditor_role(tenant.schema))


def test_a_login_is_taken_away_as_the_guide_says(tenant: Tenant) -> None:
    login = new_login(tenant.owner_url)
    add_auditor(tenant.owner_url, tenant.name, login)
    names = {
        "jane": sql.Identifier(login),
        "daybook": sql.Identifier(str(conninfo_to_dict(tenant.owner_url)["dbname"])),
    }

    with psycopg.connect(tenant.owner_url) as owner:
        owner.execute(sql.SQL("GRANT CONNECT ON DATABASE {daybook} TO {jane}").format(**names))
        owner.execute(sql.SQL("REVOKE CONNECT ON DATABASE {daybook} FROM {jane}").format(**names))
        owner.execute(sql.SQL("DROP ROLE {jane}").format(**names))

    assert (login,) not in query(tenant.owner_url, tenant, MEMBERS, auditor_role(tenant.schema))
