"""/v1/purchase-orders: drafting, sending, confirming, closing, and the order as paper."""

from datetime import date
from typing import Annotated, Literal

import msgspec
from litestar import Controller, Response, get, post, put
from litestar.params import Parameter
from litestar.response import Stream
from msgspec import Meta

from api.money import Amount, money
from api.reading import MAX_PAGE, Page, caught_up, decode_cursor, page_of, read, written
from api.requests import (
    Body,
    Cause,
    Instant,
    Positive,
    Reference,
    ShopRequest,
    command_origin,
    expected_version,
)
from domain.kernel.command import Command
from domain.kernel.ids import Id
from domain.kernel.money import Money
from domain.purchasing.conditions import MAX_LINES
from domain.purchasing.order import PURCHASE, Purchase, PurchaseDrafted
from domain.purchasing.steps import CancelPurchase, ClosePurchase, Confirmation, ConfirmPurchase
from domain.purchasing.supplier import SUPPLIER
from domain.stockroom.purchase_drafts import (
    DraftPurchase,
    DraftPurchases,
    RedraftPurchase,
    SuggestedLine,
    WantedLine,
)
from domain.stockroom.purchase_paper import PurchasePaper, as_csv, paper
from domain.stockroom.purchase_sending import SendPurchase
from domain.stores.store import STORE
from infra.ids import uuid7
from infra.tenancy import Tenant
from projections.purchase_board.fold import PurchaseBoard, PurchaseRow
from projections.purchase_board.queries import on_order, purchases

Limit = Annotated[int, Parameter(ge=1, le=MAX_PAGE)]
Status = Literal["draft", "sent", "confirmed", "partly_received", "closed", "cancelled"]
CSV = "text/csv"


class LineToOrder(Body, frozen=True, kw_only=True):
    """How much is wanted, in the SKU's unit: rounded up to whole packs and the supplier's minimum.

    What is said of cost and pack counts instead of the supplier's terms.
    """

    sku: Id
    quantity: Positive
    unit_cost: Amount | None = None
    pack_size: Positive | None = None


class PurchaseToDraft(Body, frozen=True, kw_only=True):
    """An order to draft."""

    purchase_id: Id | None = None
    supplier_id: Id
    lines: Annotated[list[LineToOrder], Meta(min_length=1, max_length=MAX_LINES)]
    expected_on: date | None = None


class PurchaseToRedraft(Body, frozen=True, kw_only=True):
    """The lines that a draft has from now on."""

    lines: Annotated[list[LineToOrder], Meta(min_length=1, max_length=MAX_LINES)]
    expected_on: date | None = None


class LineSuggested(Body, frozen=True, kw_only=True):
    """How much of a SKU a store should order from whom."""

    supplier_id: Id
    store_id: Id
    sku: Id
    quantity: Positive


class PurchasesToDraft(Body, frozen=True, kw_only=True):
    """Lines from which drafts are made, one for each supplier and store."""

    lines: Annotated[list[LineSuggested], Meta(min_length=1, max_length=10_000)]


class PurchasesDraftedView(msgspec.Struct, frozen=True, kw_only=True):
    """The drafts that were made."""

    purchase_ids: list[str]
    position: int


class PurchaseToSend(Body, frozen=True, kw_only=True):
    """Whether it goes by mail to the supplier's contact, and when it is expected if not by the lead time."""

    by_mail: bool = True
    expected_on: date | None = None


class LineConfirmed(Body, frozen=True, kw_only=True):
    """What the supplier says of a line, in the SKU's unit: 0 for what doesn't come. What isn't said stays."""

    sku: Id
    quantity: Annotated[int, Meta(ge=0, le=10**12)] | None = None
    unit_cost: Amount | None = None


class PurchaseToConfirm(Body, frozen=True, kw_only=True):
    """What the supplier confirms; lines that are not named come as ordered. `reference` is theirs."""

    lines: Annotated[list[LineConfirmed], Meta(max_length=MAX_LINES)] = []  # noqa: RUF012 - msgspec copies it
    expected_on: date | None = None
    reference: Reference | None = None


class PurchaseEnd(Body, frozen=True, kw_only=True):
    """Why nothing more is expected."""

    cause: Cause


class PurchaseChanged(msgspec.Struct, frozen=True, kw_only=True):
    """The order that was written to."""

    purchase_id: str
    status: str
    position: int


