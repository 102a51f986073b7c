"""targets: one row a target, as its last version has it. What was reached is summed when it is asked for."""

from collections.abc import Iterable
from datetime import date

import msgspec

from domain.kernel.event import AnyRecorded
from domain.staff.target import TargetEnded, TargetSet
from projections.kernel.table import Change, Table


class TargetRow(msgspec.Struct, frozen=False, kw_only=False):
    """A target; `goal` is minor units, pieces or grams, or sales. `version` is the stream's."""

    target_id: str
    store_id: str | None = None
    employee_id: str | None = None
    sku: str | None = None
    category: str | None = None
    first_day: date | None = None
    last_day: date | None = None
    measure: str = ""
    currency: str | None = None
    goal: int = 0
    version: int = 0
    ended: bool = False


def _fold(row: TargetRow, event: TargetSet | TargetEnded) -> None:
    row.version += 1
    if isinstance(event, TargetEnded):
        row.ended = True
        return
    target = event.target
    row.store_id, row.employee_id = target.store_id, target.employee_id
    row.sku, row.category = target.sku, target.category
    row.first_day, row.last_day = target.first, target.last
    row.measure, row.currency, row.goal = target.measure.value, target.currency, target.goal


TARGETS = Table("targets", TargetRow, keys=1, fold=_fold)


class Targets:
    """Keyed by target; fed by its versions and its end."""

    name = "targets"
    version = 1
    tables = (TARGETS,)
    events = (TargetSet, TargetEnded)

    def changes(self, entry: AnyRecorded) -> Iterable[Change]:
        """The target's row."""
        yield TARGETS.change((entry.data.target_id,), entry.data)
