"""/v1/products: add, read and change what can be sold."""

from typing import Annotated

import msgspec
from litestar import Controller, Response, get, patch, post
from msgspec import UNSET, Meta, UnsetType

from api.money import Amount, money
from api.reading import read, written
from api.requests import Body, ShopRequest, Text, command_origin, expected_version, given
from domain.catalog.product import PRODUCT, AddProduct, ChangeProduct, NegativeStock, Piece, Product
from domain.fields.field import FieldValue
from domain.kernel.errors import CurrencyMismatch
from domain.kernel.ids import Id
from domain.kernel.money import Money
from domain.kernel.quantity import Unit
from infra.tenancy import Tenant

TaxRate = Annotated[int, Meta(ge=0, le=10_000, description="basis points: 900 is 9 %")]


class PieceBody(Body, frozen=True, kw_only=True):
    """How goods that are kept by the gram are sold by the piece: the price of one, and what one weighs."""

    price: Amount
    weight_g: Annotated[int, Meta(ge=1, le=1_000_000)]


class ProductToAdd(Body, frozen=True, kw_only=True):
    """A SKU of your choice. `price` is per piece or per kilogram; a service has `stocked` false.

    Below `floor_price` no offer goes. With `piece` goods that are kept by the gram are sold by either.
    `negative_stock`: whether a till may sell what the book says is not there. `negative_stock_orders`:
    whether a paid order is sold whose goods have gone; null is as the till. Without `tax_rate` that of the
    category counts.
    """

    sku: Id
    name: Text
    category: Text
    unit: Unit
    price: Amount
    tax_rate: TaxRate | None = None
    stocked: bool = True
    negative_stock: NegativeStock = NegativeStock.ALLOW
    negative_stock_orders: NegativeStock | None = None
    piece: PieceBody | None = None
    floor_price: Amount | None = None


class ProductChange(Body, frozen=True, kw_only=True):
    """What is given changes. The unit never does: quantities were recorded in it.

    `tax_rate` null: the category's counts from now on.
    """

    name: Text | UnsetType = UNSET
    category: Text | UnsetType = UNSET
    price: Amount | UnsetType = UNSET
    tax_rate: TaxRate | UnsetType | None = UNSET
    negative_stock: NegativeStock | UnsetType = UNSET
    negative_stock_orders: NegativeStock | UnsetType = UNSET
    piece: PieceBody | UnsetType = UNSET
    floor_price: Amount | UnsetType = UNSET


class PieceView(msgspec.Struct, frozen=True, kw_only=True):
    """What a piece costs and weighs."""

    price: Money
    weight_g: int


class ListPriceView(msgspec.Struct, frozen=True, kw_only=True):
    """What a product costs in a price list, since the list's `version`."""

    list_id: str
    version: int
    price: Money
    piece_price: Money | None


class ProductView(msgspec.Struct, frozen=True, kw_only=True):
    """A product, with its prices in lists and the codes that it is found by.

    `tax_rate` is its own; null where it names none, and the category's counts. `fields` are the merchant's
    own.
    """

    sku: str
    name: str
    category: str
    unit: Unit
    price: Money
    tax_rate: int | None
    stocked: bool
    negative_stock: NegativeStock
    negative_stock_orders: NegativeStock | None
    piece: PieceView | None
    floor_price: Money
    prices: list[ListPriceView]
    barcodes: list[str]
    scale_numbers: list[str]
    fields: dict[str, FieldValue]


def product_view(product: Product) -> ProductView:
    """A product as it is told."""
    currency, piece = product.currency, product.piece
    return ProductView(
        sku=product.sku,
        name=product.name,
        category=product.category,
        unit=product.unit,
        price=money(product.price_minor, product.currency),
        tax_rate=None if product.tax_by_category else product.tax_rate_bp,
        stocked=product.stocked,
        negative_stock=product.negative_stock,
        negative_stock_orders=product.negative_stock_orders,
        piece=None
        if piece is None
        else PieceView(price=money(piece.price_minor, currency), weight_g=piece.weight_g),
        floor_price=money(product.floor_minor, currency),
        prices=[
            ListPriceView(
                list_id=list_id,
                version=price.version,
                price=money(price.price_minor, currency),
                piece_price=None
                if price.piece_price_minor is None
                else money(price.piece_price_minor, currency),
            )
            for list_id, price in sorted(product.prices.items())
        ],
        barcodes=list(product.barcodes),
        scale_numbers=list(product.scale_numbers),
        fields=product.fields,
    )


