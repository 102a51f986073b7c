"""/v1/stores/{store_id}: what moved of a SKU, and what the stock was worth at any instant."""

from datetime import date
from typing import Annotated, Literal

import msgspec
from litestar import Controller, get
from litestar.params import Parameter, QueryParameter

from api.audit import AsOf, position_of
from api.errors import Problem
from api.money import money
from api.reading import MAX_PAGE, Page, caught_up, decode_cursor, folded, page_of
from api.requests import Instant, ShopRequest
from domain.catalog.product import PRODUCT
from domain.kernel.ids import Id
from domain.kernel.money import Money
from domain.stores.store import STORE
from infra.tenancy import Tenant
from projections.report_keys.fold import ReportKeys
from projections.stock_ledger.fold import StockEntry, StockLedger
from projections.stock_ledger.queries import entries_of, in_transit_minor, stock_value
from projections.stock_ledger.waste import losses_of
from projections.stock_levels.reserved import one_instant

Limit = Annotated[int, Parameter(ge=1, le=MAX_PAGE)]
FirstDay = Annotated[date, QueryParameter(name="from", description="first local date of recording")]
LastDay = Annotated[date, QueryParameter(name="to", description="last local date, included")]
LAST = 2**62
"""No journal has so many entries."""


class StockValueView(msgspec.Struct, frozen=True, kw_only=True):
    """What a store held as of an instant, and what that was worth: on the shelf and in quarantine.

    `in_transit` is what had left for other stores and not arrived yet: no store has it in its value.
    `variance` is what costs had turned out to be by then, besides what stands in the stock. `position` is the
    journal's then, null for all that the read model has seen.
    """

    store_id: str
    sku: str | None
    position: int | None
    on_hand: int
    held: int
    value: Money
    in_transit: Money
    variance: Money


class StockEntryView(msgspec.Struct, frozen=True, kw_only=True):
    """A lot's part of a movement, or a cost that turned out to be another: then no place is named."""

    position: int
    number: int
    recorded_at: Instant | None
    occurred_at: Instant | None
    lot: str | None
    from_place: str | None
    to_place: str | None
    quantity: int
    on_hand: int
    held: int
    cost: Money
    value: Money
    variance: Money
    cause: str | None
    reference: str | None


class LossRow(msgspec.Struct, frozen=True, kw_only=True):
    """What went to waste, was given away or was missing at counts, less what came back; at the book's cost.

    `month` is that of recording, by the clock then. `cause` is the reason that was given, "" for none.
    """

    month: str
    place: Literal["waste", "count_difference", "donated"]
    cause: str
    cost: Money


class Losses(msgspec.Struct, frozen=True, kw_only=True):
    """A store's losses by month, place and cause."""

    store_id: str
    sku: str | None
    data: list[LossRow]


class StockLedgerController(Controller):
    """The ledger of a store's stock."""

    path = "/v1/stores/{store_id:str}"
    tags = ("stock",)

    @get("/stock-value", operation_id="getStockValue", opt={"scope": "stock:read"})
    async def value(
        self,
        request: ShopRequest,
        tenant: Tenant,
        store_id: str,
        sku: Id | None = None,
        as_of: AsOf = None,
    ) -> StockValueView:
        """The value of a store's stock, or of one SKU, as of an instant; asked again it is the same."""
        store, _ = await tenant.require_state(STORE, store_id)
        if sku is not None:
            await tenant.require_state(PRODUCT, sku)
        await caught_up(request, tenant, StockLedger.name)
        async with tenant.readers.connection() as connection:
            position = None if as_of is None else await position_of(connection, tenant, as_of)
        if position is not None:
            await folded(request, tenant, StockLedger.name, position)
        until = LAST if position is None else position
        async with tenant.readers.connection() as connection, one_instant(connection):
            found = await stock_value(connection, store_id, until, sku)
            in_transit = await in_transit_minor(connection, store_id, until, sku)
        return StockValueView(
            store_id=store_id,
            sku=sku,
            position=position,
            on_hand=found.on_hand,
            held=found.held,
            value=money(found.value_minor, store.currency),
            in_transit=money(in_transit, store.currency),
            variance=money(found.variance_minor, store.currency),
        )

    @get("/waste-report", operation_id="wasteReport", opt={"scope": "stock:read"})
    async def losses(
        self,
        request: ShopRequest,
        tenant: Tenant,
        store_id: str,
        first: FirstDay,
        last: LastDay,
        sku: Id | None = None,
    ) -> Losses:
        """Waste, shrink and gifts in money, by month and cause; a month that is over never changes."""
        store, _ = await tenant.require_state(STORE, store_id)
        if last < first:
            raise Problem(400, "invalid_request", "to is the last day and must not be before from.")
        if sku is not None:
            await tenant.require_state(PRODUCT, sku)
        for projection in (StockLedger.name, ReportKeys.name):
            await caught_up(request, tenant, projection)
        async with tenant.readers.connection() as connection:
            found = await losses_of(connection, store_id, first=first, last=last, sku=sku)
        rows = [
            msgspec.convert(
                {
                    "month": row.month,
                    "place": row.place,
                    "cause": row.cause,
                    "cost": money(row.cost_minor, store.currency),
                },
                LossRow,
            )
            for row in found
        ]
        return Losses(store_id=store_id, sku=sku, data=rows)

    @get("/stock/{sku:str}/movements", operation_id="listMovements", opt={"scope": "stock:read"})
    async def movements(
        self,
        request: ShopRequest,
        tenant: Tenant,
        store_id: str,
        sku: str,
        limit: Limit = 100,
        cursor: str | None = None,
    ) -> Page[StockEntryView]:
        """What moved of a SKU, and what its costs turned out to be, the newest first."""
        store, _ = await tenant.require_state(STORE, store_id)
        await tenant.require_state(PRODUCT, sku)
        after = decode_cursor(cursor, tuple[str, str])
        try:
            before = (LAST, 0) if after is None else (int(after[0]), int(after[1]))
        except ValueError:
            raise Problem(
                400, "invalid_request", "cursor must be the next_cursor of an earlier answer."
            ) from None
        await caught_up(request, tenant, StockLedger.name)
        async with tenant.readers.connection() as connection:
            entries = await entries_of(connection, store_id, sku, before, limit + 1)
        views = [_view(entry, store.currency) for entry in entries]
        return page_of(views, limit, lambda row: (str(row.position), str(row.number)))


def _view(entry: StockEntry, currency: str) -> StockEntryView:
    return StockEntryView(
        position=entry.position,
        number=entry.number,
        recorded_at=entry.recorded_at,
        occurred_at=entry.occurred_at,
        lot=entry.lot,
        from_place=entry.from_place,
        to_place=entry.to_place,
        quantity=entry.quantity,
        on_hand=entry.on_hand,
        held=entry.held,
        cost=money(entry.cost_minor, currency),
        value=money(entry.value_minor, currency),
        variance=money(entry.variance_minor, currency),
        cause=entry.cause,
        reference=entry.reference,
    )
