"""Examples of segments, for tests/domain/examples.py."""

from datetime import date

from domain.customers.customer import SegmentEntered, SegmentLeft
from domain.customers.measures import Seen, Stage, StageRules
from domain.customers.rfm import Part, RfmCuts
from domain.customers.rules import (
    All,
    AnyOf,
    Between,
    BirthdayMonth,
    Definition,
    InStage,
    InTier,
    Measure,
    Not,
    Scored,
    Taste,
)
from domain.customers.segment import SegmentDefined, SegmentEvaluated
from domain.kernel.event import Event

_EVERY_CONDITION = All(
    of=(
        AnyOf(of=(BirthdayMonth(), InTier(tiers=("", "gold")))),
        Not(of=InStage(stages=(Stage.DORMANT, Stage.LOST))),
        Between(measure=Measure.SPEND_MINOR, at_least=10_000, at_most=99_999),
        Scored(part=Part.RECENCY, at_least=4, at_most=5),
        Taste(category="fruit", at_least_permille=500),
    )
)
_DAY = date(2026, 3, 1)

SEGMENT_EXAMPLES: dict[type[Event], tuple[Event, ...]] = {
    SegmentEntered: (
        SegmentEntered(
            customer_id="c1",
            segment_id="regular-guests",
            version=2,
            as_of=_DAY,
            reason=(Seen(name="purchases", value=3), Seen(name="stage", value="active"), Seen(name="tier")),
        ),
        SegmentEntered(customer_id="c1", segment_id="regular-guests", version=1, as_of=_DAY),
    ),
    SegmentLeft: (
        SegmentLeft(
            customer_id="c1",
            segment_id="regular-guests",
            version=2,
            as_of=_DAY,
            reason=(Seen(name="days_since_last", value=91),),
        ),
        SegmentLeft(customer_id="c1", segment_id="regular-guests", version=1, as_of=_DAY),
    ),
    SegmentDefined: (
        SegmentDefined(
            segment_id="regular-guests",
            definition=Definition(
                rule=_EVERY_CONDITION,
                currency="CNY",
                window_days=365,
                rfm=RfmCuts(recency_days=(30, 90), frequency=(2, 5), monetary_minor=(10_000, 50_000)),
                stages=StageRules(
                    new_days=14, usual_days=60, least_days=3, dormant_permille=2_000, lost_permille=4_000
                ),
                active=False,
            ),
        ),
        SegmentDefined(segment_id="birthdays", definition=Definition(rule=BirthdayMonth())),
    ),
    SegmentEvaluated: (SegmentEvaluated(segment_id="regular-guests", version=2, as_of=_DAY, members=12),),
}