def _piece(body: PieceBody | None, currency: str | None) -> Piece | None:
    if body is None:
        return None
    if currency is not None and body.price.currency != currency:
        raise CurrencyMismatch("Both prices are in one currency.", currency=body.price.currency)
    return Piece(price_minor=body.price.amount, weight_g=body.weight_g)


def _floor(body: Amount | None, currency: str) -> int:
    if body is None:
        return 0
    if body.currency != currency:
        raise CurrencyMismatch("Both prices are in one currency.", currency=body.currency)
    return body.amount


class ProductsController(Controller):
    """Products."""

    path = "/v1/products"
    tags = ("products",)

    @post(operation_id="addProduct", opt={"scope": "products:write"})
    async def add(self, request: ShopRequest, tenant: Tenant, data: ProductToAdd) -> Response[ProductView]:
        """Adds a product to the catalogue of all stores."""
        request.user.require_store(None)
        origin = await command_origin(request, tenant, "addProduct", key_required=False)
        command = AddProduct(
            sku=data.sku,
            name=data.name,
            category=data.category,
            unit=data.unit,
            price_minor=data.price.amount,
            currency=data.price.currency,
            tax_rate_bp=data.tax_rate or 0,
            tax_by_category=data.tax_rate is None,
            stocked=data.stocked,
            negative_stock=data.negative_stock,
            negative_stock_orders=data.negative_stock_orders,
            piece=_piece(data.piece, data.price.currency),
            floor_minor=_floor(data.floor_price, data.price.currency),
        )
        answer = await tenant.submit(command, origin)
        added = Product(
            sku=data.sku,
            name=data.name,
            category=data.category,
            unit=data.unit,
            price_minor=data.price.amount,
            currency=data.price.currency,
            tax_rate_bp=data.tax_rate or 0,
            tax_by_category=data.tax_rate is None,
            stocked=data.stocked,
            negative_stock=data.negative_stock,
            negative_stock_orders=data.negative_stock_orders,
            piece=command.piece,
            floor_minor=command.floor_minor,
        )
        return written(product_view(added), answer, 201)

    @get("/{sku:str}", operation_id="getProduct", opt={"scope": "products:read"})
    async def show(self, tenant: Tenant, sku: str) -> Response[ProductView]:
        """A product and, as ETag, its version."""
        state, version = await tenant.require_state(PRODUCT, sku)
        return read(product_view(state), version)

    @patch("/{sku:str}", operation_id="changeProduct", opt={"scope": "products:write"})
    async def change(
        self, request: ShopRequest, tenant: Tenant, sku: str, data: ProductChange
    ) -> Response[ProductView]:
        """Changes a product from now on; what was sold keeps its price."""
        request.user.require_store(None)
        origin = await command_origin(request, tenant, "changeProduct", key_required=False)
        price, piece, floor = given(data.price), given(data.piece), given(data.floor_price)
        currencies = {one.currency for one in (price, piece and piece.price, floor) if one is not None}
        if len(currencies) > 1:
            raise CurrencyMismatch("All prices of a product are in one currency.")
        command = ChangeProduct(
            sku=sku,
            name=given(data.name),
            category=given(data.category),
            price_minor=None if price is None else price.amount,
            currency=next(iter(currencies), None),
            piece=_piece(piece, None),
            floor_minor=None if floor is None else floor.amount,
            tax_rate_bp=given(data.tax_rate),
            tax_by_category=data.tax_rate is None,
            negative_stock=given(data.negative_stock),
            negative_stock_orders=given(data.negative_stock_orders),
            expected_version=expected_version(request),
        )
        answer = await tenant.submit(command, origin)
        state, version = await tenant.state_at(PRODUCT, sku, answer.position)
        return written(product_view(state), answer, version=version)
