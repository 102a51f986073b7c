"""/v1/alerts and /v1/stores/{store_id}/alerts: what somebody should look at, and who has."""

from datetime import date
from typing import Annotated

import msgspec
from litestar import Controller, Response, get, post
from litestar.params import Parameter, QueryParameter
from msgspec import Meta

from api.reading import MAX_PAGE, Page, caught_up, decode_cursor, page_of, written
from api.requests import Body, Cause, Instant, ShopRequest, command_origin, unkeyed_origin
from domain.alerts.alert import AcknowledgeAlert
from domain.alerts.thresholds import AlertKind
from domain.kernel.ids import Id
from domain.stores.store import STORE
from infra.event_store.clerk import now_utc
from infra.tenancy import Tenant
from projections.replenishment.looks import Clock
from projections.stock_alerts.fold import AlertRow, StockAlerts
from projections.stock_alerts.looks import LOOKED_AT, alerts_due
from projections.stock_alerts.queries import AlertState, alerts_of

Limit = Annotated[int, Parameter(ge=1, le=MAX_PAGE)]
Number = Annotated[int, Meta(ge=1, le=10**12)]
PositionText = Annotated[str, Meta(pattern=r"^[1-9][0-9]{0,17}$(?!\n)")]
Since = Annotated[Instant | None, QueryParameter(name="since", description="raised then or later")]
LAST = 2**62
"""Behind every position."""


class AlertView(msgspec.Struct, frozen=True, kw_only=True):
    """An alert and what became of it.

    `figure` was beyond `threshold`: available units (low, out), units on hand (high, negative), days of
    life (expiring, of `quantity` in `lot`), days for which it lasts (slow_moving) or without a sale (dead).
    Without `cleared_figure` a cleared one is not told any more.
    """

    store_id: str
    sku: str
    number: int
    kind: AlertKind
    status: AlertState
    figure: int
    threshold: int
    quantity: int
    lot: str | None
    sell_by: date | None
    day: date | None
    raised_at: Instant | None
    acknowledged_at: Instant | None
    acknowledged_by: str | None
    note: str | None
    cleared_at: Instant | None
    cleared_figure: int | None
    position: int


class AcknowledgementBody(Body, frozen=True, kw_only=True):
    """Which of the item's alerts, and what is done about it, in one to four words."""

    number: Number
    note: Cause | None = None


class AcknowledgedView(msgspec.Struct, frozen=True, kw_only=True):
    """Which alert was acknowledged."""

    store_id: str
    sku: str
    number: int


class AlertLookView(msgspec.Struct, frozen=True, kw_only=True):
    """What a look at a store's items led to."""

    items: int
    raised: int
    cleared: int
    position: int


class AlertsController(Controller):
    """Alerts of all stores."""

    path = "/v1/alerts"
    tags = ("alerts",)

    @get(operation_id="listAlerts", opt={"scope": "stock:read"})
    async def list(
        self,
        request: ShopRequest,
        tenant: Tenant,
        store_id: Id | None = None,
        sku: Id | None = None,
        kind: AlertKind | None = None,
        status: AlertState | None = None,
        since: Since = None,
        limit: Limit = 100,
        cursor: str | None = None,
    ) -> Page[AlertView]:
        """What is open, or has this status, newest first; of the key's stores where it doesn't open all."""
        after = decode_cursor(cursor, tuple[PositionText])
        stores = request.user.stores
        if store_id is not None:
            request.user.require_store(store_id)
            await tenant.require_state(STORE, store_id)
            stores = frozenset({store_id})
        await caught_up(request, tenant, StockAlerts.name)
        async with tenant.readers.connection() as connection:
            rows = await alerts_of(
                connection,
                stores=None if stores is None else sorted(stores),
                kind=None if kind is None else kind.value,
                status=status,
                sku=sku,
                since=since,
                before=LAST if after is None else int(after[0]),
                limit=limit + 1,
            )
        return page_of([_view(row) for row in rows], limit, lambda view: (str(view.position),))


class StoreAlertsController(Controller):
    """Alerts of a store."""

    path = "/v1/stores/{store_id:str}/alerts"
    tags = ("alerts",)

    @post("/{sku:str}/acknowledgement", operation_id="acknowledgeAlert", opt={"scope": "stock:write"})
    async def acknowledge(
        self,
        request: ShopRequest,
        tenant: Tenant,
        store_id: str,
        sku: str,
        data: AcknowledgementBody,
    ) -> Response[AcknowledgedView]:
        """Says that you have seen it. Who was first stays; of one that is over it changes nothing."""
        origin = await command_origin(request, tenant, "acknowledgeAlert", key_required=False)
        command = AcknowledgeAlert(store_id=store_id, sku=sku, number=data.number, note=data.note)
        answer = await tenant.submit(command, origin)
        return written(AcknowledgedView(store_id=store_id, sku=sku, number=data.number), answer, 201)

    @post("/looks", operation_id="lookAtStock", opt={"scope": "stock:write"}, status_code=200)
    async def look(self, request: ShopRequest, tenant: Tenant, store_id: str) -> Response[AlertLookView]:
        """Looks at all items now, which happens by itself when something moves and on each business day."""
        store, _ = await tenant.require_state(STORE, store_id)
        for projection in LOOKED_AT:
            await caught_up(request, tenant, projection)
        clock = Clock(store.time_zone, store.day_starts_at_min)
        async with tenant.readers.connection() as connection:
            stock = await alerts_due(connection, store_id, clock, now_utc())
            head = (await tenant.journal.head(connection)).position
        answers = await tenant.submit_all(stock.commands, lambda: unkeyed_origin(request))
        position = max((answer.position for answer in answers), default=head)
        view = AlertLookView(
            items=stock.items,
            raised=sum(answer.result.raised for answer in answers),
            cleared=sum(answer.result.cleared for answer in answers),
            position=position,
        )
        return Response(view, headers={"Daybook-Position": str(position)})


def _view(row: AlertRow) -> AlertView:
    open_: AlertState = "raised" if row.acknowledged_at is None else "acknowledged"
    return AlertView(
        store_id=row.store_id,
        sku=row.sku,
        number=row.number,
        kind=AlertKind(row.kind),
        status=open_ if row.cleared_at is None else "cleared",
        figure=row.figure,
        threshold=row.threshold,
        quantity=row.quantity,
        lot=row.lot,
        sell_by=row.sell_by,
        day=row.day,
        raised_at=row.raised_at,
        acknowledged_at=row.acknowledged_at,
        acknowledged_by=row.acknowledged_by,
        note=row.note,
        cleared_at=row.cleared_at,
        cleared_figure=row.cleared_figure,
        position=row.position,
    )
