"""A projection: a pure fold of the journal into the rows of its tables."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
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


def by_event(projections: Iterable[Projection]) -> dict[type[Event], list[Projection]]:
    """Who folds an event of a type."""
    wanting: defaultdict[type[Event], list[Projection]] = defaultdict(list)
    for projection in projections:
        for event in projection.events:
            wanting[event].append(projection)
    return wanting


def changes_of(projection: Projection, entry: AnyRecorded, aside: Aside) -> Sequence[Change]:
    """What an entry does to the projection's tables, which are its own.

    Sets the entry aside if the projection raises, and what belongs to a row or a stream at which an earlier
    entry waits.
    """
    try:
        changes = list(projection.changes(entry))
    except Exception as error:  # noqa: BLE001 - it is told to the operator
        aside.park(Place(projection.name, WHOLE_STREAM, entry.stream), entry.position, error)
        return ()
    return _unblocked(projection, entry, changes, aside) if aside.of(projection.name) else changes


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


class Page:
    """A page of entries, folded into the rows that are known; the others are loaded and then folded too."""

    def __init__(self, known: KnownRows, aside: Aside) -> None:
        self._known = known
        self._aside = aside
        self._touched: defaultdict[Table[Any, Any], dict[Key, Any]] = defaultdict(dict)
        self._later: defaultdict[Table[Any, Any], list[tuple[Key, Any]]] = defaultdict(list)
        self._new: defaultdict[Table[Any, Any], Collection[Key]] = defaultdict(tuple)

    def fold(self, entry: AnyRecorded, projections: Sequence[Projection]) -> None:
        """Folds an entry. All of a row's changes that come before its row is known wait for it, in order."""
        for projection in projections:
            for table, key, delta in changes_of(projection, entry, self._aside):
                touched = self._touched[table]
                row = touched.get(key)
                if row is None:
                    row = self._known.of(table).get(key)
                    if row is None:
                        self._later[table].append((key, delta))
                        continue
                    touched[key] = row
                table.fold(row, delta)

    async def load(self, connection: Connection) -> None:
        """Loads the rows that are not known, a read a table, and folds what waits for them.

        In a pipeline all reads travel together.
        """
        asked: list[tuple[Table[Any, Any], list[Key], Cursor]] = []
        for table, changes in self._later.items():
            missing = list(dict.fromkeys(key for key, _ in changes))
            asked.append((table, missing, await table.ask(connection, missing)))
        for table, missing, cursor in asked:
            found = await table.found(cursor)
            new = {key: table.row(*key) for key in missing if key not in found}
            self._new[table] = new.keys()
            for rows in (self._known.of(table), self._touched[table]):
                rows.update(found)
                rows.update(new)
        for table, changes in self._later.items():
            touched, fold = self._touched[table], table.fold
            for key, delta in changes:
                fold(touched[key], delta)

    async def write(self, connection: Connection) -> None:
        """Writes every row that was touched, a write a table, which in a pipeline waits for whatever follows.

        Belongs into the transaction that moves the projections' positions.
        """
        for table, touched in self._touched.items():
            if touched:
                await table.write(connection, list(touched.values()))

    async def write_many(self, connection: Connection) -> None:
        """The same for a large page, and not in a pipeline: new rows by COPY, which is twice as fast."""
        for table, touched in self._touched.items():
            new = self._new[table]
            await table.write_all(connection, [touched[key] for key in new])
            if old := [row for key, row in touched.items() if key not in new]:
                await table.write(connection, old)
