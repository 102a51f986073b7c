"""sale_exceptions: one row for each exception of a sale. The code says what `expected` and `found` are.

What is settled stays, with when, by whom and why.
"""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from domain.kernel.event import AnyRecorded
from domain.sales.exceptions import ExceptionSettled
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
    settled_at: datetime | None = None
    settled_by: str | None = None
    settled_reason: str | None = None


def _fold(row: SaleExceptionRow, told: tuple[AnyRecorded, SaleException | None]) -> None:
    entry, exception = told
    if exception is None:
        settled: ExceptionSettled = entry.data
        row.settled_at, row.settled_by = entry.recorded_at, entry.actor
        row.settled_reason = settled.reason
        return
    sale: SaleCompleted = entry.data
    row.store_id, row.register_id, row.happened_at = sale.store_id, sale.register_id, entry.occurred_at
    row.code, row.line, row.reference = exception.code, exception.line, exception.reference
    row.expected, row.found = exception.expected, exception.found


SALE_EXCEPTIONS = Table("sale_exceptions", SaleExceptionRow, keys=2, fold=_fold)


class SaleExceptions:
    """Keyed by sale and number; fed by sales that have any, and by what is settled."""

    name = "sale_exceptions"
    version = 2
    tables = (SALE_EXCEPTIONS,)
    events = (SaleCompleted, ExceptionSettled)

    def changes(self, entry: AnyRecorded) -> Iterable[Change]:
        """A row for each exception: of most sales none."""
        if isinstance(entry.data, ExceptionSettled):
            yield SALE_EXCEPTIONS.change((entry.data.sale_id, entry.data.number), (entry, None))
            return
        for number, exception in enumerate(entry.data.exceptions, start=1):
            yield SALE_EXCEPTIONS.change((entry.data.sale_id, number), (entry, exception))
