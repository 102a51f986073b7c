"""Reading coupon_usage."""

from datetime import datetime
from typing import LiteralString, NamedTuple

from psycopg.rows import class_row, tuple_row

from projections.coupon_usage.fold import COUPON_USAGE, CouponUsage
from projections.kernel.table import Connection

# Nothing is written when time passes: what ended unused is counted by the clock of who asks. A reservation
# outlives that.
_STANDING: LiteralString = """
SELECT coalesce(sum(issued), 0)::bigint AS issued,
    coalesce(sum(reserved), 0)::bigint AS reserved,
    coalesce(sum(redeemed), 0)::bigint AS redeemed,
    coalesce(sum(returned), 0)::bigint AS returned,
    coalesce(sum(
        CASE WHEN whole_revoked = 1 THEN greatest(issued - redeemed, revoked) ELSE revoked END
    ), 0)::bigint AS revoked,
    coalesce(sum(
        CASE
            WHEN whole_revoked = 0 AND least(ends_at, %(until)s::timestamptz) <= %(now)s::timestamptz
                THEN greatest(issued - redeemed - revoked - reserved, 0)
            ELSE 0
        END
    ), 0)::bigint AS expired
FROM coupon_standing
WHERE campaign_id = %(campaign_id)s AND (%(batch_id)s::text IS NULL OR batch_id = %(batch_id)s::text)
"""

_LAPSED: LiteralString = """
SELECT coupon_id, reference
FROM coupon_reservations
WHERE held = 1 AND held_until <= %(now)s
ORDER BY held_until, coupon_id, reference
LIMIT %(limit)s
"""

# A coupon outside batches has no dot in its id, and no batch is called as it is.
_OF_REVOKED: LiteralString = """
SELECT coupon_id, reference
FROM coupon_reservations
JOIN coupon_standing
    ON coupon_standing.campaign_id = coupon_reservations.campaign_id
    AND coupon_standing.batch_id = split_part(coupon_id, '.', 1)
WHERE held = 1 AND whole_revoked = 1
ORDER BY coupon_id, reference
LIMIT %(limit)s
"""


class Standing(NamedTuple):
    """How many coupons are what. `redeemed` is net of `returned`; `expired` ended unused.

    Of codes for many uses each use counts as redeemed.
    """

    issued: int
    reserved: int
    redeemed: int
    returned: int
    revoked: int
    expired: int


async def usage_of(connection: Connection, campaign_id: str) -> CouponUsage:
    """The campaign's figures; zeros where nothing has happened yet."""
    return (await COUPON_USAGE.load(connection, [(campaign_id,)]))[(campaign_id,)]


async def standing_of(
    connection: Connection,
    campaign_id: str,
    until: datetime,
    now: datetime,
    batch_id: str | None = None,
) -> Standing:
    """What became of the coupons of a campaign that ends at `until`, or of one batch of it."""
    parameters = {"campaign_id": campaign_id, "until": until, "now": now, "batch_id": batch_id}
    async with connection.cursor(row_factory=class_row(Standing)) as cursor:
        await cursor.execute(_STANDING, parameters)
        found = await cursor.fetchone()
    assert found is not None, "an aggregate has a row"
    return found


async def lapsed(connection: Connection, now: datetime, limit: int) -> list[tuple[str, str]]:
    """Reservations whose limit is over and that nobody released: coupon and reference, the oldest first."""
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_LAPSED, {"now": now, "limit": limit})
        return [(coupon_id, reference) for coupon_id, reference in await cursor.fetchall()]


async def of_revoked(connection: Connection, limit: int) -> list[tuple[str, str]]:
    """Reservations of coupons whose batch was revoked, that nobody released: coupon and reference."""
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_OF_REVOKED, {"limit": limit})
        return [(coupon_id, reference) for coupon_id, reference in await cursor.fetchall()]
