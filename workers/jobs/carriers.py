"""Carriers are asked where the shipments are that are under way, and what they say is told to the orders.

What is new is a command named by order, shipment and the carrier's event: asked twice, by two processes or
after a kill, it is decided once. An answer that nobody can use is a matter of the order until a good one
comes. (Decision 0047.)
"""

import asyncio
import hashlib
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import structlog
from procrastinate import App

from domain.kernel.command import Command
from domain.kernel.errors import Refusal
from domain.orders.attending import AskAttention, Attend
from domain.orders.attention import CARRIER
from domain.orders.delivery import PICK_UP
from domain.orders.order import ORDER, Order
from domain.orders.shipment import FINAL, Shipment
from domain.orders.steps import ReportCarrier
from infra.carriers.port import Answer, CarrierAway, Carriers, Parcel, Recording, Report
from infra.carriers.web import WebCarriers
from infra.event_store.submission import Origin
from infra.ids import uuid7
from infra.settings import Settings
from infra.tenancy import Tenant
from projections.order_board.queries import under_way
from workers.jobs.everywhere import for_every_tenant

ORDERS_AT_ONCE = 100
PARCELS_AT_ONCE = 8
UNCHANGED_FOR = timedelta(days=60)
"""Whoever has heard nothing of a shipment for so long will not: somebody has to say that it failed."""

log = structlog.get_logger(__name__)


class OnTheWay(NamedTuple):
    """A shipment that may still say something new."""

    order_id: str
    shipment_id: str
    shipment: Shipment
    matters: bool

    @property
    def parcel(self) -> Parcel:
        """What its carrier knows it by."""
        assert self.shipment.tracking_number is not None, "others are not asked about"
        return Parcel(self.shipment.carrier, self.shipment.tracking_number)


class Asked(NamedTuple):
    """What a round came to."""

    parcels: int = 0
    told: int = 0
    faults: int = 0
    away: int = 0


def carriers_of(settings: Settings) -> Carriers:
    """Who is asked: whoever answers at DAYBOOK_CARRIER_URL, or nobody."""
    if settings.carrier_url is None:
        return Recording()
    return WebCarriers(settings.carrier_url, settings.carrier_token)


def add_carrier_tasks(app: App, settings: Settings) -> None:
    """Adds what is due every minute, if there is anybody to ask."""
    carriers = carriers_of(settings)
    if not carriers.asks:
        return

    @app.periodic(cron="*/1 * * * *")
    @app.task(name="ask_carriers", queueing_lock="ask_carriers")
    async def ask_carriers(timestamp: int) -> None:
        asked = await ask_for_all(settings, carriers)
        if asked.told or asked.faults or asked.away:
            log.info("carriers_asked", **asked._asdict())


async def ask_for_all(settings: Settings, carriers: Carriers) -> Asked:
    """A round over the shipments of every tenant."""
    return _sum(await for_every_tenant(settings, lambda tenant: ask(tenant, carriers), "carriers_not_asked"))


async def ask(tenant: Tenant, carriers: Carriers) -> Asked:
    """Asks about every shipment of a tenant that is under way."""
    since = datetime.now(UTC) - UNCHANGED_FOR
    after: tuple[datetime, str] | None = None
    done: list[Asked] = []
    room = asyncio.Semaphore(PARCELS_AT_ONCE)
    while True:
        async with tenant.readers.connection() as connection:
            rows = await under_way(connection, since=since, after=after, limit=ORDERS_AT_ONCE)
            streams = [ORDER.stream(row.order_id) for row in rows]
            # The board may be behind: what an order has been told already stands in the order.
            found = await tenant.journal.read_states(connection, streams)
        if not rows:
            return _sum(done)
        orders = ((row.order_id, found[stream][0].state) for row, stream in zip(rows, streams, strict=True))
        waiting = [
            _ask_about(tenant, carriers, one, room) for id_, order in orders for one in _open(id_, order)
        ]
        done += await asyncio.gather(*waiting)
        last = rows[-1]
        assert last.placed_at is not None, "the board's first event places it"
        after = (last.placed_at, last.order_id)


def _open(order_id: str, order: Order) -> Iterator[OnTheWay]:
    for shipment_id, shipment in order.shipments.items():
        known = shipment.tracking_number is not None and shipment.carrier != PICK_UP
        if known and shipment.status not in FINAL:
            yield OnTheWay(order_id, shipment_id, shipment, f"{CARRIER}/{shipment_id}" in order.matters)


async def _ask_about(
    tenant: Tenant, carriers: Carriers, shipment: OnTheWay, room: asyncio.Semaphore
) -> Asked:
    async with room:
        try:
            answer = await carriers.reports_of(shipment.parcel)
        except CarrierAway as error:
            log.warning("carrier_away", carrier=shipment.parcel.carrier, error=str(error))
            return Asked(parcels=1, away=1)
    told = 0
    for report in sorted(_new(shipment, answer.reports), key=lambda one: (one.happened_at, one.event_id)):
        command = ReportCarrier(
            order_id=shipment.order_id,
            shipment_id=shipment.shipment_id,
            event_id=report.event_id,
            status=report.status,
            happened_at=report.happened_at,
        )
        told += await _told(tenant, shipment, command, _command_id(shipment, report.event_id))
    await _tell_fault(tenant, shipment, answer)
    return Asked(parcels=1, told=told, faults=int(answer.fault is not None))


def _new(shipment: OnTheWay, reports: Iterable[Report]) -> list[Report]:
    known = set(shipment.shipment.reports)
    return [
        report for report in {one.event_id: one for one in reports}.values() if report.event_id not in known
    ]


async def _tell_fault(tenant: Tenant, shipment: OnTheWay, answer: Answer) -> None:
    """Somebody has to look, or has no longer to. What is so already writes nothing."""
    about = {"order_id": shipment.order_id, "matter": CARRIER, "about": shipment.shipment_id}
    if answer.fault is not None:
        await _told(tenant, shipment, AskAttention(**about, cause=answer.fault), uuid7())
    elif shipment.matters:
        await _told(tenant, shipment, Attend(**about), uuid7())


async def _told(tenant: Tenant, shipment: OnTheWay, command: Command, command_id: str) -> bool:
    """Whether the order took it. What the rules refuse is logged: a shipment with too many reports, say."""
    origin = Origin(command_id=command_id, actor=f"carrier:{shipment.shipment.carrier}", channel="jobs")
    try:
        await tenant.submit(command, origin)
    except Refusal as refusal:
        log.warning("carrier_report_refused", order_id=shipment.order_id, code=refusal.code)
        return False
    return True


def _command_id(shipment: OnTheWay, event_id: str) -> str:
    named = "\0".join((CARRIER, shipment.order_id, shipment.shipment_id, event_id))
    return hashlib.sha256(named.encode()).hexdigest()[:32]


def _sum(rounds: Iterable[Asked]) -> Asked:
    return Asked(*(sum(column) for column in zip(Asked(), *rounds, strict=True)))
