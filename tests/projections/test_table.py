"""Rows that are written come back as they were."""

from datetime import UTC, datetime

import msgspec
import pytest

from projections.kernel.table import Connection, Table
from tests.support.journals import connected, run
from tests.support.postgres import Tenant

TEXTS = [
    "",
    "null",
    "NULL",
    "\\N",
    ",",
    'a "quoted" word',
    "\\",
    "\\n",
    "\\u0001",
    "a\\\\u0041",
    "\\.",
    "one\n\\.\ntwo",
    "\t\b\f\r\n\x01\x1f\x7f",
    "]\n[",
    '","',
    "果醬🍎\u2028",
]


class Note(msgspec.Struct, frozen=False, kw_only=False):
    """A row with every type of column."""

    text: str
    more: str | None = None
    counts: dict[str, int] = {}
    number: int = 0
    noted_at: datetime | None = None


NOTES: Table[Note, None] = Table("notes", Note, keys=1, fold=lambda _row, _delta: None)


async def make_table(connection: Connection) -> None:
    await connection.execute(
        "CREATE TEMP TABLE notes"
        " (text text PRIMARY KEY, more text, counts jsonb, number bigint, noted_at timestamptz)"
    )


@pytest.mark.parametrize("copied", [True, False])
def test_every_text_number_time_and_nothing_comes_back(tenant: Tenant, *, copied: bool) -> None:
    """By COPY and by an upsert."""
    at = datetime(2026, 3, 20, 2, 36, 5, 123456, tzinfo=UTC)
    rows = [Note(text, text, {text: 1, "b": 2}, -(2**63), at) for text in TEXTS] + [Note("nothing")]

    async def test() -> dict[tuple[str, ...], Note]:
        async with connected(tenant) as connection:
            await make_table(connection)
            await (NOTES.write_all if copied else NOTES.write)(connection, rows)
            return await NOTES.find(connection, [(row.text,) for row in rows])

    assert run(test()) == {(row.text,): row for row in rows}
