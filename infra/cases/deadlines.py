"""What is due of each case that is not resolved: a table that follows the journal, indexed by time.

A clock depends on the case and on the calendar that it runs under, which no fold of one row can see. So the
row of a case that has moved is worked out anew from its stream, in one transaction with the position. Whoever
needs to know what is due brings the table up to the journal first; two at once wait for one another.
(Decision 0068.)
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, LiteralString, NamedTuple

from psycopg.rows import tuple_row

from domain.kernel.event import AnyRecorded
from domain.service.case import (
    COMPLAINT,
    CaseAssigned,
    CaseEscalated,
    CaseOpened,
    CasePaused,
    CasePrioritised,
    CaseReopened,
    CaseResolved,
    CaseResponded,
    CaseResumed,
    CaseStatus,
)
from domain.service.escalation import Looked, deadline, look
from domain.service.terms import SERVICE_TERMS, TermsVersions
from infra.event_store.journal import Journal
from infra.postgres.pools import Connection
from infra.tenancy import SHORT_STREAM

PAGE = 2_000
"""Positions of a page: of most of them nothing is read, and after an import each may be a case."""
CASES_AT_ONCE = 500

FOLLOWED = [
    event.TYPE
    for event in (
        CaseOpened,
        CaseAssigned,
        CasePrioritised,
        CaseResponded,
        CasePaused,
        CaseResumed,
        CaseResolved,
        CaseReopened,
        CaseEscalated,
    )
]

_LOCK_HEAD: LiteralString = """
SELECT position
FROM case_deadlines_head
FOR UPDATE
"""

_MOVE_HEAD: LiteralString = """
UPDATE case_deadlines_head
SET position = %(position)s
"""

_FORGET: LiteralString = """
DELETE FROM case_deadlines
WHERE case_id = ANY (%(cases)s::text[])
"""

_WRITE: LiteralString = """
INSERT INTO case_deadlines (
    case_id, kind, category, priority, store_id, employee_id, clock, due_at, next_at, level
)
SELECT case_id, kind, category, priority, store_id, employee_id, clock, due_at, next_at, level
FROM unnest(
    %(case_id)s::text[], %(kind)s::text[], %(category)s::text[], %(priority)s::text[], %(store_id)s::text[],
    %(employee_id)s::text[], %(clock)s::text[], %(due_at)s::timestamptz[], %(next_at)s::timestamptz[],
    %(level)s::bigint[]
) AS new (case_id, kind, category, priority, store_id, employee_id, clock, due_at, next_at, level)
"""

_TO_ESCALATE: LiteralString = """
SELECT next_at, case_id
FROM case_deadlines
WHERE next_at < %(now)s
    AND (
        %(next_at)s::timestamptz IS NULL
        OR next_at > %(next_at)s::timestamptz
        OR (next_at = %(next_at)s::timestamptz AND case_id > %(case_id)s::text)
    )
ORDER BY next_at, case_id
LIMIT %(limit)s
"""

_DUE: LiteralString = """
SELECT case_id, kind, category, priority, store_id, employee_id, clock, due_at, next_at, level
FROM case_deadlines
WHERE due_at IS NOT NULL
    AND (%(stores)s::text[] IS NULL OR store_id = ANY (%(stores)s::text[]))
    AND (%(employee_id)s::text IS NULL OR employee_id = %(employee_id)s::text)
    AND (
        %(due_at)s::timestamptz IS NULL
        OR due_at > %(due_at)s::timestamptz
        OR (due_at = %(due_at)s::timestamptz AND case_id > %(case_id)s::text)
    )
