"""Reading what people are scored by: cycles, and what is known of everybody as of a cycle's close."""

from collections.abc import Sequence
from datetime import date
from itertools import groupby
from typing import Any, LiteralString

import msgspec
from psycopg.rows import tuple_row

from domain.staff.figures import Correction, Facts
from domain.staff.period import first_day, last_day, period_of
from projections.kernel.table import Connection
from projections.staff_scores.cycles import CycleScore, ScoreCycle

_DUE: LiteralString = """
SELECT scorecard_id, period, currency, months, version, previous, cut_off, people
FROM score_cycles
WHERE cut_off IS NOT NULL AND people IS NULL
ORDER BY scorecard_id, period
"""

# The first cycle of the scorecard, and as of when the one before this was closed.
_BEFORE: LiteralString = """
SELECT min(period), min(cut_off) FILTER (WHERE period = %(previous)s)
FROM score_cycles
WHERE scorecard_id = %(scorecard_id)s
"""

# Of the cycle's own days what was recorded before its close; of earlier ones, back to the first cycle's, what
# was recorded since the last close. A correction is told by store and day, so that it names what it corrects.
# Trade in another currency does not count; complaints, answers and leads do, wherever they were.
_FACTS: LiteralString = """
SELECT employee_id, late.day, late.store_id,
    sum(sales * ours)::bigint, sum(returns * ours)::bigint, sum(sold_minor * ours)::bigint,
    sum(returned_minor * ours)::bigint, sum(revenue_minor * ours)::bigint, sum(cost_minor * ours)::bigint,
    sum(complaints)::bigint, sum(csat_answers)::bigint, sum(csat_points)::bigint, sum(leads_ended)::bigint,
    sum(leads_won)::bigint
FROM staff_days AS fact
CROSS JOIN LATERAL (
    SELECT
        CASE WHEN fact.business_day < %(first)s THEN fact.business_day END AS day,
        CASE WHEN fact.business_day < %(first)s THEN fact.store_id END AS store_id,
        (fact.currency = %(currency)s)::int AS ours
) AS late
WHERE business_day BETWEEN %(since)s AND %(last)s
    AND recorded_on < %(cut_off)s
    AND (business_day >= %(first)s OR recorded_on >= %(last_cut_off)s)
    AND employee_id <> ''
    AND (ours = 1 OR complaints > 0 OR csat_answers > 0 OR leads_ended <> 0 OR leads_won <> 0)
GROUP BY employee_id, late.day, late.store_id
ORDER BY employee_id, late.day NULLS FIRST, late.store_id
"""

_RATED: LiteralString = """
SELECT employee_id
FROM cycle_scores
WHERE scorecard_id = %(scorecard_id)s AND period = %(period)s AND ratings > 0
ORDER BY employee_id
"""

_SCORES: LiteralString = """
SELECT scorecard_id, period, employee_id, ratings, frozen, score_milli, points
FROM cycle_scores
WHERE scorecard_id = %(scorecard_id)s AND period = %(period)s AND frozen AND employee_id > %(after)s
    AND (%(people)s::text[] IS NULL OR employee_id = ANY (%(people)s::text[]))
ORDER BY employee_id
LIMIT %(limit)s
"""


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of somebody as of a cycle's close."""

    employee_id: str
    facts: Facts
    corrections: tuple[Correction, ...] = ()


async def cycles_due(connection: Connection) -> list[ScoreCycle]:
    """Cycles that are closed and whose scores are not all frozen."""
    return [ScoreCycle(*row) for row in await _rows(connection, _DUE, {})]


async def people_of(connection: Connection, cycle: ScoreCycle) -> list[Person]:
    """Everybody of whom something is known in a closed cycle, by id. At any time the same."""
    assert cycle.cut_off is not None
    names = {"scorecard_id": cycle.scorecard_id, "period": cycle.period, "previous": cycle.previous}
    ((begin, last_cut_off),) = await _rows(connection, _BEFORE, names)
    first = first_day(cycle.period)
    parameters = {
        "first": first,
        "last": last_day(cycle.period, cycle.months),
        "since": first if last_cut_off is None else first_day(begin),
        "cut_off": cycle.cut_off,
        "last_cut_off": last_cut_off or date.max,
        "currency": cycle.currency,
    }
    rows = await _rows(connection, _FACTS, parameters)
    people = {
        employee_id: _person(cycle, employee_id, list(of_them))
        for employee_id, of_them in groupby(rows, key=lambda row: row[0])
    }
    for (employee_id,) in await _rows(connection, _RATED, names):
        people.setdefault(employee_id, Person(employee_id=employee_id, facts=Facts()))
    return [people[employee_id] for employee_id in sorted(people)]


def _person(cycle: ScoreCycle, employee_id: str, rows: Sequence[tuple[Any, ...]]) -> Person:
    facts = Facts()
    corrections: list[Correction] = []
    for _, day, store_id, *sums in rows:
        found = Facts(**dict(zip(Facts.__struct_fields__, sums, strict=True)))
        if day is None:
            facts = found
        else:
            period = period_of(day, cycle.months, cycle.period)
            corrections.append(Correction(period=period, store_id=store_id, business_day=day, facts=found))
    return Person(employee_id=employee_id, facts=facts, corrections=tuple(corrections))


async def scores_of_cycle(
    connection: Connection,
    scorecard_id: str,
    period: str,
    *,
    after: str = "",
    limit: int,
    people: list[str] | None = None,
) -> list[CycleScore]:
    """Frozen scores of a cycle by employee, after one; of some (None: of all)."""
    parameters = {
        "scorecard_id": scorecard_id,
        "period": period,
        "after": after,
        "limit": limit,
        "people": people,
    }
    return [CycleScore(*row) for row in await _rows(connection, _SCORES, parameters)]


async def _rows(
    connection: Connection, query: LiteralString, parameters: dict[str, Any]
) -> list[tuple[Any, ...]]:
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(query, parameters)
        return await cursor.fetchall()
