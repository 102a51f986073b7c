"""Setting how often the items of a store are counted."""

from collections.abc import Iterable

from domain.counts.classes import CountPlan
from domain.counts.plan import COUNT_PLAN, CountPlanSet, require_plan
from domain.kernel.command import Command, Decision, Done, Moment
from domain.kernel.stream import States
from domain.stores.store import STORE


class SetCountPlan(Command, frozen=True, kw_only=True):
    """Sets a store's count plan. Setting what is set already writes nothing."""

    store_id: str
    plan: CountPlan

    def streams(self) -> Iterable[str]:
        yield STORE.stream(self.store_id)
        yield COUNT_PLAN.stream(self.store_id)

    def decide(self, states: States, at: Moment) -> Decision:
        states.require(STORE, self.store_id)
        require_plan(self.plan)
        stream = COUNT_PLAN.stream(self.store_id)
        same = states.of(COUNT_PLAN, self.store_id) == self.plan
        events = () if same else ((stream, CountPlanSet(store_id=self.store_id, plan=self.plan)),)
        return Decision(events=events, result=Done(id=self.store_id))
