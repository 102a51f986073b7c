"""Escalation: when a clock of a case passes a level of its terms, somebody hears of it, once.

A clock is one of its kind and number. So a reopening's response clock may escalate anew, and the solution
clock, which goes on, never by a level that it has passed. Only clocks that run escalate: a level that was
passed while nobody looked, and then answered, calls nobody. A lower priority takes no escalation back.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import ClassVar

import msgspec

from domain.kernel.command import Command, Decision, Moment
from domain.kernel.event import AnyRecorded, Event
from domain.kernel.stream import States
from domain.service.calendar import reached
from domain.service.case import (
    COMPLAINT,
    Case,
    CaseAssigned,
    CaseEscalated,
    CaseStatus,
    LevelPassed,
)
from domain.service.case import evolve as evolve_case
from domain.service.clocks import Clocks, goal_of, running
from domain.service.clocks import evolve as evolve_clocks
from domain.service.desk import EscalationLevel
from domain.service.kinds import ClockKind
from domain.service.terms import ServiceTerms, TermsVersions


class Crossing(msgspec.Struct, frozen=True, kw_only=True):
    """A level of a running clock that nobody was told of, and the instant at which it is passed, or was."""

    passed: LevelPassed
    to: EscalationLevel
    at: datetime


class Looked(msgspec.Struct, frozen=True, kw_only=True):
    """A case with its clocks, as its stream told them up to `version`."""

    case: Case = Case()
    clocks: Clocks = Clocks()
    version: int = 0


class Deadline(msgspec.Struct, frozen=True, kw_only=True):
    """Which of a case's running clocks is up first, and when, or was; None where nothing is or it waits.

    `next_at` is the instant of the next level that nobody was told of, `level` the highest that somebody
    was, of the clocks that run.
    """

    clock: ClockKind | None = None
    due_at: datetime | None = None
    next_at: datetime | None = None
    level: int = 0


def look(entries: Iterable[AnyRecorded]) -> Looked:
    """The case that a whole stream tells."""
    case, clocks, version = Case(), Clocks(), 0
    for entry in entries:
        case = evolve_case(case, entry.data)
        clocks = evolve_clocks(clocks, entry.data, entry.occurred_at)
        version = entry.version
    return Looked(case=case, clocks=clocks, version=version)


def crossings(looked: Looked, versions: TermsVersions, now: datetime) -> Iterator[Crossing]:
    """What is still to be told of a case if nothing more happens, in no order of time."""
    used = looked.case.opened and looked.case.opened.terms
    if used is None:
        return
    terms, desk = versions.all[used.version - 1], versions.desks[used.version - 1]
    if not desk.escalations:
        return
    goals = terms.goals_of(looked.case.priority)
    for clock in running(looked.clocks, now):
        if (goal := goal_of(goals, clock.kind)) is None:
            continue
        for number, level in enumerate(desk.escalations, 1):
            passed = LevelPassed(clock.kind, clock.number, number)
            if passed in looked.case.escalated:
                continue
            at = reached(terms.calendar, clock.spans, goal * level.percent // 100)
            if at is not None:
                yield Crossing(passed=passed, to=level, at=at)


def deadline(looked: Looked, versions: TermsVersions, now: datetime) -> Deadline:
    """What is due next of a case."""
    used = looked.case.opened and looked.case.opened.terms
    if used is None or looked.case.status is CaseStatus.RESOLVED:
        return Deadline()
    due = sorted(_due(looked, versions.all[used.version - 1], now))
    due_at, clock = due[0] if due else (None, None)
    ahead = [one.at for one in crossings(looked, versions, now)]
    run = {(one.kind, one.number) for one in running(looked.clocks, now)}
    told = [one.level for one in looked.case.escalated if (one.clock, one.number) in run]
    return Deadline(clock=clock, due_at=due_at, next_at=min(ahead, default=None), level=max(told, default=0))


def _due(looked: Looked, terms: ServiceTerms, now: datetime) -> Iterator[tuple[datetime, ClockKind]]:
    goals = terms.goals_of(looked.case.priority)
    for clock in running(looked.clocks, now):
        goal = goal_of(goals, clock.kind)
        at = None if goal is None else reached(terms.calendar, clock.spans, goal)
        if at is not None:
            yield at, clock.kind


class Escalations(msgspec.Struct, frozen=True, kw_only=True):
    """How many levels were told of now."""

    told: int


class EscalateCase(Command, frozen=True, kw_only=True):
    """Tells of the levels that a look at the case found passed.

    `version` is that of the stream it looked at. States hold no times, so a clock can't be read again here;
    but while the stream is where it was, what was found is so. If the case has moved on, nothing is told:
    the next look finds what is so then.
    """

    RESULT: ClassVar = Escalations

    case_id: str
    version: int
    passed: tuple[Crossing, ...]

    def streams(self) -> Iterable[str]:
        employees = {one.to.employee_id for one in self.passed if one.to.employee_id is not None}
        return (COMPLAINT.stream(self.case_id), *(f"employee-{each}" for each in sorted(employees)))

    def decide(self, states: States, at: Moment) -> Decision:
        case = states.require(COMPLAINT, self.case_id)
        stream = COMPLAINT.stream(self.case_id)
        if states.version(stream) != self.version or case.status is CaseStatus.RESOLVED:
            return Decision(events=(), result=Escalations(told=0))
        events: list[Event] = []
        for one in self.passed:
            if one.passed in case.escalated:
                continue
            facts = _told(states, case, self.case_id, one)
            for event in facts:
                case = evolve_case(case, event)
            events += facts
        told = sum(isinstance(event, CaseEscalated) for event in events)
        return Decision(events=tuple((stream, event) for event in events), result=Escalations(told=told))


def _told(states: States, case: Case, case_id: str, one: Crossing) -> list[Event]:
    """Whoever was forgotten since the terms were set is told nothing, and the staff are instead."""
    to = one.to.employee_id
    if to is not None and states.is_erased(f"employee-{to}"):
        to = None
    escalated = CaseEscalated(
        case_id=case_id,
        clock=one.passed.clock,
        number=one.passed.number,
        level=one.passed.level,
        percent=one.to.percent,
        passed_at=one.at,
        employee_id=to,
    )
    if to is None or not one.to.reassigns or case.employee_id == to:
        return [escalated]
    return [escalated, CaseAssigned(case_id=case_id, employee_id=to)]
