"""The journal's entries as leaf hashes, most of them made before anybody is locked out."""

from collections.abc import Sequence
from typing import LiteralString

import msgspec
from psycopg.rows import tuple_row

from infra.audit.leaf import leaf_hashes, read_rows
from infra.audit.sink import HistoryContradicted
from infra.event_store.journal import Journal
from infra.postgres.pools import Connection

PAGE = 4_096

_READ_SIZE: LiteralString = """
SELECT size
FROM audit_seal
"""


class Leaves(msgspec.Struct, frozen=True, kw_only=True):
    """Hashes of the journal's entries from one on, made ahead of the lock. Entries never change."""

    first: int
    hashes: Sequence[bytes]

    def between(self, start: int, end: int) -> Sequence[bytes]:
        """Those of the leaves start … end - 1, or the first of them; none where `start` is not known."""
        return self.hashes[start - self.first : end - self.first] if start >= self.first else ()


async def hash_ahead(connection: Connection, journal: Journal, most: int) -> Leaves:
    """What a round is most likely to seal. Raises HistoryContradicted."""
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_READ_SIZE)
        row = await cursor.fetchone()
    assert row is not None, "a migration inserts the row"
    (size,) = row
    up_to = min((await journal.head(connection)).position, size + most)
    hashes: list[bytes] = []
    for start in range(size, up_to, PAGE):
        hashes += await hashed(connection, start, min(start + PAGE, up_to))
    return Leaves(first=size, hashes=hashes)


async def hashed(connection: Connection, start: int, end: int) -> list[bytes]:
    """The leaf hashes of positions start + 1 … end. HistoryContradicted unless each is there once."""
    rows = await read_rows(connection, start, end)
    wanted = range(start + 1, end + 1)
    if [row[0] for row in rows] != list(wanted):
        missing = min(set(wanted).difference(row[0] for row in rows), default=end)
        raise HistoryContradicted(f"position {missing} is missing from the journal, or there twice")
    return leaf_hashes(rows)
