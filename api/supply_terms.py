"""/v1/suppliers/{supplier_id}/terms: what a supplier asks for what."""

from datetime import date
from typing import Annotated

import msgspec
from litestar import Controller, Response, get, post
from litestar.params import Parameter
from msgspec import Meta

from api.money import Amount, money
from api.reading import MAX_PAGE, Page, caught_up, decode_cursor, page_of, written
from api.requests import (
    Body,
    Reference,
    ShopRequest,
    command_origin,
)
from domain.kernel.ids import Id
from domain.kernel.money import Money
from domain.purchasing.supplier import SUPPLIER
from domain.purchasing.terms import Terms
from domain.stockroom.supply_terms import MAX_LINES, MAX_PACKS, SetTerms, TermsLine
from infra.tenancy import Tenant
from projections.supply_terms.fold import SupplyTerms, TermsOfSupply
from projections.supply_terms.queries import terms_of

Limit = Annotated[int, Parameter(ge=1, le=MAX_PAGE)]
Days = Annotated[int, Meta(ge=0, le=3_650)]
Packs = Annotated[int, Meta(ge=1, le=MAX_PACKS)]


class TermsToSet(Body, frozen=True, kw_only=True):
    """What a SKU costs from a day on: per piece or kilogram, in packs of the SKU's unit."""

    sku: Id
    valid_from: date
    valid_until: date | None = None
    unit_cost: Amount
    pack_size: Packs = 1
    minimum_packs: Packs = 1
    lead_time_days: Days = 0
    supplier_sku: Reference | None = None


class TermsList(Body, frozen=True, kw_only=True):
    """A supplier's list, or part of it."""

    lines: Annotated[list[TermsToSet], Meta(min_length=1, max_length=MAX_LINES)]


class TermsWritten(msgspec.Struct, frozen=True, kw_only=True):
    """Whose terms were set."""

    supplier_id: str
    position: int


class TermsView(msgspec.Struct, frozen=True, kw_only=True):
    """Terms as they were set; `valid_until` null is without an end."""

    sku: str
    valid_from: date
    valid_until: date | None
    unit_cost: Money
    pack_size: int
    minimum_packs: int
    lead_time_days: int
    supplier_sku: str | None


def _view(row: SupplyTerms) -> TermsView:
    return TermsView(
        sku=row.sku,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        unit_cost=money(row.unit_cost_minor, row.currency),
        pack_size=row.pack_size,
        minimum_packs=row.minimum_packs,
        lead_time_days=row.lead_time_days,
        supplier_sku=row.supplier_sku,
    )


class SupplyTermsController(Controller):
    """Suppliers' terms."""

    path = "/v1/suppliers"
    tags = ("purchasing",)

    @post("/{supplier_id:str}/terms", operation_id="setTerms", opt={"scope": "purchasing:write"})
    async def set_terms(
        self, request: ShopRequest, tenant: Tenant, supplier_id: str, data: TermsList
    ) -> Response[TermsWritten]:
        """Sets what SKUs cost from a day on: all lines or none."""
        request.user.require_store(None)
        origin = await command_origin(request, tenant, "setTerms", key_required=False)
        lines = tuple(
            TermsLine(
                sku=line.sku,
                terms=Terms(
                    valid_from=line.valid_from,
                    valid_until=line.valid_until,
                    unit_cost_minor=line.unit_cost.amount,
                    currency=line.unit_cost.currency,
                    pack_size=line.pack_size,
                    minimum_packs=line.minimum_packs,
                    lead_time_days=line.lead_time_days,
                    supplier_sku=line.supplier_sku,
                ),
            )
            for line in data.lines
        )
        answer = await tenant.submit(SetTerms(supplier_id=supplier_id, lines=lines), origin)
        return written(TermsWritten(supplier_id=supplier_id, position=answer.position), answer, 201)

    @get("/{supplier_id:str}/terms", operation_id="listTerms", opt={"scope": "purchasing:read"})
    async def list_terms(
        self,
        request: ShopRequest,
        tenant: Tenant,
        supplier_id: str,
        limit: Limit = 100,
        cursor: str | None = None,
    ) -> Page[TermsView]:
        """All terms of a supplier, by SKU and first day."""
        await tenant.require_state(SUPPLIER, supplier_id)
        after = decode_cursor(cursor, tuple[Id, date])
        await caught_up(request, tenant, TermsOfSupply.name)
        async with tenant.readers.connection() as connection:
            rows = await terms_of(connection, supplier_id, after=after, limit=limit + 1)
        views = [_view(row) for row in rows]
        return page_of(views, limit, lambda row: (row.sku, row.valid_from.isoformat()))
