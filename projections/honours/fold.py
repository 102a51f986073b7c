"""honours: one row an honour and employee who has it."""

from collections.abc import Iterable

import msgspec

from domain.kernel.event import AnyRecorded
from domain.staff.honour import HonourAwarded
from projections.kernel.table import Change, Table


class HonourRow(msgspec.Struct, frozen=False, kw_only=False):
    """An honour of an employee, shared by `shared` and out of `among` who were compared."""

    period: str
    honour_id: str
    employee_id: str
    title: str = ""
    store_id: str | None = None
    shared: int = 0
    among: int = 0


def _fold(row: HonourRow, event: HonourAwarded) -> None:
    row.title, row.store_id = event.title, event.store_id
    row.shared, row.among = len(event.employee_ids), event.among


HONOURS = Table("honours", HonourRow, keys=3, fold=_fold)


class Honours:
    """Keyed by month, honour and employee."""

    name = "honours"
    version = 1
    tables = (HONOURS,)
    events = (HonourAwarded,)

    def changes(self, entry: AnyRecorded) -> Iterable[Change]:
        """A row for each who shares it."""
        event: HonourAwarded = entry.data
        for employee_id in event.employee_ids:
            yield HONOURS.change((event.period, event.honour_id, employee_id), event)
