"""Reading campaign_targets."""

from typing import LiteralString

from psycopg.rows import tuple_row

from projections.campaign_targets.fold import CampaignTarget
from projections.kernel.table import Connection

_LIST: LiteralString = """
SELECT campaign_id, customer_id, named_at
FROM campaign_targets
WHERE campaign_id = %(campaign_id)s AND customer_id > %(after)s
ORDER BY customer_id
LIMIT %(limit)s
"""


async def targets_of(
    connection: Connection, campaign_id: str, *, after: str, limit: int
) -> list[CampaignTarget]:
    """The customers whom a campaign is for, in the order of their ids, after one of them or ''."""
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_LIST, {"campaign_id": campaign_id, "after": after, "limit": limit})
        return [CampaignTarget(*row) for row in await cursor.fetchall()]
