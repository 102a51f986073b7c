"""Cases that were opened some time ago, under terms with little time, and what escalates them."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from domain.kernel.command import Command
from domain.service.calendar import Calendar, Hours
from domain.service.desk import Desk, EscalationLevel
from domain.service.terms import EVERY_STORE, Goals, Priority, PriorityGoals, ServiceTerms, SetServiceTerms
from infra.event_store.clerk import now_utc
from infra.tenancy import Tenant
from tests.support.api import World
from tests.support.commands import complain
from tests.support.freshness import at_work
from tests.support.journals import origin
from workers.jobs.escalations import escalate

ALWAYS = Calendar(time_zone="UTC", weekly=((Hours(from_min=0, until_min=1440),),) * 7)
HALF_AND_WHOLE = (EscalationLevel(percent=50), EscalationLevel(percent=100))


def an_hour_to_answer(*levels: EscalationLevel) -> SetServiceTerms:
    """Service never sleeps, has an hour to answer, and escalates at these levels."""
    goals = PriorityGoals(priority=Priority.NORMAL, goals=Goals(first_response_min=60))
    return SetServiceTerms(
        store_id=EVERY_STORE,
        terms=ServiceTerms(calendar=ALWAYS, goals=(goals,)),
        desk=Desk(escalations=levels or HALF_AND_WHOLE),
    )


def told(shop: World, commands: Sequence[Command], *, minutes_ago: int = 0) -> None:
    """This has happened so long ago, by the clock of whoever tells it."""
    at = now_utc() - timedelta(minutes=minutes_ago)

    async def work(tenant: Tenant) -> None:
        for command in commands:
            await tenant.submit(command, origin(occurred_at=at))

    at_work(shop, work)


def opened(shop: World, *cases: str, minutes_ago: int) -> None:
    """Complaints that came in so long ago."""
    told(shop, [complain(case_id) for case_id in cases], minutes_ago=minutes_ago)


def escalated(shop: World, now: datetime | None = None) -> int:
    """By how many levels the cases were escalated now."""

    async def work(tenant: Tenant) -> int:
        async def itself() -> Tenant:
            return tenant

        async with tenant.readers.connection() as connection:
            return await escalate(connection, tenant.journal, itself, now or now_utc())

    return at_work(shop, work)
