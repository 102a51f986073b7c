"""replenished_items: a row a store and SKU; suggestions: a row a store, SKU and number, with its reasons.

ordering_policies: a row a store and supplier.
"""

from collections.abc import Iterable
from datetime import date, datetime

import msgspec

from domain.kernel.event import AnyRecorded
from domain.replenishment.item import (
    ReplenishmentPolicySet,
    SuggestionAccepted,
    SuggestionDismissed,
    SuggestionDrafted,
    SuggestionMade,
    SuggestionOrdered,
)
from domain.replenishment.ordering import OrderingPolicySet
from projections.kernel.table import Change, Table

MADE, ACCEPTED, DISMISSED, ORDERED, DRAFTED = "made", "accepted", "dismissed", "ordered", "drafted"


class ItemRow(msgspec.Struct, frozen=False, kw_only=False, gc=False):
    """The policy in force as JSON, and what waits by the suggestion's number."""

    store_id: str
    sku: str
    policy: str | None = None
    numbers: int = 0
    waiting: dict[str, int] = {}


class SuggestionRow(msgspec.Struct, frozen=False, kw_only=False, gc=False):
    """A suggestion and what became of it. `made` is the event's JSON: everything that it followed from."""

    store_id: str
    sku: str
    number: int
    status: str = MADE
    quantity: int = 0
    suggested: int = 0
    supplier_id: str | None = None
    day: date | None = None
    made_at: datetime | None = None
    settled_at: datetime | None = None
    settled_by: str | None = None
    reason: str | None = None
    reference: str | None = None
    made: str = "{}"


class OrderingRow(msgspec.Struct, frozen=False, kw_only=False, gc=False):
    """Which suggestions for a supplier are gathered into drafts; null: none."""

    store_id: str
    supplier_id: str
    automatic: str | None = None


def _fold_item(row: ItemRow, entry: AnyRecorded) -> None:
    match event := entry.data:
        case ReplenishmentPolicySet():
            row.policy = None if event.policy is None else msgspec.json.encode(event.policy).decode()
        case SuggestionMade():
            row.numbers = event.number
            row.waiting[str(event.number)] = event.quantity
        case SuggestionAccepted():
            row.waiting[str(event.number)] = event.quantity
        case SuggestionDismissed() | SuggestionOrdered():
            row.waiting.pop(str(event.number), None)
        case _:
            pass


def _fold_suggestion(row: SuggestionRow, entry: AnyRecorded) -> None:
    match event := entry.data:
        case SuggestionMade():
            row.quantity = row.suggested = event.quantity
            row.supplier_id = event.policy.supplier_id
            row.day = event.day
            row.made_at = entry.recorded_at
            row.made = msgspec.json.encode(event).decode()
        case SuggestionAccepted():
            row.status, row.quantity, row.reason = ACCEPTED, event.quantity, event.reason
            _settle(row, entry)
        case SuggestionDismissed():
            row.status, row.quantity, row.reason = DISMISSED, 0, event.reason
            _settle(row, entry)
        case SuggestionDrafted():
            row.status, row.reference = DRAFTED, event.reference
        case SuggestionOrdered():
            row.status, row.reference = ORDERED, event.reference
        case _:
            pass


def _settle(row: SuggestionRow, entry: AnyRecorded) -> None:
    row.settled_at, row.settled_by = entry.recorded_at, entry.actor


def _fold_ordering(row: OrderingRow, event: OrderingPolicySet) -> None:
    row.automatic = None if event.automatic is None else event.automatic.value


REPLENISHED_ITEMS = Table("replenished_items", ItemRow, keys=2, fold=_fold_item)
SUGGESTIONS = Table("suggestions", SuggestionRow, keys=3, fold=_fold_suggestion)
ORDERING_POLICIES = Table("ordering_policies", OrderingRow, keys=2, fold=_fold_ordering)


class Replenishment:
    """Fed by policies and suggestions."""

    name = "replenishment"
    version = 2
    tables = (REPLENISHED_ITEMS, SUGGESTIONS, ORDERING_POLICIES)
    events = (
        ReplenishmentPolicySet,
        SuggestionMade,
        SuggestionAccepted,
        SuggestionDismissed,
        SuggestionDrafted,
        SuggestionOrdered,
        OrderingPolicySet,
    )

    def changes(self, entry: AnyRecorded) -> Iterable[Change]:
        """The item's row, and the suggestion's where there is one; or that of a store and supplier."""
        event = entry.data
        if isinstance(event, OrderingPolicySet):
            yield ORDERING_POLICIES.change((event.store_id, event.supplier_id), event)
            return
        yield REPLENISHED_ITEMS.change((event.store_id, event.sku), entry)
        if not isinstance(event, ReplenishmentPolicySet):
            yield SUGGESTIONS.change((event.store_id, event.sku, event.number), entry)
