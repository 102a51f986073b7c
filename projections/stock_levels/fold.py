"""stock_levels: one row a store and SKU. Quantities in the SKU's unit, value in minor units."""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from domain.inventory.cost import CostAdjusted
from domain.inventory.stock_item import Place, StockMoved
from domain.kernel.event import AnyRecorded
from projections.kernel.table import Change, Table


class StockLevel(msgspec.Struct, frozen=False, kw_only=False, gc=False):
    """What the book says is on the shelf, and the sums of how it came and went.

    received − sold + returned − wasted + adjusted − held + transferred − donated = on_hand. `held` is what is
    in quarantine; the value is that of what is on hand.
    """

    store_id: str
    sku: str
    on_hand: int = 0
    value_minor: int = 0
    received: int = 0
    sold: int = 0
    returned: int = 0
    wasted: int = 0
    adjusted: int = 0
    moved_at: datetime | None = None
    held: int = 0
    transferred: int = 0
    donated: int = 0


# There are more movements than anything else, and to look up an enum's member takes longer than to add.
_SUPPLIER, _SHELF, _CUSTOMER, _WASTE = Place.SUPPLIER, Place.SHELF, Place.CUSTOMER, Place.WASTE
_COUNT, _QUARANTINE, _TRANSIT = Place.COUNT_DIFFERENCE, Place.QUARANTINE, Place.TRANSIT


def _fold(row: StockLevel, entry: AnyRecorded) -> None:
    event = entry.data
    if isinstance(event, CostAdjusted):
        row.value_minor += event.stock_minor
        return
    moved: StockMoved = event
    if row.moved_at is None or entry.occurred_at > row.moved_at:
        row.moved_at = entry.occurred_at
    sign = (moved.to is _SHELF) - (moved.from_ is _SHELF)
    row.on_hand += sign * moved.quantity
    row.value_minor += sign * moved.cost_minor
    # What came back spoiled was never on the shelf again: it came from one place and went to another.
    if moved.from_ is not _SHELF:
        _came(row, moved.from_, moved.quantity)
    if moved.to is not _SHELF:
        _went(row, moved.to, moved.quantity)


def _came(row: StockLevel, from_: Place, quantity: int) -> None:
    if from_ is _SUPPLIER:
        row.received += quantity
    elif from_ is _CUSTOMER:
        row.returned += quantity
    elif from_ is _COUNT:
        row.adjusted += quantity
    elif from_ is _QUARANTINE:
        row.held -= quantity
    elif from_ is _TRANSIT:
        row.transferred += quantity
    elif from_ is _WASTE:
        row.wasted -= quantity
    else:
        row.donated -= quantity


def _went(row: StockLevel, to: Place, quantity: int) -> None:
    if to is _CUSTOMER:
        row.sold += quantity
    elif to is _WASTE:
        row.wasted += quantity
    elif to is _COUNT:
        row.adjusted -= quantity
    elif to is _QUARANTINE:
        row.held += quantity
    elif to is _TRANSIT:
        row.transferred -= quantity
    elif to is _SUPPLIER:
        row.received -= quantity
    else:
        row.donated += quantity


STOCK_LEVELS = Table("stock_levels", StockLevel, keys=2, fold=_fold)


class StockLevels:
    """Keyed by store and SKU; fed by movements and by costs that turned out to be others."""

    name = "stock_levels"
    version = 2
    tables = (STOCK_LEVELS,)
    events = (StockMoved, CostAdjusted)

    def changes(self, entry: AnyRecorded) -> Iterable[Change]:
        """One row an event."""
        yield STOCK_LEVELS.change((entry.data.store_id, entry.data.sku), entry)
