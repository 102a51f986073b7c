"""Reading coupon_usage."""

from projections.coupon_usage.fold import COUPON_USAGE, CouponUsage
from projections.kernel.table import Connection


async def usage_of(connection: Connection, campaign_id: str) -> CouponUsage:
    """The campaign's figures; zeros where nothing has happened yet."""
    return (await COUPON_USAGE.load(connection, [(campaign_id,)]))[(campaign_id,)]
