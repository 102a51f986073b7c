"""/v1/suppliers/{supplier_id}/scores: how well a supplier delivers."""

from typing import Annotated

import msgspec
from litestar import Controller, get
from litestar.params import Parameter

from api.money import money
from api.reading import MAX_PAGE, Page, caught_up, decode_cursor, page_of
from api.requests import (
    ShopRequest,
)
from domain.kernel.money import Money
from domain.purchasing.supplier import SUPPLIER
from infra.tenancy import Tenant
from projections.supplier_scores.fold import WHOLE_BP, SupplierScore, SupplierScores
from projections.supplier_scores.queries import lead_time, mean, scores_of

Limit = Annotated[int, Parameter(ge=1, le=MAX_PAGE)]


class ScoreView(msgspec.Struct, frozen=True, kw_only=True):
    """What was measured of a supplier, of one SKU or (`sku` null) of all.

    `accepted_bp` is which part of `deliveries` was accepted at once. `lead_time_days` and its deviation are
    of `arrivals`, of which something was taken; `on_time_bp` of the `promised` came by their day. `filled_bp`
    is which part of what was ordered came, of `closed` lines. Prices changed so often, by `price_change_bp`
    on average. Null is where nothing was measured.
    """

    sku: str | None
    deliveries: int
    arrivals: int
    lead_time_days: float | None
    lead_time_deviation_days: float | None
    promised: int
    on_time_bp: int | None
    accepted_bp: int | None
    closed: int
    filled_bp: int | None
    price_changes: int
    price_change_bp: int | None
    returned: int
    claimed: Money
    credited: Money | None


def _view(row: SupplierScore, currency: str) -> ScoreView:
    days = lead_time(row)
    return ScoreView(
        sku=row.sku or None,
        deliveries=row.deliveries,
        arrivals=row.arrivals,
        promised=row.promised,
        on_time_bp=mean(row.on_time * WHOLE_BP, row.promised),
        lead_time_days=None if days is None else days[0],
        lead_time_deviation_days=None if days is None else days[1],
        accepted_bp=mean(row.accepted_bp, row.deliveries),
        closed=row.closed,
        filled_bp=mean(row.filled_bp, row.closed),
        price_changes=row.price_changes,
        price_change_bp=mean(row.price_change_bp, row.price_changes),
        returned=row.returned,
        claimed=money(row.claimed_minor, currency),
        # A credit note is about a whole return.
        credited=None if row.sku else money(row.credited_minor, currency),
    )


class SupplierScoresController(Controller):
    """What was measured of suppliers."""

    path = "/v1/suppliers"
    tags = ("purchasing",)

    @get("/{supplier_id:str}/scores", operation_id="getSupplierScores", opt={"scope": "purchasing:read"})
    async def scores(
        self,
        request: ShopRequest,
        tenant: Tenant,
        supplier_id: str,
        limit: Limit = 100,
        cursor: str | None = None,
    ) -> Page[ScoreView]:
        """What was measured of a supplier: of all SKUs together first, then of each."""
        supplier, _ = await tenant.require_state(SUPPLIER, supplier_id)
        after = decode_cursor(cursor, tuple[str])
        await caught_up(request, tenant, SupplierScores.name)
        async with tenant.readers.connection() as connection:
            rows = await scores_of(connection, supplier_id, None if after is None else after[0], limit + 1)
        views = [_view(row, supplier.currency) for row in rows]
        return page_of(views, limit, lambda row: (row.sku or "",))
