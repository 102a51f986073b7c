"""A scorecard: what counts how much in scores, in versions. A cycle keeps the one that it was opened with."""

from collections.abc import Iterable
from typing import ClassVar

import msgspec

from domain.kernel.command import Command, Decision, Moment
from domain.kernel.errors import InvalidCommand
from domain.kernel.event import Event
from domain.kernel.stream import States, StreamKind, require_version
from domain.staff.period import MONTHS
from domain.staff.score import WHOLE, Indicator, Part

MAX_FULL_MILLI = 1_000_000
MAX_FIGURE = 10**15


class Scorecard(msgspec.Struct, frozen=True, kw_only=True):
    """Weights sum to 100. `full_milli` are full marks of a part, in thousandths; money is of `currency`.

    A cycle has so many `months`.
    """

    currency: str
    months: int = 1
    full_milli: int = 5_000
    parts: tuple[Part, ...]


class ScorecardSet(Event, frozen=True, kw_only=True):
    """The scorecard's next version: cycles that are opened from now on go by it."""

    TYPE: ClassVar = "scorecard.set.v1"
    scorecard_id: str
    card: Scorecard


class ScorecardApplied(Event, frozen=True, kw_only=True):
    """The cycle of this period goes by the version, whatever becomes of the scorecard."""

    TYPE: ClassVar = "scorecard.applied.v1"
    scorecard_id: str
    period: str
    version: int


class ScorecardState(msgspec.Struct, frozen=True, kw_only=True):
    """The card of today, which version it is, and the last period that one was applied to."""

    card: Scorecard | None = None
    version: int = 0
    last_period: str | None = None


def evolve(state: ScorecardState, event: Event) -> ScorecardState:
    """The scorecard after `event`."""
    match event:
        case ScorecardSet():
            return msgspec.structs.replace(state, card=event.card, version=state.version + 1)
        case ScorecardApplied():
            return msgspec.structs.replace(state, last_period=event.period)
        case _:
            return state


SCORECARD = StreamKind("scorecard", ScorecardState(), evolve)


class ScorecardVersion(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a change: the version that counts now."""

    version: int


class SetScorecard(Command, frozen=True, kw_only=True):
    """Makes a scorecard, or its next version. The same again changes nothing."""

    RESULT: ClassVar = ScorecardVersion

    scorecard_id: str
    card: Scorecard
    expected: int | None = None

    def streams(self) -> Iterable[str]:
        return (SCORECARD.stream(self.scorecard_id),)

    def decide(self, states: States, at: Moment) -> Decision:
        state = states.of(SCORECARD, self.scorecard_id)
        require_version(state.version, self.expected)
        _check(self.card)
        if state.card is not None and state.card.months != self.card.months:
            raise InvalidCommand(
                "The length of cycles stays. Make another scorecard.", months=self.card.months
            )
        if state.card == self.card:
            return Decision(events=(), result=ScorecardVersion(version=state.version))
        fact = ScorecardSet(scorecard_id=self.scorecard_id, card=self.card)
        return Decision(
            events=((SCORECARD.stream(self.scorecard_id), fact),),
            result=ScorecardVersion(version=state.version + 1),
        )


def _check(card: Scorecard) -> None:
    if card.months not in MONTHS:
        raise InvalidCommand(
            "A cycle is a month, a quarter or a year: months is 1, 3 or 12.", months=card.months
        )
    if not 0 < card.full_milli <= MAX_FULL_MILLI:
        raise InvalidCommand(f"full_milli is from 1 to {MAX_FULL_MILLI}.", full_milli=card.full_milli)
    indicators = [part.indicator for part in card.parts]
    if len(set(indicators)) < len(indicators):
        raise InvalidCommand("An indicator counts once.", indicators=indicators)
    weight = sum(part.weight for part in card.parts)
    if weight != WHOLE or min(part.weight for part in card.parts) < 1:
        raise InvalidCommand(f"Weights are 1 or more and sum to {WHOLE}.", sum=weight)
    for part in card.parts:
        _check_part(part.indicator, part)


def _check_part(indicator: Indicator, part: Part) -> None:
    if part.nothing_at == part.full_at:
        raise InvalidCommand("nothing_at and full_at differ.", indicator=indicator)
    if not 0 < part.cap_milli <= MAX_FULL_MILLI:
        raise InvalidCommand(f"cap_milli is from 1 to {MAX_FULL_MILLI}.", indicator=indicator)
    if max(abs(part.nothing_at), abs(part.full_at)) > MAX_FIGURE:
        raise InvalidCommand(f"nothing_at and full_at are at most {MAX_FIGURE}.", indicator=indicator)
