"""expiry_board: a row a lot. Quantities in the SKU's unit, the cost per piece or kilogram in minor units.

Whether a lot has expired is for the clock of who reads. A lot that the item has forgotten has a row still:
what comes back of it is no lot's. (Decision 0060.)
"""

from collections.abc import Iterable
from datetime import date

import msgspec

from domain.inventory.lots import LotExpired, LotReceived
from domain.inventory.movement import Place, StockMoved, shares_of
from domain.kernel.event import AnyRecorded
from domain.kernel.lot_share import LotShare
from projections.kernel.table import Change, Table


class LotRow(msgspec.Struct, frozen=False, kw_only=False, gc=False):
    """A lot's facts, and how much of it is on the shelf and in quarantine.

    `expired_on` is the business day on which it was written down that its sell-by was over. What was never
    told as a lot has no `received_on`, and nothing of it counts.
    """

    store_id: str
    sku: str
    lot: str
    received_on: date | None = None
    sell_by: date | None = None
    supplier_id: str | None = None
    unit_cost_minor: int | None = None
    on_hand: int = 0
    held: int = 0
    expired_on: date | None = None


_SHELF, _QUARANTINE = Place.SHELF, Place.QUARANTINE


def _fold(row: LotRow, told: LotReceived | LotExpired | tuple[StockMoved, LotShare]) -> None:
    match told:
        case LotReceived():
            # It is told anew only where the item had forgotten it, and with it what there had been.
            row.received_on, row.sell_by = told.received_on, told.sell_by
            row.supplier_id, row.unit_cost_minor = told.supplier_id, told.unit_cost_minor
            row.on_hand = row.held = 0
            row.expired_on = None
        case LotExpired():
            row.expired_on = told.day
        case (moved, share):
            if row.received_on is None:
                return
            row.on_hand += ((moved.to is _SHELF) - (moved.from_ is _SHELF)) * share.quantity
            row.held += ((moved.to is _QUARANTINE) - (moved.from_ is _QUARANTINE)) * share.quantity


EXPIRY_BOARD = Table("expiry_board", LotRow, keys=3, fold=_fold)


class ExpiryBoard:
    """Keyed by store, SKU and lot; what is of no lot touches nothing."""

    name = "expiry_board"
    version = 1
    tables = (EXPIRY_BOARD,)
    events = (LotReceived, LotExpired, StockMoved)

    def changes(self, entry: AnyRecorded) -> Iterable[Change]:
        """A row for each lot of a movement; of most there is none."""
        event = entry.data
        if isinstance(event, StockMoved):
            if event.lot is None and not event.shares:
                return
            for share in shares_of(event):
                if share.lot:
                    yield EXPIRY_BOARD.change((event.store_id, event.sku, share.lot), (event, share))
        else:
            yield EXPIRY_BOARD.change((event.store_id, event.sku, event.lot), event)
