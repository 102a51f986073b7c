"""/v1/orders and /v1/orders/exceptions: the board, and what somebody has to act on."""

from typing import Annotated, Literal

import msgspec
from litestar import Controller, get
from litestar.params import Parameter

from api.money import money
from api.reading import MAX_PAGE, Page, caught_up, decode_cursor, page_of
from api.requests import Instant, ShopRequest
from domain.kernel.ids import Id
from domain.kernel.money import Money
from infra.event_store.clerk import now_utc
from infra.tenancy import Tenant
from projections.order_board.fold import OrderBoard, OrderRow
from projections.order_board.queries import exceptions_of, order_exceptions, orders

Limit = Annotated[int, Parameter(ge=1, le=MAX_PAGE)]
Status = Literal[
    "placed", "paid", "allocated", "picked", "shipped", "received", "cancelled", "failed", "returned"
]


class OrderOnBoard(msgspec.Struct, frozen=True, kw_only=True):
    """An order's place on the board; `age_s` is since its placing, `unchanged_s` since its last event.

    `came_back` says that some of it did.
    """

    order_id: str
    store_id: str
    channel: str
    status: str
    customer_id: str | None
    employee_id: str | None
    total: Money
    placed_at: Instant
    pay_by: Instant | None
    ship_by: Instant | None
    changed_at: Instant
    age_s: int
    unchanged_s: int
    came_back: bool
    exceptions: list[str]


def _on_board(rows: list[OrderRow]) -> list[OrderOnBoard]:
    now = now_utc()
    return [
        OrderOnBoard(
            order_id=row.order_id,
            store_id=row.store_id,
            channel=row.channel,
            status=row.status,
            customer_id=row.customer_id,
            employee_id=row.employee_id,
            total=money(row.total_minor, row.currency),
            placed_at=row.placed_at,
            pay_by=row.pay_by,
            ship_by=row.ship_by,
            changed_at=row.changed_at,
            age_s=int((now - row.placed_at).total_seconds()),
            unchanged_s=int((now - row.changed_at).total_seconds()),
            came_back=row.returned == 1,
            exceptions=exceptions_of(row, now),
        )
        for row in rows
        if row.placed_at is not None and row.changed_at is not None
    ]


def _key(row: OrderOnBoard) -> tuple[Instant, str]:
    return row.placed_at, row.order_id


class OrderBoardController(Controller):
    """Orders as lists."""

    path = "/v1/orders"
    tags = ("orders",)

    @get(operation_id="listOrders", opt={"scope": "orders:read"})
    async def list(
        self,
        request: ShopRequest,
        tenant: Tenant,
        status: Status | None = None,
        employee_id: str | None = None,
        limit: Limit = 100,
        cursor: str | None = None,
    ) -> Page[OrderOnBoard]:
        """The board, newest first; of the key's stores where it doesn't open all."""
        after = decode_cursor(cursor, tuple[Instant, Id])
        await caught_up(request, tenant, OrderBoard.name)
        stores = request.user.stores
        async with tenant.readers.connection() as connection:
            rows = await orders(
                connection,
                status=status,
                employee_id=employee_id,
                stores=None if stores is None else sorted(stores),
                after=after,
                limit=limit + 1,
            )
        return page_of(_on_board(rows), limit, _key)

    @get("/exceptions", operation_id="listOrderExceptions", opt={"scope": "orders:read"})
    async def exceptions(
        self, request: ShopRequest, tenant: Tenant, limit: Limit = 100, cursor: str | None = None
    ) -> Page[OrderOnBoard]:
        """What somebody has to act on now, oldest first: unpaid, late, short, undelivered, untold."""
        after = decode_cursor(cursor, tuple[Instant, Id])
        await caught_up(request, tenant, OrderBoard.name)
        stores = request.user.stores
        async with tenant.readers.connection() as connection:
            rows = await order_exceptions(
                connection,
                now=now_utc(),
                stores=None if stores is None else sorted(stores),
                after=after,
                limit=limit + 1,
            )
        return page_of(_on_board(rows), limit, _key)
