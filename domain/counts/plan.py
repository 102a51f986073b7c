"""A store's count plan: how its items are classed, and how often each class is counted."""

from typing import ClassVar

from domain.counts.classes import WHOLE_BP, CountPlan
from domain.kernel.errors import InvalidCommand
from domain.kernel.event import Event
from domain.kernel.stream import StreamKind

MAX_DAYS = 3_650


class CountPlanSet(Event, frozen=True, kw_only=True, omit_defaults=True):
    """From now on the store's items are counted by this plan."""

    TYPE: ClassVar = "count_plan.set.v1"
    store_id: str
    plan: CountPlan = CountPlan()


def evolve(state: CountPlan, event: Event) -> CountPlan:
    """The plan after `event`."""
    return event.plan if isinstance(event, CountPlanSet) else state


COUNT_PLAN = StreamKind("countplan", CountPlan(), evolve)


def require_plan(plan: CountPlan) -> None:
    """InvalidCommand unless the cuts rise and each class is counted some day."""
    if not 0 < plan.a_bp <= plan.b_bp <= WHOLE_BP:
        raise InvalidCommand("The cuts rise from above 0 to 10000.", a_bp=plan.a_bp, b_bp=plan.b_bp)
    for days in (plan.a_days, plan.b_days, plan.c_days):
        if not 1 <= days <= MAX_DAYS:
            raise InvalidCommand(f"A class is counted after 1 to {MAX_DAYS} days.", days=days)
    if not 0 <= plan.shrink_bp <= WHOLE_BP:
        raise InvalidCommand("shrink_bp is from 0 to 10000.", shrink_bp=plan.shrink_bp)
