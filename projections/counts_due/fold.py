"""item_counts: one row a store and SKU that was ever in a count. item_lots: one row a lot."""

from collections.abc import Iterable
from datetime import date, datetime

import msgspec

from domain.inventory.counted import CountClosed, CountOpened
from domain.inventory.lots import LotReceived
from domain.inventory.movement import Place, StockMoved, shares_of
from domain.kernel.event import AnyRecorded
from projections.kernel.table import Change, Table


class ItemCount(msgspec.Struct, frozen=False, kw_only=False, gc=False):
    """Which count it is in, and when it, or a part of it, was counted last in one that was posted."""

    store_id: str
    sku: str
    counting: str | None = None
    counted_at: datetime | None = None


def _count(row: ItemCount, event: CountOpened | CountClosed) -> None:
    if isinstance(event, CountOpened):
        row.counting = event.count
        return
    row.counting = None if row.counting == event.count else row.counting
    for part in event.counted:
        if row.counted_at is None or part.counted_at > row.counted_at:
            row.counted_at = part.counted_at


class ItemLot(msgspec.Struct, frozen=False, kw_only=False, gc=False):
    """How much of a lot is on the shelf, and until when it is sold; null keeps."""

    store_id: str
    sku: str
    lot: str
    sell_by: date | None = None
    on_hand: int = 0


def _lot(row: ItemLot, told: LotReceived | int) -> None:
    if isinstance(told, LotReceived):
        # What is known of a lot already stays.
        row.sell_by = row.sell_by or told.sell_by
    else:
        row.on_hand += told


ITEM_COUNTS = Table("item_counts", ItemCount, keys=2, fold=_count)
ITEM_LOTS = Table("item_lots", ItemLot, keys=3, fold=_lot)
_SHELF = Place.SHELF


class CountsDue:
    """Fed by counts as the items see them, and by movements of lots."""

    name = "counts_due"
    version = 1
    tables = (ITEM_COUNTS, ITEM_LOTS)
    events = (CountOpened, CountClosed, LotReceived, StockMoved)

    def changes(self, entry: AnyRecorded) -> Iterable[Change]:
        """Nothing for movements of what has no lots: those are most."""
        event = entry.data
        if isinstance(event, StockMoved):
            if not (event.lot or event.shares):
                return
            sign = (event.to is _SHELF) - (event.from_ is _SHELF)
            for share in shares_of(event):
                if share.lot and sign:
                    yield ITEM_LOTS.change((event.store_id, event.sku, share.lot), sign * share.quantity)
        elif isinstance(event, LotReceived):
            yield ITEM_LOTS.change((event.store_id, event.sku, event.lot), event)
        else:
            yield ITEM_COUNTS.change((event.store_id, event.sku), event)
