"""list_prices: one row a price list and product that was ever in it. Minor units of the list's currency.

A product that left the list keeps its row, without a price. Lists that have ended keep theirs.
"""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from domain.catalog.product import PriceSet
from domain.kernel.event import AnyRecorded
from projections.kernel.table import Change, Table


class ListPriceRow(msgspec.Struct, frozen=False, kw_only=False, gc=False):
    """What a product costs in a list since which of the list's versions; null where it has left it."""

    list_id: str
    sku: str
    version: int = 0
    price_minor: int | None = None
    piece_price_minor: int | None = None
    set_at: datetime | None = None


def _fold(row: ListPriceRow, entry: AnyRecorded) -> None:
    price: PriceSet = entry.data
    row.version, row.set_at = price.version, entry.recorded_at
    row.price_minor, row.piece_price_minor = price.price_minor, price.piece_price_minor


LIST_PRICES = Table("list_prices", ListPriceRow, keys=2, fold=_fold)


class ListPrices:
    """Keyed by list and product; fed by the prices that are set."""

    name = "list_prices"
    version = 1
    tables = (LIST_PRICES,)
    events = (PriceSet,)

    def changes(self, entry: AnyRecorded) -> Iterable[Change]:
        """The product's row in the list."""
        yield LIST_PRICES.change((entry.data.list_id, entry.data.sku), entry)
