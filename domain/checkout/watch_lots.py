"""The daily look at a store's lots: what passed its sell-by, and what is to be marked down by its ladder.

It decides by the journal and the server's clock: looked at twice, or by two at once, nothing is told twice,
and days on which nobody looked lead to the step that goods have come to by now, not to those they missed.
"""

from collections.abc import Iterable
from datetime import date
from typing import ClassVar, NamedTuple

import msgspec

from domain.catalog.markdown import MARKDOWN, MAX_LABELS
from domain.catalog.product import PRODUCT, Product
from domain.checkout.mark_down import MarkDown
from domain.checkout.relabelling import REASON, relabelled
from domain.freshness.item import FRESH_ITEM, FreshItem, MarkdownProposed, ProposalAccepted, proposal_label
from domain.freshness.ladder import BOOK, LADDERS, MarkdownLadderSet, ladder_for, step_at
from domain.freshness.watch import WATCH, LotsWatched
from domain.inventory.lots import Lot, LotExpired, is_expired
from domain.inventory.parts import Parts, lot_values
from domain.inventory.stock_item import STOCK_ITEM, StockItem, item_id
from domain.kernel.business_day import business_day, business_day_ends_at
from domain.kernel.command import Command, Decision, Done, Moment
from domain.kernel.event import Event
from domain.kernel.quantity import Unit
from domain.kernel.stream import States
from domain.stores.store import STORE, Store


class Watched(msgspec.Struct, frozen=True, kw_only=True):
    """What a look led to: lots that expired, markdowns that wait for somebody, and those that were made."""

    expired: int = 0
    proposed: int = 0
    marked_down: int = 0


class _Found(NamedTuple):
    """A lot that has come to another step of its ladder."""

    name: str
    lot: Lot
    proposed: MarkdownProposed
    automatic: bool


