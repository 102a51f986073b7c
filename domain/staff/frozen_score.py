"""A score as it was frozen when its cycle closed, with all that it was worked out from."""

from collections.abc import Iterable
from typing import ClassVar

import msgspec

from domain.kernel.command import Command, Decision, Done, Moment
from domain.kernel.event import Event
from domain.kernel.stream import States, StreamKind
from domain.staff.cycle import CYCLE, cycle_id, require_closed
from domain.staff.figures import Correction, Facts, added, figures_of
from domain.staff.rating import RATING, person_id
from domain.staff.score import FORMULAS, ScoredPart


class ScoreFrozen(Event, frozen=True, kw_only=True, omit_defaults=True):
    """Somebody's score of a cycle, for good. `facts` are of its days, `corrections` of earlier ones.

    `score_milli` None: of nothing that counts anything is known.
    """

    TYPE: ClassVar = "score.frozen.v1"
    scorecard_id: str
    period: str
    employee_id: str
    version: int
    formula: str
    facts: Facts
    corrections: tuple[Correction, ...] = ()
    parts: tuple[ScoredPart, ...]
    score_milli: int | None = None


class Score(msgspec.Struct, frozen=True, kw_only=True):
    """A score, once it is frozen."""

    frozen: ScoreFrozen | None = None


def evolve(state: Score, event: Event) -> Score:
    """The score after `event`."""
    return Score(frozen=event) if isinstance(event, ScoreFrozen) else state


SCORE = StreamKind("score", Score(), evolve)


class FreezeScore(Command, frozen=True, kw_only=True):
    """Works out somebody's score of a closed cycle from facts up to its close. Once more changes nothing."""

    scorecard_id: str
    period: str
    employee_id: str
    facts: Facts
    corrections: tuple[Correction, ...] = ()

    def streams(self) -> Iterable[str]:
        id_ = person_id(self.scorecard_id, self.period, self.employee_id)
        cycle = CYCLE.stream(cycle_id(self.scorecard_id, self.period))
        return SCORE.stream(id_), RATING.stream(id_), cycle, f"employee-{self.employee_id}"

    def decide(self, states: States, at: Moment) -> Decision:
        id_ = person_id(self.scorecard_id, self.period, self.employee_id)
        opened, _ = require_closed(states, cycle_id(self.scorecard_id, self.period))
        # First: what is frozen counts as such, also of whoever was forgotten since.
        if states.of(SCORE, id_).frozen is not None:
            return Decision(events=(), result=Done(id=self.employee_id))
        states.require_person(f"employee-{self.employee_id}")
        facts = added((self.facts, *(one.facts for one in self.corrections)))
        # What facts say counts, whatever was entered: only conversion can be both. (Decision 0067.)
        figures = {**states.of(RATING, id_).counted(), **figures_of(facts)}
        scored = FORMULAS[opened.formula](opened.card.parts, opened.card.full_milli, figures)
        frozen = ScoreFrozen(
            scorecard_id=self.scorecard_id,
            period=self.period,
            employee_id=self.employee_id,
            version=opened.version,
            formula=opened.formula,
            facts=self.facts,
            corrections=self.corrections,
            parts=scored.parts,
            score_milli=scored.score_milli,
        )
        return Decision(events=((SCORE.stream(id_), frozen),), result=Done(id=self.employee_id))
