"""/v1/stores/{store_id}/parked-sales: baskets put aside, and called up again by any till of the store."""

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Controller, Response, get, post
from litestar.params import Parameter
from msgspec import Meta

from api.baskets import scanned_code
from api.customers import known_customer
from api.errors import Problem
from api.reading import MAX_PAGE, Page, caught_up, decode_cursor, page_of, written
from api.requests import Body, Positive, ShopRequest, Text, command_origin
from api.sales import MAIN_REGISTER
from domain.kernel.ids import Id
from domain.sales.parked import MAX_PARKED_LINES, EndParking, ParkBasket, ParkedBasket, ParkedLine
from domain.stores.store import STORE
from infra.event_store.submission import Answer
from infra.ids import uuid7
from infra.tenancy import Tenant
from projections.parked_sales.fold import ParkedSale
from projections.parked_sales.queries import parked_in

Limit = Annotated[int, Parameter(ge=1, le=MAX_PAGE)]


class ParkedLineBody(Body, frozen=True, kw_only=True):
    """What is in the basket, in the SKU's unit (pieces or grams): a `sku`, or what was scanned.

    A `barcode` is told again to whoever calls the basket up, so that the label of a markdown still counts.
    """

    sku: Id | None = None
    barcode: Text | None = None
    quantity: Positive | None = None


class BasketToPark(Body, frozen=True, kw_only=True):
    """A basket to put aside. No price is promised, and nothing is held for it."""

    parked_id: Id | None = None
    register_id: Id = MAIN_REGISTER
    customer_id: Id | None = None
    lines: Annotated[list[ParkedLineBody], Meta(min_length=1, max_length=MAX_PARKED_LINES)]


class AtRegister(Body, frozen=True, kw_only=True):
    """At which till it is done."""

    register_id: Id = MAIN_REGISTER


class ParkedLineView(msgspec.Struct, frozen=True, kw_only=True):
    """A line of a parked basket; sell it by its `barcode` where it has one."""

    sku: str
    quantity: int
    barcode: str | None


class ParkedView(msgspec.Struct, frozen=True, kw_only=True):
    """A parked basket."""

    parked_id: str
    customer_id: str | None
    lines: list[ParkedLineView]
    position: int


class ParkedRow(msgspec.Struct, frozen=True, kw_only=True):
    """A basket that is put aside, and where. What is in it is told to whoever calls it up."""

    parked_id: str
    register_id: str
    parked_at: datetime
    lines: int


def _row(row: ParkedSale) -> ParkedRow:
    return ParkedRow(
        parked_id=row.parked_id, register_id=row.register_id, parked_at=_at(row), lines=row.lines
    )


def _at(row: ParkedSale) -> datetime:
    assert row.parked_at is not None
    return row.parked_at


async def _parked(tenant: Tenant, line: ParkedLineBody) -> ParkedLine:
    """The line as it is put aside. Who scanned it need not say the SKU, nor a weight that stands in it."""
    sku, weight_g = line.sku, None
    if line.barcode is not None and sku is None:
        sku, scanned = await scanned_code(tenant, line.barcode)
        weight_g = scanned.weight_g
    elif sku is None or line.barcode is not None:
        raise Problem(400, "invalid_request", "A line names a sku or a barcode, and not both.")
    quantity = line.quantity or weight_g
    if quantity is None:
        raise Problem(400, "invalid_request", "Give the line a quantity: none stands in a barcode.")
    return ParkedLine(sku=sku, quantity=quantity, barcode=line.barcode)


def _done(answer: Answer) -> Response[ParkedView]:
    basket: ParkedBasket = answer.result
    view = ParkedView(
        parked_id=basket.parked_id,
        customer_id=basket.customer_id,
        lines=[
            ParkedLineView(sku=line.sku, quantity=line.quantity, barcode=line.barcode)
            for line in basket.lines
        ],
        position=answer.position,
    )
    return written(view, answer, 201)


class ParkedSalesController(Controller):
    """Parked sales of a store."""

    path = "/v1/stores/{store_id:str}/parked-sales"
    tags = ("sales",)

    @post(operation_id="parkSale", opt={"scope": "sales:write"})
    async def park(
        self, request: ShopRequest, tenant: Tenant, store_id: str, data: BasketToPark
    ) -> Response[ParkedView]:
        """Puts a basket aside."""
        if data.customer_id is not None:
            await known_customer(tenant, data.customer_id)
        origin = await command_origin(
            request, tenant, "parkSale", terminal=data.register_id, key_required=False
        )
        command = ParkBasket(
            parked_id=data.parked_id or uuid7(),
            store_id=store_id,
            register_id=data.register_id,
            customer_id=data.customer_id,
            lines=tuple([await _parked(tenant, line) for line in data.lines]),
        )
        return _done(await tenant.submit(command, origin))

    @get(operation_id="listParkedSales", opt={"scope": "sales:read"})
    async def index(
        self,
        request: ShopRequest,
        tenant: Tenant,
        store_id: str,
        limit: Limit = 100,
        cursor: str | None = None,
    ) -> Page[ParkedRow]:
        """The baskets that are put aside in a store, the oldest first."""
        key = decode_cursor(cursor, tuple[datetime, str])
        await tenant.require_state(STORE, store_id)
        await caught_up(request, tenant, "parked_sales")
        async with tenant.readers.connection() as connection:
            rows = await parked_in(connection, store_id, after=key, limit=limit + 1)
        page = page_of(rows, limit, lambda row: (_at(row), row.parked_id))
        return Page(data=[_row(row) for row in page.data], next_cursor=page.next_cursor)

    @post("/{parked_id:str}/recall", operation_id="recallParkedSale", opt={"scope": "sales:write"})
    async def recall(
        self, request: ShopRequest, tenant: Tenant, store_id: str, parked_id: str, data: AtRegister
    ) -> Response[ParkedView]:
        """Takes a basket up again; of two tills that ask one gets it."""
        origin = await command_origin(
            request, tenant, "recallParkedSale", terminal=data.register_id, key_required=False
        )
        command = EndParking(parked_id=parked_id, store_id=store_id, register_id=data.register_id)
        return _done(await tenant.submit(command, origin))

    @post("/{parked_id:str}/discarding", operation_id="discardParkedSale", opt={"scope": "sales:write"})
    async def discard(
        self, request: ShopRequest, tenant: Tenant, store_id: str, parked_id: str, data: AtRegister
    ) -> Response[ParkedView]:
        """Discards a basket that nobody wants any more."""
        origin = await command_origin(
            request, tenant, "discardParkedSale", terminal=data.register_id, key_required=False
        )
        command = EndParking(
            parked_id=parked_id, store_id=store_id, register_id=data.register_id, discard=True
        )
        return _done(await tenant.submit(command, origin))
