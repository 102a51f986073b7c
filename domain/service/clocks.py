"""The clocks of a case: how long until the first answer, between words to the customer, to the solution.

A fold over the case's facts and their times; what is measured is open time of a calendar, without the time
in which the shop waited for the customer. (Rule "Clocks".)
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec

from domain.kernel.event import Event
from domain.service.calendar import HORIZON, Calendar, Span, elapsed, reached, without
from domain.service.case import (
    CaseOpened,
    CasePaused,
    CaseReopened,
    CaseResolved,
    CaseResponded,
    CaseResumed,
)
from domain.service.kinds import ClockKind
from domain.service.terms import Goals


class Run(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A time that a clock ran, or still runs."""

    since: datetime
    until: datetime | None = None


class Clocks(msgspec.Struct, frozen=True, kw_only=True):
    """When the clocks of a case ran.

    Each opening and reopening has a response clock of its own, each word to the customer starts an update
    clock, and the solution clock goes on where it stopped. Nothing is ever taken away, so no breach is.
    """

    responses: tuple[Run, ...] = ()
    updates: tuple[Run, ...] = ()
    solution: tuple[Run, ...] = ()
    pauses: tuple[Run, ...] = ()
    last_at: datetime | None = None


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """What a clock shows. `number` counts those of its kind in the case, from 1.

    `due_at` is when its time is up, unless it stopped before or waits for the customer; `breached_at` when
    it was.
    """

    kind: ClockKind
    number: int
    elapsed: timedelta
    running: bool
    goal: timedelta | None = None
    due_at: datetime | None = None
    breached_at: datetime | None = None


def evolve(state: Clocks, event: Event, occurred_at: datetime) -> Clocks:
    """The clocks after `event`; what they don't measure changes nothing.

    Clocks of tills differ: what is dated before the fact before it happens together with that.
    """
    at = occurred_at if state.last_at is None else max(state.last_at, occurred_at)
    change = msgspec.structs.replace
    match event:
        case CaseOpened() | CaseReopened():
            return change(
                state,
                responses=_begun(state.responses, at),
                updates=_begun(state.updates, at),
                solution=_begun(state.solution, at),
                last_at=at,
            )
        case CaseResponded():
            return change(
                state,
                responses=_stopped(state.responses, at),
                updates=_begun(_stopped(state.updates, at), at),
                last_at=at,
            )
        case CasePaused():
            return change(state, pauses=_begun(state.pauses, at), last_at=at)
        case CaseResumed():
            return change(state, pauses=_stopped(state.pauses, at), last_at=at)
        case CaseResolved():
            return Clocks(
                responses=_stopped(state.responses, at),
                updates=_stopped(state.updates, at),
                solution=_stopped(state.solution, at),
                pauses=_stopped(state.pauses, at),
                last_at=at,
            )
        case _:
            return state


def _begun(runs: tuple[Run, ...], at: datetime) -> tuple[Run, ...]:
    """One more, unless the last still runs."""
    return runs if runs and runs[-1].until is None else (*runs, Run(since=at))


def _stopped(runs: tuple[Run, ...], at: datetime) -> tuple[Run, ...]:
    """The last one stopped, if it runs."""
    if not runs or runs[-1].until is not None:
        return runs
    return (*runs[:-1], Run(since=runs[-1].since, until=at))


def read(clocks: Clocks, calendar: Calendar, goals: Goals, now: datetime) -> Iterator[Reading]:
    """What all clocks of a case show now, by kind and number."""
    for kind, number, runs in _each(clocks):
        yield _reading(kind, number, runs, clocks.pauses, calendar, goal_of(goals, kind), now)


class Running(NamedTuple):
    """A clock that runs, and what it counts from its beginning up to HORIZON if nothing more happens."""

    kind: ClockKind
    number: int
    spans: tuple[Span, ...]


def running(clocks: Clocks, now: datetime) -> Iterator[Running]:
    """The clocks of a case that have not stopped; while it waits nothing is counted."""
    ahead = now + HORIZON
    for kind, number, runs in _each(clocks):
        if runs[-1].until is None:
            yield Running(kind, number, tuple(without(_spans(runs, ahead), _spans(clocks.pauses, ahead))))


def _each(clocks: Clocks) -> Iterator[tuple[ClockKind, int, tuple[Run, ...]]]:
    for kind, several in (
        (ClockKind.FIRST_RESPONSE, [(run,) for run in clocks.responses]),
        (ClockKind.UPDATE, [(run,) for run in clocks.updates]),
        (ClockKind.SOLUTION, [clocks.solution] if clocks.solution else []),
    ):
        for number, runs in enumerate(several, 1):
            yield kind, number, runs


def goal_of(goals: Goals, kind: ClockKind) -> timedelta | None:
    """The time that a clock of this kind has; None: no limit."""
    minutes: int | None = getattr(goals, f"{kind.value}_min")
    return None if minutes is None else timedelta(minutes=minutes)


def _reading(
    kind: ClockKind,
    number: int,
    runs: tuple[Run, ...],
    pauses: tuple[Run, ...],
    calendar: Calendar,
    goal: timedelta | None,
    now: datetime,
) -> Reading:
    running = runs[-1].until is None
    waits = bool(pauses) and pauses[-1].until is None
    shown = elapsed(calendar, without(_spans(runs, now), _spans(pauses, now)))
    due_at = breached_at = None
    if goal is not None and shown > goal:
        breached_at = reached(calendar, without(_spans(runs, now), _spans(pauses, now)), goal)
    elif goal is not None and running and not waits:
        ahead = now + HORIZON
        due_at = reached(calendar, without(_spans(runs, ahead), _spans(pauses, now)), goal)
    return Reading(
        kind=kind,
        number=number,
        elapsed=shown,
        running=running,
        goal=goal,
        due_at=due_at or breached_at,
        breached_at=breached_at,
    )


def _spans(runs: tuple[Run, ...], now: datetime) -> Iterator[Span]:
    """Those that have begun, the last until `now` if it still runs."""
    for run in runs:
        until = now if run.until is None else run.until
        if run.since < until:
            yield Span(run.since, until)
