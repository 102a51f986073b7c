"""A cycle: a period for which people are scored by one scorecard. Once it is closed nothing in it changes.

It closes as of the beginning of a UTC day: what was recorded before counts, and what comes later corrects it
in the cycle that is open then. So its scores can be worked out at any time afterwards, always the same.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import ClassVar

import msgspec

from domain.kernel.command import Command, Decision, Done, Moment
from domain.kernel.errors import InvalidCommand, Refusal
from domain.kernel.event import Event
from domain.kernel.stream import States, StreamKind
from domain.staff.period import last_day, shifted
from domain.staff.score import FORMULA
from domain.staff.scorecard import SCORECARD, Scorecard, ScorecardApplied

# The last business day is over everywhere a day after its date is over in UTC.
SETTLING = timedelta(days=2)


class CycleOpened(Event, frozen=True, kw_only=True, omit_defaults=True):
    """People are scored for the period, by this card and formula for good, after the `previous` one."""

    TYPE: ClassVar = "cycle.opened.v1"
    scorecard_id: str
    period: str
    version: int
    card: Scorecard
    formula: str
    previous: str | None = None


class CycleClosed(Event, frozen=True, kw_only=True, omit_defaults=True):
    """What was recorded before `cut_off`, a UTC day, counts; what is recorded later counts in the next."""

    TYPE: ClassVar = "cycle.closed.v1"
    scorecard_id: str
    period: str
    cut_off: date


class CycleScored(Event, frozen=True, kw_only=True, omit_defaults=True):
    """The scores of so many people are frozen: all there are."""

    TYPE: ClassVar = "cycle.scored.v1"
    scorecard_id: str
    period: str
    people: int


class Cycle(msgspec.Struct, frozen=True, kw_only=True):
    """A cycle as decisions see it. `people` None: not all scores are frozen."""

    opened: CycleOpened | None = None
    cut_off: date | None = None
    people: int | None = None


def evolve(state: Cycle, event: Event) -> Cycle:
    """The cycle after `event`."""
    match event:
        case CycleOpened():
            return Cycle(opened=event)
        case CycleClosed():
            return msgspec.structs.replace(state, cut_off=event.cut_off)
        case CycleScored():
            return msgspec.structs.replace(state, people=event.people)
        case _:
            return state


CYCLE = StreamKind("cycle", Cycle(), evolve)


def cycle_id(scorecard_id: str, period: str) -> str:
    """The id of a scorecard's cycle: `sales/2026-11`."""
    return f"{scorecard_id}/{period}"


class CycleIsClosed(Refusal):
    """The cycle is closed, and nothing in it changes."""

    code = "cycle_closed"


class CycleIsOpen(Refusal):
    """The cycle is open: nothing is final yet."""

    code = "cycle_open"


class CycleNotOver(Refusal):
    """The cycle's days are not over in every time zone."""

    code = "cycle_not_over"


class CycleCut(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a close: what was recorded before this UTC day counts."""

    cut_off: date


def require_open(states: States, id_: str) -> CycleOpened:
    """How the cycle was opened, NotFound, or CycleIsClosed."""
    cycle = states.require(CYCLE, id_)
    if cycle.cut_off is not None:
        raise CycleIsClosed(
            "The cycle is closed and stays as it is. Correct it in the cycle that is open.", cycle=id_
        )
    assert cycle.opened is not None
    return cycle.opened


def require_closed(states: States, id_: str) -> tuple[CycleOpened, date]:
    """How the cycle was opened and as of when it closed, NotFound, or CycleIsOpen."""
    cycle = states.require(CYCLE, id_)
    if cycle.cut_off is None:
        raise CycleIsOpen("The cycle is open. Close it first.", cycle=id_)
    assert cycle.opened is not None
    return cycle.opened, cycle.cut_off


class OpenCycle(Command, frozen=True, kw_only=True):
    """Opens the cycle of a period, by the scorecard of today. None is left out between two."""

    scorecard_id: str
    period: str

    def streams(self) -> Iterable[str]:
        return SCORECARD.stream(self.scorecard_id), CYCLE.stream(cycle_id(self.scorecard_id, self.period))

    def decide(self, states: States, at: Moment) -> Decision:
        scorecard, stream = self.streams()
        state = states.require(SCORECARD, self.scorecard_id)
        assert state.card is not None
        states.require_absent(stream)
        if state.last_period is not None:
            due = shifted(state.last_period, state.card.months)
            if self.period != due:
                raise InvalidCommand(f"The next cycle is that of {due}.", period=self.period, next=due)
        opened = CycleOpened(
            scorecard_id=self.scorecard_id,
            period=self.period,
            version=state.version,
            card=state.card,
            formula=FORMULA,
            previous=state.last_period,
        )
        applied = ScorecardApplied(scorecard_id=self.scorecard_id, period=self.period, version=state.version)
        return Decision(
            events=((stream, opened), (scorecard, applied)),
            result=Done(id=cycle_id(self.scorecard_id, self.period)),
        )


class CloseCycle(Command, frozen=True, kw_only=True):
    """Closes a cycle whose days are over, after the one before it. Once more changes nothing."""

    RESULT: ClassVar = CycleCut

    scorecard_id: str
    period: str

    def streams(self) -> Iterable[str]:
        return (CYCLE.stream(cycle_id(self.scorecard_id, self.period)),)

    def linked(self, states: States) -> Iterable[str]:
        opened = states.of(CYCLE, cycle_id(self.scorecard_id, self.period)).opened
        if opened is None or opened.previous is None:
            return ()
        return (CYCLE.stream(cycle_id(self.scorecard_id, opened.previous)),)

    def decide(self, states: States, at: Moment) -> Decision:
        id_ = cycle_id(self.scorecard_id, self.period)
        cycle = states.require(CYCLE, id_)
        if cycle.cut_off is not None:
            return Decision(events=(), result=CycleCut(cut_off=cycle.cut_off))
        opened = require_open(states, id_)
        if opened.previous is not None:
            require_closed(states, cycle_id(self.scorecard_id, opened.previous))
        today = at.recorded_at.date()
        earliest = last_day(self.period, opened.card.months) + SETTLING
        if today < earliest:
            raise CycleNotOver(
                f"The cycle can be closed from {earliest} on.", cycle=id_, earliest=earliest.isoformat()
            )
        fact = CycleClosed(scorecard_id=self.scorecard_id, period=self.period, cut_off=today)
        return Decision(events=((CYCLE.stream(id_), fact),), result=CycleCut(cut_off=today))


class FinishCycle(Command, frozen=True, kw_only=True):
    """Says that the scores of all people of a closed cycle are frozen. Once more changes nothing."""

    scorecard_id: str
    period: str
    people: int

    def streams(self) -> Iterable[str]:
        return (CYCLE.stream(cycle_id(self.scorecard_id, self.period)),)

    def decide(self, states: States, at: Moment) -> Decision:
        id_ = cycle_id(self.scorecard_id, self.period)
        require_closed(states, id_)
        if states.of(CYCLE, id_).people is not None:
            return Decision(events=(), result=Done(id=id_))
        fact = CycleScored(scorecard_id=self.scorecard_id, period=self.period, people=self.people)
        return Decision(events=((CYCLE.stream(id_), fact),), result=Done(id=id_))
