"""item_demand: a row a store, SKU and day; item_outages: a store and SKU; selling_hours: a store and hour.

Together they say what was asked for: what was sold, and how much of the day's trade found an empty shelf.
item_lots, a row a store, SKU and lot, says until when what is on the shelf can be.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

import msgspec

from domain.inventory.lots import LotReceived
from domain.inventory.movement import Place, StockMoved, shares_of
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


class ItemLot(msgspec.Struct, frozen=False, kw_only=False, gc=False):
    """How much of a lot is on the shelf. `received_on` is null for a name that nobody told as a lot's."""

    store_id: str
    sku: str
    lot: str
    received_on: date | None = None
    sell_by: date | None = None
    on_hand: int = 0


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


def _fold_lot(row: ItemLot, told: LotReceived | int) -> None:
    if isinstance(told, int):
        row.on_hand += told
    elif row.received_on is None or not row.on_hand:
        # What is known of a lot stays; of one that has gone it may have been forgotten.
        row.received_on, row.sell_by = told.received_on, told.sell_by


def _fold_hour(row: SellingHour, lines: int) -> None:
    row.lines += lines


ITEM_DEMAND = Table("item_demand", ItemDemand, keys=3, fold=_fold_demand)
ITEM_OUTAGES = Table("item_outages", ItemOutages, keys=2, fold=_fold_outages)
ITEM_LOTS = Table("item_lots", ItemLot, keys=3, fold=_fold_lot)
SELLING_HOURS = Table("selling_hours", SellingHour, keys=2, fold=_fold_hour)


class ItemsAskedFor:
    """Fed by sales and returns line by line, by lots, and by what moves onto the shelf and off it."""

    name = "item_demand"
    version = 2
    tables = (ITEM_DEMAND, ITEM_OUTAGES, ITEM_LOTS, SELLING_HOURS)
    events = (SaleCompleted, ReturnRecorded, StockMoved, LotReceived)

    def changes(self, entry: AnyRecorded) -> Iterable[Change]:
        """A row for each line of goods, one for a sale's hour, one for what moved, and one for each lot."""
        event: SaleCompleted | ReturnRecorded | StockMoved | LotReceived = entry.data
        if isinstance(event, StockMoved):
            if sign := (event.to is _SHELF) - (event.from_ is _SHELF):
                yield ITEM_OUTAGES.change((event.store_id, event.sku), entry)
                if event.lot is not None or event.shares:
                    for share in shares_of(event):
                        if share.lot:
                            key = (event.store_id, event.sku, share.lot)
                            yield ITEM_LOTS.change(key, sign * share.quantity)
            return
        if isinstance(event, LotReceived):
            yield ITEM_LOTS.change((event.store_id, event.sku, event.lot), event)
            return
        correction = isinstance(event, ReturnRecorded) and event.correction
        for line in event.lines:
            if line.stocked:
                yield ITEM_DEMAND.change((event.store_id, line.sku, event.business_day), (line, correction))
        if isinstance(event, SaleCompleted):
            local = entry.occurred_at + timedelta(minutes=event.utc_offset_min)
            yield SELLING_HOURS.change((event.store_id, local.hour), len(event.lines))
