"""That a rule was gone through on a business day: the round does so once."""

from collections.abc import Sequence
from datetime import date
from typing import ClassVar

import msgspec

from domain.kernel.command import Command, Decision, Done, Moment
from domain.kernel.event import Event
from domain.kernel.stream import States, StreamKind

SNAPSHOT_EVERY = 100


class CareRoundDone(Event, frozen=True, kw_only=True, omit_defaults=True):
    """Everybody whom the rule is for on this business day was looked at."""

    TYPE: ClassVar = "care.round_done.v1"
    rule_id: str
    day: date


class Round(msgspec.Struct, frozen=True, kw_only=True):
    """The last business day on which the rule was gone through."""

    day: date | None = None


def evolve(state: Round, event: Event) -> Round:
    """The round after `event`."""
    return Round(day=event.day) if isinstance(event, CareRoundDone) else state


ROUND = StreamKind("careround", Round(), evolve, snapshot_every=SNAPSHOT_EVERY)


class EndCareRound(Command, frozen=True, kw_only=True):
    """Notes that a rule was gone through; a day that is done with, or before one, changes nothing."""

    rule_id: str
    day: date

    def streams(self) -> Sequence[str]:
        return (f"care-{self.rule_id}", ROUND.stream(self.rule_id))

    def decide(self, states: States, at: Moment) -> Decision:
        states.require_stream(f"care-{self.rule_id}")
        done = states.of(ROUND, self.rule_id).day
        if done is not None and done >= self.day:
            return Decision(events=(), result=Done(id=self.rule_id))
        fact = CareRoundDone(rule_id=self.rule_id, day=self.day)
        return Decision(events=((ROUND.stream(self.rule_id), fact),), result=Done(id=self.rule_id))
