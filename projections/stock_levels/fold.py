"""stock_levels: one row a store and SKU. Quantities in the SKU's unit, value in minor units."""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from domain.inventory.stock_item import Place, StockMoved
from domain.kernel.event import AnyRecorded
from projections.kernel.table import Change, Table


class StockLevel(msgspec.Struct, frozen=False, kw_only=False):
    """What the book says is on the shelf, and the sums of how it came and went.

    received − sold + returned − wasted + adjusted = on_hand.
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


def _fold(row: StockLevel, entry: AnyRecorded) -> None:
    moved: StockMoved = entry.data
    if row.moved_at is None or entry.occurred_at > row.moved_at:
        row.moved_at = entry.occurred_at
    sign = (moved.to is Place.SHELF) - (moved.from_ is Place.SHELF)
    row.on_hand += sign * moved.quantity
    row.value_minor += sign * moved.cost_minor
    match moved.from_, moved.to:
        case Place.SUPPLIER, _:
            row.received += moved.quantity
        case Place.CUSTOMER, _:
            row.returned += moved.quantity
        case _, Place.CUSTOMER:
            row.sold += moved.quantity
        case _, Place.WASTE:
            row.wasted += moved.quantity
        case _:
            row.adjusted += sign * moved.quantity


STOCK_LEVELS = Table("stock_levels", StockLevel, keys=2, fold=_fold)


class StockLevels:
    """Keyed by store and SKU; fed by stock.moved."""

    name = "stock_levels"
    version = 1
    tables = (STOCK_LEVELS,)
    events = (StockMoved,)

    def changes(self, entry: AnyRecorded) -> Iterable[Change]:
        """One row a movement."""
        yield STOCK_LEVELS.change((entry.data.store_id, entry.data.sku), entry)
