"""A store's item as replenishment sees it: its policy, and the suggestions that wait for somebody.

made -> accepted (with another quantity, for a reason) -> ordered; or dismissed, for a reason. In between it
may stand in a draft, and is ordered when that is sent. What waits counts as if it was ordered, so that
another look at the same shelf suggests nothing twice.
"""

from datetime import date
from typing import ClassVar

import msgspec

from domain.kernel.errors import Refusal
from domain.kernel.event import Event
from domain.kernel.stream import StreamKind
from domain.replenishment.demand import Demand
from domain.replenishment.expiring import SellBy
from domain.replenishment.levels import Levels, Shelf
from domain.replenishment.policy import Policy

SNAPSHOT_EVERY = 100
"""An item is ordered every few days for as long as it is sold."""


class ReplenishmentPolicySet(Event, frozen=True, kw_only=True, omit_defaults=True):
    """From now on the item is replenished by this policy; None: by nobody any more."""

    TYPE: ClassVar = "replenishment.policy_set.v1"
    store_id: str
    sku: str
    policy: Policy | None = None


class SuggestionMade(Event, frozen=True, kw_only=True, omit_defaults=True):
    """So much should be ordered now, because of these figures.

    `shelf`, `suggested` (what waited already) and `demand` of the days up to `day` went in; `levels` and
    `position` came out, by the policy and by `formula`, its version, in that `hour` of the business day.
    `shelf.expiring` is the sum of what `expires` says: what has to be sold by which day before it comes.
    """

    TYPE: ClassVar = "replenishment.suggestion_made.v1"
    store_id: str
    sku: str
    number: int
    quantity: int
    day: date
    hour: int = 0
    policy: Policy
    formula: int
    shelf: Shelf
    expires: tuple[SellBy, ...] = ()
    suggested: int = 0
    demand: Demand | None = None
    levels: Levels
    position: int


class SuggestionAccepted(Event, frozen=True, kw_only=True, omit_defaults=True):
    """It is to be ordered: as suggested, or another quantity for `reason`, a cause in words."""

    TYPE: ClassVar = "replenishment.suggestion_accepted.v1"
    store_id: str
    sku: str
    number: int
    quantity: int
    suggested: int
    reason: str | None = None


class SuggestionDismissed(Event, frozen=True, kw_only=True, omit_defaults=True):
    """It is not to be ordered, for `reason`, a cause in words."""

    TYPE: ClassVar = "replenishment.suggestion_dismissed.v1"
    store_id: str
    sku: str
    number: int
    reason: str


class SuggestionDrafted(Event, frozen=True, kw_only=True, omit_defaults=True):
    """It stands in a draft, `reference`, and waits for that to be sent or cancelled."""

    TYPE: ClassVar = "replenishment.suggestion_drafted.v1"
    store_id: str
    sku: str
    number: int
    reference: str


class SuggestionOrdered(Event, frozen=True, kw_only=True, omit_defaults=True):
    """It was ordered by `reference`, and counts as on order from now on."""

    TYPE: ClassVar = "replenishment.suggestion_ordered.v1"
    store_id: str
    sku: str
    number: int
    reference: str


class SuggestionSettled(Refusal):
    """Somebody has dealt with the suggestion already, or must accept it first."""

    code = "suggestion_settled"


class Waiting(msgspec.Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A suggestion that is not yet ordered; `draft` is the order that it is to be ordered by."""

    quantity: int
    accepted: bool = False
    supplier_id: str | None = None
    draft: str | None = None


class ReplenishedItem(msgspec.Struct, frozen=True, kw_only=True):
    """The policy in force, the last suggestion's number, and those that wait, by number."""

    policy: Policy | None = None
    numbers: int = 0
    waiting: dict[int, Waiting] = {}

    @property
    def suggested(self) -> int:
        """What waits, all together."""
        return sum(one.quantity for one in self.waiting.values()) if self.waiting else 0


def evolve(state: ReplenishedItem, event: Event) -> ReplenishedItem:
    """The item after `event`."""
    match event:
        case ReplenishmentPolicySet():
            return msgspec.structs.replace(state, policy=event.policy)
        case SuggestionMade():
            made = Waiting(quantity=event.quantity, supplier_id=event.policy.supplier_id)
            return ReplenishedItem(
                policy=state.policy, numbers=event.number, waiting=state.waiting | {event.number: made}
            )
        case SuggestionAccepted():
            before = state.waiting.get(event.number)
            accepted = Waiting(
                quantity=event.quantity,
                accepted=True,
                supplier_id=None if before is None else before.supplier_id,
            )
            return msgspec.structs.replace(state, waiting=state.waiting | {event.number: accepted})
        case SuggestionDrafted() if (waits := state.waiting.get(event.number)) is not None:
            drafted = msgspec.structs.replace(waits, draft=event.reference)
            return msgspec.structs.replace(state, waiting=state.waiting | {event.number: drafted})
        case SuggestionDismissed() | SuggestionOrdered():
            left = {number: one for number, one in state.waiting.items() if number != event.number}
            return msgspec.structs.replace(state, waiting=left)
        case _:
            return state


REPLENISHED = StreamKind("replenishment", ReplenishedItem(), evolve, snapshot_every=SNAPSHOT_EVERY)


def item_id(store_id: str, sku: str) -> str:
    """An item's id: `main/apple`. Neither part can hold a slash."""
    return f"{store_id}/{sku}"
