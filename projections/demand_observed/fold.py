"""demand_observed: a row a source, store, SKU and day. In thousandths of whatever unit the source has."""

from collections.abc import Iterable
from datetime import date

import msgspec

from domain.kernel.event import AnyRecorded
from domain.replenishment.observed import DemandObserved, ObservedDay
from projections.kernel.table import Change, Table


class ObservedRow(msgspec.Struct, frozen=False, kw_only=False, gc=False):
    """A day: what was sold, bit h of `out` for each hour out of stock, and what was sold in which hour."""

    source: str
    store_id: str
    sku: str
    day: date
    sold_milli: int = 0
    out: int = 0
    by_hour_milli: dict[str, int] = {}


def _fold(row: ObservedRow, day: ObservedDay) -> None:
    row.sold_milli, row.out = day.sold_milli, day.out
    row.by_hour_milli = {str(hour): sold for hour, sold in enumerate(day.by_hour_milli) if sold}


DEMAND_OBSERVED = Table("demand_observed", ObservedRow, keys=4, fold=_fold)


class ObservedDemand:
    """Fed by observations, day by day."""

    name = "demand_observed"
    version = 1
    tables = (DEMAND_OBSERVED,)
    events = (DemandObserved,)

    def changes(self, entry: AnyRecorded) -> Iterable[Change]:
        """A row a day."""
        event: DemandObserved = entry.data
        for day in event.days:
            yield DEMAND_OBSERVED.change((event.source, event.store_id, event.sku, day.day), day)
