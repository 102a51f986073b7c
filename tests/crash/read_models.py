"""The proof that read models agree with the journal: counted in another way, and replayed from zero."""

from collections import Counter

from domain.inventory.stock_item import STOCK_ITEM, item_id
from domain.promotions.campaign import CAMPAIGN
from domain.promotions.coupon import CouponIssued
from projections.catalogue import PROJECTIONS
from projections.coupon_usage.fold import COUPON_USAGE
from projections.kernel.checkpoints import read_checkpoints
from projections.stock_levels.fold import STOCK_LEVELS
from tests.support.journals import connected, facts, folded, journal_of, read_all
from tests.support.postgres import Tenant
from tests.support.read_models import database_of, rows_of
from workers.replay import verify


async def caught_up(tenant: Tenant) -> bool:
    """Whether every read model has folded the whole journal."""
    async with connected(tenant) as connection:
        head = (await journal_of(tenant).head(connection)).position
        checkpoints = await read_checkpoints(connection)
    return len(checkpoints) == len(PROJECTIONS) and all(each.position == head for each in checkpoints)


async def audit_read_models(tenant: Tenant) -> bool:
    """Proves read models that have caught up. False where the journal went on meanwhile: ask again.

    Tills are quiet by then, but jobs may still raise an alert about what was sold.
    """
    entries = await read_all(tenant)
    states = folded(tenant, entries)

    items = {stream: state.state for stream, state in states.items() if stream.startswith("stock-")}
    levels = {
        STOCK_ITEM.stream(item_id(row.store_id, row.sku)): (row.on_hand, row.value_minor)
        for row in rows_of(tenant, STOCK_LEVELS)
    }
    assert levels == {stream: (item.on_hand, item.value_minor) for stream, item in items.items()}

    issued = Counter(event.campaign_id for event in facts(entries, CouponIssued))
    for row in rows_of(tenant, COUPON_USAGE):
        campaign = states[CAMPAIGN.stream(row.campaign_id)].state
        assert (row.redeemed, row.discount_minor) == (campaign.redeemed, campaign.given_minor)
        assert row.issued == issued[row.campaign_id]

    verdict = await verify(database_of(tenant), PROJECTIONS)
    assert verdict.differences == []
    return verdict.position == len(entries)
