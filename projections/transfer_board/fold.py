"""transfer_board: one row a transfer, with what is in transit of each SKU, in the SKU's unit."""

from collections.abc import Iterable
from datetime import date, datetime

import msgspec

from domain.kernel.event import AnyRecorded
from domain.transfers.transfer import TransferReceived, TransferSent, TransferStatus
from projections.kernel.table import Change, Table


class TransferRow(msgspec.Struct, frozen=False, kw_only=False):
    """A transfer's place on the board. `in_transit` is by SKU; the counts are units of the whole transfer."""

    transfer_id: str
    from_store_id: str = ""
    to_store_id: str = ""
    status: str = TransferStatus.IN_TRANSIT.value
    sent_at: datetime | None = None
    expected_on: date | None = None
    changed_at: datetime | None = None
    in_transit: dict[str, int] = {}
    damaged: int = 0
    missing: int = 0
    over: int = 0


def _fold(row: TransferRow, entry: AnyRecorded) -> None:
    event = entry.data
    row.changed_at = entry.recorded_at
    if isinstance(event, TransferSent):
        row.from_store_id, row.to_store_id = event.from_store_id, event.to_store_id
        row.sent_at, row.expected_on = entry.recorded_at, event.expected_on
        row.in_transit = {line.sku: line.quantity for line in event.lines}
        return
    received: TransferReceived = event
    left = dict(row.in_transit)
    for line in received.lines:
        left[line.sku] = left.get(line.sku, 0) - line.good - line.damaged - line.missing
        row.damaged += line.damaged
        row.missing += line.missing
        row.over += line.over
    row.in_transit = {sku: quantity for sku, quantity in left.items() if quantity}
    if received.ends:
        row.status = TransferStatus.RECEIVED.value


TRANSFERS = Table("transfer_board", TransferRow, keys=1, fold=_fold)


class TransferBoard:
    """Keyed by transfer."""

    name = "transfer_board"
    version = 1
    tables = (TRANSFERS,)
    events = (TransferSent, TransferReceived)

    def changes(self, entry: AnyRecorded) -> Iterable[Change]:
        """The transfer's row."""
        yield TRANSFERS.change((entry.data.transfer_id,), entry)
