"""The inbox: every message, whether it left or is only to be read here. Ids and times, no personal data."""

from datetime import datetime
from typing import LiteralString, NamedTuple

from psycopg.rows import tuple_row

from infra.postgres.pools import Connection

_RECORD: LiteralString = """
INSERT INTO messages (message_id, kind, about, store_id, customer_id)
VALUES (%(message_id)s, %(kind)s, %(about)s, %(store_id)s, %(customer_id)s)
ON CONFLICT (message_id) DO NOTHING
"""

_IS_OPEN: LiteralString = """
SELECT sent_at IS NULL AND failure IS NULL
FROM messages
WHERE message_id = %(message_id)s
"""

_NOTE_SENT: LiteralString = """
UPDATE messages
SET sent_at = clock_timestamp()
WHERE message_id = %(message_id)s
"""

_NOTE_FAILURE: LiteralString = """
UPDATE messages
SET failure = %(failure)s
WHERE message_id = %(message_id)s
"""

_LIST: LiteralString = """
SELECT message_id, kind, about, store_id, customer_id, created_at, sent_at, failure
FROM messages
WHERE (%(stores)s::text[] IS NULL OR store_id = ANY (%(stores)s::text[]))
    AND (%(customer_id)s::text IS NULL OR customer_id = %(customer_id)s::text)
    AND (
        %(created_at)s::timestamptz IS NULL
        OR created_at < %(created_at)s::timestamptz
        OR (created_at = %(created_at)s::timestamptz AND message_id > %(message_id)s::text)
    )
ORDER BY created_at DESC, message_id
LIMIT %(limit)s
"""


_FIND: LiteralString = """
SELECT message_id, kind, about, store_id, customer_id, created_at, sent_at, failure
FROM messages
WHERE message_id = %(message_id)s
"""


class Message(NamedTuple):
    """What was to be told. `about` names a stream; without a customer it is for the staff of the store."""

    message_id: str
    kind: str
    about: str
    store_id: str
    customer_id: str | None
    created_at: datetime
    sent_at: datetime | None
    failure: str | None


async def record(
    connection: Connection, *, message_id: str, kind: str, about: str, store_id: str, customer_id: str | None
) -> bool:
    """Puts a message into the inbox, once; whether it has still to leave."""
    named = {"message_id": message_id, "kind": kind, "about": about, "store_id": store_id}
    await connection.execute(_RECORD, {**named, "customer_id": customer_id})
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_IS_OPEN, {"message_id": message_id})
        row = await cursor.fetchone()
    return row is not None and bool(row[0])


async def note_sent(connection: Connection, message_id: str) -> None:
    """The message has left."""
    await connection.execute(_NOTE_SENT, {"message_id": message_id})


async def note_failure(connection: Connection, message_id: str, failure: str) -> None:
    """The message will not leave."""
    await connection.execute(_NOTE_FAILURE, {"message_id": message_id, "failure": failure})


async def message(connection: Connection, message_id: str) -> Message | None:
    """The message with this id."""
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_FIND, {"message_id": message_id})
        row = await cursor.fetchone()
    return None if row is None else Message._make(row)


async def messages(
    connection: Connection,
    *,
    stores: list[str] | None,
    customer_id: str | None = None,
    after: tuple[datetime, str] | None,
    limit: int,
) -> list[Message]:
    """The inbox, or what of it was for a customer; newest first, after (created_at, message_id)."""
    created_at, message_id = after or (None, None)
    restricted = {"stores": stores, "customer_id": customer_id}
    continued = {"created_at": created_at, "message_id": message_id, "limit": limit}
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_LIST, restricted | continued)
        return [Message._make(row) for row in await cursor.fetchall()]
