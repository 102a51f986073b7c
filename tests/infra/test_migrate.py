"""Migrations are applied once, whole, in order, and never behind the back of an edited file."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from infra.postgres.migrate import Applied, MigrationError, TenantExists, create_tenant, migrate
from infra.postgres.pools import tenant_conninfo
from tests.support.postgres import Database

FIRST = "CREATE TABLE shelf (label text PRIMARY KEY);\nGRANT SELECT ON shelf TO daybook_service;\n"
SECOND = "ALTER TABLE shelf ADD COLUMN height_mm integer;\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder of migrations like the package's, with little in it."""
    for folder in ("control", "keys", "tenant"):
        (tmp_path / folder).mkdir()
    (tmp_path / "control" / "0001_tenants.sql").write_text("CREATE TABLE tenants (name text PRIMARY KEY);\n")
    (tmp_path / "tenant" / "0001_shelf.sql").write_text(FIRST)
    return tmp_path


@pytest.fixture(scope="module")
def scratch(database: Database) -> Database:
    """A database of this module's own."""
    name = new_database(database, "scratch")
    return Database(
        owner_url=make_conninfo(database.owner_url, dbname=name),
        service_url=make_conninfo(database.service_url, dbname=name),
    )


@pytest.fixture
def empty(scratch: Database) -> Database:
    """A database in which nothing was migrated (emptied, which is faster than created)."""
    with psycopg.connect(scratch.owner_url) as connection:
        schemas = connection.execute(
            "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'daybook%' OR nspname LIKE 't\\_%'"
        ).fetchall()
        for (schema,) in schemas:
            connection.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(str(schema))))
    return scratch


def new_database(database: Database, purpose: str) -> str:
    """Its name begins with the worker's, so the end of the run finds it."""
    with psycopg.connect(database.owner_url, autocommit=True) as connection:
        name = f"{connection.info.dbname}_{purpose}"
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
    return name


def query(url: str, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(statement.encode()).fetchall()


def test_the_first_run_applies_everything_and_the_second_nothing(empty: Database, root: Path) -> None:
    assert migrate(empty.owner_url, root=root) == [Applied("daybook", "0001_tenants.sql")]
    assert create_tenant(empty.owner_url, "one", root=root) == [Applied("t_one", "0001_shelf.sql")]

    assert migrate(empty.owner_url, root=root) == []


def test_a_new_file_reaches_all_of_ten_tenants(empty: Database, root: Path) -> None:
    migrate(empty.owner_url, root=root)
    names = [f"shop_{number}" for number in range(10)]
    for name in names:
        create_tenant(empty.owner_url, name, root=root)
    (root / "tenant" / "0002_height.sql").write_text(SECOND)

    applied = migrate(empty.owner_url, root=root)

    assert applied == [Applied(f"t_{name}", "0002_height.sql") for name in names]
    assert query(empty.owner_url, "SELECT height_mm FROM t_shop_9.shelf") == []


def test_the_key_store_may_be_a_database_of_its_own(empty: Database, root: Path, database: Database) -> None:
    (root / "keys" / "0001_keys.sql").write_text("CREATE TABLE keys (id text);\n")
    keys_url = make_conninfo(database.owner_url, dbname=new_database(database, "keys"))

    migrate(empty.owner_url, keys_url, root=root)

    assert query(keys_url, "SELECT id FROM daybook_keys.keys") == []
    assert query(empty.owner_url, "SELECT 1 FROM pg_namespace WHERE nspname = 'daybook_keys'") == []


def test_the_service_may_do_what_the_files_grant_and_no_more(empty: Database, root: Path) -> None:
    migrate(empty.owner_url, root=root)
    create_tenant(empty.owner_url, "one", root=root)

    one = tenant_conninfo(empty.service_url, "one")
    assert query(one, "SELECT label FROM t_one.shelf") == []
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        query(one, "SELECT number FROM t_one.schema_migrations")


def edit(root: Path) -> None:
    (root / "tenant" / "0001_shelf.sql").write_text(FIRST + "-- changed my mind\n")


def rename(root: Path) -> None:
    (root / "tenant" / "0001_shelf.sql").rename(root / "tenant" / "0001_rack.sql")


def remove(root: Path) -> None:
    (root / "tenant" / "0002_height.sql").unlink()


def leave_a_gap(root: Path) -> None:
    (root / "tenant" / "0002_height.sql").rename(root / "tenant" / "0003_height.sql")


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (edit, "0001_shelf.sql is not what was applied to t_one .* a new one, number 0003"),
        (rename, "0001_rack.sql is not what was applied to t_one as 0001_shelf.sql"),
        (remove, "t_one has 0002_height.sql, which this program does not know"),
        (leave_a_gap, "tenant/0003_height.sql: expected a name like 0002_"),
    ],
)
def test_a_changed_history_is_refused(
    empty: Database, root: Path, change: Callable[[Path], None], complaint: str
) -> None:
    (root / "tenant" / "0002_height.sql").write_text(SECOND)
    migrate(empty.owner_url, root=root)
    create_tenant(empty.owner_url, "one", root=root)
    change(root)

    with pytest.raises(MigrationError, match=complaint):
        migrate(empty.owner_url, root=root)


