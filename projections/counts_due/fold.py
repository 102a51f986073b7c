"""item_counts: one row a store and SKU that was ever in a count."""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from domain.inventory.counted import CountClosed, CountOpened
from domain.kernel.event import AnyRecorded
from projections.kernel.table import Change, Table


class ItemCount(msgspec.Struct, frozen=False, kw_only=False, gc=False):
    """Which counts it is in, by id with blanks between, and when any of it was counted last and posted."""

    store_id: str
    sku: str
    counting: str | None = None
    counted_at: datetime | None = None


def _count(row: ItemCount, event: CountOpened | CountClosed) -> None:
    others = [count for count in (row.counting or "").split() if count != event.count]
    if isinstance(event, CountOpened):
        row.counting = " ".join((*others, event.count))
        return
    row.counting = " ".join(others) or None
    for part in event.counted:
        if row.counted_at is None or part.counted_at > row.counted_at:
            row.counted_at = part.counted_at


ITEM_COUNTS = Table("item_counts", ItemCount, keys=2, fold=_count)


class CountsDue:
    """Fed by counts as the items see them."""

    name = "counts_due"
    version = 2
    tables = (ITEM_COUNTS,)
    events = (CountOpened, CountClosed)

    def changes(self, entry: AnyRecorded) -> Iterable[Change]:
        """The item's row."""
        event: CountOpened | CountClosed = entry.data
        yield ITEM_COUNTS.change((event.store_id, event.sku), event)
