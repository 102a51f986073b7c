"""Alerts follow the read models: what moved is looked at within a second or two, beside the checkout.

A page is what has happened since the last one, as far as the read models are. Of its items those of which
something changes are decided on by the journal, many at a time. Killed in between, or two at once, the page
is looked at again and changes nothing. (Decision 0061.)
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import LiteralString, NamedTuple

import structlog
from psycopg import OperationalError
from psycopg.rows import tuple_row
from psycopg_pool import PoolTimeout

from domain.alerts.alert import AlertCleared, AlertRaised
from domain.alerts.digest import TellAlerts
from domain.alerts.policy import ALERT_POLICY, AlertThresholdsSet
from domain.alerts.thresholds import in_force
from domain.inventory.reservation import ReservationReleased, StockReserved
from domain.inventory.stock_item import StockMoved
from domain.kernel.command import Command
from domain.replenishment.item import ReplenishmentPolicySet, SuggestionMade
from domain.stores.store import STORE
from infra.event_store.journal import Journal
from infra.event_store.submission import Origin
from infra.ids import uuid7
from infra.postgres.migrate import tenant_schema
from infra.postgres.pools import Connection, connector, tenant_conninfo
from infra.settings import Settings
from infra.tenancy import Tenant, tenant_names
from projections.kernel.checkpoints import reached
from projections.replenishment.looks import Clock
from projections.stock_alerts.looks import LOOKED_AT, alerts_due
from projections.stock_alerts.queries import store_thresholds, untold
from workers.jobs.reactions import Open, tenants_at_work
from workers.pausing import pause

PAGE = 20_000
"""Positions of a page: of a busy hour the same items again, so a large one is little work."""
LOOK_EVERY_S = 1.0
TELL_EVERY_S = 5.0
RETRY_S = 5.0
NEW_TENANTS_EVERY_S = 5.0

# An alert that changed is looked at once more: what moved meanwhile was judged by what was open before.
FOLLOWED = [
    event.TYPE
    for event in (
        StockMoved,
        StockReserved,
        ReservationReleased,
        ReplenishmentPolicySet,
        SuggestionMade,
        AlertThresholdsSet,
        AlertRaised,
        AlertCleared,
    )
]

_HEAD: LiteralString = """
SELECT position
FROM alert_head
"""

# Another who was here meanwhile has moved it.
_MOVE_HEAD: LiteralString = """
UPDATE alert_head
SET position = %(up_to)s
WHERE position = %(after)s
"""

_STORES: LiteralString = """
SELECT DISTINCT store_id
FROM stock_levels
ORDER BY store_id
"""

log = structlog.get_logger(__name__)


class Looked(NamedTuple):
    """What a look did: items that were looked at, alerts that were raised and cleared."""

    items: int = 0
    raised: int = 0
    cleared: int = 0

    def plus(self, other: "Looked") -> "Looked":
        """Both together."""
        return Looked(*(mine + theirs for mine, theirs in zip(self, other, strict=True)))


Items = dict[str, set[str] | None]
"""Stores, and which of their items: None are all of them."""


def items_of(streams: Iterable[str], stores: Iterable[str]) -> Items:
    """Whose alerts may change by what happened in these streams; `stores` are all that hold goods."""
    found: Items = {}
    for stream in streams:
        category, _, id_ = stream.partition("-")
        if category != ALERT_POLICY.category:
            _add(found, *id_.split("/"))
            continue
        match id_.split("/"):
            case ["store", store_id]:
                _add(found, store_id)
            case ["item", store_id, sku]:
                _add(found, store_id, sku)
            case ["product", sku]:
                for store_id in stores:
                    _add(found, store_id, sku)
            case _:
                for store_id in stores:
                    _add(found, store_id)
    return found


def _add(items: Items, store_id: str, sku: str | None = None) -> None:
    if sku is None:
        items[store_id] = None
    elif (known := items.setdefault(store_id, set())) is not None:
        known.add(sku)


async def stocked_stores(connection: Connection) -> list[str]:
    """The stores that hold goods, or did."""
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_STORES)
        return [store_id for (store_id,) in await cursor.fetchall()]


async def look_at(
    connection: Connection,
    journal: Journal,
    open_: Callable[[], Awaitable[Tenant]],
    store_id: str,
    now: datetime,
    skus: Iterable[str] | None = None,
) -> Looked:
    """Raises and clears what has changed in a store, or of these items of it. A repeat changes nothing."""
    clock = await clock_of(connection, journal, store_id)
    stock = await alerts_due(connection, store_id, clock, now, None if skus is None else sorted(skus))
    done = Looked(items=stock.items)
    if not stock.commands:
        return done
    tenant = await open_()
    for answer in await tenant.submit_all(stock.commands, _origin):
        done = done.plus(Looked(raised=answer.result.raised, cleared=answer.result.cleared))
    return done


async def clock_of(connection: Connection, journal: Journal, store_id: str) -> Clock:
    """How the store tells its business days."""
    stream = STORE.stream(store_id)
    store = (await journal.read_states(connection, [stream]))[stream][0].state
    return Clock(store.time_zone, store.day_starts_at_min)


def _origin() -> Origin:
    # Named anew each time: it is the journal that knows what was raised, and a repeat writes nothing.
    return Origin(command_id=uuid7(), actor="alerts", channel="jobs")


class AlertFollower:
    """Follows one tenant's read models. `open_` opens the tenant when there is something to write."""

    def __init__(self, journal: Journal, open_: Callable[[], Awaitable[Tenant]]) -> None:
        self._journal = journal
        self._open = open_

    async def run_page(self, connection: Connection, now: datetime) -> int:
        """Looks at what has happened next; returns how many positions it had, 0 where the read models end."""
        after = await _head(connection)
        up_to = min(await reached(connection, LOOKED_AT), after + PAGE)
        if up_to <= after:
            return 0
        streams = await self._journal.streams_of(connection, FOLLOWED, after, up_to)
        if streams:
            items = items_of(streams, await stocked_stores(connection) if _many(streams) else ())
            for store_id, skus in items.items():
                await look_at(connection, self._journal, self._open, store_id, now, skus)
        # Only now: killed before, it looks again.
        await connection.execute(_MOVE_HEAD, {"after": after, "up_to": up_to})
        return up_to - after

    async def tell(self, connection: Connection, now: datetime) -> int:
        """Makes a digest of what each store was not told of, unless it was told lately; how many."""
        made = 0
        if not (waiting := await untold(connection)):
            return made
        said = await store_thresholds(connection)
        for one in waiting:
            minutes = in_force((said.get(one.store_id), said.get(""))).digest_min
            if one.told_at is not None and now - one.told_at < timedelta(minutes=minutes or 0):
                continue
            command: Command = TellAlerts(
                store_id=one.store_id, after=one.after, up_to=one.up_to, raised=one.raised
            )
            await (await self._open()).submit(command, _origin())
            made += 1
        return made


