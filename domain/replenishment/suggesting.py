"""Setting policies, suggesting orders, and what somebody decides about a suggestion."""

from collections.abc import Iterable
from datetime import date
from typing import ClassVar

import msgspec

from domain.kernel.command import Command, Decision, Done, Moment
from domain.kernel.errors import InvalidCommand, NotFound
from domain.kernel.stream import States
from domain.replenishment.demand import Demand
from domain.replenishment.expiring import SellBy
from domain.replenishment.item import (
    REPLENISHED,
    ReplenishedItem,
    ReplenishmentPolicySet,
    SuggestionAccepted,
    SuggestionDismissed,
    SuggestionMade,
    SuggestionOrdered,
    SuggestionSettled,
    Waiting,
    item_id,
)
from domain.replenishment.levels import FORMULA, Shelf, levels_of, position_of, to_order
from domain.replenishment.policy import MOST, Policy, require_sound

MAX_ITEMS = 1_000
MOST_WAITING = 50
"""Nobody who lets so many of an item wait reads the next: it would only make the item's state longer."""
AT_ONCE = 200
"""So many items are decided together: a batch of the journal waits for nobody long."""


class ItemVersion(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a policy that was set: the item's version now."""

    version: int


class SetReplenishmentPolicy(Command, frozen=True, kw_only=True):
    """Puts a policy in the place of the one before; None ends it. The same one again changes nothing."""

    RESULT: ClassVar = ItemVersion

    store_id: str
    sku: str
    policy: Policy | None
    expected_version: int | None = None

    def streams(self) -> tuple[str, ...]:
        return (
            f"store-{self.store_id}",
            f"product-{self.sku}",
            REPLENISHED.stream(item_id(self.store_id, self.sku)),
        )

    def decide(self, states: States, at: Moment) -> Decision:
        store, product, stream = self.streams()
        states.require_stream(store)
        states.require_stream(product)
        states.require_version(stream, self.expected_version)
        if self.policy is not None:
            require_sound(self.policy)
        item = states.of(REPLENISHED, item_id(self.store_id, self.sku))
        set_ = ReplenishmentPolicySet(store_id=self.store_id, sku=self.sku, policy=self.policy)
        events = () if item.policy == self.policy else ((stream, set_),)
        return Decision(events=events, result=ItemVersion(version=states.version(stream) + len(events)))


class Look(msgspec.Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """What was seen of one item: what is there, and what is asked for.

    `expires` is what its lots say of `shelf.expiring`. `waiting` are the suggestions that waited then, and
    `numbers` is the last one that there was.
    """

    sku: str
    shelf: Shelf
    demand: Demand | None = None
    expires: tuple[SellBy, ...] = ()
    waiting: tuple[int, ...] = ()
    numbers: int = 0


def suggestion(
    store_id: str, look: Look, item: ReplenishedItem, day: date, hour: int = 0
) -> SuggestionMade | None:
    """What to order of an item in that hour of the business day, if anything."""
    policy = item.policy
    if len(item.waiting) >= MOST_WAITING:
        return None
    if policy is None or (levels := levels_of(policy, look.demand, day, hour)) is None:
        return None
    since = range(look.numbers + 1, item.numbers + 1)
    if not item.waiting.keys() >= {*look.waiting, *since}:
        # Something was ordered meanwhile, and the shelf that was looked at does not know of it.
        return None
    position = position_of(look.shelf, item.suggested)
    quantity = to_order(policy, levels, position)
    if not 0 < quantity <= MOST:
        return None
    return SuggestionMade(
        store_id=store_id,
        sku=look.sku,
        number=item.numbers + 1,
        quantity=quantity,
        day=day,
        hour=hour,
        policy=policy,
        formula=FORMULA,
        shelf=look.shelf,
        expires=look.expires,
        suggested=item.suggested,
        demand=look.demand,
        levels=levels,
        position=position,
    )


def orders_due(
    store_id: str, day: date, hour: int, seen: Iterable[tuple[Look, ReplenishedItem]]
) -> list["SuggestOrders"]:
    """The commands for those of a store's items of which something is to be ordered: none for the others."""
    due = [look for look, item in seen if suggestion(store_id, look, item, day, hour) is not None]
    return [
        SuggestOrders(store_id=store_id, day=day, hour=hour, looks=tuple(due[first : first + AT_ONCE]))
        for first in range(0, len(due), AT_ONCE)
    ]


class SuggestionsMade(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a look at many items: how many suggestions it led to."""

    made: int


class SuggestOrders(Command, frozen=True, kw_only=True):
    """Suggests what to order of a store's items, each by its policy. Decided anew on what waits by now."""

    RESULT: ClassVar = SuggestionsMade

    store_id: str
    day: date
    hour: int = 0
    looks: tuple[Look, ...]

    def streams(self) -> Iterable[str]:
        return [REPLENISHED.stream(item_id(self.store_id, look.sku)) for look in self.looks]

    def decide(self, states: States, at: Moment) -> Decision:
        if not 0 < len(self.looks) <= MAX_ITEMS:
            raise InvalidCommand(f"Look at 1 to {MAX_ITEMS} items at a time.", items=len(self.looks))
        found = {
            look.sku: suggestion(
                self.store_id,
                look,
                states.of(REPLENISHED, item_id(self.store_id, look.sku)),
                self.day,
                self.hour,
            )
            for look in self.looks
        }
        events = tuple(
            (REPLENISHED.stream(item_id(self.store_id, sku)), made)
            for sku, made in found.items()
            if made is not None
        )
        return Decision(events=events, result=SuggestionsMade(made=len(events)))


class DecideSuggestion(Command, frozen=True, kw_only=True):
    """Accepts a suggestion as it is, or with another quantity for a reason; 0 dismisses it, for a reason."""

    store_id: str
    sku: str
    number: int
    quantity: int | None = None
    reason: str | None = None

    def streams(self) -> tuple[str, ...]:
        return (REPLENISHED.stream(item_id(self.store_id, self.sku)),)

    def decide(self, states: States, at: Moment) -> Decision:
        (stream,) = self.streams()
        made = _waiting(states.of(REPLENISHED, item_id(self.store_id, self.sku)), self.sku, self.number)
        if made.draft is not None:
            raise _in_draft(made.draft, self.sku, self.number)
        if made.accepted:
            raise SuggestionSettled(
                "The suggestion is accepted already and waits to be ordered.",
                sku=self.sku,
                number=self.number,
            )
        quantity = made.quantity if self.quantity is None else self.quantity
        if not 0 <= quantity <= MOST:
            raise InvalidCommand("quantity is zero (dismissed) or more.", quantity=quantity)
        if quantity != made.quantity and not self.reason:
            raise InvalidCommand("Give a reason for another quantity than the suggested one.", sku=self.sku)
        if quantity == 0:
            assert self.reason is not None, "a suggestion is for one unit or more"
            dismissed = SuggestionDismissed(
                store_id=self.store_id, sku=self.sku, number=self.number, reason=self.reason
            )
            return Decision(events=((stream, dismissed),), result=Done(id=self.sku))
        accepted = SuggestionAccepted(
            store_id=self.store_id,
            sku=self.sku,
            number=self.number,
            quantity=quantity,
            suggested=made.quantity,
            reason=self.reason,
        )
        return Decision(events=((stream, accepted),), result=Done(id=self.sku))


class OrderedSuggestion(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Which suggestion of an item."""

    sku: str
    number: int


class MarkOrdered(Command, frozen=True, kw_only=True):
    """Says by what (`purchase-…`) accepted suggestions of a store were ordered. All of them or none."""

    store_id: str
    suggestions: tuple[OrderedSuggestion, ...]
    reference: str

    def streams(self) -> Iterable[str]:
        return [REPLENISHED.stream(item_id(self.store_id, one.sku)) for one in self.suggestions]

    def decide(self, states: States, at: Moment) -> Decision:
        if not 0 < len(self.suggestions) <= MAX_ITEMS:
            raise InvalidCommand(f"Mark 1 to {MAX_ITEMS} at a time.", suggestions=len(self.suggestions))
        if len({(one.sku, one.number) for one in self.suggestions}) < len(self.suggestions):
            raise InvalidCommand("A suggestion is ordered once: name each once.")
        events: list[tuple[str, SuggestionOrdered]] = []
        for one in self.suggestions:
            item = states.of(REPLENISHED, item_id(self.store_id, one.sku))
            waiting = _waiting(item, one.sku, one.number)
            if waiting.draft is not None:
                raise _in_draft(waiting.draft, one.sku, one.number)
            if not waiting.accepted:
                raise SuggestionSettled("Accept the suggestion first.", sku=one.sku, number=one.number)
            ordered = SuggestionOrdered(
                store_id=self.store_id, sku=one.sku, number=one.number, reference=self.reference
            )
            events.append((REPLENISHED.stream(item_id(self.store_id, one.sku)), ordered))
        return Decision(events=tuple(events), result=Done(id=self.reference))


def _in_draft(draft: str, sku: str, number: int) -> SuggestionSettled:
    """The refusal of what an order that was drafted will settle."""
    return SuggestionSettled(
        f"The suggestion stands in the draft {draft}. Send that, change its lines, or cancel it.",
        sku=sku,
        number=number,
        draft=draft,
    )


def _waiting(item: ReplenishedItem, sku: str, number: int) -> Waiting:
    """The suggestion, if it waits; NotFound if there never was one, SuggestionSettled if it is dealt with."""
    if not 0 < number <= item.numbers:
        raise NotFound("There is no such suggestion. Check its number.", sku=sku, number=number)
    if number not in item.waiting:
        raise SuggestionSettled(
            "The suggestion is settled: it was ordered or dismissed.", sku=sku, number=number
        )
    return item.waiting[number]
