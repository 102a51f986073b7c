"""The leaf of an event: what of its row is sealed, as bytes that a stranger can make again.

docs/guide/audit.md describes them. A change of this form is another tag, and the old one stays readable.
"""

from collections.abc import Callable, Iterable
from hashlib import sha256
from struct import Struct
from typing import LiteralString

from psycopg.rows import tuple_row

from infra.event_store.journal import StoredEntry
from infra.postgres.pools import Connection

LEAF_TAG = b"daybook.leaf.v1\n"

_NUMBER_AND_LENGTH: Callable[[int, int], bytes] = Struct(">QI").pack
_LENGTH: Callable[[int], bytes] = Struct(">I").pack
_PREFIX = b"\x00" + LEAF_TAG

Row = tuple[int, str, int, str, bytes]
"""Position, stream, version, type and stored bytes. Of a damaged table some may be None: TypeError."""

READ_SPAN: LiteralString = """
SELECT notification_id, originator_id, originator_version, topic, state
FROM stored_events
WHERE notification_id > %(start)b::bigint AND notification_id <= %(end)b::bigint
ORDER BY notification_id
"""


async def read_rows(connection: Connection, start: int, end: int) -> list[Row]:
    """The rows of positions start + 1 … end, as they are: some may be missing, or there twice."""
    async with connection.cursor(binary=True, row_factory=tuple_row) as cursor:
        await cursor.execute(READ_SPAN, {"start": start, "end": end}, prepare=True)
        return await cursor.fetchall()


def leaf_of(entry: StoredEntry) -> bytes:
    """The leaf: tag, position, stream, version, type and stored bytes; what varies names its length."""
    stream, type_ = entry.stream.encode(), entry.type.encode()
    return b"".join(
        (
            LEAF_TAG,
            _NUMBER_AND_LENGTH(entry.position, len(stream)),
            stream,
            _NUMBER_AND_LENGTH(entry.version, len(type_)),
            type_,
            _LENGTH(len(entry.state)),
            entry.state,
        )
    )


def leaf_hashes(rows: Iterable[Row]) -> list[bytes]:
    """merkle.leaf_hash of leaf_of, of many rows: the one loop that all events pass, so without calls."""
    hashes: list[bytes] = []
    for position, stream, version, type_, state in rows:
        name, tag = stream.encode(), type_.encode()
        hashes.append(
            sha256(
                _PREFIX
                + _NUMBER_AND_LENGTH(position, len(name))
                + name
                + _NUMBER_AND_LENGTH(version, len(tag))
                + tag
                + _LENGTH(len(state))
                + state
            ).digest()
        )
    return hashes
