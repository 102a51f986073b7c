"""What happens to a purchase order besides goods: sent, confirmed, closed, cancelled."""

from datetime import date
from typing import Annotated

from litestar import Controller, Response, post
from msgspec import Meta

from api.money import Amount, money_of
from api.purchases import PurchaseChanged, require_purchase, write_purchase
from api.requests import (
    Body,
    Cause,
    Reference,
    ShopRequest,
)
from domain.kernel.ids import Id
from domain.purchasing.conditions import MAX_LINES
from domain.purchasing.steps import CancelPurchase, ClosePurchase, Confirmation, ConfirmPurchase
from domain.stockroom.purchase_sending import SendPurchase
from infra.tenancy import Tenant


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


class PurchaseStepsController(Controller):
    """The steps of purchase orders."""

    path = "/v1/purchase-orders"
    tags = ("purchasing",)

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
            Confirmation(sku=line.sku, quantity=line.quantity, unit_cost=money_of(line.unit_cost))
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
