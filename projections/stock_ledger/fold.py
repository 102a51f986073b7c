"""stock_ledger: a row a lot's part of a movement, and a row a cost that turned out to be another.

The sums of `on_hand`, `held` and `value_minor` up to a position are what was there then. Minor units of the
store's currency.
"""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from domain.inventory.cost import CostAdjusted
from domain.inventory.movement import Place, StockMoved, shares_of
from domain.kernel.event import AnyRecorded
from domain.kernel.lot_share import LotShare
from projections.kernel.table import Change, Table


class StockEntry(msgspec.Struct, frozen=False, kw_only=False, gc=False):
    """`on_hand` and `held` are how shelf and quarantine changed, `value_minor` how the value of both did.

    `variance_minor` is what it cost besides. `lot` is null for what belongs to none. `cause` is a movement's
    reason, or why a cost was adjusted.
    """

    position: int
    number: int
    store_id: str = ""
    sku: str = ""
    lot: str | None = None
    recorded_at: datetime | None = None
    occurred_at: datetime | None = None
    from_place: str | None = None
    to_place: str | None = None
    quantity: int = 0
    on_hand: int = 0
    held: int = 0
    cost_minor: int = 0
    value_minor: int = 0
    variance_minor: int = 0
    cause: str | None = None
    reference: str | None = None


_SHELF, _QUARANTINE = Place.SHELF, Place.QUARANTINE


def _fold(row: StockEntry, told: tuple[AnyRecorded, LotShare | None]) -> None:
    entry, share = told
    event: StockMoved | CostAdjusted = entry.data
    row.store_id, row.sku, row.reference = event.store_id, event.sku, event.reference
    row.recorded_at, row.occurred_at = entry.recorded_at, entry.occurred_at
    if isinstance(event, CostAdjusted):
        row.lot, row.cause = event.lot, event.cause.value
        row.value_minor = event.stock_minor + event.held_minor
        row.variance_minor = event.variance_minor
        return
    assert share is not None
    row.lot, row.cause = share.lot or None, event.reason
    row.from_place, row.to_place = event.from_.value, event.to.value
    row.quantity, row.cost_minor = share.quantity, share.cost_minor
    shelf = (event.to is _SHELF) - (event.from_ is _SHELF)
    quarantine = (event.to is _QUARANTINE) - (event.from_ is _QUARANTINE)
    row.on_hand, row.held = shelf * share.quantity, quarantine * share.quantity
    row.value_minor = (shelf + quarantine) * share.cost_minor


STOCK_LEDGER = Table("stock_ledger", StockEntry, keys=2, fold=_fold)


class StockLedger:
    """Keyed by position and, within a movement, by lot; fed by movements and adjusted costs."""

    name = "stock_ledger"
    version = 1
    tables = (STOCK_LEDGER,)
    events = (StockMoved, CostAdjusted)

    def changes(self, entry: AnyRecorded) -> Iterable[Change]:
        """A row for each lot of a movement: of most there is one."""
        if isinstance(entry.data, StockMoved):
            for number, share in enumerate(shares_of(entry.data), start=1):
                yield STOCK_LEDGER.change((entry.position, number), (entry, share))
        else:
            yield STOCK_LEDGER.change((entry.position, 1), (entry, None))
