"""parked_sales: one row a parked basket; `status` is parked, recalled or discarded."""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from domain.kernel.event import AnyRecorded
from domain.sales.parked import BasketDiscarded, BasketParked, BasketRecalled, ParkedStatus
from projections.kernel.table import Change, Table


class ParkedSale(msgspec.Struct, frozen=False, kw_only=False):
    """A parked basket: where it was put aside and when, and how many lines it has."""

    parked_id: str
    store_id: str = ""
    register_id: str = ""
    status: str = ParkedStatus.PARKED.value
    parked_at: datetime | None = None
    lines: int = 0


def _fold(row: ParkedSale, entry: AnyRecorded) -> None:
    match entry.data:
        case BasketParked(store_id=store_id, register_id=register_id, lines=lines):
            row.store_id, row.register_id, row.lines = store_id, register_id, len(lines)
            row.parked_at = entry.occurred_at
        case BasketRecalled():
            row.status = ParkedStatus.RECALLED.value
        case _:
            row.status = ParkedStatus.DISCARDED.value


PARKED_SALES = Table("parked_sales", ParkedSale, keys=1, fold=_fold)


class ParkedSales:
    """Keyed by parked basket."""

    name = "parked_sales"
    version = 1
    tables = (PARKED_SALES,)
    events = (BasketParked, BasketRecalled, BasketDiscarded)

    def changes(self, entry: AnyRecorded) -> Iterable[Change]:
        """The basket's row."""
        yield PARKED_SALES.change((entry.data.parked_id,), entry)
