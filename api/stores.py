"""/v1/stores: open, read and change stores."""

from typing import Annotated

import msgspec
from litestar import Controller, Response, get, patch, post
from msgspec import UNSET, Meta, UnsetType

from api.reading import read, written
from api.requests import Body, Cause, ShopRequest, Text, command_origin, expected_version, given
from domain.kernel.ids import CurrencyCode, Id
from domain.stores.store import MAX_LOCATIONS, STORE, ChangeStore, OpenStore, Store, TaxRounding
from infra.tenancy import Tenant

Minutes = Annotated[
    int, Meta(ge=0, lt=1440, description="minutes after midnight at which the business day starts")
]


CashUnit = Annotated[
    int,
    Meta(ge=0, le=10_000, description="the smallest coin, to which what is due in cash is rounded; 0: not"),
]


Locations = Annotated[
    tuple[Cause, ...],
    Meta(max_length=MAX_LOCATIONS, description="where goods stand besides the sales floor, as `cold room`"),
]


class StoreToOpen(Body, frozen=True, kw_only=True):
    """A store under an id of your choice. `time_zone` is an IANA name; receipts show name and `address`."""

    store_id: Id
    name: Text
    currency: CurrencyCode
    time_zone: Text
    day_starts_at_min: Minutes = 0
    prices_include_tax: bool = True
    tax_rounding: TaxRounding = TaxRounding.LINE
    cash_unit_minor: CashUnit = 0
    shifts_required: bool = False
    address: Text | None = None
    locations: Locations = ()


class StoreChange(Body, frozen=True, kw_only=True):
    """What is given changes; the currency never does."""

    name: Text | UnsetType = UNSET
    time_zone: Text | UnsetType = UNSET
    day_starts_at_min: Minutes | UnsetType = UNSET
    cash_unit_minor: CashUnit | UnsetType = UNSET
    shifts_required: bool | UnsetType = UNSET
    address: Text | UnsetType = UNSET
    locations: Locations | UnsetType = UNSET


class StoreView(msgspec.Struct, frozen=True, kw_only=True):
    """A store."""

    store_id: str
    name: str
    currency: str
    time_zone: str
    day_starts_at_min: int
    prices_include_tax: bool
    tax_rounding: TaxRounding
    cash_unit_minor: int
    shifts_required: bool
    address: str | None
    locations: tuple[str, ...] = ()


def _view(store: Store) -> StoreView:
    return StoreView(
        store_id=store.store_id,
        name=store.name,
        currency=store.currency,
        time_zone=store.time_zone,
        day_starts_at_min=store.day_starts_at_min,
        prices_include_tax=store.prices_include_tax,
        tax_rounding=store.tax_rounding,
        cash_unit_minor=store.cash_unit_minor,
        shifts_required=store.shifts_required,
        address=store.address,
        locations=store.locations,
    )


class StoresController(Controller):
    """Stores."""

    path = "/v1/stores"
    tags = ("stores",)

    @post(operation_id="openStore", opt={"scope": "stores:write"})
    async def open(self, request: ShopRequest, tenant: Tenant, data: StoreToOpen) -> Response[StoreView]:
        """Opens a store."""
        request.user.require_store(None)
        origin = await command_origin(request, tenant, "openStore", key_required=False)
        command = OpenStore(**msgspec.structs.asdict(data))
        answer = await tenant.submit(command, origin)
        return written(StoreView(**msgspec.structs.asdict(data)), answer, 201)

    @get("/{store_id:str}", operation_id="getStore", opt={"scope": "stores:read"})
    async def show(self, tenant: Tenant, store_id: str) -> Response[StoreView]:
        """A store and, as ETag, its version."""
        state, version = await tenant.require_state(STORE, store_id)
        return read(_view(state), version)

    @patch("/{store_id:str}", operation_id="changeStore", opt={"scope": "stores:write"})
    async def change(
        self, request: ShopRequest, tenant: Tenant, store_id: str, data: StoreChange
    ) -> Response[StoreView]:
        """Changes a store; If-Match says which version you read."""
        request.user.require_store(store_id)
        origin = await command_origin(request, tenant, "changeStore", key_required=False)
        command = ChangeStore(
            store_id=store_id,
            name=given(data.name),
            time_zone=given(data.time_zone),
            day_starts_at_min=given(data.day_starts_at_min),
            cash_unit_minor=given(data.cash_unit_minor),
            shifts_required=given(data.shifts_required),
            address=given(data.address),
            locations=given(data.locations),
            expected_version=expected_version(request),
        )
        answer = await tenant.submit(command, origin)
        state, version = await tenant.state_at(STORE, store_id, answer.position)
        return written(_view(state), answer, version=version)
