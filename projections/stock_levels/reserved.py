"""Reading what of a store's goods is promised to orders at an instant."""

from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import LiteralString

from projections.kernel.table import Connection

# A payment takes goods and ends their reservation: a reader sees both of it or neither.
_ONE_INSTANT: LiteralString = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"

_RESERVED: LiteralString = """
SELECT sku, sum(quantity)::bigint
FROM stock_reservations
WHERE store_id = %(store_id)s AND sku = ANY (%(skus)s::text[]) AND quantity > 0 AND held_until > %(now)s
GROUP BY sku
ORDER BY sku
"""


@asynccontextmanager
async def one_instant(connection: Connection) -> AsyncGenerator[None]:
    """All that is read within is of one instant, whatever the projector writes meanwhile."""
    async with connection.transaction():
        await connection.execute(_ONE_INSTANT)
        yield


async def reserved_of(
    connection: Connection, store_id: str, skus: Iterable[str], now: datetime
) -> dict[str, int]:
    """How much of these SKUs is promised at `now`; a SKU of which nothing is stands not here.

    A reservation lapses by the clock, whether anybody has released it yet or not.
    """
    parameters = {"store_id": store_id, "skus": list(skus), "now": now}
    cursor = await connection.execute(_RESERVED, parameters)
    return dict(await cursor.fetchall())
