"""A part is at work only while it gives signs of life."""

import asyncio
import itertools
import os
import subprocess
import sys

import psycopg
import pytest

from infra.event_store.journal import Journal
from infra.jobs import migrate_jobs
from infra.postgres.migrate import tenant_schema
from infra.postgres.pools import connector, tenant_conninfo
from projections.catalogue import PROJECTIONS
from tests.docs.documents import REPOSITORY
from tests.support.postgres import Database, new_tenant, worker_database
from workers.health import (
    JOBS_SILENT_S,
    PROJECTOR_SILENT_S,
    SEALER_SILENT_S,
    NotAtWork,
    jobs_at_work,
    projector_at_work,
    sealer_at_work,
)
from workers.projection_runner import Runner

SHOP = "shop"
_numbers = itertools.count(1)


@pytest.fixture
def shop(worker_id: str) -> Database:
    """A database of one tenant: the checks look at all that there are."""
    database = worker_database(f"{worker_id}_health_{next(_numbers)}")
    new_tenant(database, SHOP)
    return database


def execute(url: str, statement: str, *parameters: object) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement.encode(), parameters)


def keep_read_models(shop: Database, *, leave: bool = False) -> None:
    """A projector takes them over; `leave`: and goes."""

    async def work() -> None:
        async with await connector(tenant_conninfo(shop.service_url, SHOP))() as connection:
            runner = Runner(Journal(tenant_schema(SHOP)), PROJECTIONS, owner="test")
            assert await runner.begin(connection)
            if leave:
                await runner.leave(connection)

    asyncio.run(work())


def checked(part: str, shop: Database) -> subprocess.CompletedProcess[str]:
    """The check as a container runs it."""
    return subprocess.run(
        [sys.executable, "-m", "workers.health", part],
        env={
            **{name: value for name, value in os.environ.items() if not name.startswith("DAYBOOK_")},
            "DAYBOOK_DATABASE_URL": shop.service_url,
        },
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_projector_that_keeps_every_tenant_is_at_work(shop: Database) -> None:
    keep_read_models(shop)
    assert asyncio.run(projector_at_work(shop.service_url)) == "the projector is at work on 1 tenants"


def test_a_tenant_that_nobody_keeps_is_named(shop: Database) -> None:
    keep_read_models(shop)
    new_tenant(shop, "annex")
    with pytest.raises(NotAtWork, match="of the tenant annex"):
        asyncio.run(projector_at_work(shop.service_url))


def test_a_projector_that_has_left_is_not_at_work(shop: Database) -> None:
    keep_read_models(shop, leave=True)
    with pytest.raises(NotAtWork):
        asyncio.run(projector_at_work(shop.service_url))


def test_a_projector_that_has_gone_silent_is_not_at_work(shop: Database) -> None:
    keep_read_models(shop)
    execute(
        shop.owner_url,
        "UPDATE t_shop.projection_checkpoints SET alive_at = now() - make_interval(secs => %s)",
        PROJECTOR_SILENT_S + 1,
    )
    with pytest.raises(NotAtWork):
        asyncio.run(projector_at_work(shop.service_url))


def test_a_worker_is_at_work_while_its_signs_are_recent(shop: Database) -> None:
    migrate_jobs(shop.owner_url)
    with pytest.raises(NotAtWork):
        asyncio.run(jobs_at_work(shop.service_url))

    execute(shop.owner_url, "INSERT INTO jobs.procrastinate_workers DEFAULT VALUES")
    assert asyncio.run(jobs_at_work(shop.service_url)) == "a worker gave a sign of life 0 s ago"

    execute(
        shop.owner_url,
        "UPDATE jobs.procrastinate_workers SET last_heartbeat = now() - make_interval(secs => %s)",
        JOBS_SILENT_S + 1,
    )
    with pytest.raises(NotAtWork):
        asyncio.run(jobs_at_work(shop.service_url))


def test_the_exit_status_and_one_line_tell(shop: Database) -> None:
    silent = checked("projector", shop)
    assert (silent.returncode, silent.stdout) == (1, "")
    assert silent.stderr.strip() == "Error: nobody keeps stock_levels of the tenant shop"

    keep_read_models(shop)
    alive = checked("projector", shop)
    assert (alive.returncode, alive.stderr) == (0, "")


def test_a_database_that_is_away_is_one_line_too(shop: Database) -> None:
    away = Database(owner_url="", service_url="postgresql://nobody@127.0.0.1:1/nothing?connect_timeout=2")
    told = checked("jobs", away)
    assert told.returncode == 1
    assert "Traceback" not in told.stderr


SEALED = """
UPDATE t_shop.audit_seal
SET alive_at = now() - make_interval(secs => %s), error = %s
"""


def test_a_sealer_that_gave_a_sign_lately_is_at_work(shop: Database) -> None:
    execute(shop.owner_url, SEALED, SEALER_SILENT_S / 2, None)
    assert asyncio.run(sealer_at_work(shop.service_url)) == "the sealer is at work on 1 tenants"


@pytest.mark.parametrize("silent_s", [None, SEALER_SILENT_S + 1])
def test_a_silent_sealer_is_not_at_work(shop: Database, silent_s: float | None) -> None:
    if silent_s is not None:
        execute(shop.owner_url, SEALED, silent_s, None)
    with pytest.raises(NotAtWork, match="nobody seals the tenant shop"):
        asyncio.run(sealer_at_work(shop.service_url))


def test_a_sealer_that_can_not_seal_is_not_at_work(shop: Database) -> None:
    execute(shop.owner_url, SEALED, 0, "the history is another")
    with pytest.raises(NotAtWork, match="shop can't be sealed: the history is another"):
        asyncio.run(sealer_at_work(shop.service_url))
