"""stock_levels: one row a store and SKU. Quantities in the SKU's unit, value in minor units.

stock_reservations: one row a store, SKU and order. Whether one still holds is for the clock of who reads: it
may lapse without an event.
"""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from domain.inventory.reservation import ReservationReleased, StockReserved
from domain.inventory.stock_item import Place, StockMoved
from domain.kernel.event import AnyRecorded
from projections.kernel.table import Change, Table


class StockLevel(msgspec.Struct, frozen=False, kw_only=False, gc=False):
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


# There are more movements than anything else, and to look up an enum's member takes longer than to add.
_SUPPLIER, _SHELF, _CUSTOMER, _WASTE = Place.SUPPLIER, Place.SHELF, Place.CUSTOMER, Place.WASTE


def _fold(row: StockLevel, entry: AnyRecorded) -> None:
    moved: StockMoved = entry.data
    if row.moved_at is None or entry.occurred_at > row.moved_at:
        row.moved_at = entry.occurred_at
    sign = (moved.to is _SHELF) - (moved.from_ is _SHELF)
    row.on_hand += sign * moved.quantity
    row.value_minor += sign * moved.cost_minor
    if moved.from_ is _SUPPLIER:
        row.received += moved.quantity
    elif moved.from_ is _CUSTOMER:
        row.returned += moved.quantity
        # What came back spoiled was never on the shelf again.
        row.wasted += moved.quantity if moved.to is _WASTE else 0
    elif moved.to is _CUSTOMER:
        row.sold += moved.quantity
    elif moved.to is _WASTE:
        row.wasted += moved.quantity
    else:
        row.adjusted += sign * moved.quantity


class ReservationRow(msgspec.Struct, frozen=False, kw_only=False, gc=False):
    """What is promised to an order until then; nothing once that has ended."""

    store_id: str
    sku: str
    reference: str
    quantity: int = 0
    held_until: datetime | None = None


def _reserve(row: ReservationRow, event: StockReserved | ReservationReleased) -> None:
    held = isinstance(event, StockReserved)
    row.quantity = event.quantity if held else 0
    row.held_until = event.until if held else None


RESERVATIONS = Table("stock_reservations", ReservationRow, keys=3, fold=_reserve)
STOCK_LEVELS = Table("stock_levels", StockLevel, keys=2, fold=_fold)


class StockLevels:
    """Keyed by store and SKU; fed by stock.moved, and by reservations with their order."""

    name = "stock_levels"
    version = 2
    tables = (STOCK_LEVELS, RESERVATIONS)
    events = (StockMoved, StockReserved, ReservationReleased)

    def changes(self, entry: AnyRecorded) -> Iterable[Change]:
        """One row a movement or reservation."""
        if entry.data.__class__ is not StockMoved:
            event = entry.data
            yield RESERVATIONS.change((event.store_id, event.sku, event.reference), event)
            return
        yield STOCK_LEVELS.change((entry.data.store_id, entry.data.sku), entry)
