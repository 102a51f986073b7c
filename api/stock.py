"""/v1/stores/{store_id}/stock: what is there, and documents that move it."""

from datetime import date
from typing import Annotated

import msgspec
from litestar import Controller, Response, get, post
from litestar.params import Parameter
from msgspec import Meta

from api.money import Amount, money
from api.reading import MAX_PAGE, Page, caught_up, decode_cursor, page_of, written
from api.requests import Body, Cause, Instant, Positive, ShopRequest, command_origin
from domain.catalog.product import PRODUCT
from domain.kernel.ids import Id
from domain.kernel.money import Money
from domain.stockroom.moves import MAX_LINES, MoveKind, MoveLine, MoveStock, StockDocumentBooked
from domain.stores.store import STORE
from infra.event_store.clerk import now_utc
from infra.tenancy import Tenant
from projections.stock_levels.fold import StockLevel, StockLevels
from projections.stock_levels.queries import level_of, levels_of
from projections.stock_levels.reserved import one_instant, reserved_of

Limit = Annotated[int, Parameter(ge=1, le=MAX_PAGE)]
Difference = Annotated[int, Meta(ge=-(10**12), le=10**12)]


class ReceiptLine(Body, frozen=True, kw_only=True):
    """What came in. `unit_cost` is per piece or per kilogram.

    Goods of a `lot` may not be sold after `sell_by`. `location` is one of the store's, null the sales floor.
    """

    sku: Id
    quantity: Positive
    unit_cost: Amount | None = None
    lot: Id | None = None
    sell_by: date | None = None
    supplier_id: Id | None = None
    location: Cause | None = None


class AdjustmentLine(Body, frozen=True, kw_only=True):
    """What was found more (positive) or less (negative) than the book says, of a lot or of what has none."""

    sku: Id
    quantity: Difference
    reason: Cause | None = None
    lot: Id | None = None
    location: Cause | None = None


class WasteLine(Body, frozen=True, kw_only=True):
    """What had to be thrown away, and why. Without a lot it is what expires first, expired goods included."""

    sku: Id
    quantity: Positive
    reason: Cause
    lot: Id | None = None
    location: Cause | None = None
    from_quarantine: bool = False


class Receipts(Body, frozen=True, kw_only=True):
    """A delivery. A line that has a sell-by and no lot is of the lot that `reference` names."""

    lines: Annotated[list[ReceiptLine], Meta(min_length=1, max_length=MAX_LINES)]
    reference: Id | None = None
    occurred_at: Instant | None = None


class Adjustments(Body, frozen=True, kw_only=True):
    """The differences that a count found."""

    lines: Annotated[list[AdjustmentLine], Meta(min_length=1, max_length=MAX_LINES)]
    occurred_at: Instant | None = None


class Waste(Body, frozen=True, kw_only=True):
    """What was thrown away."""

    lines: Annotated[list[WasteLine], Meta(min_length=1, max_length=MAX_LINES)]
    occurred_at: Instant | None = None


class DonatedLine(Body, frozen=True, kw_only=True):
    """What was given away, and why. Without a lot it is what expires first and has not expired yet."""

    sku: Id
    quantity: Positive
    reason: Cause
    lot: Id | None = None
    location: Cause | None = None


class Donation(Body, frozen=True, kw_only=True):
    """What was given away. `recipient` is an organisation's id in the shop's own words, never a person."""

    recipient: Id
    lines: Annotated[list[DonatedLine], Meta(min_length=1, max_length=MAX_LINES)]
    occurred_at: Instant | None = None


class BookedLine(msgspec.Struct, frozen=True, kw_only=True):
    """A booked line: the movement's cost, and what the book says is on hand after it."""

    sku: str
    quantity: int
    cost: Money
    on_hand: int


class BookedView(msgspec.Struct, frozen=True, kw_only=True):
    """A booked document, in the order of its lines."""

    store_id: str
    lines: list[BookedLine]
    position: int


class LevelView(msgspec.Struct, frozen=True, kw_only=True):
    """A SKU in a store.

    received − sold + returned − wasted + adjusted − held + transferred − donated = on_hand. What is `held` in
    quarantine is neither on hand nor in the value. `reserved` is promised to orders at this instant, and
    on_hand − reserved = available.
    """

    store_id: str
    sku: str
    on_hand: int
    value: Money
    received: int
    sold: int
    returned: int
    wasted: int
    adjusted: int
    moved_at: Instant | None
    reserved: int
    available: int
    held: int = 0
    transferred: int = 0
    donated: int = 0


def _view(level: StockLevel, currency: str, reserved: int) -> LevelView:
    return LevelView(
        store_id=level.store_id,
        sku=level.sku,
        on_hand=level.on_hand,
        value=money(level.value_minor, currency),
        received=level.received,
        sold=level.sold,
        returned=level.returned,
        wasted=level.wasted,
        adjusted=level.adjusted,
        moved_at=level.moved_at,
        reserved=reserved,
        available=level.on_hand - reserved,
        held=level.held,
        transferred=level.transferred,
        donated=level.donated,
    )


