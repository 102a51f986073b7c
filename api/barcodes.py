"""/v1/barcodes, /v1/scales and the barcodes of products: what a till has scanned."""

from collections.abc import Iterable
from typing import Annotated

import msgspec
from litestar import Controller, Response, get, put
from msgspec import Meta

from api.baskets import scanned_code
from api.products import ProductView, product_view
from api.reading import read, written
from api.requests import Body, ShopRequest, command_origin, expected_version
from domain.catalog.barcode import Measure, ScaleCode
from domain.catalog.barcodes import (
    MAIN,
    MAX_BARCODES,
    MAX_LAYOUTS,
    SCALES,
    SetBarcodes,
    SetScales,
)
from domain.catalog.product import PRODUCT
from infra.tenancy import Tenant

Digits = Annotated[str, Meta(pattern=r"^[0-9]{3,14}$(?!\n)")]


class BarcodesBody(Body, frozen=True, kw_only=True):
    """By which codes a product is found, in place of those before.

    `scale_numbers` are what scales print: the layout's prefix and the item's digits, without price or weight.
    """

    barcodes: Annotated[tuple[Digits, ...], Meta(max_length=MAX_BARCODES)] = ()
    scale_numbers: Annotated[tuple[Digits, ...], Meta(max_length=MAX_BARCODES)] = ()


class ScaleCodeBody(Body, frozen=True, kw_only=True):
    """How a scale prints an EAN-13: prefix, item number, price or weight, check digit.

    `value_unit` is how many minor units or grams one step of the value is. `has_value_check`: a digit that
    protects the value stands before it.
    """

    prefix: Annotated[str, Meta(pattern=r"^[0-9]{2,6}$(?!\n)")]
    measure: Measure
    item_digits: Annotated[int, Meta(ge=1, le=9)] = 5
    value_digits: Annotated[int, Meta(ge=1, le=9)] = 5
    value_unit: Annotated[int, Meta(ge=1, le=1_000)] = 1
    has_value_check: bool = False


class ScalesBody(Body, frozen=True, kw_only=True):
    """The layouts of all scales. Of two that fit a code the longer prefix counts."""

    layouts: Annotated[tuple[ScaleCodeBody, ...], Meta(max_length=MAX_LAYOUTS)]


class ScalesView(msgspec.Struct, frozen=True, kw_only=True):
    """The layouts of all scales."""

    layouts: list[ScaleCodeBody]


class ScannedView(msgspec.Struct, frozen=True, kw_only=True):
    """What a code says: the product, and the price in minor units or the weight that a scale has printed.

    `label` is that of a markdown.
    """

    barcode: str
    product: ProductView
    price_minor: int | None
    weight_g: int | None
    label: str | None


def _layout_bodies(layouts: Iterable[ScaleCode]) -> list[ScaleCodeBody]:
    return [ScaleCodeBody(**msgspec.structs.asdict(layout)) for layout in layouts]


class BarcodesController(Controller):
    """Barcodes."""

    path = "/v1/barcodes"
    tags = ("products",)

    @get("/{barcode:str}", operation_id="readBarcode", opt={"scope": "products:read"})
    async def show(self, tenant: Tenant, barcode: str) -> ScannedView:
        """The product that a scanned code means, and what a scale has printed into it."""
        sku, scanned = await scanned_code(tenant, barcode)
        state, _ = await tenant.require_state(PRODUCT, sku)
        return ScannedView(
            barcode=barcode,
            product=product_view(state),
            price_minor=scanned.price_minor,
            weight_g=scanned.weight_g,
            label=scanned.label,
        )


class ProductBarcodesController(Controller):
    """The barcodes of a product."""

    path = "/v1/products/{sku:str}/barcodes"
    tags = ("products",)

    @put(operation_id="setBarcodes", opt={"scope": "products:write"})
    async def set(
        self, request: ShopRequest, tenant: Tenant, sku: str, data: BarcodesBody
    ) -> Response[ProductView]:
        """Sets by which codes a product is found. No code means two products."""
        request.user.require_store(None)
        origin = await command_origin(request, tenant, "setBarcodes", key_required=False)
        command = SetBarcodes(
            sku=sku,
            barcodes=data.barcodes,
            scale_numbers=data.scale_numbers,
            expected_version=expected_version(request),
        )
        answer = await tenant.submit(command, origin)
        state, version = await tenant.state_at(PRODUCT, sku, answer.position)
        return written(product_view(state), answer, version=version)


class ScalesController(Controller):
    """The scales."""

    path = "/v1/scales"
    tags = ("products",)

    @get(operation_id="getScales", opt={"scope": "products:read"})
    async def show(self, tenant: Tenant) -> Response[ScalesView]:
        """How scales print prices and weights and, as ETag, the version; "0" before the first."""
        stream = SCALES.stream(MAIN)
        async with tenant.readers.connection() as connection:
            found, _ = (await tenant.journal.read_states(connection, [stream]))[stream]
        return read(ScalesView(layouts=_layout_bodies(found.state.layouts)), found.version)

    @put(operation_id="setScales", opt={"scope": "products:write"})
    async def set(self, request: ShopRequest, tenant: Tenant, data: ScalesBody) -> Response[ScalesView]:
        """Sets how scales print prices and weights; before the first time, If-Match is "0"."""
        request.user.require_store(None)
        origin = await command_origin(request, tenant, "setScales", key_required=False)
        layouts = tuple(ScaleCode(**msgspec.structs.asdict(layout)) for layout in data.layouts)
        answer = await tenant.submit(
            SetScales(layouts=layouts, expected_version=expected_version(request)), origin
        )
        state, version = await tenant.state_at(SCALES, MAIN, answer.position)
        return written(ScalesView(layouts=_layout_bodies(state.layouts)), answer, version=version)
