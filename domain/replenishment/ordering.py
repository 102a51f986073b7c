"""Whether a store's suggestions become drafts of purchase orders by themselves, supplier by supplier."""

import enum
from typing import ClassVar

import msgspec

from domain.kernel.command import Command, Decision, Moment
from domain.kernel.event import Event
from domain.kernel.stream import States, StreamKind
from domain.replenishment.suggesting import ItemVersion


class Automatic(enum.StrEnum):
    """Which suggestions are gathered: those that somebody accepted, or what nobody has decided on too."""

    ACCEPTED = "accepted"
    OPEN = "open"


class OrderingPolicySet(Event, frozen=True, kw_only=True, omit_defaults=True):
    """From now on suggestions for the supplier are gathered into drafts; None: by nobody any more."""

    TYPE: ClassVar = "replenishment.ordering_set.v1"
    store_id: str
    supplier_id: str
    automatic: Automatic | None = None


class Ordering(msgspec.Struct, frozen=True, kw_only=True):
    """What is gathered, if anything is."""

    automatic: Automatic | None = None


def evolve(state: Ordering, event: Event) -> Ordering:
    """The policy after `event`."""
    return Ordering(automatic=event.automatic) if isinstance(event, OrderingPolicySet) else state


ORDERING = StreamKind("ordering", Ordering(), evolve)


def ordering_id(store_id: str, supplier_id: str) -> str:
    """The id of how a store orders from a supplier: `main/orchard`. Neither part can hold a slash."""
    return f"{store_id}/{supplier_id}"


class SetOrderingPolicy(Command, frozen=True, kw_only=True):
    """Puts a policy in the place of the one before; None ends it. The same one again changes nothing."""

    RESULT: ClassVar = ItemVersion

    store_id: str
    supplier_id: str
    automatic: Automatic | None
    expected_version: int | None = None

    def streams(self) -> tuple[str, ...]:
        return (
            f"store-{self.store_id}",
            f"supplier-{self.supplier_id}",
            ORDERING.stream(ordering_id(self.store_id, self.supplier_id)),
        )

    def decide(self, states: States, at: Moment) -> Decision:
        store, supplier, stream = self.streams()
        states.require_stream(store)
        states.require_stream(supplier)
        states.require_version(stream, self.expected_version)
        before = states.of(ORDERING, ordering_id(self.store_id, self.supplier_id)).automatic
        set_ = OrderingPolicySet(
            store_id=self.store_id, supplier_id=self.supplier_id, automatic=self.automatic
        )
        events = () if before == self.automatic else ((stream, set_),)
        return Decision(events=events, result=ItemVersion(version=states.version(stream) + len(events)))
