"""Goods near their end, over HTTP, and the daily look at them."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from domain.checkout.watch_lots import WatchItem
from infra.crypto.master_key import MasterKey
from infra.tenancy import Tenant, open_tenant
from tests.support.api import World, cny, fresh, product
from tests.support.journals import origin

Json = dict[str, Any]


def at_work(shop: World, work: Callable[[Tenant], Awaitable[Any]]) -> Any:
    """The work on the shop's tenant, in a process of its own as it were."""

    async def run() -> Any:
        url, master = shop.tenant.service_url, MasterKey.of_file(shop.settings.master_key_file)
        async with open_tenant(url, url, master, shop.tenant.name) as tenant:
            return await work(tenant)

    return asyncio.run(run())


def day_after(days: int) -> date:
    """A day so far from today in UTC, where the stores that this is told of are."""
    return datetime.now(UTC).date() + timedelta(days=days)


def lot(sku: str, name: str, days: int | None, quantity: int = 5) -> Json:
    """A line of a receipt: goods at 1.00 that may be sold for so many days more."""
    sell_by = None if days is None else day_after(days).isoformat()
    return {"sku": sku, "quantity": quantity, "unit_cost": cny(100), "lot": name, "sell_by": sell_by}


def proposed(shop: World, store_id: str) -> str:
    """A SKU of which a lot should be marked down by a fifth."""
    sku = shop.made("/v1/products", product(fresh("near")))["sku"]
    steps = [{"days_left": 5, "off": 2_000}]
    ladder = shop.call("PUT", f"/v1/markdown-ladders/{sku}", {"sku": sku, "steps": steps})
    assert ladder.status_code == 200, ladder.text
    shop.made(f"/v1/stores/{store_id}/stock/receipts", {"lines": [lot(sku, "A", 3)]})
    look_at(shop, store_id, sku)
    return sku


def look_at(shop: World, store_id: str, sku: str) -> None:
    """Looks at one item, as the watch does."""
    at_work(shop, lambda tenant: tenant.submit(WatchItem(store_id=store_id, sku=sku), origin()))
