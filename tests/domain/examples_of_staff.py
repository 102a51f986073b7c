"""Examples of targets and scores, for tests/domain/examples.py."""

from datetime import date

from domain.kernel.event import Event
from domain.staff.cycle import CycleClosed, CycleOpened, CycleScored
from domain.staff.figures import Correction, Facts
from domain.staff.frozen_score import ScoreFrozen
from domain.staff.rating import StaffRated
from domain.staff.score import Indicator, Part, ScoredPart
from domain.staff.scorecard import Scorecard, ScorecardApplied, ScorecardSet
from domain.staff.target import Measure, Target, TargetEnded, TargetSet

_FIRST, _LAST = date(2026, 11, 1), date(2026, 11, 30)

_CARD = Scorecard(
    currency="CNY",
    months=3,
    full_milli=5_000,
    parts=(
        Part(indicator=Indicator.SALES, weight=60, nothing_at=0, full_at=10_000_000, cap_milli=6_000),
        Part(indicator=Indicator.RETURNS, weight=40, nothing_at=100, full_at=20, cap_milli=5_000),
    ),
)
_FACTS = Facts(
    sales=10,
    returns=1,
    sold_minor=100_000,
    returned_minor=5_000,
    revenue_minor=90_000,
    cost_minor=60_000,
    complaints=1,
)
_LATE = Correction(period="2026-07", store_id="s1", business_day=date(2026, 9, 30), facts=Facts(sales=1))

STAFF_EXAMPLES: dict[type[Event], tuple[Event, ...]] = {
    TargetSet: (
        TargetSet(
            target_id="november",
            target=Target(
                first=_FIRST,
                last=_LAST,
                measure=Measure.MONEY,
                goal=10_000_000,
                currency="CNY",
                store_id="s1",
                employee_id="e1",
                sku="apple",
            ),
        ),
        TargetSet(
            target_id="fruit",
            target=Target(first=_FIRST, last=_LAST, measure=Measure.UNITS, goal=500, category="fruit"),
        ),
        TargetSet(target_id="all", target=Target(first=_FIRST, last=_LAST, measure=Measure.COUNT, goal=9)),
    ),
    TargetEnded: (TargetEnded(target_id="november"),),
    ScorecardSet: (ScorecardSet(scorecard_id="sales", card=_CARD),),
    ScorecardApplied: (ScorecardApplied(scorecard_id="sales", period="2026-10", version=2),),
    CycleOpened: (
        CycleOpened(
            scorecard_id="sales",
            period="2026-10",
            version=2,
            card=_CARD,
            formula="score.v1",
            previous="2026-07",
        ),
        CycleOpened(scorecard_id="sales", period="2026-10", version=2, card=_CARD, formula="score.v1"),
    ),
    CycleClosed: (CycleClosed(scorecard_id="sales", period="2026-10", cut_off=date(2027, 1, 3)),),
    CycleScored: (CycleScored(scorecard_id="sales", period="2026-10", people=12),),
    StaffRated: (
        StaffRated(
            scorecard_id="sales",
            period="2026-10",
            employee_id="e1",
            indicator=Indicator.ATTENDANCE,
            figure=950,
            corrects="2026-07",
            before=900,
        ),
        StaffRated(
            scorecard_id="sales",
            period="2026-10",
            employee_id="e1",
            indicator=Indicator.ATTITUDE,
            figure=800,
        ),
    ),
    ScoreFrozen: (
        ScoreFrozen(
            scorecard_id="sales",
            period="2026-10",
            employee_id="e1",
            version=2,
            formula="score.v1",
            facts=_FACTS,
            corrections=(_LATE,),
            parts=(
                ScoredPart(indicator=Indicator.SALES, weight=60, figure=95_000, points_milli=48),
                ScoredPart(indicator=Indicator.RETURNS, weight=40),
            ),
            score_milli=48,
        ),
        ScoreFrozen(
            scorecard_id="sales",
            period="2026-10",
            employee_id="e1",
            version=2,
            formula="score.v1",
            facts=Facts(),
            parts=(),
        ),
        ScoreFrozen(
            scorecard_id="sales",
            period="2026-10",
            employee_id="e1",
            version=2,
            formula="score.v1",
            facts=Facts(csat_answers=2, csat_points=9, leads_ended=4, leads_won=1),
            parts=(),
        ),
    ),
}
