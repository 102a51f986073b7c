"""A projection: a pure fold of the journal into the rows of its tables."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from mmap import MAP_ANONYMOUS, MAP_PRIVATE, mmap
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
        table, key, _ = change
        place = Place(projection.name, table.name, key_text(key))
        if (place.table, place.key) in blocked:
            aside.park(place, entry.position)
        else:
            free.append(change)
    return free


class WrittenKeys:
    """Which keys a table has that was empty at first. Where it says no it is right, and else seldom wrong.

    (A Bloom filter of one hash: 8 MB, of which the system gives only the pages that are touched. A bytearray
    would touch them all, for every table: a third of what a projector takes to start.)
    """

    BITS = 26

    def __init__(self) -> None:
        self._bits = mmap(-1, 1 << self.BITS - 3, MAP_PRIVATE | MAP_ANONYMOUS)
        self._mask = (1 << self.BITS) - 1

    def add(self, key: Key) -> bool:
        """Enters a key; False if it may have been there before."""
        bit = hash(key) & self._mask
        byte, mask = bit >> 3, 1 << (bit & 7)
        if self._bits[byte] & mask:
            return False
        self._bits[byte] |= mask
        return True


class KnownRows:
    """Rows as the tables hold them, in the memory of the only one who writes there.

    Whoever keeps them forgets them when that is in doubt: a page failed, or another may have written.
    """

    def __init__(self) -> None:
        self._rows: defaultdict[Table[Any, Any], dict[Key, Any]] = defaultdict(dict)
        self._written: defaultdict[Table[Any, Any], WrittenKeys] | None = None

    def of(self, table: Table[Any, Any]) -> dict[Key, Any]:
        """The table's known rows, by key."""
        return self._rows[table]

    def keys(self, table: Table[Any, Any]) -> WrittenKeys | None:
        """The keys that the table may have, if anything is known about that."""
        return None if self._written is None else self._written[table]

    def shrink(self, most: int) -> None:
        """Forgets tables of which more than `most` rows are known: what is still used is soon known again."""
        for rows in self._rows.values():
            if len(rows) > most:
                rows.clear()

    def forget_keys(self) -> None:
        """From now on a row that is not known is looked up, whether there is one or not."""
        self._written = None

    def forget(self, *, empty: bool = False) -> None:
        """Forgets all; the tables may be known to be `empty`."""
        self._rows.clear()
        self._written = defaultdict(WrittenKeys) if empty else None


class _Rows:
    """What a page does to one table: `old` rows, which it changes, and `new` ones."""

    __slots__ = ("keys", "known", "later", "new", "old")

    def __init__(self, known: dict[Key, Any], keys: WrittenKeys | None) -> None:
        self.known = known
        self.keys = keys
        self.old: dict[Key, Any] = {}
        self.new: dict[Key, Any] = {}
        self.later: list[tuple[Key, Any]] = []


class Page:
    """A page of entries, folded into the rows that are known; the others are loaded and then folded too."""

    def __init__(self, known: KnownRows, aside: Aside) -> None:
        self._known = known
        self._aside = aside
        self._tables: dict[Table[Any, Any], _Rows] = {}

    def fold(self, entry: AnyRecorded, projections: Sequence[Projection]) -> None:
        """Folds an entry. All of a row's changes that come before its row is known wait for it, in order."""
        for projection in projections:
            for table, key, delta in changes_of(projection, entry, self._aside):
                rows = self._tables.get(table)
                if rows is None:
                    rows = self._tables[table] = _Rows(self._known.of(table), self._known.keys(table))
                row = rows.old.get(key)
                if row is None:
                    row = rows.new.get(key)
                if row is None:
                    row = rows.known.get(key)
                    if row is not None:
                        rows.old[key] = row
                    elif rows.keys is not None and rows.keys.add(key):
                        row = rows.new[key] = table.row(*key)
                    else:
                        rows.later.append((key, delta))
                        continue
                table.fold(row, delta)

    async def load(self, connection: Connection) -> None:
        """Loads the rows that are not known, a read a table, and folds what waits for them.

        In a pipeline all reads travel together.
        """
        asked: list[tuple[Table[Any, Any], _Rows, list[Key], Cursor]] = []
        for table, rows in self._tables.items():
            if rows.later:
                missing = list(dict.fromkeys(key for key, _ in rows.later))
                asked.append((table, rows, missing, await table.ask(connection, missing)))
        for table, rows, missing, cursor in asked:
            found = await table.found(cursor)
            loaded = {key: found.get(key) or table.row(*key) for key in missing}
            for key, delta in rows.later:
                table.fold(loaded[key], delta)
            rows.old.update(found)
            rows.new.update({key: row for key, row in loaded.items() if key not in found})
        for rows in self._tables.values():
            rows.known.update(rows.old)
            rows.known.update(rows.new)

    async def write(self, connection: Connection) -> None:
        """Writes every row that was touched, a write a table, which in a pipeline waits for whatever follows.

        Belongs into the transaction that moves the projections' positions.
        """
        for table, rows in self._tables.items():
            await table.write(connection, [*rows.old.values(), *rows.new.values()])

    async def write_many(self, connection: Connection) -> None:
        """The same for a large page, and not in a pipeline: new rows by COPY, which is twice as fast."""
        for table, rows in self._tables.items():
            await table.write_all(connection, rows.new.values())
            if rows.old:
                await table.write(connection, list(rows.old.values()))
