"""Scores of closed cycles are frozen, one event a person.

What is known as of the close is read, and each command decides by the journal whether there is a score yet.
Killed in the middle and run again, or twice at once, everybody has one score, and it is the same.
"""

import asyncio

import structlog
from procrastinate import App, RetryStrategy

from domain.kernel.errors import Erased
from domain.staff.cycle import FinishCycle
from domain.staff.frozen_score import FreezeScore
from infra.event_store.submission import Origin
from infra.ids import uuid7
from infra.settings import Settings
from infra.tenancy import Tenant
from projections.staff_scores.cycles import ScoreCycle
from projections.staff_scores.fold import StaffScores
from projections.staff_scores.scoring import Person, cycles_due, people_of
from workers.jobs.catching_up import catch_up
from workers.jobs.everywhere import for_every_tenant

AGAIN = RetryStrategy(max_attempts=12, wait=300)
"""For an hour: so long it may take to make read models anew."""
AT_ONCE = 500

log = structlog.get_logger(__name__)


class ScoresBehind(Exception):
    """The days of a tenant's staff are being made anew, or nobody keeps them: the job is tried again."""


def add_scoring_tasks(app: App, settings: Settings) -> None:
    """Adds what is looked at every ten minutes."""

    @app.periodic(cron="4-59/10 * * * *")
    @app.task(name="score_cycles", queueing_lock="score_cycles", retry=AGAIN)
    async def score_all(timestamp: int) -> None:
        people = await score_everywhere(settings)
        if people:
            log.info("scored", people=people)


async def score_everywhere(settings: Settings) -> int:
    """Freezes what is due of every tenant."""
    return sum(await for_every_tenant(settings, score_due, "not_scored"))


async def score_due(tenant: Tenant) -> int:
    """Freezes the scores of a tenant's closed cycles; returns of how many people."""
    async with tenant.readers.connection() as connection:
        due = await cycles_due(connection)
    if not due:
        return 0
    # The close is in the journal, and so is all that was recorded before it.
    if not await catch_up(tenant, [StaffScores.name]):
        raise ScoresBehind(tenant.name)
    return sum([await score(tenant, cycle) for cycle in due])


async def score(tenant: Tenant, cycle: ScoreCycle) -> int:
    """Freezes everybody's score in a cycle; whoever was forgotten meanwhile has none."""
    async with tenant.readers.connection() as connection:
        people = await people_of(connection, cycle)
    frozen = 0
    for first in range(0, len(people), AT_ONCE):
        some = people[first : first + AT_ONCE]
        frozen += sum(await asyncio.gather(*(_freeze(tenant, cycle, person) for person in some)))
    finish = FinishCycle(scorecard_id=cycle.scorecard_id, period=cycle.period, people=frozen)
    await tenant.submit(finish, _origin())
    return frozen


async def _freeze(tenant: Tenant, cycle: ScoreCycle, person: Person) -> int:
    command = FreezeScore(
        scorecard_id=cycle.scorecard_id,
        period=cycle.period,
        employee_id=person.employee_id,
        facts=person.facts,
        corrections=person.corrections,
    )
    try:
        await tenant.submit(command, _origin())
    except Erased:
        return 0
    return 1


def _origin() -> Origin:
    return Origin(command_id=uuid7(), actor="scoring", channel="jobs")