class PurchaseLineView(msgspec.Struct, frozen=True, kw_only=True):
    """A line: what was ordered, what is expected by now, what came, went back and is owed; in its unit."""

    sku: str
    supplier_sku: str | None
    name: str
    packs: int
    pack_size: int
    ordered: int
    expected: int
    received: int
    rejected: int
    returned: int
    owed: int
    unit_cost: Money


class PurchaseView(msgspec.Struct, frozen=True, kw_only=True):
    """A purchase order as it stands."""

    purchase_id: str
    supplier_id: str
    store_id: str
    status: str
    sent_on: date | None
    expected_on: date | None
    contact_id: str | None
    cause: str | None
    reference: str | None
    receipts: list[str]
    lines: list[PurchaseLineView]


class PurchaseOnBoard(msgspec.Struct, frozen=True, kw_only=True):
    """An order's place on the board; the total is as it was drafted."""

    purchase_id: str
    supplier_id: str
    store_id: str
    status: str
    lines: int
    total: Money
    drafted_at: Instant
    sent_on: date | None
    expected_on: date | None
    changed_at: Instant


class OnOrderView(msgspec.Struct, frozen=True, kw_only=True):
    """What suppliers owe of a SKU, from how many orders, and when the first of it is expected."""

    sku: str
    quantity: int
    orders: int
    next_on: date


async def require_purchase(
    request: ShopRequest, tenant: Tenant, purchase_id: str
) -> tuple[Purchase, PurchaseDrafted, int]:
    """The order, its draft and its version, if it exists and its store is open to whoever asks."""
    purchase, version = await tenant.require_state(PURCHASE, purchase_id)
    assert purchase.drafted is not None
    request.user.require_store(purchase.drafted.store_id)
    return purchase, purchase.drafted, version


def _wanted(lines: list[LineToOrder]) -> tuple[WantedLine, ...]:
    return tuple(
        WantedLine(
            sku=line.sku,
            quantity=line.quantity,
            unit_cost=_cost(line.unit_cost),
            pack_size=line.pack_size,
        )
        for line in lines
    )


def _cost(amount: Amount | None) -> Money | None:
    return None if amount is None else money(amount.amount, amount.currency)


def _view(purchase: Purchase, drafted: PurchaseDrafted) -> PurchaseView:
    return PurchaseView(
        purchase_id=drafted.purchase_id,
        supplier_id=drafted.supplier_id,
        store_id=drafted.store_id,
        status=purchase.status,
        sent_on=purchase.sent_on,
        expected_on=purchase.expected_on,
        contact_id=purchase.contact_id,
        cause=purchase.cause,
        reference=purchase.reference,
        receipts=list(purchase.receipts),
        lines=[
            PurchaseLineView(
                sku=line.sku,
                supplier_sku=line.supplier_sku,
                name=line.name,
                packs=line.packs,
                pack_size=line.pack_size,
                ordered=line.quantity,
                expected=now.expected,
                received=now.received,
                rejected=now.rejected,
                returned=now.returned,
                owed=now.owed,
                unit_cost=money(now.unit_cost_minor, drafted.currency),
            )
            for line in drafted.lines
            for now in (purchase.progress[line.sku],)
        ],
    )


def _on_board(rows: list[PurchaseRow]) -> list[PurchaseOnBoard]:
    return [
        PurchaseOnBoard(
            purchase_id=row.purchase_id,
            supplier_id=row.supplier_id,
            store_id=row.store_id,
            status=row.status,
            lines=row.lines,
            total=money(row.total_minor, row.currency),
            drafted_at=row.drafted_at,
            sent_on=row.sent_on,
            expected_on=row.expected_on,
            changed_at=row.changed_at,
        )
        for row in rows
        if row.drafted_at is not None and row.changed_at is not None
    ]


async def _paper(request: ShopRequest, tenant: Tenant, purchase_id: str) -> tuple[PurchasePaper, int]:
    purchase, drafted, version = await require_purchase(request, tenant, purchase_id)
    supplier, _ = await tenant.require_state(SUPPLIER, drafted.supplier_id)
    store, _ = await tenant.require_state(STORE, drafted.store_id)
    return paper(purchase, supplier, store), version


