"""Drafting purchase orders, one or a batch of them."""

from datetime import date
from typing import Annotated

import msgspec
from litestar import Controller, Response, post
from msgspec import Meta

from api.purchases import LineToOrder, PurchaseChanged, wanted
from api.reading import written
from api.requests import (
    Body,
    Positive,
    ShopRequest,
    command_origin,
)
from domain.kernel.ids import Id
from domain.purchasing.conditions import MAX_LINES
from domain.stockroom.purchase_drafts import (
    DraftPurchase,
    DraftPurchases,
    SuggestedLine,
)
from infra.ids import uuid7
from infra.tenancy import Tenant


class PurchaseToDraft(Body, frozen=True, kw_only=True):
    """An order to draft."""

    purchase_id: Id | None = None
    supplier_id: Id
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
            lines=wanted(data.lines),
            expected_on=data.expected_on,
        )
        origin = await command_origin(request, tenant, "draftPurchase", key_required=False)
        answer = await tenant.submit(command, origin)
        changed = PurchaseChanged(purchase_id=answer.result.id, status="draft", position=answer.position)
        return written(changed, answer, 201)


class PurchaseDraftsController(Controller):
    """Drafts of purchase orders."""

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
