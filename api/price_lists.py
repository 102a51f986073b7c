"""/v1/price-lists: other prices than a product's own, for some stores, customers or a time."""

from typing import Annotated

import msgspec
from litestar import Controller, Response, delete, get, post, put
from litestar.params import Parameter
from msgspec import Meta

from api.money import Amount, money
from api.reading import MAX_PAGE, Page, caught_up, decode_cursor, page_of, read, written
from api.requests import Body, Instant, ShopRequest, Text, command_origin, expected_version
from domain.catalog.price_list import (
    BOOK,
    MAX_PRICES,
    PRICE_LISTS,
    EndPriceList,
    NewPrice,
    PriceList,
    PriceListVersion,
    PricesSet,
    PublishPriceList,
    SetPrices,
    require_list,
)
from domain.kernel.ids import CurrencyCode, Id
from domain.kernel.money import Money
from infra.ids import uuid7
from infra.tenancy import Tenant
from projections.list_prices.fold import ListPriceRow, ListPrices
from projections.list_prices.queries import prices_in

Limit = Annotated[int, Parameter(ge=1, le=MAX_PAGE)]
Ids = Annotated[tuple[Id, ...], Meta(max_length=1_000)]
Names = Annotated[tuple[Text, ...], Meta(max_length=100)]


class PriceListTerms(Body, frozen=True, kw_only=True):
    """Where a list counts. What is left empty does not restrict; `segments` are of the customer."""

    name: Text
    currency: CurrencyCode
    stores: Ids = ()
    segments: Names = ()
    valid_from: Instant | None = None
    valid_until: Instant | None = None


class PriceListToPublish(PriceListTerms, frozen=True, kw_only=True):
    """A new list, under an id of your choice or one that is made."""

    list_id: Id | None = None


class PriceListView(PriceListTerms, frozen=True, kw_only=True):
    """A list as it counts now."""

    list_id: str
    version: int


class PriceInList(msgspec.Struct, frozen=True, kw_only=True):
    """What a product costs in the list, since which of its versions."""

    sku: str
    version: int
    price: Money
    piece_price: Money | None


class NewPriceBody(Body, frozen=True, kw_only=True):
    """What a product is to cost in the list, per piece or per kilogram; null takes it out of the list.

    `piece_price` is for what is kept by the gram and sold by the piece too.
    """

    sku: Id
    price: Amount | None
    piece_price: Amount | None = None


class PricesToSet(Body, frozen=True, kw_only=True):
    """Prices to set at once: all of them, or none."""

    prices: Annotated[list[NewPriceBody], Meta(min_length=1, max_length=MAX_PRICES)]


def _price_list(list_id: str, terms: PriceListTerms) -> PriceList:
    """The list that a body describes; its version is given when it is published."""
    return msgspec.convert({**msgspec.to_builtins(terms), "list_id": list_id, "version": 0}, PriceList)


def _list_view(one: PriceList) -> PriceListView:
    return PriceListView(**msgspec.structs.asdict(one))


def _in_list(row: ListPriceRow, currency: str) -> PriceInList:
    assert row.price_minor is not None
    piece = row.piece_price_minor
    return PriceInList(
        sku=row.sku,
        version=row.version,
        price=money(row.price_minor, currency),
        piece_price=None if piece is None else money(piece, currency),
    )


class PriceListsController(Controller):
    """Price lists. Their versions count from 1; the ETag is the version."""

    path = "/v1/price-lists"
    tags = ("products",)

    @post(operation_id="publishPriceList", opt={"scope": "products:write"})
    async def publish(
        self, request: ShopRequest, tenant: Tenant, data: PriceListToPublish
    ) -> Response[PriceListVersion]:
        """Makes a list. It has no prices yet."""
        request.user.require_store(None)
        origin = await command_origin(request, tenant, "publishPriceList")
        command = PublishPriceList(price_list=_price_list(data.list_id or uuid7(), data), expected=0)
        answer = await tenant.submit(command, origin)
        return written(answer.result, answer, 201)

    @get(operation_id="listPriceLists", opt={"scope": "products:read"})
    async def list(self, tenant: Tenant) -> Page[PriceListView]:
        """Every list that counts, in the order of their ids. They are few enough for one page."""
        lists = (await tenant.state_of(PRICE_LISTS, BOOK)).lists
        return Page(data=[_list_view(lists[list_id]) for list_id in sorted(lists)], next_cursor=None)

    @get("/{list_id:str}", operation_id="getPriceList", opt={"scope": "products:read"})
    async def show(self, tenant: Tenant, list_id: str) -> Response[PriceListView]:
        """A list and, as ETag, its version. Its prices stand with the products."""
        one = require_list(await tenant.state_of(PRICE_LISTS, BOOK), list_id)
        return read(_list_view(one), one.version)

    @put("/{list_id:str}", operation_id="changePriceList", opt={"scope": "products:write"})
    async def change(
        self, request: ShopRequest, tenant: Tenant, list_id: str, data: PriceListTerms
    ) -> Response[PriceListVersion]:
        """Publishes the next version of a list, also of an ended one. Its prices stay."""
        request.user.require_store(None)
        origin = await command_origin(request, tenant, "changePriceList", key_required=False)
        command = PublishPriceList(price_list=_price_list(list_id, data), expected=expected_version(request))
        answer = await tenant.submit(command, origin)
        return written(answer.result, answer, version=answer.result.version)

    @delete("/{list_id:str}", operation_id="endPriceList", opt={"scope": "products:write"}, status_code=200)
    async def end(self, request: ShopRequest, tenant: Tenant, list_id: str) -> Response[PriceListVersion]:
        """Ends a list: from now on no sale uses it."""
        request.user.require_store(None)
        origin = await command_origin(request, tenant, "endPriceList", key_required=False)
        command = EndPriceList(list_id=list_id, expected=expected_version(request))
        answer = await tenant.submit(command, origin)
        return written(answer.result, answer, version=answer.result.version)

    @get("/{list_id:str}/prices", operation_id="listPrices", opt={"scope": "products:read"})
    async def prices(
        self,
        request: ShopRequest,
        tenant: Tenant,
        list_id: str,
        limit: Limit = 100,
        cursor: str | None = None,
    ) -> Page[PriceInList]:
        """The products that are in a list with their prices, by SKU."""
        after = decode_cursor(cursor, tuple[Id])
        currency = require_list(await tenant.state_of(PRICE_LISTS, BOOK), list_id).currency
        await caught_up(request, tenant, ListPrices.name)
        async with tenant.readers.connection() as connection:
            rows = await prices_in(connection, list_id, after[0] if after else "", limit + 1)
        return page_of([_in_list(row, currency) for row in rows], limit, lambda row: (row.sku,))

    @post("/{list_id:str}/prices", operation_id="setPrices", opt={"scope": "products:write"}, status_code=200)
    async def set_prices(
        self, request: ShopRequest, tenant: Tenant, list_id: str, data: PricesToSet
    ) -> Response[PricesSet]:
        """Sets prices of a list, all or none. They are its next version."""
        request.user.require_store(None)
        origin = await command_origin(request, tenant, "setPrices")
        given = [price for line in data.prices for price in (line.price, line.piece_price) if price]
        command = SetPrices(
            list_id=list_id,
            prices=tuple(
                NewPrice(
                    sku=line.sku,
                    price_minor=None if line.price is None else line.price.amount,
                    piece_price_minor=None if line.piece_price is None else line.piece_price.amount,
                )
                for line in data.prices
            ),
            currencies=frozenset(price.currency for price in given),
        )
        answer = await tenant.submit(command, origin)
        return written(answer.result, answer)
