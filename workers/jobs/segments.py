"""Segments are worked out once for each business day that is over everywhere, and soon after a definition."""

from datetime import UTC, date, datetime, timedelta
from typing import LiteralString

import structlog
from procrastinate import App
from psycopg.rows import tuple_row

from domain.customers.segment import SEGMENT, Segment
from domain.kernel.business_day import business_day
from domain.stores.store import STORE
from infra.postgres.pools import Connection
from infra.settings import Settings
from infra.tenancy import Tenant
from projections.report_keys.fold import ReportKeys
from projections.segments.queries import segments_after
from workers.jobs.catching_up import catch_up
from workers.jobs.everywhere import for_every_tenant
from workers.segments import LOOKED_AT, Due, Evaluated, evaluate

PAGE = 200

_STORES: LiteralString = """
SELECT DISTINCT store_id
FROM store_time_zones
ORDER BY store_id
"""

log = structlog.get_logger(__name__)


def add_segment_tasks(app: App, settings: Settings) -> None:
    """Adds what is due every day. Days end at any time, so it asks every ten minutes."""

    @app.periodic(cron="*/10 * * * *")
    @app.task(name="evaluate_segments", queueing_lock="evaluate_segments", retry=3)
    async def evaluate_segments(timestamp: int) -> None:
        done = await evaluate_everywhere(settings)
        if done.segments:
            log.info("segments_evaluated", **done._asdict())


async def evaluate_everywhere(settings: Settings) -> Evaluated:
    """Works out every tenant's segments."""
    done = await for_every_tenant(
        settings, lambda tenant: evaluate_due(tenant, datetime.now(UTC)), "segments_not_evaluated"
    )
    return Evaluated(*map(sum, zip(Evaluated(), *done, strict=True)))


async def evaluate_due(tenant: Tenant, now: datetime) -> Evaluated:
    """Works out what has not been as of the last day that is over in every store.

    While the read models have not seen all that the journal held, nothing is: the next run does it. Of days
    on which nobody was there to do it, only the last is.
    """
    as_of = await last_day(tenant, now)
    return Evaluated() if as_of is None else await evaluate_as_of(tenant, as_of)


async def evaluate_as_of(tenant: Tenant, as_of: date) -> Evaluated:
    """Works out what has not been as of a day. Days before a segment's last evaluation stay as they are."""
    due = await due_segments(tenant, as_of)
    if not due or not await catch_up(tenant, LOOKED_AT):
        return Evaluated()
    if any(one.asks_birthdays for one in due):
        await _bring_birthdays(tenant)
    return await evaluate(tenant, due, as_of)


async def last_day(tenant: Tenant, now: datetime) -> date | None:
    """The last business day that is over in every store; None without stores."""
    if not await catch_up(tenant, (ReportKeys.name,)):
        return None
    async with tenant.readers.connection() as connection:
        streams = [STORE.stream(store_id) for store_id in await _stores(connection)]
        states = await tenant.journal.read_states(connection, streams)
    stores = [states[stream][0].state for stream in streams]
    today = [business_day(now, store.time_zone, store.day_starts_at_min) for store in stores]
    return min(today) - timedelta(days=1) if today else None


async def due_segments(tenant: Tenant, as_of: date) -> list[Due]:
    """The segments that have not been worked out as of the day, by their present version."""
    due: list[Due] = []
    after = ""
    async with tenant.readers.connection() as connection:
        while rows := await segments_after(connection, after, PAGE):
            streams = [SEGMENT.stream(row.segment_id) for row in rows]
            states = await tenant.journal.read_states(connection, streams)
            for row, stream in zip(rows, streams, strict=True):
                segment: Segment = states[stream][0].state
                if segment.definition is not None and _is_due(segment, row.members, as_of):
                    due.append(Due(row.segment_id, segment.version, segment.definition))
            after = rows[-1].segment_id
    return due


def _is_due(segment: Segment, members: int, as_of: date) -> bool:
    done = segment.evaluated
    if done is None or done.version != segment.version:
        return not segment.is_over(segment.version, as_of)
    still = segment.definition is not None and segment.definition.active
    return done.as_of < as_of and (still or members > 0)


async def _bring_birthdays(tenant: Tenant) -> None:
    """Has the index see all birthdays that the journal holds now. In a busy shop it is never at the end."""
    async with tenant.readers.connection() as connection:
        head = (await tenant.journal.head(connection)).position
        while await tenant.people.reached(connection) < head:
            await tenant.people.run_page(connection)


async def _stores(connection: Connection) -> list[str]:
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_STORES)
        return [store_id for (store_id,) in await cursor.fetchall()]