async def write_purchase(
    request: ShopRequest, tenant: Tenant, operation: str, purchase_id: str, command: Command
) -> Response[PurchaseChanged]:
    """Has the command decided and tells where the order stands then."""
    origin = await command_origin(request, tenant, operation, key_required=False)
    answer = await tenant.submit(command, origin)
    purchase, version = await tenant.state_at(PURCHASE, purchase_id, answer.position)
    changed = PurchaseChanged(purchase_id=purchase_id, status=purchase.status, position=answer.position)
    changing = operation == "redraftPurchase"
    return written(changed, answer, 200 if changing else 201, version if changing else None)


class StorePurchasesController(Controller):
    """Ordering for a store."""

    path = "/v1/stores/{store_id:str}"
    tags = ("purchasing",)

    @post("/purchase-orders", operation_id="draftPurchase", opt={"scope": "purchasing:write"})
    async def draft(
        self, request: ShopRequest, tenant: Tenant, store_id: str, data: PurchaseToDraft
    ) -> Response[PurchaseChanged]:
        """Drafts a purchase order at the supplier's terms of today."""
        request.user.require_store(store_id)
        purchase_id = data.purchase_id or uuid7()
        command = DraftPurchase(
            purchase_id=purchase_id,
            supplier_id=data.supplier_id,
            store_id=store_id,
            lines=_wanted(data.lines),
            expected_on=data.expected_on,
        )
        origin = await command_origin(request, tenant, "draftPurchase", key_required=False)
        answer = await tenant.submit(command, origin)
        changed = PurchaseChanged(purchase_id=answer.result.id, status="draft", position=answer.position)
        return written(changed, answer, 201)

    @get("/on-order", operation_id="listOnOrder", opt={"scope": "purchasing:read"})
    async def on_order(
        self,
        request: ShopRequest,
        tenant: Tenant,
        store_id: str,
        limit: Limit = 100,
        cursor: str | None = None,
    ) -> Page[OnOrderView]:
        """What suppliers owe the store, by SKU."""
        request.user.require_store(store_id)
        await tenant.require_state(STORE, store_id)
        after = decode_cursor(cursor, tuple[Id])
        await caught_up(request, tenant, PurchaseBoard.name)
        async with tenant.readers.connection() as connection:
            rows = await on_order(
                connection, store_id, after=(store_id, after[0] if after else ""), limit=limit + 1
            )
        views = [
            OnOrderView(sku=row.sku, quantity=row.quantity, orders=row.orders, next_on=row.next_on)
            for row in rows
        ]
        return page_of(views, limit, lambda row: (row.sku,))


