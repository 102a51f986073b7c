"""A projection: a pure fold of the journal into the rows of its tables."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from domain.kernel.event import AnyRecorded, Event
from projections.kernel.parking import WHOLE_STREAM, Aside, Place, key_text
from projections.kernel.table import Change, Connection, Cursor, Key, Table


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

    @property
    def events(self) -> Sequence[type[Event]]:
        """The facts that it folds. It is shown no others."""
        ...

    def changes(self, entry: AnyRecorded) -> Iterable[Change]:
        """The rows that an entry touches and what it does to each. Pure."""
        ...


Changes = dict[Table[Any, Any], list[tuple[Key, Any]]]
"""What a page of entries does, by table and in order: which row, and what its fold is given."""


def collect(projection: Projection, entries: Iterable[AnyRecorded], into: Changes, aside: Aside) -> None:
    """Adds what the entries do to the projection's tables, which are its own.

    Sets aside an entry for which the projection raises, and what belongs to a row or a stream at which an
    earlier entry waits.
    """
    blocked, folded = aside.of(projection.name), frozenset(projection.events)
    for entry in entries:
        if type(entry.data) not in folded:
            continue
        try:
            changes = list(projection.changes(entry))
        except Exception as error:  # noqa: BLE001 - it is told to the operator
            aside.park(Place(projection.name, WHOLE_STREAM, entry.stream), entry.position, error)
            continue
        for table, key, delta in _unblocked(projection, entry, changes, aside) if blocked else changes:
            into[table].append((key, delta))


def _unblocked(
    projection: Projection, entry: AnyRecorded, changes: Sequence[Change], aside: Aside
) -> list[Change]:
    """What may be folded of an entry; the rest is set aside."""
    blocked = aside.of(projection.name)
    if changes and (WHOLE_STREAM, entry.stream) in blocked:
        aside.park(Place(projection.name, WHOLE_STREAM, entry.stream), entry.position)
        return []
    free: list[Change] = []
    for change in changes:
        place = Place(projection.name, change.table.name, key_text(change.key))
        if (place.table, place.key) in blocked:
            aside.park(place, entry.position)
        else:
            free.append(change)
    return free


class KnownRows:
    """Rows as the tables hold them, in the memory of the only one who writes there.

    Whoever keeps them forgets them when that is in doubt: a page failed, or another may have written.
    """

    def __init__(self) -> None:
        self._rows: defaultdict[Table[Any, Any], dict[Key, Any]] = defaultdict(dict)

    def of(self, table: Table[Any, Any]) -> dict[Key, Any]:
        """The table's known rows, by key."""
        return self._rows[table]

    def shrink(self, most: int) -> None:
        """Forgets tables of which more than `most` rows are known: what is still used is soon known again."""
        for rows in self._rows.values():
            if len(rows) > most:
                rows.clear()

    def forget(self) -> None:
        """Forgets all."""
        self._rows.clear()


async def apply(connection: Connection, changes: Changes, known: KnownRows) -> None:
    """Folds a page into the tables: per table one write, and one read if a row is not known.

    All reads travel together. The writes wait to be sent with whatever follows, where the connection is a
    pipeline. Belongs into the transaction that moves the projections' positions.
    """
    asked: list[tuple[Table[Any, Any], list[Key], Cursor]] = []
    for table, touched in changes.items():
        rows = known.of(table)
        if missing := list(dict.fromkeys(key for key, _ in touched if key not in rows)):
            asked.append((table, missing, await table.ask(connection, missing)))
    for table, missing, cursor in asked:
        known.of(table).update(await table.answer(cursor, missing))
    for table, touched in changes.items():
        rows, fold = known.of(table), table.fold
        for key, delta in touched:
            fold(rows[key], delta)
        await table.write(connection, [rows[key] for key in dict.fromkeys(key for key, _ in touched)])
