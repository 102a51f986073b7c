"""markdown_labels: a row a markdown. markdown_proposals: a row a proposal, with what became of it.

Whether a markdown still counts is for the clock of who reads. Prices in minor units of the store's currency.
"""

from collections.abc import Iterable
from datetime import date, datetime

import msgspec

from domain.catalog.markdown import LabelsCameBack, LabelsSold, MarkdownEnded, MarkdownMade
from domain.freshness.item import MarkdownProposed, ProposalAccepted, ProposalRejected
from domain.kernel.event import AnyRecorded
from projections.kernel.table import Change, Table


class LabelRow(msgspec.Struct, frozen=False, kw_only=False, gc=False):
    """A markdown: what is on its labels, how many there are and are sold. A price or `off_bp` counts."""

    label: str
    store_id: str = ""
    sku: str = ""
    lot: str = ""
    labels: int = 0
    sold: int = 0
    price_minor: int | None = None
    off_bp: int = 0
    reason: str = ""
    until: datetime | None = None
    made_at: datetime | None = None
    ended_at: datetime | None = None


def _fold_label(row: LabelRow, entry: AnyRecorded) -> None:
    match entry.data:
        case MarkdownMade() as made:
            row.store_id, row.sku, row.lot, row.labels = made.store_id, made.sku, made.lot, made.labels
            row.price_minor, row.off_bp, row.reason = made.price_minor, made.off_bp, made.reason
            row.until, row.made_at = made.until, entry.recorded_at
        case LabelsSold() as sold:
            row.sold += sold.labels
        case LabelsCameBack() as back:
            row.sold -= back.labels
        case _:
            row.ended_at = entry.recorded_at


class ProposalRow(msgspec.Struct, frozen=False, kw_only=False, gc=False):
    """A proposed markdown: `waiting`, `accepted`, `rejected`, or `replaced` by a later step.

    `automatic` is 1 where nobody was asked. `settled_by` is who decided.
    """

    store_id: str
    sku: str
    number: int
    status: str = "waiting"
    lot: str = ""
    sell_by: date | None = None
    day: date | None = None
    days_left: int = 0
    off_bp: int = 0
    quantity: int = 0
    ladder: str = ""
    ladder_version: int = 0
    label: str | None = None
    automatic: int = 0
    reason: str | None = None
    proposed_at: datetime | None = None
    settled_at: datetime | None = None
    settled_by: str | None = None


def _fold_proposal(row: ProposalRow, entry: AnyRecorded) -> None:
    match entry.data:
        case MarkdownProposed() as made if made.number == row.number:
            row.lot, row.sell_by, row.day, row.days_left = made.lot, made.sell_by, made.day, made.days_left
            row.off_bp, row.quantity = made.off_bp, made.quantity
            row.ladder, row.ladder_version = made.ladder, made.ladder_version
            row.proposed_at = entry.recorded_at
            return
        case MarkdownProposed():
            if row.status != "waiting":
                return
            row.status = "replaced"
        case ProposalAccepted() as accepted:
            row.status, row.label, row.automatic = "accepted", accepted.label, int(accepted.automatic)
        case ProposalRejected() as rejected:
            row.status, row.reason = "rejected", rejected.reason
        case _:
            return
    row.settled_at, row.settled_by = entry.recorded_at, entry.actor


LABELS = Table("markdown_labels", LabelRow, keys=1, fold=_fold_label)
PROPOSALS = Table("markdown_proposals", ProposalRow, keys=3, fold=_fold_proposal)


class MarkdownBoard:
    """Markdowns keyed by label, proposals by store, SKU and number."""

    name = "markdown_board"
    version = 1
    tables = (LABELS, PROPOSALS)
    events = (
        MarkdownMade,
        LabelsSold,
        LabelsCameBack,
        MarkdownEnded,
        MarkdownProposed,
        ProposalAccepted,
        ProposalRejected,
    )

    def changes(self, entry: AnyRecorded) -> Iterable[Change]:
        """One row an event; a proposal touches also that of which it takes the place."""
        event = entry.data
        if isinstance(event, MarkdownMade | LabelsSold | LabelsCameBack | MarkdownEnded):
            yield LABELS.change((event.label,), entry)
            return
        yield PROPOSALS.change((event.store_id, event.sku, event.number), entry)
        if isinstance(event, MarkdownProposed) and event.replaces is not None:
            yield PROPOSALS.change((event.store_id, event.sku, event.replaces), entry)
