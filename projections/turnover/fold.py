"""turnover_sales: one row a sale or return and SKU. Minor units of the store's currency.

The stock and its costs are in stock_ledger, and categories in report_keys.
"""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from domain.kernel.event import AnyRecorded
from domain.sales.returns import ReturnedLine, ReturnRecorded
from domain.sales.sale import SaleCompleted, SaleLine
from projections.kernel.table import Change, Table


class TurnoverSale(msgspec.Struct, frozen=False, kw_only=False, gc=False):
    """What was paid for a SKU without tax, and how much of it was sold; below zero for what came back.

    The quantity is in the unit that the product is kept in. Services have no stock, and are not here.
    """

    position: int
    sku: str
    store_id: str = ""
    recorded_at: datetime | None = None
    quantity: int = 0
    net_minor: int = 0


def _fold(row: TurnoverSale, told: tuple[AnyRecorded, SaleLine | ReturnedLine]) -> None:
    entry, line = told
    event: SaleCompleted | ReturnRecorded = entry.data
    row.store_id, row.recorded_at = event.store_id, entry.recorded_at
    if isinstance(event, SaleCompleted):
        row.quantity += line.stock_quantity
        row.net_minor += line.net_minor - (line.tax_minor if event.tax_policy.inclusive else 0)
    elif isinstance(line, ReturnedLine):
        # What was handed back has the tax in it, whether prices have or not.
        row.quantity -= line.stock_quantity
        row.net_minor -= line.refund_minor - line.tax_minor


TURNOVER_SALES = Table("turnover_sales", TurnoverSale, keys=2, fold=_fold)


class Turnover:
    """Keyed by position and SKU; fed by sales and returns."""

    name = "turnover"
    version = 1
    tables = (TURNOVER_SALES,)
    events = (SaleCompleted, ReturnRecorded)

    def changes(self, entry: AnyRecorded) -> Iterable[Change]:
        """A row for each SKU."""
        event: SaleCompleted | ReturnRecorded = entry.data
        for line in event.lines:
            if line.stocked:
                yield TURNOVER_SALES.change((entry.position, line.sku), (entry, line))
