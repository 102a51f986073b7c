"""Which purchase orders there are, and what is on order in a store."""

from datetime import date
from typing import Annotated, Literal

import msgspec
from litestar import Controller, get
from litestar.params import Parameter

from api.money import money
from api.reading import MAX_PAGE, Page, caught_up, decode_cursor, page_of
from api.requests import (
    Instant,
    ShopRequest,
)
from domain.kernel.ids import Id
from domain.kernel.money import Money
from domain.stores.store import STORE
from infra.tenancy import Tenant
from projections.purchase_board.fold import PurchaseBoard, PurchaseRow
from projections.purchase_board.queries import on_order, purchases

Limit = Annotated[int, Parameter(ge=1, le=MAX_PAGE)]
Status = Literal["draft", "sent", "confirmed", "partly_received", "closed", "cancelled"]


class PurchaseOnBoard(msgspec.Struct, frozen=True, kw_only=True):
    """An order's place on the board; the total is as it was drafted."""

    purchase_id: str
    supplier_id: str
    store_id: str
    status: str
    lines: int
    total: Money
    drafted_at: Instant
    sent_on: date | None
    expected_on: date | None
    changed_at: Instant


class OnOrderView(msgspec.Struct, frozen=True, kw_only=True):
    """What suppliers owe of a SKU, from how many orders, and when the first of it is expected."""

    sku: str
    quantity: int
    orders: int
    next_on: date


def _on_board(rows: list[PurchaseRow]) -> list[PurchaseOnBoard]:
    return [
        PurchaseOnBoard(
            purchase_id=row.purchase_id,
            supplier_id=row.supplier_id,
            store_id=row.store_id,
            status=row.status,
            lines=row.lines,
            total=money(row.total_minor, row.currency),
            drafted_at=row.drafted_at,
            sent_on=row.sent_on,
            expected_on=row.expected_on,
            changed_at=row.changed_at,
        )
        for row in rows
        if row.drafted_at is not None and row.changed_at is not None
    ]


class OnOrderController(Controller):
    """What suppliers owe a store."""

    path = "/v1/stores/{store_id:str}"
    tags = ("purchasing",)

    @get("/on-order", operation_id="listOnOrder", opt={"scope": "purchasing:read"})
    async def on_order(
        self,
        request: ShopRequest,
        tenant: Tenant,
        store_id: str,
        limit: Limit = 100,
        cursor: str | None = None,
    ) -> Page[OnOrderView]:
        """What suppliers owe the store, by SKU."""
        request.user.require_store(store_id)
        await tenant.require_state(STORE, store_id)
        after = decode_cursor(cursor, tuple[Id])
        await caught_up(request, tenant, PurchaseBoard.name)
        async with tenant.readers.connection() as connection:
            rows = await on_order(
                connection, store_id, after=(store_id, after[0] if after else ""), limit=limit + 1
            )
        views = [
            OnOrderView(sku=row.sku, quantity=row.quantity, orders=row.orders, next_on=row.next_on)
            for row in rows
        ]
        return page_of(views, limit, lambda row: (row.sku,))


class PurchaseBoardController(Controller):
    """The board of purchase orders."""

    path = "/v1/purchase-orders"
    tags = ("purchasing",)

    @get(operation_id="listPurchases", opt={"scope": "purchasing:read"})
    async def list(
        self,
        request: ShopRequest,
        tenant: Tenant,
        status: Status | None = None,
        supplier_id: str | None = None,
        limit: Limit = 100,
        cursor: str | None = None,
    ) -> Page[PurchaseOnBoard]:
        """The board, newest first; of the key's stores where it doesn't open all."""
        after = decode_cursor(cursor, tuple[Instant, Id])
        await caught_up(request, tenant, PurchaseBoard.name)
        stores = request.user.stores
        async with tenant.readers.connection() as connection:
            rows = await purchases(
                connection,
                status=status,
                supplier_id=supplier_id,
                stores=None if stores is None else sorted(stores),
                after=after,
                limit=limit + 1,
            )
        return page_of(_on_board(rows), limit, lambda row: (row.drafted_at, row.purchase_id))