class PurchasesController(Controller):
    """Purchase orders."""

    path = "/v1/purchase-orders"
    tags = ("purchasing",)

    @post("/batches", operation_id="draftPurchases", opt={"scope": "purchasing:write"})
    async def draft_many(
        self, request: ShopRequest, tenant: Tenant, data: PurchasesToDraft
    ) -> Response[PurchasesDraftedView]:
        """Drafts an order for each supplier and store of the lines: all of them or none."""
        for line in data.lines:
            request.user.require_store(line.store_id)
        origin = await command_origin(request, tenant, "draftPurchases")
        lines = tuple(
            SuggestedLine(
                supplier_id=line.supplier_id, store_id=line.store_id, sku=line.sku, quantity=line.quantity
            )
            for line in data.lines
        )
        # Named by the request, so that a repeat whose answer was lost asks for the same drafts.
        command = DraftPurchases(batch_id=origin.command_id, lines=lines)
        answer = await tenant.submit(command, origin)
        view = PurchasesDraftedView(purchase_ids=list(answer.result.purchase_ids), position=answer.position)
        return written(view, answer, 201)

    @get(operation_id="listPurchases", opt={"scope": "purchasing:read"})
    async def list(
        self,
        request: ShopRequest,
        tenant: Tenant,
        status: Status | None = None,
        supplier_id: str | None = None,
        limit: Limit = 100,
        cursor: str | None = None,
    ) -> Page[PurchaseOnBoard]:
        """The board, newest first; of the key's stores where it doesn't open all."""
        after = decode_cursor(cursor, tuple[Instant, Id])
        await caught_up(request, tenant, PurchaseBoard.name)
        stores = request.user.stores
        async with tenant.readers.connection() as connection:
            rows = await purchases(
                connection,
                status=status,
                supplier_id=supplier_id,
                stores=None if stores is None else sorted(stores),
                after=after,
                limit=limit + 1,
            )
        return page_of(_on_board(rows), limit, lambda row: (row.drafted_at, row.purchase_id))

    @get("/{purchase_id:str}", operation_id="getPurchase", opt={"scope": "purchasing:read"})
    async def show(self, request: ShopRequest, tenant: Tenant, purchase_id: str) -> Response[PurchaseView]:
        """An order as it stands and, as ETag, the version."""
        purchase, drafted, version = await require_purchase(request, tenant, purchase_id)
        return read(_view(purchase, drafted), version)

    @get("/{purchase_id:str}/paper", operation_id="getPurchasePaper", opt={"scope": "purchasing:read"})
    async def show_paper(
        self, request: ShopRequest, tenant: Tenant, purchase_id: str
    ) -> Response[PurchasePaper]:
        """The order as its supplier reads it, with what is confirmed by now."""
        found, version = await _paper(request, tenant, purchase_id)
        return read(found, version)

    @get(
        "/{purchase_id:str}/lines",
        operation_id="exportPurchaseLines",
        opt={"scope": "purchasing:read"},
        media_type=CSV,
    )
    async def export_lines(self, request: ShopRequest, tenant: Tenant, purchase_id: str) -> Stream:
        """The lines as CSV with a header: for the supplier, and for whoever counts what comes."""
        found, _ = await _paper(request, tenant, purchase_id)
        return Stream(iter([as_csv(found).encode()]), media_type=CSV)

    @put("/{purchase_id:str}", operation_id="redraftPurchase", opt={"scope": "purchasing:write"})
    async def redraft(
        self, request: ShopRequest, tenant: Tenant, purchase_id: str, data: PurchaseToRedraft
    ) -> Response[PurchaseChanged]:
        """Gives a draft other lines, at the terms of today."""
        await require_purchase(request, tenant, purchase_id)
        command = RedraftPurchase(
            purchase_id=purchase_id,
            lines=_wanted(data.lines),
            expected_on=data.expected_on,
            expected_version=expected_version(request),
        )
        return await write_purchase(request, tenant, "redraftPurchase", purchase_id, command)

    @post("/{purchase_id:str}/sending", operation_id="sendPurchase", opt={"scope": "purchasing:write"})
    async def send(
        self, request: ShopRequest, tenant: Tenant, purchase_id: str, data: PurchaseToSend
    ) -> Response[PurchaseChanged]:
        """Gives the order to the supplier. From now on it is on order."""
        await require_purchase(request, tenant, purchase_id)
        command = SendPurchase(purchase_id=purchase_id, by_mail=data.by_mail, expected_on=data.expected_on)
        return await write_purchase(request, tenant, "sendPurchase", purchase_id, command)

    @post(
        "/{purchase_id:str}/confirmations", operation_id="confirmPurchase", opt={"scope": "purchasing:write"}
    )
    async def confirm(
        self, request: ShopRequest, tenant: Tenant, purchase_id: str, data: PurchaseToConfirm
    ) -> Response[PurchaseChanged]:
        """Notes what the supplier says will come, when and at what cost."""
        await require_purchase(request, tenant, purchase_id)
        lines = tuple(
            Confirmation(sku=line.sku, quantity=line.quantity, unit_cost=_cost(line.unit_cost))
            for line in data.lines
        )
        command = ConfirmPurchase(
            purchase_id=purchase_id, lines=lines, expected_on=data.expected_on, reference=data.reference
        )
        return await write_purchase(request, tenant, "confirmPurchase", purchase_id, command)

    @post("/{purchase_id:str}/closing", operation_id="closePurchase", opt={"scope": "purchasing:write"})
    async def close(
        self, request: ShopRequest, tenant: Tenant, purchase_id: str, data: PurchaseEnd
    ) -> Response[PurchaseChanged]:
        """Ends an order of which the rest will not come."""
        await require_purchase(request, tenant, purchase_id)
        command = ClosePurchase(purchase_id=purchase_id, cause=data.cause)
        return await write_purchase(request, tenant, "closePurchase", purchase_id, command)

    @post("/{purchase_id:str}/cancellation", operation_id="cancelPurchase", opt={"scope": "purchasing:write"})
    async def cancel(
        self, request: ShopRequest, tenant: Tenant, purchase_id: str, data: PurchaseEnd
    ) -> Response[PurchaseChanged]:
        """Calls off an order of which nothing has come."""
        await require_purchase(request, tenant, purchase_id)
        command = CancelPurchase(purchase_id=purchase_id, cause=data.cause)
        return await write_purchase(request, tenant, "cancelPurchase", purchase_id, command)
