"""sale_exceptions: one row for each exception of a sale. The code says what `expected` and `found` are."""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from domain.kernel.event import AnyRecorded
from domain.sales.sale import SaleCompleted, SaleException
from projections.kernel.table import Change, Table


class SaleExceptionRow(msgspec.Struct, frozen=False, kw_only=False, gc=False):
    """An exception; `number` counts those of a sale from 1, and `line` is 0 where it is of the whole sale."""

    sale_id: str
    number: int
    store_id: str = ""
    register_id: str = ""
    happened_at: datetime | None = None
    code: str = ""
    line: int = 0
    expected: int = 0
    found: int = 0
    reference: str | None = None


def _fold(row: SaleExceptionRow, told: tuple[AnyRecorded, SaleException]) -> None:
    entry, exception = told
    sale: SaleCompleted = entry.data
    row.store_id, row.register_id, row.happened_at = sale.store_id, sale.register_id, entry.occurred_at
    row.code, row.line, row.reference = exception.code, exception.line, exception.reference
    row.expected, row.found = exception.expected, exception.found


SALE_EXCEPTIONS = Table("sale_exceptions", SaleExceptionRow, keys=2, fold=_fold)


class SaleExceptions:
    """Keyed by sale and number; fed by sales that have any."""

    name = "sale_exceptions"
    version = 1
    tables = (SALE_EXCEPTIONS,)
    events = (SaleCompleted,)

    def changes(self, entry: AnyRecorded) -> Iterable[Change]:
        """A row for each exception: of most sales none."""
        for number, exception in enumerate(entry.data.exceptions, start=1):
            yield SALE_EXCEPTIONS.change((entry.data.sale_id, number), (entry, exception))
