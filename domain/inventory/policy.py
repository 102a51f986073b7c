"""The stock policy: what counts for the stock of all stores."""

from collections.abc import Iterable
from typing import ClassVar

import msgspec

from domain.inventory.cost import CostMethod
from domain.kernel.command import Command, Decision, Done, Moment
from domain.kernel.event import Event
from domain.kernel.stream import States, StreamKind

MAIN = "main"


class StockPolicySet(Event, frozen=True, kw_only=True, omit_defaults=True):
    """From now on receipts are valued by this method. What an item holds follows with its next receipt."""

    TYPE: ClassVar = "stock_policy.set.v1"
    cost_method: CostMethod = CostMethod.AVERAGE


class StockPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """The policy as decisions see it."""

    cost_method: CostMethod = CostMethod.AVERAGE


def evolve(state: StockPolicy, event: Event) -> StockPolicy:
    """The policy after `event`."""
    return StockPolicy(cost_method=event.cost_method) if isinstance(event, StockPolicySet) else state


STOCK_POLICY = StreamKind("stockpolicy", StockPolicy(), evolve)


class SetStockPolicy(Command, frozen=True, kw_only=True):
    """Sets the policy. Setting what is set already writes nothing."""

    cost_method: CostMethod

    def streams(self) -> Iterable[str]:
        yield STOCK_POLICY.stream(MAIN)

    def decide(self, states: States, at: Moment) -> Decision:
        stream = STOCK_POLICY.stream(MAIN)
        same = states.of(STOCK_POLICY, MAIN).cost_method is self.cost_method
        events = () if same else ((stream, StockPolicySet(cost_method=self.cost_method)),)
        return Decision(events=events, result=Done(id=MAIN))
