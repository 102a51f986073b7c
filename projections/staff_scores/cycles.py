"""score_cycles: one row a cycle; cycle_scores: one row a person in a cycle, rated or scored."""

from datetime import date

import msgspec

from domain.kernel.event import AnyRecorded
from domain.staff.cycle import CycleClosed, CycleOpened, CycleScored
from domain.staff.frozen_score import ScoreFrozen
from domain.staff.rating import StaffRated
from projections.kernel.table import Change, Table

CycleEvent = CycleOpened | CycleClosed | CycleScored


class ScoreCycle(msgspec.Struct, frozen=False, kw_only=False):
    """A cycle. `cut_off` null: it is open. `people` null: not all scores are frozen."""

    scorecard_id: str
    period: str
    currency: str = ""
    months: int = 1
    version: int = 0
    previous: str | None = None
    cut_off: date | None = None
    people: int | None = None


class CycleScore(msgspec.Struct, frozen=False, kw_only=False):
    """A person in a cycle: how often they were rated, and once it is closed the score, in thousandths.

    `points` are thousandths by indicator, of those that were known.
    """

    scorecard_id: str
    period: str
    employee_id: str
    ratings: int = 0
    frozen: bool = False
    score_milli: int | None = None
    points: dict[str, int] = {}


def _fold_cycle(row: ScoreCycle, event: CycleEvent) -> None:
    match event:
        case CycleOpened():
            row.currency, row.months = event.card.currency, event.card.months
            row.version, row.previous = event.version, event.previous
        case CycleClosed():
            row.cut_off = event.cut_off
        case CycleScored():
            row.people = event.people


def _fold_score(row: CycleScore, event: StaffRated | ScoreFrozen) -> None:
    if isinstance(event, StaffRated):
        row.ratings += 1
        return
    row.frozen, row.score_milli = True, event.score_milli
    row.points = {
        part.indicator.value: part.points_milli for part in event.parts if part.points_milli is not None
    }


SCORE_CYCLES = Table("score_cycles", ScoreCycle, keys=2, fold=_fold_cycle)
CYCLE_SCORES = Table("cycle_scores", CycleScore, keys=3, fold=_fold_score)


def of_cycles(entry: AnyRecorded) -> Change:
    """The row of the cycle, or of the person in it."""
    event: CycleEvent | StaffRated | ScoreFrozen = entry.data
    if isinstance(event, StaffRated | ScoreFrozen):
        return CYCLE_SCORES.change((event.scorecard_id, event.period, event.employee_id), event)
    return SCORE_CYCLES.change((event.scorecard_id, event.period), event)
