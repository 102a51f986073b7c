"""Examples of targets and scores, for tests/domain/examples.py."""

from datetime import date

from domain.kernel.event import Event
from domain.staff.target import Measure, Target, TargetEnded, TargetSet

_FIRST, _LAST = date(2026, 11, 1), date(2026, 11, 30)

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
}
