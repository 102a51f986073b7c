"""lead_board: one row a lead, without its notes (those stay sealed in the journal)."""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from domain.kernel.event import AnyRecorded
from domain.leads.lead import (
    LeadAdvanced,
    LeadGiven,
    LeadLost,
    LeadNoted,
    LeadOpened,
    LeadReopened,
    LeadStage,
    LeadWon,
)
from projections.kernel.table import Change, Table


class LeadRow(msgspec.Struct, frozen=False, kw_only=False):
    """A lead's place on the board. `stage_at` is since when it has been in its stage.

    `contacted_at`, `visited_at` and `quoted_at` are the first time; null where the lead left the stage out.
    `reached` is its furthest stage on the way.
    """

    lead_id: str
    customer_id: str = ""
    store_id: str = ""
    source: str = ""
    employee_id: str | None = None
    sku: str | None = None
    category: str | None = None
    stage: str = LeadStage.OPENED
    reached: str = LeadStage.OPENED
    opened_at: datetime | None = None
    stage_at: datetime | None = None
    changed_at: datetime | None = None
    contacted_at: datetime | None = None
    visited_at: datetime | None = None
    quoted_at: datetime | None = None
    closed_at: datetime | None = None
    reason: str | None = None
    sale_id: str | None = None
    amount_minor: int | None = None
    currency: str | None = None


def _fold(row: LeadRow, entry: AnyRecorded) -> None:
    event, at = entry.data, entry.occurred_at
    row.changed_at = at
    match event:
        case LeadOpened():
            row.customer_id = event.customer_id
            row.store_id = event.store_id
            row.source = event.source
            row.employee_id = event.employee_id
            row.sku = event.sku
            row.category = event.category
            row.opened_at = row.stage_at = at
        case LeadGiven():
            row.employee_id = event.employee_id
        case LeadAdvanced():
            _advance(row, event, at)
        case LeadWon():
            _close(row, LeadStage.WON, at)
            row.sale_id = event.sale_id
        case LeadLost():
            _close(row, LeadStage.LOST, at)
            row.reason = event.reason
        case LeadReopened():
            row.stage, row.stage_at = row.reached, at
            row.closed_at = row.reason = row.sale_id = None
        case _:
            pass


def _advance(row: LeadRow, event: LeadAdvanced, at: datetime) -> None:
    if row.stage != event.stage.value:
        row.stage = row.reached = event.stage.value
        row.stage_at = at
    match event.stage:
        case LeadStage.CONTACTED:
            row.contacted_at = row.contacted_at or at
        case LeadStage.VISITED:
            row.visited_at = row.visited_at or at
        case _:
            row.quoted_at = row.quoted_at or at
    if event.amount_minor is not None:
        row.amount_minor, row.currency = event.amount_minor, event.currency


def _close(row: LeadRow, stage: LeadStage, at: datetime) -> None:
    row.stage = stage.value
    row.stage_at = row.closed_at = at


LEAD_BOARD = Table("lead_board", LeadRow, keys=1, fold=_fold)


class LeadBoard:
    """Keyed by lead; fed by everything that happens to one."""

    name = "lead_board"
    version = 1
    tables = (LEAD_BOARD,)
    events = (LeadOpened, LeadGiven, LeadAdvanced, LeadNoted, LeadWon, LeadLost, LeadReopened)

    def changes(self, entry: AnyRecorded) -> Iterable[Change]:
        """The lead's row."""
        yield LEAD_BOARD.change((entry.data.lead_id,), entry)
