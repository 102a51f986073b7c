"""The expiry watch: once a business day of each store its lots are looked at, whenever that day begins.

A read model says at which SKUs to look, and each command decides by the journal. That a day was looked at is
written down last: killed before that it is looked at again, and nothing is told twice. Days on which no
worker ran are not made up for; the next look finds what is so then. (Decision 0060.)
"""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

import structlog
from procrastinate import App

from domain.checkout.watch_lots import EndWatch, Watched, WatchItem
from domain.freshness.ladder import BOOK, LADDERS, furthest
from domain.freshness.watch import WATCH
from domain.kernel.business_day import business_day
from domain.stores.store import STORE
from infra.event_store.submission import Origin
from infra.ids import uuid7
from infra.settings import Settings
from infra.tenancy import Tenant
from projections.expiry_board.fold import ExpiryBoard
from projections.expiry_board.queries import skus_to_watch, stores_with_lots
from workers.jobs.catching_up import catch_up
from workers.jobs.everywhere import for_every_tenant

AT_ONCE = 100
"""So many SKUs are decided on at a time."""

log = structlog.get_logger(__name__)


class Looked(NamedTuple):
    """What a run did: stores whose day was looked at, and what that led to."""

    stores: int = 0
    expired: int = 0
    proposed: int = 0
    marked_down: int = 0


def add_freshness_tasks(app: App, settings: Settings) -> None:
    """Adds what is due once a business day, looked for every ten minutes: somewhere one may begin."""

    @app.periodic(cron="*/10 * * * *")
    @app.task(name="watch_lots", queueing_lock="watch_lots", retry=3)
    async def watch_all_lots(timestamp: int) -> None:
        done = await watch_everywhere(settings)
        if done.stores:
            log.info("lots_watched", **done._asdict())


async def watch_everywhere(settings: Settings, now: datetime | None = None) -> Looked:
    """Looks at every tenant's stores."""
    done = await for_every_tenant(
        settings, lambda tenant: watch(tenant, now or datetime.now(UTC)), "lots_not_watched"
    )
    return _sum(done)


async def watch(tenant: Tenant, now: datetime) -> Looked:
    """Looks at the stores that have something that expires and whose business day nobody has looked at.

    A day is done with only where the board had seen all that the journal held before the look.
    """
    due = await _due(tenant, now)
    if not due:
        return Looked()
    up_to_date = await catch_up(tenant, [ExpiryBoard.name])
    done = Looked()
    failed: list[BaseException] = []
    for store_id, today in due.items():
        one, errors = await _watch_store(tenant, store_id, today)
        done = _sum((done, one))
        failed += errors
        if up_to_date and not errors:
            await tenant.submit(EndWatch(store_id=store_id, day=today), _origin())
    if failed:
        raise failed[0]
    return done


async def _due(tenant: Tenant, now: datetime) -> dict[str, date]:
    """The stores whose business day nobody has looked at, and which that is."""
    async with tenant.readers.connection() as connection:
        stores = await stores_with_lots(connection)
    due: dict[str, date] = {}
    for store_id in stores:
        store, _ = await tenant.require_state(STORE, store_id)
        today = business_day(now, store.time_zone, store.day_starts_at_min)
        watched_on = (await tenant.state_of(WATCH, store_id)).day
        if watched_on is None or watched_on < today:
            due[store_id] = today
    return due


async def _watch_store(tenant: Tenant, store_id: str, today: date) -> tuple[Looked, Sequence[BaseException]]:
    """Looks at a store's items. What fails for one is done for the others."""
    ladders = (await tenant.state_of(LADDERS, BOOK)).ladders
    until = today + timedelta(days=furthest(ladders, store_id))
    async with tenant.readers.connection() as connection:
        skus = await skus_to_watch(connection, store_id, today, until)
    done = Looked(1, 0, 0, 0)
    failed: list[BaseException] = []
    for first in range(0, len(skus), AT_ONCE):
        looks = (_look(tenant, store_id, sku) for sku in skus[first : first + AT_ONCE])
        for found in await asyncio.gather(*looks, return_exceptions=True):
            if isinstance(found, BaseException):
                log.error("lots_not_watched", tenant=tenant.name, store_id=store_id, exc_info=found)
                failed.append(found)
            else:
                done = _sum((done, Looked(0, found.expired, found.proposed, found.marked_down)))
    return done, failed


async def _look(tenant: Tenant, store_id: str, sku: str) -> Watched:
    return (await tenant.submit(WatchItem(store_id=store_id, sku=sku), _origin())).result


def _origin() -> Origin:
    return Origin(command_id=uuid7(), actor="freshness", channel="jobs")


def _sum(done: Iterable[Looked]) -> Looked:
    return Looked(*map(sum, zip(Looked(), *done, strict=True)))
