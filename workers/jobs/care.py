"""The care round: once a business day of each rule's store all whom the rule is for are planned a message.

Read models and the index of customers say whom to look at, and each command decides by the journal: killed in
the middle and run again, or twice at once, everybody is planned once. That a day was gone through is written
down last. Messages leave by a reaction. (Decision 0072; workers/care_letters.py.)
"""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

import structlog
from procrastinate import App

from domain.care.round import ROUND, EndCareRound
from domain.care.rule import CARE, WHOLE_PERMILLE, CareRule
from domain.care.touch import TOUCH, told_key
from domain.kernel.business_day import business_day
from domain.kernel.errors import Refusal
from domain.outreach.plan_care import CarePlan, PlanCare, was_told
from domain.stores.store import STORE
from infra.crypto.vault import Vault
from infra.event_store.submission import Origin
from infra.ids import uuid7
from infra.settings import Settings
from infra.tenancy import Tenant
from projections.care_audience.fold import CareAudience
from projections.care_audience.queries import care_rules
from projections.stock_levels.fold import StockLevels
from workers.care_occasions import Days, Wanted, occasions
from workers.care_persons import of_persons
from workers.jobs.catching_up import catch_up
from workers.jobs.everywhere import for_every_tenant

AT_ONCE = 200
MADE_UP_DAYS = 3
"""A round makes up for days on which none ran, its own included: later nobody wants a greeting any more."""

log = structlog.get_logger(__name__)


class Cared(NamedTuple):
    """What a run did: rules gone through, messages planned, withheld at once, and none for comparison."""

    rounds: int = 0
    planned: int = 0
    withheld: int = 0
    held_out: int = 0


class Due(NamedTuple):
    """A rule that nobody has gone through today."""

    rule_id: str
    rule: CareRule
    days: Days


def add_care_tasks(app: App, settings: Settings) -> None:
    """Adds what is due once a business day, looked for every ten minutes: somewhere one may begin."""

    @app.periodic(cron="*/10 * * * *")
    @app.task(name="keep_care", queueing_lock="keep_care", retry=3)
    async def keep_care(timestamp: int) -> None:
        done = await care_everywhere(settings)
        if done.rounds:
            log.info("care_kept", **done._asdict())


async def care_everywhere(settings: Settings, now: datetime | None = None) -> Cared:
    """Goes through every tenant's rules."""
    done = await for_every_tenant(
        settings, lambda tenant: care(tenant, now or datetime.now(UTC)), "care_not_kept"
    )
    return _sum(done)


async def care(tenant: Tenant, now: datetime) -> Cared:
    """Goes through the rules whose business day nobody has gone through.

    A day is done with only where read models and index had seen all that the journal held before.
    """
    due = await _due(tenant, now)
    if not due:
        return Cared()
    up_to_date = await catch_up(tenant, [CareAudience.name, StockLevels.name])
    async with tenant.readers.connection() as connection:
        while await tenant.people.run_page(connection):
            pass
    done = Cared()
    for one in due:
        done = _sum((done, await _go_through(tenant, one)))
        if up_to_date:
            await tenant.submit(EndCareRound(rule_id=one.rule_id, day=one.days.today), _origin())
    return done


async def _due(tenant: Tenant, now: datetime) -> Sequence[Due]:
    due: list[Due] = []
    after = ""
    while True:
        async with tenant.readers.connection() as connection:
            page = await care_rules(connection, after, AT_ONCE)
        for row in page:
            rule = (await tenant.state_of(CARE, row.rule_id)).present
            assert rule is not None, "it stands in the read model"
            store = await tenant.state_of(STORE, rule.store_id)
            today = business_day(now, store.time_zone, store.day_starts_at_min)
            done = (await tenant.state_of(ROUND, row.rule_id)).day
            if rule.is_active(today) and (done is None or done < today):
                due.append(Due(row.rule_id, rule, _days(done, today, now)))
        if len(page) < AT_ONCE:
            return due
        after = page[-1].rule_id


def _days(done: date | None, today: date, now: datetime) -> Days:
    first = today if done is None else max(done + timedelta(days=1), today - timedelta(days=MADE_UP_DAYS - 1))
    return Days(first=first, today=today, now=now, is_first_round=done is None)


async def _go_through(tenant: Tenant, due: Due) -> Cared:
    done = Cared(rounds=1)
    async for page in occasions(tenant, due.rule, due.days, AT_ONCE):
        untold = await _untold(tenant, due.rule_id, await of_persons(tenant, due.rule, page))
        for planned in await asyncio.gather(*(_plan(tenant, due, wanted) for wanted in untold)):
            done = _sum((done, Cared(0, planned.planned, planned.withheld, planned.held_out)))
    return done


async def _untold(tenant: Tenant, rule_id: str, page: Sequence[Wanted]) -> Sequence[Wanted]:
    """Those for whom the journal holds nothing of the occasion: no command for the others."""
    streams = {wanted.customer_id: TOUCH.stream(wanted.customer_id) for wanted in page}
    async with tenant.readers.connection() as connection:
        states = await tenant.journal.read_states(connection, list(streams.values()))
    return [
        wanted
        for wanted in page
        if not was_told(states[streams[wanted.customer_id]][0].state, told_key(rule_id, wanted.occasion))
    ]


async def _plan(tenant: Tenant, due: Due, wanted: Wanted) -> CarePlan:
    command = PlanCare(
        rule_id=due.rule_id,
        customer_id=wanted.customer_id,
        occasion=wanted.occasion,
        day=due.days.today,
        sku=wanted.sku,
        lot_permille=lot_permille(tenant.vault, due.rule_id, wanted.customer_id),
    )
    try:
        return (await tenant.submit(command, _origin())).result
    except Refusal as refusal:
        # Forgotten since the read model knew them, as a rule.
        log.info("care_refused", tenant=tenant.name, rule_id=due.rule_id, code=refusal.code)
        return CarePlan()


def lot_permille(vault: Vault, rule_id: str, customer_id: str) -> int:
    """A customer's lot in a rule, 0 to 999: the same each time, and told by nobody without the key."""
    drawn = vault.fingerprint(b"lot of a care rule", rule_id.encode(), customer_id.encode())
    return int.from_bytes(drawn) % WHOLE_PERMILLE


def _origin() -> Origin:
    return Origin(command_id=uuid7(), actor="care", channel="jobs")


def _sum(done: Iterable[Cared]) -> Cared:
    return Cared(*map(sum, zip(Cared(), *done, strict=True)))
