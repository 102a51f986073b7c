"""/v1/stores/{store_id}/sales/exceptions: what offline sales have against the rules, and settling it."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from litestar import Controller, Response, get, post
from litestar.params import Parameter
from msgspec import Meta

from api.offline_sales import ExceptionView
from api.reading import MAX_PAGE, Page, caught_up, decode_cursor, page_of, written
from api.requests import Body, Cause, Positive, ShopRequest, command_origin
from domain.sales.settle import Settled, SettleException
from domain.stores.store import STORE
from infra.tenancy import Tenant
from projections.sale_exceptions.fold import SaleExceptionRow
from projections.sale_exceptions.queries import exceptions_of

Limit = Annotated[int, Parameter(ge=1, le=MAX_PAGE)]
Number = Annotated[str, Meta(pattern=r"^[0-9]{1,18}$(?!\n)")]


class SaleExceptionView(ExceptionView, frozen=True, kw_only=True):
    """An exception of a sale that was made offline, `number` counted from 1 within the sale.

    What is settled says when, by whom and why.
    """

    sale_id: str
    number: int
    register_id: str
    happened_at: datetime
    settled_at: datetime | None
    settled_by: str | None
    settled_reason: str | None


class Settlement(Body, frozen=True, kw_only=True):
    """Which exception of the sale needs no more looking at, counted from 1, and why."""

    number: Positive
    reason: Cause


class SettledView(msgspec.Struct, frozen=True, kw_only=True):
    """What was settled, and how many exceptions of the sale are still open."""

    sale_id: str
    number: int
    code: str
    still_open: int
    position: int


def _exception(row: SaleExceptionRow) -> SaleExceptionView:
    assert row.happened_at is not None
    return SaleExceptionView(
        sale_id=row.sale_id,
        number=row.number,
        register_id=row.register_id,
        happened_at=row.happened_at,
        code=row.code,
        line=row.line,
        expected=row.expected,
        found=row.found,
        reference=row.reference,
        settled_at=row.settled_at,
        settled_by=row.settled_by,
        settled_reason=row.settled_reason,
    )


def _place(row: SaleExceptionRow) -> tuple[str | datetime, ...]:
    assert row.happened_at is not None
    return row.happened_at, row.sale_id, str(row.number)


class SaleExceptionsController(Controller):
    """Exceptions of sales that were made offline."""

    path = "/v1/stores/{store_id:str}/sales"
    tags = ("sales",)

    @get("/exceptions", operation_id="listSaleExceptions", opt={"scope": "sales:read"})
    async def list(
        self,
        request: ShopRequest,
        tenant: Tenant,
        store_id: str,
        status: Literal["open", "settled"] | None = None,
        limit: Limit = 100,
        cursor: str | None = None,
    ) -> Page[SaleExceptionView]:
        """What sales that were made offline have against the rules, newest first."""
        key = decode_cursor(cursor, tuple[datetime, str, Number])
        await tenant.require_state(STORE, store_id)
        await caught_up(request, tenant, "sale_exceptions")
        async with tenant.readers.connection() as connection:
            rows = await exceptions_of(
                connection,
                store_id,
                settled=None if status is None else status == "settled",
                after=None if key is None else (key[0], key[1], int(key[2])),
                limit=limit + 1,
            )
        page = page_of(rows, limit, _place)
        return Page(data=[_exception(row) for row in page.data], next_cursor=page.next_cursor)

    @post(
        "/{sale_id:str}/settlements",
        operation_id="settleSaleException",
        opt={"scope": "sales:correct"},
    )
    async def settle(
        self,
        request: ShopRequest,
        tenant: Tenant,
        store_id: str,
        sale_id: str,
        data: Settlement,
    ) -> Response[SettledView]:
        """Settles an exception: somebody looked at it. It stays on record; the sale does not change."""
        origin = await command_origin(request, tenant, "settleSaleException", key_required=False)
        command = SettleException(store_id=store_id, sale_id=sale_id, number=data.number, reason=data.reason)
        answer = await tenant.submit(command, origin)
        settled: Settled = answer.result
        view = SettledView(**msgspec.structs.asdict(settled), position=answer.position)
        return written(view, answer, 201)
