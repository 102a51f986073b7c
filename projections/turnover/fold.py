"""turnover_sales: one row a sale or return and SKU. product_categories: one row a change of a SKU's category.

The stock and its costs are in stock_ledger. Minor units of the store's currency.
"""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from domain.catalog.product import ProductAdded, ProductChanged
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


class ProductCategory(msgspec.Struct, frozen=False, kw_only=False, gc=False):
    """From this position on the SKU was in that category."""

    sku: str
    position: int
    recorded_at: datetime | None = None
    category: str = ""


def _categorise(row: ProductCategory, entry: AnyRecorded) -> None:
    row.recorded_at, row.category = entry.recorded_at, entry.data.category


TURNOVER_SALES = Table("turnover_sales", TurnoverSale, keys=2, fold=_fold)
PRODUCT_CATEGORIES = Table("product_categories", ProductCategory, keys=2, fold=_categorise)


class Turnover:
    """Keyed by position and SKU; fed by sales, returns and what products are."""

    name = "turnover"
    version = 1
    tables = (TURNOVER_SALES, PRODUCT_CATEGORIES)
    events = (SaleCompleted, ReturnRecorded, ProductAdded, ProductChanged)

    def changes(self, entry: AnyRecorded) -> Iterable[Change]:
        """A row for each SKU of a sale, and one for each new category."""
        event = entry.data
        if isinstance(event, SaleCompleted | ReturnRecorded):
            for line in event.lines:
                if line.stocked:
                    yield TURNOVER_SALES.change((entry.position, line.sku), (entry, line))
        elif event.category is not None:
            yield PRODUCT_CATEGORIES.change((event.sku, entry.position), entry)
