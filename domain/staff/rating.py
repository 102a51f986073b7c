"""Ratings: what managers enter of somebody for a cycle, while it is open."""

from collections.abc import Iterable
from typing import ClassVar

import msgspec

from domain.kernel.command import Command, Decision, Done, Moment
from domain.kernel.errors import InvalidCommand
from domain.kernel.event import Event
from domain.kernel.stream import States, StreamKind
from domain.staff.cycle import CYCLE, cycle_id, require_closed, require_open
from domain.staff.score import MAX_RATING, RATED, Indicator


class StaffRated(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A manager's figure of an indicator.

    One that `corrects` a closed period tells what stood there `before`: the difference counts in this cycle.
    """

    TYPE: ClassVar = "staff.rated.v1"
    scorecard_id: str
    period: str
    employee_id: str
    indicator: Indicator
    figure: int
    corrects: str | None = None
    before: int = 0


class Ratings(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody's figures in a cycle, and the differences to those of the cycle before, by indicator."""

    figures: dict[Indicator, int] = {}
    corrections: dict[Indicator, int] = {}

    def counted(self) -> dict[Indicator, int]:
        """The figures with the corrections."""
        return {name: figure + self.corrections.get(name, 0) for name, figure in self.figures.items()}


def evolve(state: Ratings, event: Event) -> Ratings:
    """The ratings after `event`."""
    match event:
        case StaffRated(corrects=None):
            return msgspec.structs.replace(state, figures=state.figures | {event.indicator: event.figure})
        case StaffRated():
            difference = event.figure - event.before
            return msgspec.structs.replace(
                state, corrections=state.corrections | {event.indicator: difference}
            )
        case _:
            return state


RATING = StreamKind("rating", Ratings(), evolve)


def person_id(scorecard_id: str, period: str, employee_id: str) -> str:
    """Somebody in a cycle: `sales/2026-11/e1`. No id can hold a slash."""
    return f"{cycle_id(scorecard_id, period)}/{employee_id}"


class RateEmployee(Command, frozen=True, kw_only=True):
    """Enters a figure for an open cycle, or corrects in it one of the cycle before, which is closed."""

    scorecard_id: str
    period: str
    employee_id: str
    indicator: Indicator
    figure: int
    corrects: str | None = None

    def streams(self) -> Iterable[str]:
        periods = (self.period,) if self.corrects is None else (self.period, self.corrects)
        return (
            f"employee-{self.employee_id}",
            *(CYCLE.stream(cycle_id(self.scorecard_id, period)) for period in periods),
            *(RATING.stream(person_id(self.scorecard_id, period, self.employee_id)) for period in periods),
        )

    def decide(self, states: States, at: Moment) -> Decision:
        states.require_person(f"employee-{self.employee_id}")
        opened = require_open(states, cycle_id(self.scorecard_id, self.period))
        if self.indicator not in RATED or self.indicator not in {
            part.indicator for part in opened.card.parts
        }:
            raise InvalidCommand("This indicator is not entered for this cycle.", indicator=self.indicator)
        if not 0 <= self.figure <= MAX_RATING:
            raise InvalidCommand(f"figure is from 0 to {MAX_RATING}.", figure=self.figure)
        id_ = person_id(self.scorecard_id, self.period, self.employee_id)
        own = states.of(RATING, id_)
        before = 0 if self.corrects is None else self._before(states, opened.previous, own)
        rated = StaffRated(
            scorecard_id=self.scorecard_id,
            period=self.period,
            employee_id=self.employee_id,
            indicator=self.indicator,
            figure=self.figure,
            corrects=self.corrects,
            before=before,
        )
        events = ((RATING.stream(id_), rated),) if evolve(own, rated) != own else ()
        return Decision(events=events, result=Done(id=self.employee_id))

    def _before(self, states: States, previous: str | None, own: Ratings) -> int:
        """What stands in the closed cycle. Only the next one corrects it: so no two differences add up."""
        assert self.corrects is not None
        if self.corrects != previous:
            raise InvalidCommand("A cycle corrects the one before it.", corrects=self.corrects)
        require_closed(states, cycle_id(self.scorecard_id, self.corrects))
        id_ = person_id(self.scorecard_id, self.corrects, self.employee_id)
        before = states.of(RATING, id_).figures.get(self.indicator)
        if before is None or self.indicator not in own.figures:
            raise InvalidCommand(
                "A correction needs a figure in both cycles. Enter that of the open one first.",
                indicator=self.indicator,
            )
        return before
