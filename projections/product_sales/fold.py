"""product_sales: one row a product, store and business day. Minor units of the store's currency."""

from collections.abc import Iterable
from datetime import date

import msgspec

from domain.kernel.event import AnyRecorded
from domain.sales.returns import ReturnedLine, ReturnRecorded
from domain.sales.sale import SaleCompleted, SaleLine
from projections.kernel.table import Change, Table


class ProductSales(msgspec.Struct, frozen=False, kw_only=False, gc=False):
    """gross − discount − returns = net, as customers paid it; cost is that of what did not come back.

    Quantities are in the unit that the product is kept in. A return counts on its own business day.
    """

    sku: str
    store_id: str
    business_day: date
    currency: str = ""
    quantity: int = 0
    returned_quantity: int = 0
    gross_minor: int = 0
    discount_minor: int = 0
    returns_minor: int = 0
    net_minor: int = 0
    cost_minor: int = 0


_Delta = tuple[str, SaleLine | ReturnedLine]


def _fold(row: ProductSales, delta: _Delta) -> None:
    row.currency, line = delta
    quantity = line.stock_quantity if line.weight_g else line.quantity
    if isinstance(line, SaleLine):
        row.quantity += quantity
        row.gross_minor += line.amount_minor
        row.discount_minor += line.amount_minor - line.net_minor
        row.net_minor += line.net_minor
        row.cost_minor += line.cost_minor
    else:
        row.returned_quantity += quantity
        row.returns_minor += line.net_minor
        row.net_minor -= line.net_minor
        row.cost_minor -= line.cost_minor


PRODUCT_SALES = Table("product_sales", ProductSales, keys=3, fold=_fold)


class ProductsSold:
    """Fed by sales and returns, line by line."""

    name = "product_sales"
    version = 1
    tables = (PRODUCT_SALES,)
    events = (SaleCompleted, ReturnRecorded)

    def changes(self, entry: AnyRecorded) -> Iterable[Change]:
        """A row for each line's product."""
        event: SaleCompleted | ReturnRecorded = entry.data
        store_id, day, currency = event.store_id, event.business_day, event.currency
        for line in event.lines:
            yield PRODUCT_SALES.change((line.sku, store_id, day), (currency, line))
