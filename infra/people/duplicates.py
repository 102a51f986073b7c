"""Which customers may be one person: those whose telephone or mail address has the same keyed hash."""

from typing import LiteralString, NamedTuple

from infra.postgres.pools import Connection

CROWD = 20
"""What more share than this is a household's, a shop's or nobody's, and says nothing about two of them."""

# Along the customers in the order of their ids, each looking for those after them: no sort of all pairs.
_PAIRS: LiteralString = """
SELECT one.customer_id, other.customer_id, array_agg(DISTINCT one.kind ORDER BY one.kind)
FROM customer_index AS one
JOIN customer_index AS other ON other.kind = one.kind
    AND other.digest = one.digest
    AND other.customer_id > one.customer_id
WHERE one.kind IN ('email', 'phone')
    AND (one.customer_id, other.customer_id) > (%(one)s, %(other)s)
    AND one.customer_id >= %(one)s
    AND (
        SELECT count(*)
        FROM (
            SELECT
            FROM customer_index AS crowd
            WHERE crowd.kind = one.kind AND crowd.digest = one.digest
            LIMIT %(crowd)s + 1
        ) AS counted
    ) <= %(crowd)s
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
