"""Deciding on a proposed markdown: its labels are printed, or the lot keeps its price."""

from collections.abc import Iterable

from domain.access.approval import Authority
from domain.catalog.markdown import MARKDOWN, MAX_LABELS, label_id
from domain.catalog.product import PRODUCT
from domain.checkout.mark_down import MarkDown
from domain.checkout.relabelling import REASON, relabelled
from domain.freshness.item import (
    FRESH_ITEM,
    MarkdownProposed,
    ProposalAccepted,
    ProposalRejected,
    proposal_label,
)
from domain.inventory.stock_item import STOCK_ITEM, item_id
from domain.kernel.business_day import business_day_ends_at
from domain.kernel.command import Command, Decision, Done, Moment
from domain.kernel.errors import InvalidCommand, NotFound, Refusal
from domain.kernel.quantity import Unit
from domain.kernel.stream import States
from domain.stores.store import STORE


class ProposalSettled(Refusal):
    """The proposal waits no more: somebody decided on it, or a later step took its place."""

    code = "proposal_settled"


class ProposalLapsed(Refusal):
    """Nothing of the lot can be marked down any more: it has expired, or nothing is left of it."""

    code = "proposal_lapsed"


class AcceptMarkdown(Command, frozen=True, kw_only=True):
    """Marks the lot down as it was proposed, by `labels` labels or as many as pieces are there.

    `code` is what is printed on them; without one they have a code of the proposal's. What goes by weight
    needs `labels`: nobody else knows how many packs there are. It is a discount of `authority`.
    """

    store_id: str
    sku: str
    number: int
    code: str | None = None
    labels: int | None = None
    authority: Authority | None = None

    def streams(self) -> Iterable[str]:
        id_ = item_id(self.store_id, self.sku)
        yield STORE.stream(self.store_id)
        yield PRODUCT.stream(self.sku)
        yield STOCK_ITEM.stream(id_)
        yield FRESH_ITEM.stream(id_)

    def linked(self, states: States) -> Iterable[str]:
        for lot, steps in states.of(FRESH_ITEM, item_id(self.store_id, self.sku)).lots.items():
            if steps.proposed.number == self.number:
                yield from self._marking(states, steps.proposed, lot).streams()
                if steps.label is not None:
                    yield MARKDOWN.stream(steps.label)

    def decide(self, states: States, at: Moment) -> Decision:
        states.require(STORE, self.store_id)
        proposed = waiting(states, self.store_id, self.sku, self.number)
        marking = self._marking(states, proposed, proposed.lot)
        if marking.until <= at.recorded_at or not self._quantity(states, proposed.lot):
            raise ProposalLapsed(
                "The lot has expired, or nothing is left of it. Reject the proposal.",
                sku=self.sku,
                lot=proposed.lot,
                sell_by=proposed.sell_by.isoformat(),
            )
        if self.labels is None and states.require(PRODUCT, self.sku).unit is not Unit.PIECE:
            raise InvalidCommand("Say how many labels: goods by weight lie in packs.", sku=self.sku)
        accepted = ProposalAccepted(
            store_id=self.store_id,
            sku=self.sku,
            number=self.number,
            lot=proposed.lot,
            label=label_id(marking.code),
        )
        events = tuple(relabelled(states, at, marking, accepted))
        return Decision(events=events, result=Done(id=label_id(marking.code)))

    def _quantity(self, states: States, lot: str) -> int:
        parts = states.of(STOCK_ITEM, item_id(self.store_id, self.sku)).parts
        # Of a lot of which nothing is left the book may have forgotten all.
        found = None if parts is None else parts.lots.get(lot)
        return 0 if found is None else found.quantity

    def _marking(self, states: States, proposed: MarkdownProposed, lot: str) -> MarkDown:
        store = states.of(STORE, self.store_id)
        return MarkDown(
            code=self.code or proposal_label(self.store_id, self.sku, self.number),
            store_id=self.store_id,
            sku=self.sku,
            lot=lot,
            labels=self.labels or min(self._quantity(states, lot), MAX_LABELS),
            off_bp=proposed.off_bp,
            reason=REASON,
            until=business_day_ends_at(proposed.sell_by, store.time_zone, store.day_starts_at_min),
            authority=self.authority,
        )


class RejectMarkdown(Command, frozen=True, kw_only=True):
    """Leaves the lot at the price that it has, for a reason: this step is not proposed for it again."""

    store_id: str
    sku: str
    number: int
    reason: str

    def streams(self) -> tuple[str, ...]:
        return (STORE.stream(self.store_id), FRESH_ITEM.stream(item_id(self.store_id, self.sku)))

    def decide(self, states: States, at: Moment) -> Decision:
        states.require(STORE, self.store_id)
        proposed = waiting(states, self.store_id, self.sku, self.number)
        rejected = ProposalRejected(
            store_id=self.store_id,
            sku=self.sku,
            number=self.number,
            lot=proposed.lot,
            reason=self.reason,
        )
        stream = FRESH_ITEM.stream(item_id(self.store_id, self.sku))
        return Decision(events=((stream, rejected),), result=Done(id=self.sku))


def waiting(states: States, store_id: str, sku: str, number: int) -> MarkdownProposed:
    """The proposal that waits, or NotFound, or ProposalSettled."""
    item = states.of(FRESH_ITEM, item_id(store_id, sku))
    if not 0 < number <= item.made:
        raise NotFound(
            "There is no such proposal. Check sku and number.", kind="proposal", id=f"{sku}/{number}"
        )
    for steps in item.lots.values():
        if steps.proposed.number == number and steps.waits:
            return steps.proposed
    raise ProposalSettled(
        "Somebody has decided on it, or a later step took its place. Read the list anew.",
        sku=sku,
        number=number,
    )
