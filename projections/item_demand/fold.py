"""item_demand: a row a store, SKU and day; item_outages: a store and SKU; selling_hours: a store and hour.

Together they say what was asked for: what was sold, and how much of the day's trade found an empty shelf.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

import msgspec

from domain.inventory.stock_item import Place, StockMoved
from domain.kernel.event import AnyRecorded
from domain.sales.returns import ReturnedLine, ReturnRecorded
from domain.sales.sale import SaleCompleted, SaleLine
from projections.kernel.table import Change, Table

OUTAGES_KEPT = 60
"""An item that was out oftener has its first outages forgotten: no row grows without end."""


class ItemDemand(msgspec.Struct, frozen=False, kw_only=False, gc=False):
    """What was sold, in the unit that the product is kept in, less what was corrected; and what came back.

    Who brings something back asked for it all the same.
    """

    store_id: str
    sku: str
    business_day: date
    sold: int = 0
    returned: int = 0


class ItemOutages(msgspec.Struct, frozen=False, kw_only=False, gc=False):
    """What is on the shelf, since when it has been empty, and the minutes of earlier outages by their start.

    What is sold below zero was there: the outage begins only then. `since` the first movement, by the till's
    clock, as all of it.
    """

    store_id: str
    sku: str
    on_hand: int = 0
    since: datetime | None = None
    out_since: datetime | None = None
    outages: dict[str, int] = {}


class SellingHour(msgspec.Struct, frozen=False, kw_only=False, gc=False):
    """How many lines of sales a store has had in an hour (0 to 23) of its local time."""

    store_id: str
    hour: int
    lines: int = 0


def _fold_demand(row: ItemDemand, line: tuple[SaleLine | ReturnedLine, bool]) -> None:
    moved, correction = line
    if isinstance(moved, SaleLine):
        row.sold += moved.stock_quantity
    elif correction:
        row.sold -= moved.stock_quantity
    else:
        row.returned += moved.stock_quantity


_SHELF, _CUSTOMER = Place.SHELF, Place.CUSTOMER


def _fold_outages(row: ItemOutages, entry: AnyRecorded) -> None:
    moved: StockMoved = entry.data
    at = entry.occurred_at
    if row.since is None or at < row.since:
        row.since = at
    before = row.on_hand
    row.on_hand += moved.quantity * ((moved.to is _SHELF) - (moved.from_ is _SHELF))
    if row.on_hand > 0:
        if row.out_since is not None:
            _close(row, row.out_since, at)
    elif before > 0 or (moved.from_ is _SHELF and moved.to is _CUSTOMER):
        row.out_since = at if row.out_since is None else max(row.out_since, at)


def _close(row: ItemOutages, start: datetime, end: datetime) -> None:
    row.out_since = None
    if (minutes := (end - start) // timedelta(minutes=1)) > 0:
        row.outages[start.isoformat()] = minutes
        if len(row.outages) > OUTAGES_KEPT:
            del row.outages[min(row.outages)]


def _fold_hour(row: SellingHour, lines: int) -> None:
    row.lines += lines


ITEM_DEMAND = Table("item_demand", ItemDemand, keys=3, fold=_fold_demand)
ITEM_OUTAGES = Table("item_outages", ItemOutages, keys=2, fold=_fold_outages)
SELLING_HOURS = Table("selling_hours", SellingHour, keys=2, fold=_fold_hour)


class ItemsAskedFor:
    """Fed by sales and returns line by line, and by what moves onto the shelf and off it."""

    name = "item_demand"
    version = 1
    tables = (ITEM_DEMAND, ITEM_OUTAGES, SELLING_HOURS)
    events = (SaleCompleted, ReturnRecorded, StockMoved)

    def changes(self, entry: AnyRecorded) -> Iterable[Change]:
        """A row for each line of goods, one for a sale's hour, and one for what moved."""
        event: SaleCompleted | ReturnRecorded | StockMoved = entry.data
        if isinstance(event, StockMoved):
            if event.to is _SHELF or event.from_ is _SHELF:
                yield ITEM_OUTAGES.change((event.store_id, event.sku), entry)
            return
        correction = isinstance(event, ReturnRecorded) and event.correction
        for line in event.lines:
            if line.stocked:
                yield ITEM_DEMAND.change((event.store_id, line.sku, event.business_day), (line, correction))
        if isinstance(event, SaleCompleted):
            local = entry.occurred_at + timedelta(minutes=event.utc_offset_min)
            yield SELLING_HOURS.change((event.store_id, local.hour), len(event.lines))
