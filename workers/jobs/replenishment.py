"""What is to be ordered is suggested every night, of every store's items with a policy.

Read models say what is there and what is asked for; each command decides by the journal on what waits.
Killed in the middle and run again, or twice at once, nothing is suggested twice.
"""

from datetime import UTC, datetime
from typing import NamedTuple

import structlog
from procrastinate import App, RetryStrategy

from domain.replenishment.suggesting import orders_due
from domain.stores.store import STORE
from infra.event_store.submission import Origin
from infra.ids import uuid7
from infra.settings import Settings
from infra.tenancy import Tenant
from projections.replenishment.history import Clock
from projections.replenishment.looks import LOOKED_AT, looks_of
from projections.replenishment.queries import replenished_stores
from workers.jobs.catching_up import catch_up
from workers.jobs.everywhere import for_every_tenant

AGAIN = RetryStrategy(max_attempts=12, wait=300)
"""For an hour: so long it may take to make read models anew."""

log = structlog.get_logger(__name__)


class Replenished(NamedTuple):
    """What a run did: items that were looked at, suggestions that were made."""

    items: int = 0
    suggested: int = 0


class ReadModelsBehind(Exception):
    """Read models of a tenant are being made anew, or nobody keeps them: the job is tried again."""


def add_replenishment_tasks(app: App, settings: Settings) -> None:
    """Adds what is due every night."""

    @app.periodic(cron="53 1 * * *")
    @app.task(name="replenish", queueing_lock="replenish", retry=AGAIN)
    async def replenish_all(timestamp: int) -> None:
        done = await replenish_everywhere(settings)
        log.info("replenished", **done._asdict())


async def replenish_everywhere(settings: Settings) -> Replenished:
    """Looks at every tenant's items."""

    async def one(tenant: Tenant) -> Replenished:
        if not await catch_up(tenant, LOOKED_AT):
            raise ReadModelsBehind(tenant.name)
        return await replenish(tenant, datetime.now(UTC))

    done = await for_every_tenant(settings, one, "not_replenished")
    return Replenished(*map(sum, zip(Replenished(), *done, strict=True)))


async def replenish(tenant: Tenant, now: datetime, only: str | None = None) -> Replenished:
    """Suggests what to order now in every store, or in one. A store at a time: its items fit into memory."""
    async with tenant.readers.connection() as connection:
        stores = await replenished_stores(connection) if only is None else [only]
    items = suggested = 0
    for store_id in stores:
        store, _ = await tenant.require_state(STORE, store_id)
        clock = Clock(store.time_zone, store.day_starts_at_min)
        async with tenant.readers.connection() as connection:
            seen = await looks_of(connection, store_id, clock, now)
        items += len(seen)
        local = clock.of(now)
        due = orders_due(store_id, local.date(), local.hour, seen)
        suggested += sum(answer.result.made for answer in await tenant.submit_all(due, _origin))
    return Replenished(items, suggested)


def _origin() -> Origin:
    return Origin(command_id=uuid7(), actor="replenishment", channel="jobs")
