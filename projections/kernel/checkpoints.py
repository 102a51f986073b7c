"""How far the projections of a tenant are, for whoever must know: status pages and commands."""

from collections.abc import Sequence
from typing import LiteralString

import msgspec
from psycopg.rows import tuple_row

from projections.kernel.table import Connection

# LIMIT keeps the planner from joining the whole journal.
_READ_CHECKPOINTS: LiteralString = """
SELECT name, version, checkpoint.position, owner, extract(epoch FROM now() - alive_at)::float8,
    COALESCE(GREATEST(0, extract(epoch FROM now() - next.recorded_at)), 0)::float8
FROM projection_checkpoints AS checkpoint
LEFT JOIN LATERAL (
    SELECT recorded_at
    FROM history
    WHERE history.position = checkpoint.position + 1
    LIMIT 1
) AS next ON true
ORDER BY name
"""

_REACHED: LiteralString = """
SELECT CASE WHEN count(*) = cardinality(%(names)s::text[]) THEN min(position) ELSE 0 END
FROM projection_checkpoints
WHERE name = ANY (%(names)s::text[])
"""


class Checkpoint(msgspec.Struct, frozen=True, kw_only=True):
    """How far a projection is, who keeps it, and how long ago the keeper last gave a sign of life.

    `lag_s` is the age of the oldest event that it has not folded, 0 where there is none.
    """

    name: str
    version: int
    position: int
    owner: str | None
    silent_s: float | None
    lag_s: float


async def read_checkpoints(connection: Connection) -> list[Checkpoint]:
    """All projections' checkpoints by name."""
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_READ_CHECKPOINTS)
        rows = await cursor.fetchall()
    return [
        Checkpoint(name=name, version=version, position=position, owner=owner, silent_s=silent_s, lag_s=lag_s)
        for name, version, position, owner, silent_s, lag_s in rows
    ]


async def reached(connection: Connection, projections: Sequence[str]) -> int:
    """The position up to which all of these have folded the journal; 0 where one has not begun."""
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_REACHED, {"names": list(projections)})
        row = await cursor.fetchone()
    assert row is not None
    return row[0]
