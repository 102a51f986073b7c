"""/v1/purchase-orders/{purchase_id}: an order as it stands, and other lines for a draft."""

from datetime import date
from typing import Annotated

import msgspec
from litestar import Controller, Response, get, put
from msgspec import Meta

from api.money import Amount, money, money_of
from api.reading import read, written
from api.requests import (
    Body,
    Positive,
    ShopRequest,
    command_origin,
    expected_version,
)
from domain.kernel.command import Command
from domain.kernel.ids import Id
from domain.kernel.money import Money
from domain.purchasing.conditions import MAX_LINES
from domain.purchasing.order import PURCHASE, Purchase, PurchaseDrafted
from domain.stockroom.purchase_drafts import (
    RedraftPurchase,
    WantedLine,
)
from infra.tenancy import Tenant


class LineToOrder(Body, frozen=True, kw_only=True):
    """How much is wanted, in the SKU's unit: rounded up to whole packs and the supplier's minimum.

    What is said of cost and pack counts instead of the supplier's terms.
    """

    sku: Id
    quantity: Positive
    unit_cost: Amount | None = None
    pack_size: Positive | None = None


class PurchaseToRedraft(Body, frozen=True, kw_only=True):
    """The lines that a draft has from now on."""

    lines: Annotated[list[LineToOrder], Meta(min_length=1, max_length=MAX_LINES)]
    expected_on: date | None = None


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


async def require_purchase(
    request: ShopRequest, tenant: Tenant, purchase_id: str
) -> tuple[Purchase, PurchaseDrafted, int]:
    """The order, its draft and its version, if it exists and its store is open to whoever asks."""
    purchase, version = await tenant.require_state(PURCHASE, purchase_id)
    assert purchase.drafted is not None
    request.user.require_store(purchase.drafted.store_id)
    return purchase, purchase.drafted, version


def wanted(lines: list[LineToOrder]) -> tuple[WantedLine, ...]:
    """The lines as the command takes them."""
    return tuple(
        WantedLine(
            sku=line.sku,
            quantity=line.quantity,
            unit_cost=money_of(line.unit_cost),
            pack_size=line.pack_size,
        )
        for line in lines
    )


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


class PurchasesController(Controller):
    """Purchase orders."""

    path = "/v1/purchase-orders"
    tags = ("purchasing",)

    @get("/{purchase_id:str}", operation_id="getPurchase", opt={"scope": "purchasing:read"})
    async def show(self, request: ShopRequest, tenant: Tenant, purchase_id: str) -> Response[PurchaseView]:
        """An order as it stands and, as ETag, the version."""
        purchase, drafted, version = await require_purchase(request, tenant, purchase_id)
        return read(_view(purchase, drafted), version)

    @put("/{purchase_id:str}", operation_id="redraftPurchase", opt={"scope": "purchasing:write"})
    async def redraft(
        self, request: ShopRequest, tenant: Tenant, purchase_id: str, data: PurchaseToRedraft
    ) -> Response[PurchaseChanged]:
        """Gives a draft other lines, at the terms of today."""
        await require_purchase(request, tenant, purchase_id)
        command = RedraftPurchase(
            purchase_id=purchase_id,
            lines=wanted(data.lines),
            expected_on=data.expected_on,
            expected_version=expected_version(request),
        )
        return await write_purchase(request, tenant, "redraftPurchase", purchase_id, command)
