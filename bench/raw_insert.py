"""Floor B: what stands in a journal inserted once more, raw, into an equal table.

It is the least that PostgreSQL takes for the same bytes: arrays through unnest, each batch flushed.
"""

import time
from collections.abc import Iterable
from typing import LiteralString

from psycopg import AsyncConnection
from psycopg.rows import tuple_row

_READ: LiteralString = """
SELECT originator_id, originator_version, topic, state, notification_id
FROM stored_events
WHERE notification_id > %(after)s
ORDER BY notification_id
"""

_INSERT: LiteralString = """
INSERT INTO raw_events (originator_id, originator_version, topic, state, notification_id)
SELECT * FROM unnest(%b::text[], %s::bigint[], %b::text[], %b::bytea[], %s::bigint[])
"""


async def insert_again_s(conninfo: str, batch_rows: int, after: int = 0) -> float:
    """Seconds that the events after a position take, so many rows a statement. Needs the schemas' owner."""
    async with await AsyncConnection.connect(conninfo, autocommit=True) as connection:
        await connection.execute("DROP TABLE IF EXISTS raw_events")
        await connection.execute("CREATE TABLE raw_events (LIKE stored_events INCLUDING ALL)")
        async with connection.cursor(row_factory=tuple_row) as cursor:
            await cursor.execute(_READ, {"after": after})
            rows = await cursor.fetchall()
        began = time.perf_counter()
        for start in range(0, len(rows), batch_rows):
            streams, versions, types, states, positions = zip(*rows[start : start + batch_rows], strict=True)
            await connection.execute(
                _INSERT,
                [list(streams), _bigints(versions), list(types), list(states), _bigints(positions)],
                prepare=True,
            )
        took_s = time.perf_counter() - began
        await connection.execute("DROP TABLE raw_events")
    return took_s


def _bigints(numbers: Iterable[int]) -> str:
    return "{" + ",".join(map(str, numbers)) + "}"
