"""A bug in the fold of stock_levels, and the movements at which it may show."""

from collections.abc import Callable, Generator
from contextlib import contextmanager

import pytest

from domain.inventory.cost import CostAdjusted
from domain.inventory.movement import StockMoved
from domain.kernel.event import AnyRecorded
from projections.kernel.parking import Place, key_text
from projections.stock_levels.fold import STOCK_LEVELS, StockLevel
from tests.support.journals import read_all, run
from tests.support.postgres import Tenant

Break = Callable[[StockLevel], None]


def raises(row: StockLevel) -> None:
    row.sold += 1_000
    raise ZeroDivisionError


def does_not_fit(row: StockLevel) -> None:
    row.on_hand = 2**70


@contextmanager
def broken(at: set[int], how: Break = raises) -> Generator[None]:
    """The fold of stock_levels has a bug that shows at these positions."""
    fold = STOCK_LEVELS.fold

    def buggy(row: StockLevel, entry: AnyRecorded) -> None:
        fold(row, entry)
        if entry.position in at:
            how(row)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(STOCK_LEVELS, "fold", buggy)
        yield


def of_busiest(tenant: Tenant) -> list[AnyRecorded]:
    """Every event of the item that moves most often."""
    entries = [entry for entry in run(read_all(tenant)) if entry.stream.startswith("stock-")]
    streams = [entry.stream for entry in entries]
    busiest = max(streams, key=streams.count)
    return [entry for entry in entries if entry.stream == busiest]


def moves(tenant: Tenant) -> list[AnyRecorded]:
    """Those of them that change its level."""
    return [entry for entry in of_busiest(tenant) if isinstance(entry.data, StockMoved | CostAdjusted)]


def row_of(entry: AnyRecorded) -> Place:
    """The row of stock_levels that a movement changes."""
    key = key_text((entry.data.store_id, entry.data.sku))
    return Place("stock_levels", STOCK_LEVELS.name, key)
