"""The access log: who read what of whom in clear, and why. It holds ids, never what was read."""

from collections.abc import Sequence
from datetime import datetime
from typing import LiteralString, NamedTuple

from infra.postgres.pools import Connection

_NOTE: LiteralString = """
INSERT INTO accesses (actor, operation, purpose, subjects, texts, request_id)
VALUES (%(actor)s, %(operation)s, %(purpose)s, %(subjects)s, %(texts)s, %(request_id)s)
"""

_READ: LiteralString = """
SELECT access_id, read_at, actor, operation, purpose, subjects, texts, request_id
FROM accesses
WHERE access_id < %(before)s AND (%(subject)s::text IS NULL OR subjects @> ARRAY[%(subject)s::text])
ORDER BY access_id DESC
LIMIT %(limit)s
"""

NEWEST = 2**62
"""Before this: all."""


class Access(NamedTuple):
    """One request that read personal data in clear. `texts` is how many."""

    access_id: int
    read_at: datetime
    actor: str
    operation: str
    purpose: str
    subjects: list[str]
    texts: int
    request_id: str | None


async def note_access(
    connection: Connection,
    *,
    actor: str,
    operation: str,
    purpose: str,
    subjects: Sequence[str],
    texts: int,
    request_id: str | None,
) -> None:
    """Writes down an access; durable when this returns, so it comes before the answer."""
    await connection.execute(
        _NOTE,
        {
            "actor": actor,
            "operation": operation,
            "purpose": purpose,
            "subjects": list(subjects),
            "texts": texts,
            "request_id": request_id,
        },
    )


async def read_accesses(
    connection: Connection, *, before: int, limit: int, subject: str | None = None
) -> list[Access]:
    """Accesses before an id, the newest first; of one subject or of all."""
    cursor = await connection.execute(_READ, {"before": before, "limit": limit, "subject": subject})
    return [Access._make(row) for row in await cursor.fetchall()]
