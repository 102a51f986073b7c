"""Once on each business day of a store all its items are looked at: what lies there moves nothing.

Killed in the middle and run again, or twice at once, nothing is raised twice: it is decided by the journal.
"""

from datetime import UTC, date, datetime
from typing import LiteralString

import structlog
from procrastinate import App
from psycopg.rows import tuple_row

from infra.postgres.pools import Connection
from infra.settings import Settings
from infra.tenancy import Tenant
from projections.stock_alerts.looks import LOOKED_AT
from workers.alerts import Looked, clock_of, look_at, stocked_stores
from workers.jobs.catching_up import catch_up
from workers.jobs.everywhere import for_every_tenant

_LOOKED_AT: LiteralString = """
SELECT store_id, day
FROM alert_days
"""

_NOTE_DAY: LiteralString = """
INSERT INTO alert_days (store_id, day)
VALUES (%(store_id)s, %(day)s)
ON CONFLICT (store_id) DO UPDATE
SET day = greatest(alert_days.day, EXCLUDED.day)
"""

log = structlog.get_logger(__name__)


def add_alert_tasks(app: App, settings: Settings) -> None:
    """Adds what is due every day. Stores begin theirs at any time, so it asks every ten minutes."""

    @app.periodic(cron="*/10 * * * *")
    @app.task(name="look_at_stock", queueing_lock="look_at_stock", retry=3)
    async def look_at_stock(timestamp: int) -> None:
        done = await look_everywhere(settings)
        if done.raised or done.cleared:
            log.info("looked_at_stock", **done._asdict())


async def look_everywhere(settings: Settings) -> Looked:
    """Looks at every tenant's stores."""
    done = await for_every_tenant(
        settings, lambda tenant: look_daily(tenant, datetime.now(UTC)), "not_looked_at_stock"
    )
    return Looked(*map(sum, zip(Looked(), *done, strict=True)))


async def look_daily(tenant: Tenant, now: datetime) -> Looked:
    """Looks at the stores whose business day has begun since they were looked at last.

    While the read models have not seen all that the journal held, it looks at none: the next run does.
    """
    done = Looked()

    async def itself() -> Tenant:
        return tenant

    due = await _due(tenant, now)
    if not due or not await catch_up(tenant, LOOKED_AT):
        return done
    for store_id, day in due.items():
        async with tenant.readers.connection() as connection:
            done = done.plus(await look_at(connection, tenant.journal, itself, store_id, now))
            # Only now: killed before, it looks again.
            await connection.execute(_NOTE_DAY, {"store_id": store_id, "day": day})
    return done


async def _due(tenant: Tenant, now: datetime) -> dict[str, date]:
    """The stores whose business day nobody has looked at, and which that is."""
    due: dict[str, date] = {}
    async with tenant.readers.connection() as connection:
        looked_at = await _looked_at(connection)
        for store_id in await stocked_stores(connection):
            day = (await clock_of(connection, tenant.journal, store_id)).day_of(now)
            if (last := looked_at.get(store_id)) is None or last < day:
                due[store_id] = day
    return due


async def _looked_at(connection: Connection) -> dict[str, date]:
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_LOOKED_AT)
        return dict(await cursor.fetchall())
