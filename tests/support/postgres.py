"""One real PostgreSQL for the whole test run, and a database of its own for each xdist worker.

The controlling process starts an embedded server, or uses the one that DAYBOOK_TEST_DATABASE_URL names
(a login with CREATEDB and CREATEROLE), and hands its address to the workers in the environment.
"""

import os
import secrets
import tempfile
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec
import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from infra.postgres.embedded import embedded
from infra.postgres.migrate import SERVICE_ROLE, create_tenant, migrate, tenant_schema

GIVEN_SERVER = "DAYBOOK_TEST_DATABASE_URL"
_HANDED_OVER = "DAYBOOK_TEST_RUN"
SHOP = "shop"

# The journal's durability is tested where a test starts a server of its own; here speed is what counts.
_FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class Database(msgspec.Struct, frozen=True, kw_only=True):
    """A database with the control schema and the key store, and no tenant yet."""

    owner_url: str
    service_url: str


class Tenant(msgspec.Struct, frozen=True, kw_only=True):
    """A new tenant, whose schema no other test uses."""

    name: str
    schema: str
    owner_url: str
    service_url: str

    @property
    def database(self) -> Database:
        """Where others may be beside it."""
        return Database(owner_url=self.owner_url, service_url=self.service_url)


class _Run(msgspec.Struct, frozen=True, kw_only=True):
    """What a worker must know; `name` begins the name of everything that the run creates."""

    name: str
    owner_url: str
    service_url: str

    @property
    def template(self) -> str:
        """Without a tenant."""
        return f"{self.name}_template"

    @property
    def shop_template(self) -> str:
        """With one tenant, SHOP."""
        return f"{self.name}_shop_template"

    def database(self, name: str) -> Database:
        return Database(
            owner_url=make_conninfo(self.owner_url, dbname=name),
            service_url=make_conninfo(self.service_url, dbname=name),
        )


@contextmanager
def test_server() -> Generator[None]:
    """The server of the run, with migrated templates; called by the controlling process only."""
    given = os.environ.get(GIVEN_SERVER)
    with _given(given) if given else _started() as run:
        _create_database(run.owner_url, run.template)
        migrate(run.database(run.template).owner_url)
        _create_database(run.owner_url, run.shop_template, template=run.template)
        create_tenant(run.database(run.shop_template).owner_url, SHOP)
        os.environ[_HANDED_OVER] = msgspec.json.encode(run).decode()
        yield


def worker_database(worker: str) -> Database:
    """A new copy of the template without a tenant for this worker."""
    run = _this_run()
    name = f"{run.name}_{worker}"
    _create_database(run.owner_url, name, template=run.template)
    return run.database(name)


@contextmanager
def shop_alone(worker: str, *, like: Tenant | None = None) -> Generator[Tenant]:
    """The tenant SHOP, new, in a database of its own: a third of the time that its migrations take.

    Or `like` another that was made so, with all that is in its database, to which nobody is connected.
    """
    run = _this_run()
    name = f"{run.name}_{worker}"
    template = run.shop_template if like is None else str(conninfo_to_dict(like.owner_url)["dbname"])
    _create_database(run.owner_url, name, template=template)
    try:
        yield _tenant_of(run.database(name), SHOP)
    finally:
        # PostgreSQL waits some seconds for backends that are leaving, and sends an autovacuum away. By FORCE
        # the owner, who is no superuser, could end neither.
        with (
            psycopg.connect(run.owner_url, autocommit=True) as connection,
            suppress(psycopg.errors.ObjectInUse),
        ):
            connection.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(name)))


def new_tenant(database: Database, name: str) -> Tenant:
    """The tenant, created by the real migrations."""
    create_tenant(database.owner_url, name)
    return _tenant_of(database, name)


def _tenant_of(database: Database, name: str) -> Tenant:
    return Tenant(
        name=name,
        schema=tenant_schema(name),
        owner_url=database.owner_url,
        service_url=database.service_url,
    )


def _this_run() -> _Run:
    return msgspec.json.decode(os.environ[_HANDED_OVER], type=_Run)


@contextmanager
def _started() -> Generator[_Run]:
    with tempfile.TemporaryDirectory(prefix="daybook-tests-") as folder:
        # As root, the server's account should get in by the ordinary way.
        Path(folder).chmod(0o711)
        with embedded(Path(folder), _FAST) as urls:
            for url in (urls.owner, urls.service):
                _make_logging_in_cheap(url)
            yield _Run(name="test", owner_url=urls.owner, service_url=urls.service)


def _make_logging_in_cheap(url: str) -> None:
    """The same password, hashed once: 4,096 times are most of what connecting takes, which tests do often."""
    given = conninfo_to_dict(url)
    login, password = sql.Identifier(str(given["user"])), sql.Literal(str(given["password"]))
    with psycopg.connect(url) as connection:
        connection.execute("SET LOCAL scram_iterations = 1")
        connection.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(login, password))


@contextmanager
def _given(owner_url: str) -> Generator[_Run]:
    """The server of another, with a login of our own; all that the run made is dropped at the end.

    But for the roles of tenants, which another run may be about to use: they have no rights and no login.
    """
    name = f"daybook_test_{secrets.token_hex(4)}"
    login, password = sql.Identifier(name), secrets.token_urlsafe(24)
    # The first migration of a server makes the role that the login joins.
    scratch = f"{name}_scratch"
    _create_database(owner_url, scratch)
    migrate(make_conninfo(owner_url, dbname=scratch))
    with psycopg.connect(owner_url, autocommit=True) as connection:
        connection.execute(
            sql.SQL("CREATE ROLE {} LOGIN PASSWORD {} IN ROLE {}").format(
                login, sql.Literal(password), sql.Identifier(SERVICE_ROLE)
            )
        )
    try:
        service_url = make_conninfo(owner_url, user=name, password=password)
        yield _Run(name=name, owner_url=owner_url, service_url=service_url)
    finally:
        with psycopg.connect(owner_url, autocommit=True) as connection:
            made = connection.execute(
                "SELECT datname FROM pg_database WHERE starts_with(datname, %(name)s)", {"name": name}
            ).fetchall()
            for (database,) in made:
                connection.execute(
                    sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(str(database)))
                )
            # The longer names first: they are logins that tests have made.
            logins = connection.execute(
                "SELECT rolname FROM pg_roles WHERE starts_with(rolname, %(name)s) ORDER BY 1 DESC",
                {"name": name},
            ).fetchall()
            for (made_login,) in logins:
                connection.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(str(made_login))))


def _create_database(owner_url: str, name: str, *, template: str = "template0") -> None:
    """Copied as files: the default copies page by page through the WAL, which takes twice the time."""
    with psycopg.connect(owner_url, autocommit=True) as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )
