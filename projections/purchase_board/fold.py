"""purchase_board: one row a purchase order, with what is owed of each SKU. Quantities in the SKU's unit."""

from collections.abc import Iterable
from datetime import date, datetime

import msgspec

from domain.kernel.event import AnyRecorded
from domain.kernel.quantity import amount_minor
from domain.purchasing.order import (
    PurchaseCancelled,
    PurchaseClosed,
    PurchaseConfirmed,
    PurchaseDrafted,
    PurchaseReceived,
    PurchaseSent,
    PurchaseStatus,
)
from projections.kernel.table import Change, Table


class PurchaseRow(msgspec.Struct, frozen=False, kw_only=False):
    """A purchase order's place on the board; the total is as it was drafted.

    `expected`, `received` and `owed` are by SKU; what is owed by an order that was sent is on order.
    """

    purchase_id: str
    supplier_id: str = ""
    store_id: str = ""
    status: str = PurchaseStatus.DRAFT.value
    currency: str = ""
    lines: int = 0
    total_minor: int = 0
    drafted_at: datetime | None = None
    sent_on: date | None = None
    expected_on: date | None = None
    changed_at: datetime | None = None
    expected: dict[str, int] = {}
    received: dict[str, int] = {}
    owed: dict[str, int] = {}


def _fold(row: PurchaseRow, entry: AnyRecorded) -> None:
    event = entry.data
    row.changed_at = entry.recorded_at
    match event:
        case PurchaseDrafted():
            _draft(row, event)
            row.drafted_at = row.drafted_at or entry.recorded_at
        case PurchaseSent():
            row.status = PurchaseStatus.SENT.value
            row.sent_on = event.sent_on
            row.expected_on = event.expected_on
        case PurchaseConfirmed():
            if row.status != PurchaseStatus.PARTLY_RECEIVED:
                row.status = PurchaseStatus.CONFIRMED.value
            row.expected_on = event.expected_on
            row.expected = row.expected | {line.sku: line.quantity for line in event.lines}
        case PurchaseReceived():
            row.status = PurchaseStatus.PARTLY_RECEIVED.value
            received = dict(row.received)
            for line in event.lines:
                received[line.sku] = received.get(line.sku, 0) + line.taken
            row.received = received
        case PurchaseClosed():
            row.status = PurchaseStatus.CLOSED.value
        case _:
            row.status = PurchaseStatus.CANCELLED.value
    over = row.status in {PurchaseStatus.CLOSED, PurchaseStatus.CANCELLED}
    row.owed = {} if over else _owed(row)


def _draft(row: PurchaseRow, event: PurchaseDrafted) -> None:
    row.supplier_id = event.supplier_id
    row.store_id = event.store_id
    row.currency = event.currency
    row.lines = len(event.lines)
    row.total_minor = sum(
        amount_minor(line.unit_cost_minor, line.quantity, line.unit) for line in event.lines
    )
    row.expected_on = event.expected_on
    row.expected = {line.sku: line.quantity for line in event.lines}


def _owed(row: PurchaseRow) -> dict[str, int]:
    rest = {sku: quantity - row.received.get(sku, 0) for sku, quantity in row.expected.items()}
    return {sku: quantity for sku, quantity in rest.items() if quantity > 0}


PURCHASES = Table("purchase_board", PurchaseRow, keys=1, fold=_fold)


class PurchaseBoard:
    """Keyed by purchase order; fed by everything that happens to one."""

    name = "purchase_board"
    version = 1
    tables = (PURCHASES,)
    events = (
        PurchaseDrafted,
        PurchaseSent,
        PurchaseConfirmed,
        PurchaseReceived,
        PurchaseClosed,
        PurchaseCancelled,
    )

    def changes(self, entry: AnyRecorded) -> Iterable[Change]:
        """The order's row."""
        yield PURCHASES.change((entry.data.purchase_id,), entry)
