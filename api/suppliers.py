"""/v1/suppliers: the firms that goods are bought from."""

from typing import Annotated

import msgspec
from litestar import Controller, Response, get, patch, post
from litestar.params import Parameter
from msgspec import UNSET, Meta, UnsetType

from api.reading import MAX_PAGE, Page, caught_up, decode_cursor, page_of, read, written
from api.requests import (
    Body,
    Reference,
    ShopRequest,
    Text,
    command_origin,
    expected_version,
    given,
)
from domain.kernel.ids import CurrencyCode, Id
from domain.purchasing.supplier import SUPPLIER, AddSupplier, ChangeSupplier, Supplier
from infra.tenancy import Tenant
from projections.supplier_scores.fold import SupplierScores
from projections.supplier_scores.queries import suppliers

Limit = Annotated[int, Parameter(ge=1, le=MAX_PAGE)]
BasisPoints = Annotated[int, Meta(ge=0, le=10_000)]
Days = Annotated[int, Meta(ge=0, le=3_650)]


class SupplierToAdd(Body, frozen=True, kw_only=True):
    """A firm that goods are bought from. What is said here is stored in the clear: people are contacts.

    A delivery may exceed the order by `over_bp` basis points; short by `short_bp` it is complete.
    """

    supplier_id: Id
    name: Text
    currency: CurrencyCode
    registration: Reference | None = None
    payment_days: Days = 0
    over_bp: BasisPoints = 0
    short_bp: BasisPoints = 0


class SupplierChange(Body, frozen=True, kw_only=True):
    """What is given changes. Orders are sent to `contact_id`."""

    name: Text | UnsetType = UNSET
    registration: Reference | UnsetType = UNSET
    payment_days: Days | UnsetType = UNSET
    over_bp: BasisPoints | UnsetType = UNSET
    short_bp: BasisPoints | UnsetType = UNSET
    contact_id: Id | UnsetType = UNSET
    active: bool | UnsetType = UNSET


class SupplierView(msgspec.Struct, frozen=True, kw_only=True):
    """A supplier; `contact_id` null where orders are sent to nobody."""

    supplier_id: str
    name: str
    currency: str
    registration: str | None
    payment_days: int
    over_bp: int
    short_bp: int
    contact_id: str | None
    active: bool


class SupplierInList(msgspec.Struct, frozen=True, kw_only=True):
    """A supplier's name, currency and whether anything is ordered there."""

    supplier_id: str
    name: str
    currency: str
    active: bool


def _view(supplier: Supplier) -> SupplierView:
    return SupplierView(
        supplier_id=supplier.supplier_id,
        name=supplier.name,
        currency=supplier.currency,
        registration=supplier.registration,
        payment_days=supplier.payment_days,
        over_bp=supplier.over_bp,
        short_bp=supplier.short_bp,
        contact_id=supplier.contact_id or None,
        active=supplier.active,
    )


class SuppliersController(Controller):
    """Suppliers."""

    path = "/v1/suppliers"
    tags = ("purchasing",)

    @post(operation_id="addSupplier", opt={"scope": "purchasing:write"})
    async def add(self, request: ShopRequest, tenant: Tenant, data: SupplierToAdd) -> Response[SupplierView]:
        """Adds a supplier."""
        request.user.require_store(None)
        origin = await command_origin(request, tenant, "addSupplier", key_required=False)
        command = AddSupplier(
            supplier_id=data.supplier_id,
            name=data.name,
            currency=data.currency,
            registration=data.registration,
            payment_days=data.payment_days,
            over_bp=data.over_bp,
            short_bp=data.short_bp,
        )
        answer = await tenant.submit(command, origin)
        state, _ = await tenant.state_at(SUPPLIER, data.supplier_id, answer.position)
        return written(_view(state), answer, 201)

    @get(operation_id="listSuppliers", opt={"scope": "purchasing:read"})
    async def list(
        self, request: ShopRequest, tenant: Tenant, limit: Limit = 100, cursor: str | None = None
    ) -> Page[SupplierInList]:
        """All suppliers by id."""
        after = decode_cursor(cursor, tuple[Id])
        await caught_up(request, tenant, SupplierScores.name)
        async with tenant.readers.connection() as connection:
            rows = await suppliers(connection, after[0] if after else "", limit + 1)
        listed = [
            SupplierInList(
                supplier_id=row.supplier_id, name=row.name, currency=row.currency, active=bool(row.active)
            )
            for row in rows
        ]
        return page_of(listed, limit, lambda row: (row.supplier_id,))

    @get("/{supplier_id:str}", operation_id="getSupplier", opt={"scope": "purchasing:read"})
    async def show(self, tenant: Tenant, supplier_id: str) -> Response[SupplierView]:
        """A supplier and, as ETag, the version."""
        state, version = await tenant.require_state(SUPPLIER, supplier_id)
        return read(_view(state), version)

    @patch("/{supplier_id:str}", operation_id="changeSupplier", opt={"scope": "purchasing:write"})
    async def change(
        self, request: ShopRequest, tenant: Tenant, supplier_id: str, data: SupplierChange
    ) -> Response[SupplierView]:
        """Changes a supplier."""
        request.user.require_store(None)
        origin = await command_origin(request, tenant, "changeSupplier", key_required=False)
        command = ChangeSupplier(
            supplier_id=supplier_id,
            name=given(data.name),
            registration=given(data.registration),
            payment_days=given(data.payment_days),
            over_bp=given(data.over_bp),
            short_bp=given(data.short_bp),
            contact_id=given(data.contact_id),
            active=given(data.active),
            expected_version=expected_version(request),
        )
        answer = await tenant.submit(command, origin)
        state, version = await tenant.state_at(SUPPLIER, supplier_id, answer.position)
        return written(_view(state), answer, version=version)
