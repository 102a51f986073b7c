"""Suggestions become a draft of a purchase order, and what becomes of that settles them. (Decision 0063.)

Sending stays with somebody. A suggestion stands in one draft at most, however often and by how many it is
gathered, because the draft and that are one decision.
"""

from collections.abc import Iterable
from datetime import date
from typing import ClassVar

import msgspec

from domain.catalog.product import PRODUCT, Product
from domain.kernel.command import Command, Decision, Done, Moment
from domain.kernel.errors import InvalidCommand, Refusal
from domain.kernel.event import Event
from domain.kernel.stream import States
from domain.purchasing.conditions import MAX_LINES
from domain.purchasing.order import PURCHASE, FromSuggestion, PurchaseDrafted, PurchaseStatus
from domain.purchasing.supplier import SUPPLIER, Supplier
from domain.purchasing.terms import SUPPLY, Terms, supply_id
from domain.replenishment.item import (
    REPLENISHED,
    SuggestionAccepted,
    SuggestionDismissed,
    SuggestionDrafted,
    SuggestionOrdered,
    Waiting,
    item_id,
)
from domain.replenishment.ordering import ORDERING, Automatic, ordering_id
from domain.stockroom.purchase_drafts import WantedLine, drafted_at, line_of, streams_of
from domain.stockroom.purchase_sending import day_of
from domain.stores.store import STORE

LEFT_OUT = "left out of the order"
"""Why a suggestion is dismissed whose SKU somebody took off the draft."""


class Gathered(msgspec.Struct, frozen=True, kw_only=True):
    """The draft, None where there was nothing to gather, and the SKUs that were left out.

    The supplier has no terms for them, or nobody orders or pays as much.
    """

    purchase_id: str | None = None
    without_terms: tuple[str, ...] = ()
    too_large: tuple[str, ...] = ()


class GatherSuggestions(Command, frozen=True, kw_only=True):
    """Drafts an order of a supplier's suggestions as the store's policy allows; of what is left of them.

    What was settled or gathered meanwhile is passed over. What the supplier has no terms for waits on, and so
    does what is too large for an order: a slip of the keyboard must not hold back all the others.
    """

    RESULT: ClassVar = Gathered

    purchase_id: str
    store_id: str
    supplier_id: str
    suggestions: tuple[FromSuggestion, ...]

    def streams(self) -> Iterable[str]:
        yield PURCHASE.stream(self.purchase_id)
        yield SUPPLIER.stream(self.supplier_id)
        yield STORE.stream(self.store_id)
        yield ORDERING.stream(ordering_id(self.store_id, self.supplier_id))
        wanted = (WantedLine(sku=one.sku, quantity=1) for one in self.suggestions)
        yield from streams_of(self.supplier_id, wanted)
        for one in self.suggestions:
            yield REPLENISHED.stream(item_id(self.store_id, one.sku))

    def decide(self, states: States, at: Moment) -> Decision:
        if not 0 < len(self.suggestions) <= MAX_LINES:
            raise InvalidCommand(f"Gather 1 to {MAX_LINES} at a time.", suggestions=len(self.suggestions))
        stream = PURCHASE.stream(self.purchase_id)
        states.require_absent(stream)
        chosen = [(one, waits) for one in set(self.suggestions) if (waits := self._gathered(states, one))]
        chosen.sort(key=lambda found: (found[0].sku, found[0].number))
        today = day_of(states.require(STORE, self.store_id), at)
        wanted, left_out = self._wanted(states, today, chosen)
        chosen = [(one, waits) for one, waits in chosen if one.sku in wanted]
        if not chosen:
            return Decision(events=(), result=left_out)
        drafted = drafted_at(
            states,
            at,
            self.purchase_id,
            self.supplier_id,
            self.store_id,
            [WantedLine(sku=sku, quantity=quantity) for sku, quantity in wanted.items()],
            None,
            suggestions=tuple(one for one, _ in chosen),
        )
        events: list[tuple[str, Event]] = [(stream, drafted)]
        for one, waits in chosen:
            events += self._into(stream, one, waits)
        result = msgspec.structs.replace(left_out, purchase_id=self.purchase_id)
        return Decision(events=tuple(events), result=result)

    def _wanted(
        self, states: States, today: date, chosen: Iterable[tuple[FromSuggestion, Waiting]]
    ) -> tuple[dict[str, int], Gathered]:
        """How much of which SKU is to be ordered, and what is left out."""
        wanted: dict[str, int] = {}
        for one, waits in chosen:
            wanted[one.sku] = wanted.get(one.sku, 0) + waits.quantity
        without: list[str] = []
        too_large: list[str] = []
        for sku, quantity in list(wanted.items()):
            product, line = states.of(PRODUCT, sku), WantedLine(sku=sku, quantity=quantity)
            terms = states.of(SUPPLY, supply_id(self.supplier_id, sku)).on(today)
            if not product.stocked or terms is None:
                without.append(sku)
            elif not _is_orderable(line, product, terms, states.of(SUPPLIER, self.supplier_id)):
                too_large.append(sku)
            else:
                continue
            del wanted[sku]
        return wanted, Gathered(without_terms=tuple(without), too_large=tuple(too_large))

    def _gathered(self, states: States, one: FromSuggestion) -> Waiting | None:
        """The suggestion, if it waits for this and the policy allows it."""
        automatic = states.of(ORDERING, ordering_id(self.store_id, self.supplier_id)).automatic
        waits = states.of(REPLENISHED, item_id(self.store_id, one.sku)).waiting.get(one.number)
        if automatic is None or waits is None or waits.draft is not None:
            return None
        if waits.supplier_id != self.supplier_id:
            return None
        return waits if waits.accepted or automatic is Automatic.OPEN else None

    def _into(self, draft: str, one: FromSuggestion, waits: Waiting) -> Iterable[tuple[str, Event]]:
        item = REPLENISHED.stream(item_id(self.store_id, one.sku))
        if not waits.accepted:
            accepted = SuggestionAccepted(
                store_id=self.store_id,
                sku=one.sku,
                number=one.number,
                quantity=waits.quantity,
                suggested=waits.quantity,
            )
            yield item, accepted
        yield (
            item,
            SuggestionDrafted(store_id=self.store_id, sku=one.sku, number=one.number, reference=draft),
        )