ORDER BY due_at, case_id
LIMIT %(limit)s
"""


class DueCase(NamedTuple):
    """A case and what of it is due next; `next_at` is when its next level of escalation is passed."""

    case_id: str
    kind: str
    category: str
    priority: str
    store_id: str | None
    employee_id: str | None
    clock: str | None
    due_at: datetime | None
    next_at: datetime | None
    level: int


async def bring_up(connection: Connection, journal: Journal, now: datetime) -> None:
    """Has the table know all that the journal held at the beginning. Nothing is noted in between pages."""
    head = (await journal.head(connection)).position
    while await _run_page(connection, journal, now) < head:
        pass


async def _run_page(connection: Connection, journal: Journal, now: datetime) -> int:
    """Follows the journal by a page; returns the position it comes to."""
    async with connection.transaction(), connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_LOCK_HEAD)
        row = await cursor.fetchone()
        assert row is not None, "a migration inserts the row"
        after: int = row[0]
        up_to = min((await journal.head(connection)).position, after + PAGE)
        if up_to <= after:
            return after
        streams = await journal.streams_of(connection, FOLLOWED, after, up_to)
        for first in range(0, len(streams), CASES_AT_ONCE):
            await _write(connection, journal, streams[first : first + CASES_AT_ONCE], now)
        await cursor.execute(_MOVE_HEAD, {"position": up_to})
        return up_to


async def _write(connection: Connection, journal: Journal, streams: Sequence[str], now: datetime) -> None:
    looks = [look(await _entries(connection, journal, stream)) for stream in streams]
    terms = await terms_of(connection, journal, looks)
    rows = [
        row
        for looked, versions in zip(looks, terms, strict=True)
        if looked.case.status is not CaseStatus.RESOLVED
        if (row := _row(looked, versions, now)) is not None
    ]
    cases = [stream.removeprefix(COMPLAINT.stream("")) for stream in streams]
    await connection.execute(_FORGET, {"cases": cases})
    if rows:
        columns = zip(*rows, strict=True)
        await connection.execute(_WRITE, dict(zip(DueCase._fields, map(list, columns), strict=True)))


async def _entries(connection: Connection, journal: Journal, stream: str) -> list[AnyRecorded]:
    return await journal.read_stream(connection, stream, 0, SHORT_STREAM)


async def terms_of(connection: Connection, journal: Journal, looks: Sequence[Looked]) -> list[TermsVersions]:
    """The terms of whoever's terms each case runs under; none for one that runs under none."""
    used = [looked.case.opened.terms if looked.case.opened else None for looked in looks]
    streams = sorted({SERVICE_TERMS.stream(one.store_id) for one in used if one is not None})
    states: dict[str, Any] = await journal.read_states(connection, streams) if streams else {}
    none = TermsVersions()
    return [none if one is None else states[SERVICE_TERMS.stream(one.store_id)][0].state for one in used]


def _row(looked: Looked, versions: TermsVersions, now: datetime) -> DueCase | None:
    """None where nothing is due, and nothing will be unless something happens."""
    case, due = looked.case, deadline(looked, versions, now)
    if case.opened is None or (due.due_at is None and due.next_at is None):
        return None
    return DueCase(
        case_id=case.opened.case_id,
        kind=case.opened.kind.value,
        category=case.opened.category,
        priority=case.priority.value,
        store_id=case.opened.store_id,
        employee_id=case.employee_id,
        clock=None if due.clock is None else due.clock.value,
        due_at=due.due_at,
        next_at=due.next_at,
        level=due.level,
    )


async def to_escalate(
    connection: Connection, now: datetime, after: tuple[datetime, str] | None, limit: int
) -> list[tuple[datetime, str]]:
    """The cases that have passed a level which nobody was told of, the longest ago first."""
    next_at, case_id = after or (None, None)
    parameters = {"now": now, "next_at": next_at, "case_id": case_id, "limit": limit}
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_TO_ESCALATE, parameters)
        return await cursor.fetchall()


async def due_cases(
    connection: Connection,
    *,
    stores: list[str] | None,
    employee_id: str | None,
    after: tuple[datetime, str] | None,
    limit: int,
) -> list[DueCase]:
    """Cases by when their time is up, or was, continuing after (due_at, case_id)."""
    due_at, case_id = after or (None, None)
    restricted = {"stores": stores, "employee_id": employee_id}
    continued = {"due_at": due_at, "case_id": case_id, "limit": limit}
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_DUE, restricted | continued)
        return [DueCase._make(row) for row in await cursor.fetchall()]