def test_other_line_ends_are_no_edit(empty: Database, root: Path) -> None:
    migrate(empty.owner_url, root=root)
    create_tenant(empty.owner_url, "one", root=root)
    (root / "tenant" / "0001_shelf.sql").write_bytes(FIRST.replace("\n", "\r\n").encode())

    assert migrate(empty.owner_url, root=root) == []


def test_a_failing_file_leaves_its_schema_as_it_was(empty: Database, root: Path) -> None:
    migrate(empty.owner_url, root=root)
    create_tenant(empty.owner_url, "one", root=root)
    (root / "tenant" / "0002_height.sql").write_text(SECOND)
    (root / "tenant" / "0003_wrong.sql").write_text("CREATE TABLE shelf (twice integer);\n")

    with pytest.raises(MigrationError, match=r"0003_wrong\.sql failed in t_one: .*already exists"):
        migrate(empty.owner_url, root=root)

    assert query(empty.owner_url, "SELECT number FROM t_one.schema_migrations") == [(1,)]


def test_a_file_that_commits_is_refused(empty: Database, root: Path) -> None:
    (root / "control" / "0002_commit.sql").write_text("CREATE TABLE early (id integer);\nCOMMIT;\n")

    with pytest.raises(MigrationError, match=r"0002_commit\.sql ends the transaction"):
        migrate(empty.owner_url, root=root)


def test_two_migrators_at_once_apply_each_file_once(empty: Database, root: Path) -> None:
    migrate(empty.owner_url, root=root)
    for number in range(5):
        create_tenant(empty.owner_url, f"shop_{number}", root=root)
    (root / "tenant" / "0002_height.sql").write_text(SECOND)

    with ThreadPoolExecutor(4) as pool:
        runs = [pool.submit(migrate, empty.owner_url, root=root) for _ in range(4)]
        applied = [file for run in runs for file in run.result()]

    assert sorted(applied) == [Applied(f"t_shop_{number}", "0002_height.sql") for number in range(5)]


def test_two_first_migrators_at_once_share_the_work(empty: Database, root: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        runs = [pool.submit(migrate, empty.owner_url, root=root) for _ in range(4)]
        applied = [file for run in runs for file in run.result()]

    assert applied == [Applied("daybook", "0001_tenants.sql")]


def test_a_tenant_is_created_once(empty: Database, root: Path) -> None:
    migrate(empty.owner_url, root=root)
    create_tenant(empty.owner_url, "one", root=root)

    with pytest.raises(TenantExists, match="one"):
        create_tenant(empty.owner_url, "one", root=root)


def test_a_tenant_whose_files_fail_is_not_there_at_all(empty: Database, root: Path) -> None:
    migrate(empty.owner_url, root=root)
    (root / "tenant" / "0002_wrong.sql").write_text("SELECT no_such_column;\n")

    with pytest.raises(MigrationError, match=r"0002_wrong\.sql failed in t_one"):
        create_tenant(empty.owner_url, "one", root=root)

    assert query(empty.owner_url, "SELECT name FROM daybook.tenants") == []
    assert query(empty.owner_url, "SELECT 1 FROM pg_namespace WHERE nspname = 't_one'") == []


@pytest.mark.parametrize("name", ["", "Shop", "1shop", "shop-1", 'shop"; DROP', "s" * 42, "shop\n"])
def test_a_name_that_is_no_tenant_name_is_refused(empty: Database, root: Path, name: str) -> None:
    with pytest.raises(MigrationError, match="can't be a tenant's name"):
        create_tenant(empty.owner_url, name, root=root)


def test_a_tenant_before_the_first_migration_is_refused(empty: Database, root: Path) -> None:
    with pytest.raises(MigrationError, match="run migrate first"):
        create_tenant(empty.owner_url, "one", root=root)


def test_a_login_that_may_not_create_schemas_is_told_so(empty: Database, root: Path) -> None:
    with pytest.raises(MigrationError, match="can't create or own the schema daybook"):
        migrate(empty.service_url, root=root)


def test_the_service_reads_tenants_and_revokes_keys_but_changes_neither(database: Database) -> None:
    owner_only = (
        "INSERT INTO daybook.tenants (name) VALUES ('x')",
        "UPDATE daybook.api_keys SET scopes = '{}'",
        "DELETE FROM daybook.api_keys",
        "UPDATE daybook_keys.subject_keys SET wrapped_key = ''",
        "UPDATE daybook_keys.tenant_keys SET wrapped_key = ''",
        "DELETE FROM daybook_keys.tenant_keys",
        "UPDATE daybook_keys.erased_subjects SET subject = 'x'",
        "DELETE FROM daybook_keys.erased_subjects",
    )
    for statement in owner_only:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            query(database.service_url, statement)

    with psycopg.connect(database.service_url) as connection:
        connection.execute("UPDATE daybook.api_keys SET revoked_at = now() WHERE key_id = 'none'")
        connection.execute("DELETE FROM daybook_keys.subject_keys WHERE tenant = 'none'")
