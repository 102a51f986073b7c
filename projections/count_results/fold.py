"""count_variances: a row a lot's part of a difference. count_lines: a row a line of a count that was posted.

A difference is booked when a count is posted, when a fact of before a count is told late, or by hand.
Quantities are in the SKU's unit, money in minor units at the book's cost.
"""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from domain.counts.count import CountPosted, PostedLine
from domain.inventory.movement import LATE, Place, StockMoved, shares_of
from domain.kernel.event import AnyRecorded
from domain.kernel.lot_share import LotShare
from projections.kernel.table import Change, Table

COUNT = "count-"
"""So begins the reference of what a count brought."""


class CountVariance(msgspec.Struct, frozen=False, kw_only=False, gc=False):
    """One of three: what was missing, what was there besides, or what came late (below zero: less was there).

    surplus − shrink + late is the difference. `count_id` is what the movement refers to, null by hand.
    """

    position: int
    number: int
    store_id: str = ""
    sku: str = ""
    lot: str | None = None
    recorded_at: datetime | None = None
    count_id: str | None = None
    cause: str | None = None
    shrink: int = 0
    shrink_minor: int = 0
    surplus: int = 0
    surplus_minor: int = 0
    late: int = 0
    late_minor: int = 0


_DIFFERENCE = Place.COUNT_DIFFERENCE


def _vary(row: CountVariance, told: tuple[AnyRecorded, LotShare]) -> None:
    entry, share = told
    moved: StockMoved = entry.data
    reference = moved.reference or ""
    row.store_id, row.sku, row.lot = moved.store_id, moved.sku, share.lot or None
    row.recorded_at, row.cause = entry.recorded_at, moved.reason
    row.count_id = reference.removeprefix(COUNT) if reference.startswith(COUNT) else None
    found = moved.from_ is _DIFFERENCE
    if row.count_id is not None and moved.reason == LATE:
        row.late = share.quantity if found else -share.quantity
        row.late_minor = share.cost_minor if found else -share.cost_minor
    elif found:
        row.surplus, row.surplus_minor = share.quantity, share.cost_minor
    else:
        row.shrink, row.shrink_minor = share.quantity, share.cost_minor


class CountLine(msgspec.Struct, frozen=False, kw_only=False, gc=False):
    """What was counted, and what the book had at that instant."""

    position: int
    number: int
    store_id: str = ""
    count_id: str = ""
    sku: str = ""
    lot: str | None = None
    location: str | None = None
    recorded_at: datetime | None = None
    counted: int = 0
    book: int = 0


def _line(row: CountLine, told: tuple[AnyRecorded, PostedLine]) -> None:
    entry, line = told
    posted: CountPosted = entry.data
    row.store_id, row.count_id, row.recorded_at = posted.store_id, posted.count_id, entry.recorded_at
    row.sku, row.lot, row.location = line.sku, line.lot, line.location
    row.counted, row.book = line.counted, line.book


COUNT_VARIANCES = Table("count_variances", CountVariance, keys=2, fold=_vary)
COUNT_LINES = Table("count_lines", CountLine, keys=2, fold=_line)


class CountResults:
    """Keyed by position and number; fed by posted counts, and movements from or to the difference."""

    name = "count_results"
    version = 1
    tables = (COUNT_VARIANCES, COUNT_LINES)
    events = (StockMoved, CountPosted)

    def changes(self, entry: AnyRecorded) -> Iterable[Change]:
        """Nothing for other movements."""
        event = entry.data
        if isinstance(event, CountPosted):
            for number, line in enumerate(event.lines, start=1):
                yield COUNT_LINES.change((entry.position, number), (entry, line))
        elif (event.from_ is _DIFFERENCE) is not (event.to is _DIFFERENCE):
            for number, share in enumerate(shares_of(event), start=1):
                yield COUNT_VARIANCES.change((entry.position, number), (entry, share))
