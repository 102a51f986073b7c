"""Upkeep: old answers are forgotten, jobs of dead workers run again, and somebody does it every so often."""

from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, LiteralString

import psycopg
import pytest
from procrastinate import App
from psycopg.conninfo import make_conninfo

from infra.jobs import SCHEMA, migrate_jobs
from projections.catalogue import PROJECTIONS
from tests.support.api import fresh
from tests.support.commands import open_store
from tests.support.journals import clerk_of, keyed, query, run
from tests.support.postgres import Database, Tenant, new_tenant, worker_database
from tests.support.read_models import database_of
from workers.jobs import maintenance
from workers.jobs.maintenance import ANSWERS_KEPT_DAYS, build_app, drop_old_replays, prune_kept_answers
from workers.replay import keep_as_of

NOW = datetime.now(UTC)

LET_WORKERS_DIE = "UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 hour'"
EMPTY_THE_QUEUE = "DELETE FROM procrastinate_jobs"


@pytest.fixture(scope="module")
def upkept(worker_id: str) -> Database:
    """A database of this file's own: upkeep goes through all tenants."""
    database = worker_database(f"{worker_id}_{fresh('upkeep')}")
    assert migrate_jobs(database.owner_url)
    return database


@pytest.fixture(scope="module")
def tenants(upkept: Database) -> list[Tenant]:
    return [new_tenant(upkept, name) for name in ("first", "second")]


async def answer(tenant: Tenant, ages: Iterable[timedelta]) -> None:
    """One accepted command of each age, oldest first: days and hours name it."""
    for age in ages:
        async with clerk_of(tenant, clock=lambda age=age: NOW - age) as clerk:
            name = f"store-{age.days}-{age.seconds}"
            await clerk.submit(open_store(name), keyed(name))


def kept(tenant: Tenant) -> list[str]:
    rows = query(tenant.service_url, tenant, "SELECT command_id FROM commands ORDER BY recorded_at")
    return [command_id for (command_id,) in rows]


def test_replays_of_the_past_go_when_their_time_is_over(upkept: Database, tenants: list[Tenant]) -> None:
    async def replay(tenant: Tenant, keep_s: float) -> str:
        slot, _ = await keep_as_of(database_of(tenant), PROJECTIONS, 0, keep_s=keep_s)
        return slot

    stays = run(replay(tenants[0], 60))
    for tenant in tenants:
        run(replay(tenant, 0))

    assert run(drop_old_replays(upkept.service_url)) == 2
    assert query(tenants[0].service_url, tenants[0], "SELECT slot FROM scratch_slots") == [(stays,)]


def test_only_old_answers_are_forgotten_and_in_every_tenant(upkept: Database, tenants: list[Tenant]) -> None:
    month = timedelta(days=ANSWERS_KEPT_DAYS)
    ages = [3 * month, month + timedelta(hours=1), month - timedelta(hours=1), timedelta()]
    for tenant in tenants:
        run(answer(tenant, ages))

    assert run(prune_kept_answers(upkept.service_url)) == 4

    assert [kept(tenant) for tenant in tenants] == [[f"store-{ANSWERS_KEPT_DAYS - 1}-82800", "store-0-0"]] * 2
    assert run(prune_kept_answers(upkept.service_url)) == 0


def test_more_than_one_slice_is_forgotten_in_one_go(
    upkept: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    tenant = new_tenant(upkept, "busy")
    run(answer(tenant, [timedelta(days=40 - day) for day in range(5)]))
    monkeypatch.setattr(maintenance, "PRUNE_BATCH", 2)

    assert run(prune_kept_answers(upkept.service_url)) == 5
    assert kept(tenant) == []


def test_all_tasks_come_round_by_themselves(upkept: Database) -> None:
    registry: Any = build_app(upkept.service_url).periodic_registry

    assert {task.task.name: task.cron for task in registry.periodic_tasks.values()} == {
        "prune_commands": "17 3 * * *",
        "drop_scratch": "*/10 * * * *",
        "retry_stalled_jobs": "*/1 * * * *",
        "prune_jobs": "41 3 * * *",
    }


# The queue itself.


def in_queue(upkept: Database, statement: LiteralString) -> None:
    """Changes the queue behind the library's back."""
    with psycopg.connect(make_conninfo(upkept.owner_url, options=f"-c search_path={SCHEMA}")) as connection:
        connection.execute(statement)


@asynccontextmanager
async def queue_of(upkept: Database) -> AsyncGenerator[App]:
    """The open queue, empty."""
    in_queue(upkept, EMPTY_THE_QUEUE)
    app = build_app(upkept.service_url)
    async with app.open_async():
        yield app


async def add(app: App, task: str) -> int:
    return await app.configure_task(task).defer_async(timestamp=0)


async def begin_and_die(app: App, upkept: Database) -> None:
    """A worker takes the next job and is never heard of again."""
    worker = await app.job_manager.register_worker()
    assert await app.job_manager.fetch_job(queues=None, worker_id=worker) is not None
    in_queue(upkept, LET_WORKERS_DIE)


async def work_off(app: App) -> None:
    """A worker does all that waits, and leaves."""
    await app.run_worker_async(wait=False, install_signal_handlers=False)


async def statuses(app: App) -> dict[str, list[str]]:
    """By task, in the order in which they were added."""
    found: dict[str, list[str]] = {}
    jobs: Any = await app.job_manager.list_jobs_async()
    for job in sorted(jobs, key=lambda job: job.id):
        found.setdefault(job.task_name, []).append(job.status)
    return found


def test_a_job_whose_worker_died_runs_again(upkept: Database) -> None:
    async def scenario() -> dict[str, list[str]]:
        async with queue_of(upkept) as app:
            await add(app, "prune_jobs")
            await begin_and_die(app, upkept)
            assert await statuses(app) == {"prune_jobs": ["doing"]}
            await add(app, "retry_stalled_jobs")
            await work_off(app)
            return await statuses(app)

    assert run(scenario())["prune_jobs"] == ["succeeded"]


def test_a_dead_workers_job_whose_next_round_waits_already_holds_up_no_other(upkept: Database) -> None:
    async def scenario() -> dict[str, list[str]]:
        async with queue_of(upkept) as app:
            for task in ("prune_jobs", "prune_commands"):
                await add(app, task)
                await begin_and_die(app, upkept)
            # Its lock lets only one of it wait, so the dead one can't wait again.
            await add(app, "retry_stalled_jobs")
            await add(app, "prune_jobs")
            await work_off(app)
            return await statuses(app)

    found = run(scenario())
    assert found["retry_stalled_jobs"][0] == "succeeded"
    assert found["prune_commands"] == ["succeeded"]
    assert found["prune_jobs"][-1] == "succeeded"
    assert "doing" not in found["prune_jobs"]