async def book(
    request: ShopRequest,
    tenant: Tenant,
    store_id: str,
    operation: str,
    kind: MoveKind,
    lines: list[MoveLine],
    occurred_at: Instant | None,
    reference: str | None = None,
) -> Response[BookedView]:
    """Books a stock document and answers what it came to."""
    origin = await command_origin(request, tenant, operation, occurred_at=occurred_at)
    command = MoveStock(store_id=store_id, kind=kind, lines=tuple(lines), reference=reference)
    answer = await tenant.submit(command, origin)
    booked: StockDocumentBooked = answer.result
    view = BookedView(
        store_id=booked.store_id,
        lines=[
            BookedLine(
                sku=line.sku,
                quantity=line.quantity,
                cost=money(line.cost_minor, booked.currency),
                on_hand=line.on_hand,
            )
            for line in booked.lines
        ],
        position=answer.position,
    )
    return written(view, answer, 201)


class StockController(Controller):
    """Stock of a store."""

    path = "/v1/stores/{store_id:str}/stock"
    tags = ("stock",)

    @post("/receipts", operation_id="receiveStock", opt={"scope": "stock:write"})
    async def receive(
        self, request: ShopRequest, tenant: Tenant, store_id: str, data: Receipts
    ) -> Response[BookedView]:
        """Books a delivery: all lines or none."""
        lines = [
            MoveLine(
                sku=line.sku,
                quantity=line.quantity,
                lot=line.lot,
                sell_by=line.sell_by,
                supplier_id=line.supplier_id,
                location=line.location,
                unit_cost=None
                if line.unit_cost is None
                else money(line.unit_cost.amount, line.unit_cost.currency),
            )
            for line in data.lines
        ]
        return await book(
            request,
            tenant,
            store_id,
            "receiveStock",
            MoveKind.RECEIPT,
            lines,
            data.occurred_at,
            data.reference,
        )

    @post("/adjustments", operation_id="adjustStock", opt={"scope": "stock:write"})
    async def adjust(
        self, request: ShopRequest, tenant: Tenant, store_id: str, data: Adjustments
    ) -> Response[BookedView]:
        """Books differences between count and book."""
        lines = [MoveLine(**msgspec.structs.asdict(line)) for line in data.lines]
        return await book(
            request, tenant, store_id, "adjustStock", MoveKind.ADJUSTMENT, lines, data.occurred_at
        )

    @post("/waste", operation_id="wasteStock", opt={"scope": "stock:write"})
    async def waste(
        self, request: ShopRequest, tenant: Tenant, store_id: str, data: Waste
    ) -> Response[BookedView]:
        """Books what was thrown away, at the book's cost."""
        lines = [MoveLine(**msgspec.structs.asdict(line)) for line in data.lines]
        return await book(request, tenant, store_id, "wasteStock", MoveKind.WASTE, lines, data.occurred_at)

    @post("/donations", operation_id="donateStock", opt={"scope": "stock:write"})
    async def donate(
        self, request: ShopRequest, tenant: Tenant, store_id: str, data: Donation
    ) -> Response[BookedView]:
        """Books what was given away, at the book's cost, and to whom."""
        lines = [MoveLine(**msgspec.structs.asdict(line)) for line in data.lines]
        kind, to = MoveKind.DONATION, data.recipient
        return await book(request, tenant, store_id, "donateStock", kind, lines, data.occurred_at, to)

    @get(operation_id="listStock", opt={"scope": "stock:read"})
    async def list(
        self,
        request: ShopRequest,
        tenant: Tenant,
        store_id: str,
        limit: Limit = 100,
        cursor: str | None = None,
    ) -> Page[LevelView]:
        """Levels of all SKUs that ever moved in the store, by SKU."""
        store, _ = await tenant.require_state(STORE, store_id)
        after = decode_cursor(cursor, tuple[Id])
        await caught_up(request, tenant, StockLevels.name)
        async with tenant.readers.connection() as connection, one_instant(connection):
            levels = await levels_of(connection, store_id, after[0] if after else "", limit + 1)
            skus = [level.sku for level in levels]
            reserved = await reserved_of(connection, store_id, skus, now_utc())
        rows = [_view(level, store.currency, reserved.get(level.sku, 0)) for level in levels]
        return page_of(rows, limit, lambda row: (row.sku,))

    @get("/{sku:str}", operation_id="getStock", opt={"scope": "stock:read"})
    async def show(self, request: ShopRequest, tenant: Tenant, store_id: str, sku: str) -> LevelView:
        """The level of one SKU; zeros where nothing has moved yet."""
        store, _ = await tenant.require_state(STORE, store_id)
        await tenant.require_state(PRODUCT, sku)
        await caught_up(request, tenant, StockLevels.name)
        async with tenant.readers.connection() as connection, one_instant(connection):
            level = await level_of(connection, store_id, sku)
            reserved = await reserved_of(connection, store_id, [sku], now_utc())
        return _view(level, store.currency, reserved.get(sku, 0))
