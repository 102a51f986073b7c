"""/v1/stores/{store_id}: what the places of a store cost, and whose goods that is shared among."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Annotated

import msgspec
from litestar import Controller, Response, get, put
from msgspec import Meta

from api.audit import AsOf
from api.money import Amount, money
from api.reading import written
from api.requests import Body, Cause, Instant, ShopRequest, command_origin
from api.turnover import FirstMonth, Group, LastMonth, months_of, parts_of, span_of
from domain.kernel.errors import InvalidCommand
from domain.kernel.money import Money
from domain.stores.storage_cost import NOBODY, STORAGE, SetStorageCosts
from domain.stores.store import MAX_LOCATIONS, STORE
from infra.tenancy import Tenant
from projections.report_keys.fold import ReportKeys
from projections.stock_ledger.fold import StockLedger
from projections.stock_locations.fold import StockLocations
from projections.stock_locations.queries import storage_of
from projections.turnover.fold import Turnover
from projections.turnover.queries import categories_of


class PlaceCost(Body, frozen=True, kw_only=True):
    """What a location of the store costs a month; null is the sales floor."""

    month: Amount
    location: Cause | None = None


class StorageCosts(Body, frozen=True, kw_only=True):
    """What the places cost from this month on. A place that is not named costs nothing."""

    costs: Annotated[list[PlaceCost], Meta(max_length=MAX_LOCATIONS + 1)]


class PlaceCostView(msgspec.Struct, frozen=True, kw_only=True):
    """What a location costs a month; null is the sales floor."""

    location: str | None
    month: Money


class StorageCostsView(msgspec.Struct, frozen=True, kw_only=True):
    """What the places of a store cost now."""

    store_id: str
    costs: list[PlaceCostView]


class StorageRow(msgspec.Struct, frozen=True, kw_only=True):
    """A SKU's or category's part of what a location cost; null is the sales floor.

    Where nothing lay the cost is nobody's: neither SKU nor category is named, and `used` is false.
    """

    location: str | None
    sku: str | None
    category: str | None
    used: bool
    cost: Money


class StorageView(msgspec.Struct, frozen=True, kw_only=True):
    """What the places cost from `begins_at` to before `ends_at`: the parts add up to what each place cost."""

    store_id: str
    begins_at: Instant
    ends_at: Instant
    data: list[StorageRow]


class StorageCostsController(Controller):
    """Costs of storage."""

    path = "/v1/stores/{store_id:str}"
    tags = ("stock",)

    @get("/storage-costs", operation_id="getStorageCosts", opt={"scope": "stock:read"})
    async def show(self, tenant: Tenant, store_id: str) -> StorageCostsView:
        """What the places of a store cost a month; nothing where nobody has said."""
        store, _ = await tenant.require_state(STORE, store_id)
        storage = await tenant.state_of(STORAGE, store_id)
        costs = [
            PlaceCostView(location=cost.location or None, month=money(cost.month_minor, store.currency))
            for cost in storage.costs
        ]
        return StorageCostsView(store_id=store_id, costs=costs)

    @put("/storage-costs", operation_id="setStorageCosts", opt={"scope": "stores:write"})
    async def set(
        self, request: ShopRequest, tenant: Tenant, store_id: str, data: StorageCosts
    ) -> Response[StorageCostsView]:
        """Sets what the places cost, this month and from now on. Months that are over keep what they had."""
        request.user.require_store(store_id)
        origin = await command_origin(request, tenant, "setStorageCosts", key_required=False)
        costs = {
            place.location or "": money(place.month.amount, place.month.currency) for place in data.costs
        }
        if len(costs) < len(data.costs):
            raise InvalidCommand("Name each location once.", locations=len(data.costs))
        answer = await tenant.submit(SetStorageCosts(store_id=store_id, costs=costs), origin)
        view = [PlaceCostView(location=name or None, month=cost) for name, cost in sorted(costs.items())]
        return written(StorageCostsView(store_id=store_id, costs=view), answer)

    @get("/storage-report", operation_id="storageReport", opt={"scope": "reports:read"})
    async def report(
        self,
        request: ShopRequest,
        tenant: Tenant,
        store_id: str,
        first: FirstMonth,
        last: LastMonth,
        group_by: Group = "category",
        as_of: AsOf = None,
    ) -> StorageView:
        """What each place cost in the months, shared among what lay there by value and time."""
        store, _ = await tenant.require_state(STORE, store_id)
        read = (StockLedger.name, StockLocations.name, Turnover.name, ReportKeys.name)
        span = await span_of(request, tenant, store, first, last, as_of, read)
        sums: defaultdict[tuple[str, bool, str], int] = defaultdict(int)
        async with tenant.readers.connection() as connection:
            categories = await categories_of(connection, span)
            months = parts_of(months_of(first, last), store, span)
            for location, shares in (await storage_of(connection, store_id, months)).items():
                for sku, cost_minor in shares.items():
                    name = {"sku": sku, "category": categories.get(sku, ""), "store": ""}[group_by]
                    sums[location, sku != NOBODY, name] += cost_minor
        rows = [
            StorageRow(
                location=location or None,
                sku=name if used and group_by == "sku" else None,
                category=_category(name, group_by, categories) if used else None,
                used=used,
                cost=money(cost_minor, store.currency),
            )
            for (location, used, name), cost_minor in sorted(sums.items())
        ]
        return StorageView(store_id=store_id, begins_at=span.begins_at, ends_at=span.ends_at, data=rows)


def _category(name: str, group_by: Group, categories: Mapping[str, str]) -> str | None:
    if group_by == "store":
        return None
    return name if group_by == "category" else categories.get(name)
