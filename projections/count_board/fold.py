"""count_board: one row a count. It tells nothing of what the book says: who counts may read it."""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from domain.counts.count import (
    CountCancelled,
    CountItemsAdded,
    CountPosted,
    CountStarted,
    CountStatus,
    LinesCounted,
)
from domain.kernel.event import AnyRecorded
from projections.kernel.table import Change, Table


class CountRow(msgspec.Struct, frozen=False, kw_only=False):
    """A count's place on the board. Of its `items` those that are `items_left` are not posted yet.

    `lines` is how often something was counted, recounts included.
    """

    count_id: str
    store_id: str = ""
    kind: str = ""
    location: str | None = None
    status: str = CountStatus.OPEN.value
    started_at: datetime | None = None
    changed_at: datetime | None = None
    items: int = 0
    items_left: int = 0
    lines: int = 0


def _fold(row: CountRow, entry: AnyRecorded) -> None:
    row.changed_at = entry.recorded_at
    match entry.data:
        case CountStarted() as event:
            row.store_id, row.kind, row.location = event.store_id, event.kind.value, event.location
            row.started_at = entry.recorded_at
        case CountItemsAdded() as event:
            row.items += len(event.skus)
            row.items_left += len(event.skus)
        case LinesCounted() as event:
            row.lines += len(event.lines)
        case CountPosted() as event:
            row.items_left -= len({line.sku for line in event.lines}) + len(event.uncounted)
            row.status = CountStatus.POSTED.value if event.last else row.status
        case CountCancelled() as event:
            row.items_left -= len(event.skus)
            row.status = CountStatus.CANCELLED.value if event.last else row.status
        case _:
            pass


COUNTS = Table("count_board", CountRow, keys=1, fold=_fold)


class CountBoard:
    """Keyed by count."""

    name = "count_board"
    version = 1
    tables = (COUNTS,)
    events = (CountStarted, CountItemsAdded, LinesCounted, CountPosted, CountCancelled)

    def changes(self, entry: AnyRecorded) -> Iterable[Change]:
        """The count's row."""
        yield COUNTS.change((entry.data.count_id,), entry)
