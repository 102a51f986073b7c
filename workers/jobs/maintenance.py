"""Upkeep: kept answers expire, replays of the past go, jobs of dead workers run again, finished jobs go."""

from typing import Any, LiteralString

from procrastinate import App, JobContext
from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import Status

from infra.jobs import jobs_connector
from infra.postgres.pools import connector, tenant_conninfo
from infra.tenancy import tenant_names
from projections.kernel.rebuilds import drop_expired_scratch

ANSWERS_KEPT_DAYS = 30
FINISHED_JOBS_KEPT_H = 72
PRUNE_BATCH = 10_000

# In slices, so that no statement holds many rows for long.
_PRUNE_COMMANDS: LiteralString = """
DELETE FROM commands
WHERE command_id IN (
    SELECT command_id
    FROM commands
    WHERE recorded_at < now() - make_interval(days => %(days)s)
    ORDER BY recorded_at
    LIMIT %(limit)s
)
"""


def build_app(url: str) -> App:
    """The job queue with every task that this version knows."""
    app = App(connector=jobs_connector(url))

    @app.periodic(cron="17 3 * * *")
    @app.task(name="prune_commands", queueing_lock="prune_commands", retry=3)
    async def prune_commands(timestamp: int) -> None:
        await prune_kept_answers(url)

    @app.periodic(cron="*/10 * * * *")
    @app.task(name="drop_scratch", queueing_lock="drop_scratch", retry=3)
    async def drop_scratch(timestamp: int) -> None:
        await drop_old_replays(url)

    @app.periodic(cron="*/1 * * * *")
    @app.task(name="retry_stalled_jobs", queueing_lock="retry_stalled_jobs", pass_context=True)
    async def retry_stalled_jobs(context: JobContext, timestamp: int) -> None:
        manager = context.app.job_manager
        for job in await manager.get_stalled_jobs():
            try:
                await manager.retry_job(job)
            except UniqueViolation:
                # The task's next round waits already, and only one may.
                assert job.id is not None, "it comes from the queue"
                await manager.finish_job_by_id_async(job.id, Status.ABORTED, delete_job=False)

    @app.periodic(cron="41 3 * * *")
    @app.task(name="prune_jobs", queueing_lock="prune_jobs", pass_context=True)
    async def prune_jobs(context: JobContext, timestamp: int) -> None:
        await context.app.job_manager.delete_old_jobs(
            nb_hours=FINISHED_JOBS_KEPT_H, include_failed=False, include_cancelled=True, include_aborted=True
        )

    return app


async def drop_old_replays(url: str) -> int:
    """Drops replays into scratch slots whose time is over, of every tenant. Returns how many."""
    async with await connector(url)() as connection:
        names = await tenant_names(connection)
    dropped = 0
    for name in names:
        async with await connector(tenant_conninfo(url, name))() as connection:
            dropped += len(await drop_expired_scratch(connection))
    return dropped


async def prune_kept_answers(url: str, days: int = ANSWERS_KEPT_DAYS) -> int:
    """Forgets the kept answers of commands older than `days`, of every tenant. Returns how many."""
    async with await connector(url)() as connection:
        names = await tenant_names(connection)
    pruned = 0
    for name in names:
        async with await connector(tenant_conninfo(url, name))() as connection:
            while True:
                parameters: dict[str, Any] = {"days": days, "limit": PRUNE_BATCH}
                deleted = (await connection.execute(_PRUNE_COMMANDS, parameters)).rowcount
                pruned += deleted
                if deleted < PRUNE_BATCH:
                    break
    return pruned