class WatchItem(Command, frozen=True, kw_only=True):
    """Looks at the lots of one SKU."""

    RESULT: ClassVar = Watched

    store_id: str
    sku: str

    def streams(self) -> Iterable[str]:
        id_ = item_id(self.store_id, self.sku)
        yield STORE.stream(self.store_id)
        yield PRODUCT.stream(self.sku)
        yield STOCK_ITEM.stream(id_)
        yield FRESH_ITEM.stream(id_)
        yield LADDERS.stream(BOOK)

    def linked(self, states: States) -> Iterable[str]:
        item = states.of(FRESH_ITEM, item_id(self.store_id, self.sku))
        parts = states.of(STOCK_ITEM, item_id(self.store_id, self.sku)).parts or Parts()
        # As many as there are lots: not one has two steps at once.
        for number in range(item.made + 1, item.made + 1 + len(parts.lots)):
            yield MARKDOWN.stream(proposal_label(self.store_id, self.sku, number))
        for steps in item.lots.values():
            if steps.label is not None:
                yield MARKDOWN.stream(steps.label)

    def decide(self, states: States, at: Moment) -> Decision:
        store = states.require(STORE, self.store_id)
        product = states.require(PRODUCT, self.sku)
        id_ = item_id(self.store_id, self.sku)
        item = states.of(STOCK_ITEM, id_)
        today = business_day(at.recorded_at, store.time_zone, store.day_starts_at_min)
        expired = list(_expired(self.store_id, self.sku, item, today))
        events: list[tuple[str, Event]] = [(STOCK_ITEM.stream(id_), event) for event in expired]
        proposed = made = 0
        for found in self._found(states, product, item, today):
            events.append((FRESH_ITEM.stream(id_), found.proposed))
            if found.automatic:
                events += self._marked_down(states, at, store, found)
                made += 1
            else:
                proposed += 1
        result = Watched(expired=len(expired), proposed=proposed, marked_down=made)
        return Decision(events=tuple(events), result=result)

    def _found(self, states: States, product: Product, item: StockItem, today: date) -> Iterable[_Found]:
        ladder = ladder_for(states.of(LADDERS, BOOK).ladders, self.store_id, self.sku, product.category)
        if ladder is None or item.parts is None or not product.stocked:
            return
        known = states.of(FRESH_ITEM, item_id(self.store_id, self.sku))
        number = known.made
        for name, lot in item.parts.lots.items():
            one = self._step(ladder, known, name, lot, today, number + 1)
            if one is not None:
                number += 1
                proposed, automatic = one
                # Nobody knows here how many packs goods by weight lie in, so somebody has to say so.
                yield _Found(name, lot, proposed, automatic and product.unit is Unit.PIECE)

    def _step(
        self, ladder: MarkdownLadderSet, known: FreshItem, name: str, lot: Lot, today: date, number: int
    ) -> tuple[MarkdownProposed, bool] | None:
        if lot.sell_by is None or lot.quantity <= 0 or is_expired(lot, today):
            return None
        days_left = (lot.sell_by - today).days
        step = step_at(ladder, days_left)
        before = known.lots.get(name)
        # One that keeps differently is another lot, which bears the name of one that the item has forgotten.
        done = before.proposed.off_bp if before and before.proposed.sell_by == lot.sell_by else 0
        if step is None or step.off_bp <= done:
            return None
        proposed = MarkdownProposed(
            store_id=self.store_id,
            sku=self.sku,
            number=number,
            lot=name,
            sell_by=lot.sell_by,
            day=today,
            days_left=days_left,
            off_bp=step.off_bp,
            quantity=lot.quantity,
            ladder=ladder.ladder,
            ladder_version=ladder.version,
            replaces=None if before is None else before.proposed.number,
        )
        return proposed, step.automatic

    def _marked_down(
        self, states: States, at: Moment, store: Store, found: _Found
    ) -> Iterable[tuple[str, Event]]:
        proposed = found.proposed
        label = proposal_label(self.store_id, self.sku, proposed.number)
        marking = MarkDown(
            code=label,
            store_id=self.store_id,
            sku=self.sku,
            lot=found.name,
            labels=min(found.lot.quantity, MAX_LABELS),
            off_bp=proposed.off_bp,
            reason=REASON,
            until=business_day_ends_at(proposed.sell_by, store.time_zone, store.day_starts_at_min),
        )
        accepted = ProposalAccepted(
            store_id=self.store_id,
            sku=self.sku,
            number=proposed.number,
            lot=found.name,
            label=label,
            automatic=True,
        )
        return relabelled(states, at, marking, accepted)


def _expired(store_id: str, sku: str, item: StockItem, today: date) -> Iterable[LotExpired]:
    """The lots that passed their sell-by with something left, where nobody has written that down."""
    parts = item.parts or Parts()
    values = lot_values(parts, item.on_hand, item.value_minor)
    for name, lot in parts.lots.items():
        held = parts.held.get(name)
        if lot.told_expired or lot.sell_by is None or not is_expired(lot, today):
            continue
        if lot.quantity > 0 or held is not None:
            yield LotExpired(
                store_id=store_id,
                sku=sku,
                lot=name,
                sell_by=lot.sell_by,
                day=today,
                quantity=lot.quantity,
                held=0 if held is None else held.quantity,
                value_minor=values.get(name, 0) + (0 if held is None else held.value_minor),
            )


class EndWatch(Command, frozen=True, kw_only=True):
    """Says that all lots of the store were looked at on its business day. A day has that once."""

    store_id: str
    day: date

    def streams(self) -> tuple[str, ...]:
        return (STORE.stream(self.store_id), WATCH.stream(self.store_id))

    def decide(self, states: States, at: Moment) -> Decision:
        states.require(STORE, self.store_id)
        before = states.of(WATCH, self.store_id).day
        told = before is not None and before >= self.day
        watched = LotsWatched(store_id=self.store_id, day=self.day)
        return Decision(
            events=() if told else ((WATCH.stream(self.store_id), watched),), result=Done(id=self.store_id)
        )
