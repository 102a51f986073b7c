"""A projection: a pure fold of the journal into the rows of its tables."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from domain.kernel.event import AnyRecorded
from projections.kernel.table import Change, Connection, Key, Table


class Projection(Protocol):
    """A read model: which rows an entry touches. How a row changes is its table's fold."""

    @property
    def name(self) -> str:
        """Its name in checkpoints, reports of lag and commands."""
        ...

    @property
    def version(self) -> int:
        """Rises when the fold or a table changes."""
        ...

    @property
    def tables(self) -> Sequence[Table[Any, Any]]:
        """The tables that only this projection writes."""
        ...

    def changes(self, entry: AnyRecorded) -> Iterable[Change]:
        """The rows that an entry touches and what it does to each. Pure; nothing for a stranger's event."""
        ...


async def fold_page(connection: Connection, projection: Projection, entries: Sequence[AnyRecorded]) -> int:
    """Folds a page of entries into the projection's tables: per table one read and one write.

    Belongs into the transaction that moves the projection's position. Returns how many changes there were.
    """
    changes: dict[Table[Any, Any], list[tuple[Key, Any]]] = defaultdict(list)
    for entry in entries:
        for table, key, delta in projection.changes(entry):
            changes[table].append((key, delta))
    for table, touched in changes.items():
        rows = await table.load(connection, list(dict.fromkeys(key for key, _ in touched)))
        fold = table.fold
        for key, delta in touched:
            fold(rows[key], delta)
        await table.write(connection, list(rows.values()))
    return sum(map(len, changes.values()))
