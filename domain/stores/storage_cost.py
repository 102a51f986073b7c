"""What the places of a store cost a month, and whose goods that is shared among.

A place is shared by value and time: what a SKU was worth there, times how long. Quantities of pieces and
grams don't add up, and volumes nobody tells; value is what the money in stock is measured by as well, so that
GMROI less storage compares like with like.
"""

from collections.abc import Iterable, Mapping
from typing import ClassVar

import msgspec

from domain.kernel.command import Command, Decision, Done, Moment
from domain.kernel.errors import CurrencyMismatch, InvalidCommand
from domain.kernel.event import Event
from domain.kernel.money import MAX_AMOUNT_MINOR, Money, allocate
from domain.kernel.stream import States, StreamKind
from domain.stores.store import MAX_LOCATIONS, STORE, require_location

NOBODY = ""
"""Has the cost of a place where nothing lay."""


class LocationCost(msgspec.Struct, frozen=True, kw_only=True):
    """What a location costs a month; "" is the sales floor."""

    location: str
    month_minor: int


class StorageCostsSet(Event, frozen=True, kw_only=True, omit_defaults=True):
    """The store's places cost this, from the month on in which that is recorded. Others cost nothing."""

    TYPE: ClassVar = "storage.costs_set.v1"
    store_id: str
    costs: tuple[LocationCost, ...] = ()


class Storage(msgspec.Struct, frozen=True, kw_only=True):
    """What a store's places cost, as decisions see it."""

    costs: tuple[LocationCost, ...] = ()


def evolve(state: Storage, event: Event) -> Storage:
    """The costs after `event`."""
    return Storage(costs=event.costs) if isinstance(event, StorageCostsSet) else state


STORAGE = StreamKind("storage", Storage(), evolve)


class SetStorageCosts(Command, frozen=True, kw_only=True):
    """Sets what the places of a store cost a month, by location. Setting what is set writes nothing."""

    store_id: str
    costs: Mapping[str, Money]

    def streams(self) -> Iterable[str]:
        yield STORE.stream(self.store_id)
        yield STORAGE.stream(self.store_id)

    def decide(self, states: States, at: Moment) -> Decision:
        store = states.require(STORE, self.store_id)
        if len(self.costs) > MAX_LOCATIONS + 1:
            raise InvalidCommand(f"Name up to {MAX_LOCATIONS} locations and the sales floor.")
        for location, cost in self.costs.items():
            require_location(store, location)
            if cost.currency != store.currency:
                raise CurrencyMismatch(f"The store keeps its books in {store.currency}.", location=location)
            if not 0 <= cost.amount <= MAX_AMOUNT_MINOR:
                raise InvalidCommand(f"A cost is from 0 to {MAX_AMOUNT_MINOR}.", location=location)
        costs = tuple(
            LocationCost(location=location, month_minor=cost.amount)
            for location, cost in sorted(self.costs.items())
        )
        stream = STORAGE.stream(self.store_id)
        same = states.of(STORAGE, self.store_id).costs == costs
        events = () if same else ((stream, StorageCostsSet(store_id=self.store_id, costs=costs)),)
        return Decision(events=events, result=Done(id=self.store_id))


def shared(cost_minor: int, weights: Mapping[str, int]) -> dict[str, int]:
    """A place's cost by SKU, in proportion to value times time; NOBODY has it where nothing lay there.

    The shares add up to the cost: largest remainder, ties to the earlier SKU.
    """
    if not cost_minor:
        return {}
    skus = [sku for sku in sorted(weights) if weights[sku] > 0]
    if not skus:
        return {NOBODY: cost_minor}
    shares = allocate(cost_minor, [weights[sku] for sku in skus])
    return {sku: share for sku, share in zip(skus, shares, strict=True) if share}
