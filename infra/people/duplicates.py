"""Which customers may be one person: those whose telephone or mail address has the same keyed hash."""

from typing import LiteralString, NamedTuple

from infra.postgres.pools import Connection

CROWD = 20
"""What more share than this is a household's, a shop's or nobody's, and says nothing about two of them."""

# What several share is little of all there is: it is found first, along the index, and then who shares it. To
# look for the others of each customer takes a minute where a million share next to nothing.
_PAIRS: LiteralString = """
WITH shared AS MATERIALIZED (
    SELECT kind, digest
    FROM customer_index
    WHERE kind IN ('email', 'phone')
    GROUP BY kind, digest
    HAVING count(*) BETWEEN 2 AND %(crowd)s
)
SELECT one.customer_id, other.customer_id, array_agg(DISTINCT kind ORDER BY kind)
FROM shared
JOIN customer_index AS one USING (kind, digest)
JOIN customer_index AS other USING (kind, digest)
WHERE other.customer_id > one.customer_id
    AND (one.customer_id, other.customer_id) > (%(one)s, %(other)s)
    AND one.customer_id >= %(one)s
GROUP BY one.customer_id, other.customer_id
ORDER BY one.customer_id, other.customer_id
LIMIT %(limit)s
"""


class Pair(NamedTuple):
    """Two customers, the lower id first, and the details that are the same."""

    one: str
    other: str
    same: list[str]


async def pairs_alike(connection: Connection, after: tuple[str, str], limit: int) -> list[Pair]:
    """Pairs that share a detail which no crowd shares, in the order of their ids, after a pair."""
    one, other = after
    parameters = {"one": one, "other": other, "crowd": CROWD, "limit": limit}
    return [Pair._make(row) for row in await (await connection.execute(_PAIRS, parameters)).fetchall()]
