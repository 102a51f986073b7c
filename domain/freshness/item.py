"""A store's item as the daily watch sees it: which lots were to be marked down, and what became of that.

proposed -> accepted (a label is printed) or rejected; a later step takes the place of one that still waits.
Each lot has each step once, however often somebody looks.
"""

import hashlib
from datetime import date
from typing import ClassVar

import msgspec

from domain.kernel.event import Event
from domain.kernel.stream import StreamKind

SNAPSHOT_EVERY = 100


class MarkdownProposed(Event, frozen=True, kw_only=True, omit_defaults=True):
    """Goods of a lot should be `off_bp` below the list, since so few days are left of their life.

    `quantity` was on the shelf then, `day` was the store's business day. `replaces` is the lot's earlier one.
    """

    TYPE: ClassVar = "freshness.markdown_proposed.v1"
    store_id: str
    sku: str
    number: int
    lot: str
    sell_by: date
    day: date
    days_left: int
    off_bp: int
    quantity: int
    ladder: str
    ladder_version: int
    replaces: int | None = None


class ProposalAccepted(Event, frozen=True, kw_only=True, omit_defaults=True):
    """The lot is marked down by this label, which takes the place of its earlier one.

    It was `automatic` where the ladder said so and nobody was asked.
    """

    TYPE: ClassVar = "freshness.proposal_accepted.v1"
    store_id: str
    sku: str
    number: int
    lot: str
    label: str
    automatic: bool = False


class ProposalRejected(Event, frozen=True, kw_only=True, omit_defaults=True):
    """The lot keeps its price, for `reason`, a cause in words. The same step is not proposed again."""

    TYPE: ClassVar = "freshness.proposal_rejected.v1"
    store_id: str
    sku: str
    number: int
    lot: str
    reason: str


class LotSteps(msgspec.Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """How far down its ladder a lot is: its last proposal, whether that waits, and the label that it has."""

    proposed: MarkdownProposed
    waits: bool = True
    label: str | None = None


class FreshItem(msgspec.Struct, frozen=True, kw_only=True):
    """`lots` are those that can still be sold; `made` counts all proposals that there ever were."""

    made: int = 0
    lots: dict[str, LotSteps] = {}


def evolve(state: FreshItem, event: Event) -> FreshItem:
    """The item after `event`."""
    match event:
        case MarkdownProposed():
            # What has expired is proposed nothing any more.
            lots = {lot: steps for lot, steps in state.lots.items() if steps.proposed.sell_by >= event.day}
            before = lots.get(event.lot)
            lots[event.lot] = LotSteps(proposed=event, label=None if before is None else before.label)
            return FreshItem(made=event.number, lots=lots)
        case ProposalAccepted():
            return _settled(state, event.lot, event.label)
        case ProposalRejected():
            return _settled(state, event.lot, None)
        case _:
            return state


def _settled(state: FreshItem, lot: str, label: str | None) -> FreshItem:
    before = state.lots.get(lot)
    if before is None:
        return state
    after = LotSteps(proposed=before.proposed, waits=False, label=label or before.label)
    return FreshItem(made=state.made, lots=state.lots | {lot: after})


FRESH_ITEM = StreamKind("freshness", FreshItem(), evolve, snapshot_every=SNAPSHOT_EVERY)


def proposal_label(store_id: str, sku: str, number: int) -> str:
    """The label of a proposal's markdown where nobody chose one: always the same, so that none has two."""
    return f"md.{hashlib.sha256(f'{store_id}/{sku}/{number}'.encode()).hexdigest()[:24]}"
