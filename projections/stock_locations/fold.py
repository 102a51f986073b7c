"""location_entries: a row for what came to a location or left it. storage_costs: a row a location's new cost.

Of the sales floor, which has what no location has, only the costs are here.
"""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from domain.inventory.locations import StockRelocated
from domain.inventory.movement import Place, StockMoved
from domain.kernel.event import AnyRecorded
from domain.stores.storage_cost import StorageCostsSet
from projections.kernel.table import Change, Table


class LocationEntry(msgspec.Struct, frozen=False, kw_only=False, gc=False):
    """So much came to a location or, below zero, left it. That goods are sold from there nobody tells."""

    position: int
    location: str
    store_id: str = ""
    sku: str = ""
    recorded_at: datetime | None = None
    quantity: int = 0


def _fold(row: LocationEntry, told: tuple[AnyRecorded, int]) -> None:
    entry, quantity = told
    row.store_id, row.sku, row.recorded_at = entry.data.store_id, entry.data.sku, entry.recorded_at
    row.quantity += quantity


class StorageCost(msgspec.Struct, frozen=False, kw_only=False, gc=False):
    """What a location costs a month from then on; what a later setting does not name costs nothing."""

    position: int
    location: str
    store_id: str = ""
    recorded_at: datetime | None = None
    month_minor: int = 0


def _set(row: StorageCost, told: tuple[AnyRecorded, int]) -> None:
    entry, row.month_minor = told
    row.store_id, row.recorded_at = entry.data.store_id, entry.recorded_at


LOCATION_ENTRIES = Table("location_entries", LocationEntry, keys=2, fold=_fold)
STORAGE_COSTS = Table("storage_costs", StorageCost, keys=2, fold=_set)
_SHELF = Place.SHELF


class StockLocations:
    """Keyed by position and location; fed by movements, relocations and what the places cost."""

    name = "stock_locations"
    version = 1
    tables = (LOCATION_ENTRIES, STORAGE_COSTS)
    events = (StockMoved, StockRelocated, StorageCostsSet)

    def changes(self, entry: AnyRecorded) -> Iterable[Change]:
        """Nothing for most movements: they are of the sales floor."""
        event = entry.data
        if isinstance(event, StockMoved):
            if event.location and (sign := (event.to is _SHELF) - (event.from_ is _SHELF)):
                yield LOCATION_ENTRIES.change(
                    (entry.position, event.location), (entry, sign * event.quantity)
                )
        elif isinstance(event, StockRelocated):
            for location, quantity in (
                (event.from_location, -event.quantity),
                (event.to_location, event.quantity),
            ):
                if location:
                    yield LOCATION_ENTRIES.change((entry.position, location), (entry, quantity))
        else:
            costs = {"": 0} | {cost.location: cost.month_minor for cost in event.costs}
            for location, month_minor in costs.items():
                yield STORAGE_COSTS.change((entry.position, location), (entry, month_minor))