def _many(streams: Iterable[str]) -> bool:
    return any(stream.startswith(f"{ALERT_POLICY.category}-") for stream in streams)


async def _head(connection: Connection) -> int:
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_HEAD)
        row = await cursor.fetchone()
    assert row is not None
    return row[0]


async def follow_alerts(settings: Settings, stop: asyncio.Event) -> None:
    """Follows every tenant's read models until `stop` is set, new tenants' too."""
    url = settings.require_database_url()
    async with tenants_at_work(settings) as get, asyncio.TaskGroup() as group:
        followed: set[str] = set()
        while not stop.is_set():
            try:
                async with await connector(url)() as connection:
                    names = set(await tenant_names(connection))
                for tenant in sorted(names - followed):
                    followed.add(tenant)
                    group.create_task(_follow(url, tenant, get, stop))
            except OperationalError as error:
                log.warning("alerts_wait_for_database", error=str(error))
            await pause(stop, NEW_TENANTS_EVERY_S)


async def _follow(url: str, tenant: str, get: Open, stop: asyncio.Event) -> None:
    follower = AlertFollower(Journal(tenant_schema(tenant)), lambda: get(tenant))
    connect = connector(tenant_conninfo(url, tenant))
    while not stop.is_set():
        try:
            async with await connect() as connection:
                told_at = datetime.min.replace(tzinfo=UTC)
                while not stop.is_set():
                    now = datetime.now(UTC)
                    if await follower.run_page(connection, now) == PAGE:
                        continue
                    # What is raised by many pages is told together.
                    if now - told_at > timedelta(seconds=TELL_EVERY_S):
                        await follower.tell(connection, now)
                        told_at = now
                    await pause(stop, LOOK_EVERY_S)
        except (OperationalError, PoolTimeout) as error:
            log.warning("alerts_interrupted", tenant=tenant, error=str(error))
            await pause(stop, RETRY_S)
        except Exception:
            # The shop sells on; what should be told waits until somebody has looked.
            log.exception("alerts_stuck", tenant=tenant)
            await pause(stop, RETRY_S)
