"""/v1/products: add, read and change what can be sold."""

from typing import Annotated

import msgspec
from litestar import Controller, Response, get, patch, post
from msgspec import UNSET, Meta, UnsetType

from api.money import Amount, money
from api.reading import read, written
from api.requests import Body, ShopRequest, Text, command_origin, expected_version, given
from domain.catalog.product import PRODUCT, AddProduct, ChangeProduct, NegativeStock, Product
from domain.kernel.ids import Id
from domain.kernel.money import Money
from domain.kernel.quantity import Unit
from infra.tenancy import Tenant

TaxRate = Annotated[int, Meta(ge=0, le=10_000, description="basis points: 900 is 9 %")]


class ProductToAdd(Body, frozen=True, kw_only=True):
    """A SKU of your choice. `price` is per piece or per kilogram; a service has `stocked` false.

    `negative_stock`: whether a till may sell what the book says is not there.
    """

    sku: Id
    name: Text
    category: Text
    unit: Unit
    price: Amount
    tax_rate: TaxRate = 0
    stocked: bool = True
    negative_stock: NegativeStock = NegativeStock.ALLOW


class ProductChange(Body, frozen=True, kw_only=True):
    """What is given changes. The unit never does: quantities were recorded in it."""

    name: Text | UnsetType = UNSET
    category: Text | UnsetType = UNSET
    price: Amount | UnsetType = UNSET
    tax_rate: TaxRate | UnsetType = UNSET
    negative_stock: NegativeStock | UnsetType = UNSET


class ProductView(msgspec.Struct, frozen=True, kw_only=True):
    """A product."""

    sku: str
    name: str
    category: str
    unit: Unit
    price: Money
    tax_rate: int
    stocked: bool
    negative_stock: NegativeStock


def _view(product: Product) -> ProductView:
    return ProductView(
        sku=product.sku,
        name=product.name,
        category=product.category,
        unit=product.unit,
        price=money(product.price_minor, product.currency),
        tax_rate=product.tax_rate_bp,
        stocked=product.stocked,
        negative_stock=product.negative_stock,
    )


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
            tax_rate_bp=data.tax_rate,
            stocked=data.stocked,
            negative_stock=data.negative_stock,
        )
        answer = await tenant.submit(command, origin)
        view = ProductView(
            sku=data.sku,
            name=data.name,
            category=data.category,
            unit=data.unit,
            price=money(data.price.amount, data.price.currency),
            tax_rate=data.tax_rate,
            stocked=data.stocked,
            negative_stock=data.negative_stock,
        )
        return written(view, answer, 201)

    @get("/{sku:str}", operation_id="getProduct", opt={"scope": "products:read"})
    async def show(self, tenant: Tenant, sku: str) -> Response[ProductView]:
        """A product and, as ETag, its version."""
        state, version = await tenant.require_state(PRODUCT, sku)
        return read(_view(state), version)

    @patch("/{sku:str}", operation_id="changeProduct", opt={"scope": "products:write"})
    async def change(
        self, request: ShopRequest, tenant: Tenant, sku: str, data: ProductChange
    ) -> Response[ProductView]:
        """Changes a product from now on; what was sold keeps its price."""
        request.user.require_store(None)
        origin = await command_origin(request, tenant, "changeProduct", key_required=False)
        price = given(data.price)
        command = ChangeProduct(
            sku=sku,
            name=given(data.name),
            category=given(data.category),
            price_minor=None if price is None else price.amount,
            currency=None if price is None else price.currency,
            tax_rate_bp=given(data.tax_rate),
            negative_stock=given(data.negative_stock),
            expected_version=expected_version(request),
        )
        answer = await tenant.submit(command, origin)
        state, version = await tenant.state_at(PRODUCT, sku, answer.position)
        return written(_view(state), answer, version=version)
