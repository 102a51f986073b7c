"""How far the projections of a tenant are, for whoever must know: status pages and commands."""

from typing import LiteralString

import msgspec
from psycopg.rows import tuple_row

from projections.kernel.table import Connection

_READ_CHECKPOINTS: LiteralString = """
SELECT name, version, position, owner, extract(epoch FROM now() - alive_at)::float8
FROM projection_checkpoints
ORDER BY name
"""


class Checkpoint(msgspec.Struct, frozen=True, kw_only=True):
    """How far a projection is, who keeps it, and how long ago the keeper last gave a sign of life."""

    name: str
    version: int
    position: int
    owner: str | None
    silent_s: float | None


async def read_checkpoints(connection: Connection) -> list[Checkpoint]:
    """All projections' checkpoints by name."""
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_READ_CHECKPOINTS)
        rows = await cursor.fetchall()
    return [
        Checkpoint(name=name, version=version, position=position, owner=owner, silent_s=silent_s)
        for name, version, position, owner, silent_s in rows
    ]
