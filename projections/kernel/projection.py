"""A projection: a pure fold of the journal into the rows of its tables."""

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


Changes = dict[Table[Any, Any], list[tuple[Key, Any]]]
"""What a page of entries does, by table and in order: which row, and what its fold is given."""


def collect(projection: Projection, entries: Iterable[AnyRecorded], into: Changes) -> None:
    """Adds what the entries do to the projection's tables, which are its own."""
    for entry in entries:
        for table, key, delta in projection.changes(entry):
            into[table].append((key, delta))


async def apply(connection: Connection, changes: Changes) -> None:
    """Folds a page into the tables: per table one read and one write. All reads travel together.

    The writes wait to be sent with whatever follows, where the connection is a pipeline. Belongs into the
    transaction that moves the projections' positions.
    """
    wanted = {table: list(dict.fromkeys(key for key, _ in touched)) for table, touched in changes.items()}
    asked = [(table, keys, await table.ask(connection, keys)) for table, keys in wanted.items()]
    for table, keys, cursor in asked:
        rows = await table.answer(cursor, keys)
        fold = table.fold
        for key, delta in changes[table]:
            fold(rows[key], delta)
        await table.write(connection, list(rows.values()))
