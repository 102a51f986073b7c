"""product_categories and store_time_zones: a row each time that one was set, from that position on.

A report of the past goes by what was so then, and doesn't change with what is so now. (Decision 0060.)
"""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from domain.catalog.product import ProductAdded, ProductChanged
from domain.kernel.event import AnyRecorded
from domain.stores.store import StoreChanged, StoreOpened
from projections.kernel.table import Change, Table


class CategoryRow(msgspec.Struct, frozen=False, kw_only=False, gc=False):
    """From `position` on the product is of this category."""

    sku: str
    position: int
    recorded_at: datetime | None = None
    category: str = ""


class TimeZoneRow(msgspec.Struct, frozen=False, kw_only=False, gc=False):
    """From `position` on the store's clocks show this time."""

    store_id: str
    position: int
    time_zone: str = ""


def _fold_category(row: CategoryRow, entry: AnyRecorded) -> None:
    row.recorded_at, row.category = entry.recorded_at, entry.data.category


def _fold_time_zone(row: TimeZoneRow, time_zone: str) -> None:
    row.time_zone = time_zone


PRODUCT_CATEGORIES = Table("product_categories", CategoryRow, keys=2, fold=_fold_category)
STORE_TIME_ZONES = Table("store_time_zones", TimeZoneRow, keys=2, fold=_fold_time_zone)


class ReportKeys:
    """Keyed by SKU or store, and position; rows never change."""

    name = "report_keys"
    version = 1
    tables = (PRODUCT_CATEGORIES, STORE_TIME_ZONES)
    events = (ProductAdded, ProductChanged, StoreOpened, StoreChanged)

    def changes(self, entry: AnyRecorded) -> Iterable[Change]:
        """One row where a category or a time zone is named."""
        event: ProductAdded | ProductChanged | StoreOpened | StoreChanged = entry.data
        if isinstance(event, StoreOpened | StoreChanged):
            if event.time_zone is not None:
                yield STORE_TIME_ZONES.change((event.store_id, entry.position), event.time_zone)
        elif event.category is not None:
            yield PRODUCT_CATEGORIES.change((event.sku, entry.position), entry)
