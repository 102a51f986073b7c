"""Reading customer_profile."""

from datetime import datetime
from typing import LiteralString

from psycopg.rows import tuple_row

from projections.customer_profile.fold import CUSTOMER_PROFILE, CustomerProfile
from projections.kernel.table import Connection

_BOUGHT: LiteralString = """
SELECT customer_id
FROM customer_profile
WHERE last_purchase_at >= %(since)s AND customer_id > %(after)s
ORDER BY customer_id
LIMIT %(limit)s
"""


async def profile_of(connection: Connection, customer_id: str) -> CustomerProfile:
    """The customer's profile; zeros where nothing has happened yet."""
    return (await CUSTOMER_PROFILE.load(connection, [(customer_id,)]))[(customer_id,)]


async def who_bought_since(connection: Connection, since: datetime, after: str, limit: int) -> list[str]:
    """Customers whose last purchase is not before then, in the order of their ids."""
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_BOUGHT, {"since": since, "after": after, "limit": limit})
        return [customer_id for (customer_id,) in await cursor.fetchall()]
