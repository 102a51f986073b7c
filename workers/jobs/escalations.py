"""Every minute cases are escalated whose clocks have passed a level of their terms.

A table says of which cases that is so, and the journal what they have passed. Each command decides only if
the case is as it was looked at: killed in the middle and run again, or twice at once, each level is told of
once. (Decision 0068.)
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime

import structlog
from procrastinate import App

from domain.service.case import COMPLAINT
from domain.service.escalation import EscalateCase, crossings, look
from infra.cases.deadlines import bring_up, terms_of, to_escalate
from infra.event_store.journal import Journal
from infra.event_store.submission import Origin
from infra.ids import uuid7
from infra.postgres.migrate import tenant_schema
from infra.postgres.pools import Connection, connector, tenant_conninfo
from infra.tenancy import SHORT_STREAM, Tenant, tenant_names
from workers.jobs.reactions import Open

AT_ONCE = 100
"""So many cases are decided on at a time."""

log = structlog.get_logger(__name__)


def add_escalation_tasks(app: App, url: str, get: Open) -> None:
    """Adds what is due every minute. A tenant is opened only where there is something to tell."""

    @app.periodic(cron="* * * * *")
    @app.task(name="escalate_cases", queueing_lock="escalate_cases", retry=3)
    async def escalate_cases(timestamp: int) -> None:
        told = await escalate_everywhere(url, get)
        if told:
            log.info("cases_escalated", told=told)


async def escalate_everywhere(url: str, get: Open) -> int:
    """Escalates every tenant's cases. What fails for one is done for the others, and then told."""
    async with await connector(url)() as connection:
        names = await tenant_names(connection)
    told = 0
    failed: list[Exception] = []
    for name in names:
        try:
            async with await connector(tenant_conninfo(url, name))() as connection:
                told += await escalate(
                    connection, Journal(tenant_schema(name)), lambda name=name: get(name), datetime.now(UTC)
                )
        except Exception as error:
            log.exception("cases_not_escalated", tenant=name)
            failed.append(error)
    if failed:
        raise failed[0]
    return told


async def escalate(
    connection: Connection, journal: Journal, open_: Callable[[], Awaitable[Tenant]], now: datetime
) -> int:
    """Escalates a tenant's cases that have passed a level by `now`; returns by how many levels."""
    await bring_up(connection, journal, now)
    told = 0
    after: tuple[datetime, str] | None = None
    while page := await to_escalate(connection, now, after, AT_ONCE):
        after = page[-1]
        commands = await _commands(connection, journal, [case_id for _, case_id in page], now)
        tenant = await open_()
        told += sum(await asyncio.gather(*(_escalate(tenant, command) for command in commands)))
    return told


async def _commands(
    connection: Connection, journal: Journal, cases: Sequence[str], now: datetime
) -> list[EscalateCase]:
    """What each of the cases has passed, in the order in which it did, by its stream as it is now."""
    looks = [
        look(await journal.read_stream(connection, COMPLAINT.stream(case_id), 0, SHORT_STREAM))
        for case_id in cases
    ]
    terms = await terms_of(connection, journal, looks)
    commands: list[EscalateCase] = []
    for case_id, looked, versions in zip(cases, looks, terms, strict=True):
        passed = sorted(
            (one for one in crossings(looked, versions, now) if one.at < now), key=lambda one: one.at
        )
        if passed:
            commands.append(EscalateCase(case_id=case_id, version=looked.version, passed=tuple(passed)))
    return commands


async def _escalate(tenant: Tenant, command: EscalateCase) -> int:
    # Named anew each time: it is the journal that knows what was told, and a repeat writes nothing.
    origin = Origin(command_id=uuid7(), actor="escalation", channel="jobs")
    return (await tenant.submit(command, origin)).result.told
