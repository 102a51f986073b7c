"""What membership needs every day: lapsed points and expired value are written down, tiers are reviewed.

Decisions are right without it; reports of what is owed and read models need it. The read model says whom to
look at, the journal what to do, and each command decides again: killed in the middle and run again, or twice
at once, everything is written down once.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

import structlog
from procrastinate import App

from domain.kernel.command import Command
from domain.loyalty.points import LOYALTY, Account, lapse
from domain.loyalty.programme import MAIN, PROGRAMME
from domain.loyalty.tiers import review
from domain.loyalty.upkeep import LapsePoints, ReviewTier
from domain.stored_value.cards import ExpireValue
from infra.event_store.submission import Origin
from infra.ids import uuid7
from infra.postgres.pools import Connection
from infra.settings import Settings
from infra.tenancy import Tenant
from projections.wallet.queries import customers_in_tiers, expired_accounts, lapsed_customers
from workers.jobs.everywhere import for_every_tenant

AT_ONCE = 200
"""So many are looked at, and decided on, at a time."""

log = structlog.get_logger(__name__)


class Upkept(NamedTuple):
    """What a run wrote down: customers whose points lapsed, accounts that expired, tiers that changed."""

    lapsed: int = 0
    expired: int = 0
    reviewed: int = 0


def add_membership_tasks(app: App, settings: Settings) -> None:
    """Adds what is due every day."""

    @app.periodic(cron="37 1 * * *")
    @app.task(name="keep_membership", queueing_lock="keep_membership", retry=3)
    async def keep_all_membership(timestamp: int) -> None:
        done = await look_after_members(settings)
        log.info("membership_kept", **done._asdict())


async def look_after_members(settings: Settings) -> Upkept:
    """Does what is due for every tenant."""
    done = await for_every_tenant(
        settings, lambda tenant: keep_membership(tenant, datetime.now(UTC)), "membership_not_kept"
    )
    return Upkept(*map(sum, zip(Upkept(), *done, strict=True)))


async def keep_membership(tenant: Tenant, now: datetime) -> Upkept:
    """Writes down what has lapsed and expired by `now`, and reviews the tiers."""

    async def lapsed(connection: Connection, after: str) -> list[str]:
        return await lapsed_customers(connection, now, after, AT_ONCE)

    async def expired(connection: Connection, after: str) -> list[str]:
        return await expired_accounts(connection, now, after, AT_ONCE)

    async def in_tiers(connection: Connection, after: str) -> list[str]:
        return await customers_in_tiers(connection, after, AT_ONCE)

    programme = await tenant.state_of(PROGRAMME, MAIN)

    def lapses(customer_id: str, account: Account) -> bool:
        return lapse(account, customer_id, now) is not None

    def changes(customer_id: str, account: Account) -> bool:
        present = programme.present
        return present is not None and review(account.standing, present, customer_id, now) is not None

    done_lapses = done_expiries = done_reviews = 0
    async for customers in _pages(tenant, lapsed):
        due = await _due(tenant, customers, lapses)
        done_lapses += await _submit(tenant, (LapsePoints(customer_id=id_) for id_ in due))
    async for accounts in _pages(tenant, expired):
        done_expiries += await _submit(tenant, (ExpireValue(account=account) for account in accounts))
    async for customers in _pages(tenant, in_tiers):
        due = await _due(tenant, customers, changes)
        done_reviews += await _submit(tenant, (ReviewTier(customer_id=id_) for id_ in due))
    return Upkept(done_lapses, done_expiries, done_reviews)


async def _pages(
    tenant: Tenant, page: Callable[[Connection, str], Awaitable[list[str]]]
) -> AsyncIterator[list[str]]:
    """The names page by page. What a page wrote may or may not be in the read model by the next."""
    after = ""
    while True:
        async with tenant.readers.connection() as connection:
            names = await page(connection, after)
        if not names:
            return
        yield names
        after = names[-1]


async def _due(tenant: Tenant, customers: Sequence[str], wanted: Callable[[str, Account], bool]) -> list[str]:
    """Those for whom the journal says that there is something to write: no command for the others."""
    streams = [LOYALTY.stream(customer_id) for customer_id in customers]
    async with tenant.readers.connection() as connection:
        states = await tenant.journal.read_states(connection, streams)
    return [id_ for id_ in customers if wanted(id_, states[LOYALTY.stream(id_)][0].state)]


async def _submit(tenant: Tenant, commands: Iterable[Command]) -> int:
    """Has them decided together; each is named anew, because repeats write nothing anyway."""
    origins = [
        (command, Origin(command_id=uuid7(), actor="membership", channel="jobs")) for command in commands
    ]
    await asyncio.gather(*(tenant.submit(command, origin) for command, origin in origins))
    return len(origins)
