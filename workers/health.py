"""`python -m workers.health projector`, `sealer` or `jobs`: is the part at work? One line and an exit status.

A projector, a sealer or a worker has no port to ask. What it leaves in the database tells: a sign of life
every second, every two or every ten. So the answer is about the part as a whole, whichever of its processes
gave the sign.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping
from typing import LiteralString

import click
import psycopg
from psycopg.rows import tuple_row

from infra.audit.sealer import read_status
from infra.errors import OperatorError
from infra.postgres.pools import Connection, connector, tenant_conninfo
from infra.settings import Settings
from infra.tenancy import tenant_names
from projections.catalogue import PROJECTIONS
from projections.kernel.checkpoints import read_checkpoints

PROJECTOR_SILENT_S = 10.0
"""It gives a sign every second, but not while it folds a large page."""
JOBS_SILENT_S = 35.0
"""A worker's sign comes every ten seconds: three may be missed."""

SEALER_SILENT_S = 20.0
"""It gives a sign every two seconds, but goes round all tenants."""

_LAST_SIGN_OF_JOBS: LiteralString = """
SELECT extract(epoch FROM now() - max(last_heartbeat))::float8
FROM jobs.procrastinate_workers
"""


class NotAtWork(OperatorError):
    """The part gives no sign of life."""


async def projector_at_work(url: str) -> str:
    """What the projector's signs of life say; NotAtWork if any tenant's read models are without one."""
    async with await connector(url)() as connection:
        tenants = await tenant_names(connection)
    for tenant in tenants:
        async with await connector(tenant_conninfo(url, tenant))() as connection:
            signs = {
                checkpoint.name: checkpoint.silent_s for checkpoint in await read_checkpoints(connection)
            }
        for projection in PROJECTIONS:
            silent_s = signs.get(projection.name)
            if silent_s is None or silent_s > PROJECTOR_SILENT_S:
                raise NotAtWork(f"nobody keeps {projection.name} of the tenant {tenant}")
    return f"the projector is at work on {len(tenants)} tenants"


async def sealer_at_work(url: str) -> str:
    """What the sealer's signs of life say; NotAtWork if a tenant is without one, or can't be sealed."""
    async with await connector(url)() as connection:
        tenants = await tenant_names(connection)
    for tenant in tenants:
        async with await connector(tenant_conninfo(url, tenant))() as connection:
            status = await read_status(connection)
        if status.error is not None:
            raise NotAtWork(f"the tenant {tenant} can't be sealed: {status.error}")
        if status.silent_s is None or status.silent_s > SEALER_SILENT_S:
            raise NotAtWork(f"nobody seals the tenant {tenant}")
    return f"the sealer is at work on {len(tenants)} tenants"


async def jobs_at_work(url: str) -> str:
    """What the workers' signs of life say; NotAtWork if none gave one lately."""
    async with await connector(url)() as connection:
        silent_s = await _silent_s(connection)
    if silent_s is None or silent_s > JOBS_SILENT_S:
        raise NotAtWork("no worker takes jobs")
    return f"a worker gave a sign of life {silent_s:.0f} s ago"


async def _silent_s(connection: Connection) -> float | None:
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_LAST_SIGN_OF_JOBS)
        row = await cursor.fetchone()
    assert row is not None
    return row[0]


CHECKS: Mapping[str, Callable[[str], Awaitable[str]]] = {
    "projector": projector_at_work,
    "sealer": sealer_at_work,
    "jobs": jobs_at_work,
}


@click.command()
@click.argument("part", type=click.Choice(sorted(CHECKS)))
def main(part: str) -> None:
    """Say whether PART is at work; exit status 1 if it isn't."""

    async def check() -> str:
        return await CHECKS[part](Settings.from_environment(os.environ).require_database_url())

    try:
        click.echo(asyncio.run(check()))
    except (OperatorError, psycopg.Error) as error:
        raise click.ClickException(str(error).strip()) from None


if __name__ == "__main__":
    main()
