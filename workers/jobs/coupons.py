"""Reservations that nobody can use any more are released: those that lapsed, and those of revoked batches.

Decisions look at the clock and need no job: a lapsed reservation holds nothing for them. One of a revoked
batch holds its place in the campaign's limits until this job was here. (Decision 0038.)
"""

from datetime import UTC, datetime

import structlog
from procrastinate import App

from domain.checkout.coupon_reservation import ReleaseCoupon
from infra.event_store.submission import Origin
from infra.ids import uuid7
from infra.settings import Settings
from infra.tenancy import Tenant
from projections.coupon_usage.queries import lapsed, of_revoked
from workers.jobs.everywhere import for_every_tenant

AT_ONCE = 500

log = structlog.get_logger(__name__)


def add_coupon_tasks(app: App, settings: Settings) -> None:
    """Adds what is due every minute."""

    @app.periodic(cron="*/1 * * * *")
    @app.task(name="release_lapsed_coupons", queueing_lock="release_lapsed_coupons")
    async def release_lapsed_coupons(timestamp: int) -> None:
        if released := await release_lapsed(settings):
            log.info("lapsed_coupons_released", released=released)


async def release_lapsed(settings: Settings, now: datetime | None = None) -> int:
    """Releases what has lapsed by `now` or was revoked with its batch, of every tenant. Returns how many."""
    return sum(await for_every_tenant(settings, lambda tenant: _release(tenant, now), "coupons_not_released"))


async def _release(tenant: Tenant, now: datetime | None) -> int:
    """One page: what is left, and what the projector has not met yet, is the next minute's."""
    async with tenant.readers.connection() as connection:
        found = await lapsed(connection, now or datetime.now(UTC), AT_ONCE)
        found += [each for each in await of_revoked(connection, AT_ONCE) if each not in found]
    for coupon_id, reference in found:
        # It decides by the journal: what was redeemed or prolonged since is left alone.
        command = ReleaseCoupon(coupon_id=coupon_id, reference=reference, if_lapsed=True)
        await tenant.submit(command, Origin(command_id=uuid7(), actor="coupons", channel="jobs"))
    return len(found)
