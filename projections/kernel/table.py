"""A read model's table: its row as a struct, and the three statements a batch needs, built from it once."""

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from itertools import islice
from typing import Any, Generic, TypeVar, get_type_hints

import msgspec
from psycopg import AsyncConnection, AsyncCursor
from psycopg.rows import tuple_row
from psycopg.sql import SQL, Composed, Identifier

_ENCODER = msgspec.json.Encoder()

Row = TypeVar("Row", bound=msgspec.Struct)
Delta = TypeVar("Delta")
Key = tuple[Any, ...]
Connection = AsyncConnection[tuple[Any, ...]]
Cursor = AsyncCursor[tuple[Any, ...]]

_PG_TYPES: dict[Any, str] = {
    str: "text",
    int: "int8",
    bool: "bool",
    date: "date",
    datetime: "timestamptz",
    dict[str, int]: "jsonb",
    dict[str, str]: "jsonb",
}


Change = tuple["Table[Any, Any]", Key, Any]
"""One event's effect on one row: which table, which key, and what its fold is given. There are more of them
than of anything else, and a named tuple takes four times as long to make."""

COPY_ROWS = 1_000
"""So many rows are made text at once: some 100 kB."""

# What JSON writes after a backslash, other than the two characters that CSV needs escaped too.
_CONTROL = re.compile(rb'\\(?:(["\\])|([bfnrt])|u00([0-9a-f]{2}))')
_CONTROL_BYTES = {b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t"}


class Table(Generic[Row, Delta]):
    """A keyed table of rows that only a fold changes.

    `row` is a mutable struct: its first `keys` fields are the primary key, the others have defaults.
    `fold(row, delta)` changes the row in place. The row is private to the batch, so the fold is still a pure
    function of row and delta. Columns are the struct's fields, in migrations/tenant under the same names.
    """

    def __init__(self, name: str, row: type[Row], keys: int, fold: Callable[[Row, Delta], None]) -> None:
        self.name = name
        self.row = row
        self.fold = fold
        self.columns = [field.name for field in msgspec.structs.fields(row)]
        self.key_columns = self.columns[:keys]
        assert len(self.columns) > keys, f"{name}: a row has fields besides its key"
        hints = get_type_hints(row)
        self.pg_types = [_pg_type(hints[column]) for column in self.columns]
        self._json = [index for index, type_ in enumerate(self.pg_types) if type_ == "jsonb"]
        # As bytes: psycopg would compose them anew for every execution.
        self._select = self._build_select().as_bytes()
        self._upsert = self._build_upsert().as_bytes()
        # What a row is in JSON, without the brackets, is CSV: text is quoted, and null is not.
        self._copy = SQL("COPY {} ({}) FROM STDIN (FORMAT csv, ESCAPE '\\', NULL 'null')").format(
            Identifier(name), _identifiers(self.columns)
        )

    def change(self, key: Key, delta: Delta) -> Change:
        """An effect on the row with this key."""
        return self, key, delta

    async def load(self, connection: Connection, keys: Sequence[Key]) -> dict[Key, Row]:
        """The rows with these keys, in one statement; a new row for each key that has none."""
        rows = await self.find(connection, keys)
        return {key: rows.get(key) or self.row(*key) for key in keys}

    async def find(self, connection: Connection, keys: Sequence[Key]) -> dict[Key, Row]:
        """The rows with these keys that there are."""
        return await self.found(await self.ask(connection, keys))

    async def ask(self, connection: Connection, keys: Sequence[Key]) -> Cursor:
        """Asks for the rows with these keys; in a pipeline without waiting for them."""
        cursor = connection.cursor(binary=True, row_factory=tuple_row)
        parameters = [_array(column) for column in zip(*keys, strict=True)]
        return await cursor.execute(self._select, parameters, prepare=True)

    async def found(self, cursor: Cursor) -> dict[Key, Row]:
        """The rows that were asked for and are there."""
        width = len(self.key_columns)
        rows = {values[:width]: self.row(*values) for values in await cursor.fetchall()}
        await cursor.close()
        return rows

    async def write(self, connection: Connection, rows: Sequence[Row]) -> None:
        """Writes the rows, new and old, in one statement."""
        await connection.execute(self._upsert, [msgspec.json.encode(rows).decode()], prepare=True)

    async def write_all(self, connection: Connection, rows: Iterable[Row]) -> None:
        """Adds rows, none of which may be there, by COPY."""
        async with connection.cursor() as cursor, cursor.copy(self._copy) as copy:
            left = map(self._values if self._json else msgspec.structs.astuple, rows)
            while some := list(islice(left, COPY_ROWS)):
                await copy.write(_csv(some))

    def _values(self, row: Row) -> Sequence[Any]:
        values = list(msgspec.structs.astuple(row))
        for index in self._json:
            if values[index] is not None:
                values[index] = msgspec.json.encode(values[index]).decode()
        return values

    def _build_select(self) -> Composed:
        types = self.pg_types[: len(self.key_columns)]
        # OFFSET keeps the planner to one look-up by key after the other: before the table's first ANALYZE it
        # would rather read all of it.
        return SQL(
            "SELECT {columns} FROM unnest({arrays}) AS wanted ({wanted})"
            " CROSS JOIN LATERAL (SELECT {columns} FROM {table} WHERE {matches} OFFSET 0) AS found"
        ).format(
            columns=_identifiers(self.columns),
            table=Identifier(self.name),
            arrays=SQL(", ").join(_placeholder(type_) for type_ in types),
            wanted=_identifiers([f"wanted_{column}" for column in self.key_columns]),
            matches=SQL(" AND ").join(
                SQL("{} = {}").format(Identifier(column), Identifier("wanted", f"wanted_{column}"))
                for column in self.key_columns
            ),
        )

    def _build_upsert(self) -> Composed:
        others = self.columns[len(self.key_columns) :]
        # One JSON text for all rows: msgspec writes it far quicker than psycopg writes an array a column.
        return SQL(
            "INSERT INTO {table} ({columns})"
            " SELECT {columns} FROM json_to_recordset(%s::json) AS new ({typed})"
            " ON CONFLICT ({keys}) DO UPDATE SET {changes}"
        ).format(
            table=Identifier(self.name),
            columns=_identifiers(self.columns),
            typed=SQL(", ").join(
                SQL("{} {}").format(Identifier(column), Identifier(type_))
                for column, type_ in zip(self.columns, self.pg_types, strict=True)
            ),
            keys=_identifiers(self.key_columns),
            changes=SQL(", ").join(SQL("{0} = excluded.{0}").format(Identifier(column)) for column in others),
        )


def _csv(rows: Sequence[Sequence[Any]]) -> bytes:
    """Rows as lines of CSV, by way of JSON: msgspec makes it in a quarter of the time that psycopg takes."""
    # No text of JSON has a line's end in it.
    lines = _ENCODER.encode_lines(rows)[1:-2].replace(b"]\n[", b"\n") + b"\n"
    return _CONTROL.sub(_unescaped, lines) if b"\\" in lines else lines


def _unescaped(found: re.Match[bytes]) -> bytes:
    """A control character as itself, which CSV may have between quotes; else what was found."""
    kept, letter, digits = found.groups()
    if kept:
        return found[0]
    return _CONTROL_BYTES[letter] if letter else bytes.fromhex(digits.decode())


def _identifiers(names: Sequence[str]) -> Composed:
    return SQL(", ").join(map(Identifier, names))


def _placeholder(pg_type: str) -> Composed:
    # Texts are cheapest in binary, numbers as the literal that _array makes.
    placeholder = SQL("%b") if pg_type == "text" else SQL("%s")
    return SQL("{}::{}[]").format(placeholder, Identifier(pg_type))


def _pg_type(hint: Any) -> str:
    """The column type of a field; an optional field is its type, nullable."""
    options = [option for option in getattr(hint, "__args__", ()) if option is not type(None)]
    if hint not in _PG_TYPES and len(options) == 1:
        hint = options[0]
    assert hint in _PG_TYPES, f"no column holds a field of type {hint}; one of {list(_PG_TYPES)} does"
    return _PG_TYPES[hint]


def _array(column: Sequence[Any]) -> Any:
    """A column as one parameter. Numbers go as an array literal: psycopg would scan them for the smallest
    integer type that holds all, and prepare the statement anew for each type."""
    if isinstance(column[0], int):
        return "{" + ",".join(map(str, column)) + "}"
    return list(column)
