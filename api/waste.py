"""/v1/reports/waste: what stores lost of their goods, in money."""

from typing import Literal

import msgspec
from litestar import Controller, get

from api.money import money
from api.reading import caught_up
from api.reports import First, Last, StoreId, stores_asked
from api.requests import ShopRequest, Text
from domain.kernel.money import Money
from domain.stores.store import STORE
from infra.tenancy import Tenant
from projections.report_keys.fold import ReportKeys
from projections.stock_ledger.fold import StockLedger
from projections.stock_ledger.waste import waste_of


class WasteReportRow(msgspec.Struct, frozen=True, kw_only=True):
    """What a store's goods of a category lost in a month: at the book's cost, net of what came back.

    Month, time zone and category are those of the recording. `cause` is the reason that was given, or "".
    """

    store_id: str
    month: str
    category: str
    place: Literal["waste", "count_difference", "donated"]
    cause: str
    cost: Money


class WasteReportView(msgspec.Struct, frozen=True, kw_only=True):
    """Losses by store, month, category, place and cause."""

    data: list[WasteReportRow]


class WasteReportController(Controller):
    """Waste and shrink."""

    path = "/v1/reports/waste"
    tags = ("reports",)

    @get(operation_id="wasteByCategory", opt={"scope": "reports:read"})
    async def waste(
        self,
        request: ShopRequest,
        tenant: Tenant,
        first: First,
        last: Last,
        store_id: StoreId = None,
        category: Text | None = None,
    ) -> WasteReportView:
        """Waste, shrink and gifts of one store or all, by category and cause; a past month never changes."""
        stores = await stores_asked(request, tenant, first, last, store_id)
        for projection in (StockLedger.name, ReportKeys.name):
            await caught_up(request, tenant, projection)
        async with tenant.readers.connection() as connection:
            found = await waste_of(connection, stores, first=first, last=last, category=category)
        currencies = {row.store_id: "" for row in found}
        for each in currencies:
            currencies[each] = (await tenant.state_of(STORE, each)).currency
        rows = [
            msgspec.convert(
                {
                    "store_id": row.store_id,
                    "month": row.month,
                    "category": row.category,
                    "place": row.place,
                    "cause": row.cause,
                    "cost": money(row.cost_minor, currencies[row.store_id]),
                },
                WasteReportRow,
            )
            for row in found
        ]
        return WasteReportView(data=rows)
