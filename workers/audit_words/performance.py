"""Targets and scores of staff."""

from domain.staff.cycle import CycleClosed, CycleOpened, CycleScored
from domain.staff.frozen_score import ScoreFrozen
from domain.staff.rating import StaffRated
from domain.staff.scorecard import ScorecardApplied, ScorecardSet
from domain.staff.target import Measure, TargetEnded, TargetSet
from workers.audit_words.telling import count, money, words


@words(TargetSet)
def _(event: TargetSet) -> str:
    target = event.target
    goal = (
        money(target.goal, target.currency or "")
        if target.measure is Measure.MONEY
        else f"{target.goal:,} {'sales' if target.measure is Measure.COUNT else 'units'}"
    )
    about = [
        f"{thing} {id_}"
        for thing, id_ in (
            ("store", target.store_id),
            ("employee", target.employee_id),
            ("product", target.sku),
            ("category", target.category),
        )
        if id_
    ]
    return f"{goal} from {target.first} to {target.last}, {', '.join(about) or 'all stores'}"


@words(TargetEnded)
def _(event: TargetEnded) -> str:
    return "ended"


@words(ScorecardSet)
def _(event: ScorecardSet) -> str:
    return "weighs " + ", ".join(f"{part.indicator} {part.weight}" for part in event.card.parts)


@words(ScorecardApplied)
def _(event: ScorecardApplied) -> str:
    return f"version {event.version} scores the cycle of {event.period}"


@words(CycleOpened)
def _(event: CycleOpened) -> str:
    return f"opened, by version {event.version} and {event.formula}"


@words(CycleClosed)
def _(event: CycleClosed) -> str:
    return f"closed: what was recorded before {event.cut_off} counts"


@words(CycleScored)
def _(event: CycleScored) -> str:
    return f"the scores of {count(event.people, 'employee')} are frozen"


@words(StaffRated)
def _(event: StaffRated) -> str:
    corrects = f", instead of {event.before} in {event.corrects}" if event.corrects else ""
    return f"employee {event.employee_id}: {event.indicator} {event.figure}{corrects}"


@words(ScoreFrozen)
def _(event: ScoreFrozen) -> str:
    score = "no score" if event.score_milli is None else f"{event.score_milli / 1000:.3f} points"
    corrected = f", with {count(len(event.corrections), 'correction')}" if event.corrections else ""
    return f"employee {event.employee_id}: {score} by {event.formula}{corrected}"