def _is_orderable(wanted: WantedLine, product: Product, terms: Terms, supplier: Supplier) -> bool:
    try:
        line_of(wanted, product, terms, supplier)
    except Refusal:
        return False
    return True


class SettleSuggestions(Command, frozen=True, kw_only=True):
    """Settles what stood in a draft: ordered when that was sent, dismissed if cancelled or left out."""

    purchase_id: str

    def streams(self) -> Iterable[str]:
        return (PURCHASE.stream(self.purchase_id),)

    def linked(self, states: States) -> Iterable[str]:
        drafted = states.of(PURCHASE, self.purchase_id).drafted
        if drafted is not None:
            for one in drafted.suggestions:
                yield REPLENISHED.stream(item_id(drafted.store_id, one.sku))

    def decide(self, states: States, at: Moment) -> Decision:
        purchase = states.require(PURCHASE, self.purchase_id)
        drafted, stream = purchase.drafted, PURCHASE.stream(self.purchase_id)
        assert drafted is not None
        events: list[tuple[str, Event]] = []
        if purchase.status is not PurchaseStatus.DRAFT:
            cancelled = purchase.cause if purchase.status is PurchaseStatus.CANCELLED else None
            for one in drafted.suggestions:
                id_ = item_id(drafted.store_id, one.sku)
                waits = states.of(REPLENISHED, id_).waiting.get(one.number)
                if waits is not None and waits.draft == stream:
                    events.append((REPLENISHED.stream(id_), _settled(drafted, one, cancelled)))
        return Decision(events=tuple(events), result=Done(id=self.purchase_id))


def _settled(drafted: PurchaseDrafted, one: FromSuggestion, cancelled: str | None) -> Event:
    store_id = drafted.store_id
    is_left = any(line.sku == one.sku for line in drafted.lines)
    if cancelled is None and is_left:
        return SuggestionOrdered(
            store_id=store_id,
            sku=one.sku,
            number=one.number,
            reference=PURCHASE.stream(drafted.purchase_id),
        )
    return SuggestionDismissed(
        store_id=store_id, sku=one.sku, number=one.number, reason=cancelled or LEFT_OUT
    )
