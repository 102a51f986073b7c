"""/v1/stores/{store_id}/returns: taking goods back whose sale can't be found."""

import contextlib
from typing import Annotated

from litestar import Controller, Response, post
from msgspec import Meta

from api.money import Amount
from api.reading import written
from api.requests import Body, Cause, Instant, Positive, ShopRequest, authority_of, command_origin
from api.returns import Reason, ReturnView, return_view
from api.sales import MAIN_REGISTER, Method
from domain.checkout.pricing import MAX_LINES
from domain.checkout.take_back_unlinked import TakeBackUnlinked, UnlinkedLine
from domain.customers.customer import CUSTOMER
from domain.kernel.errors import CurrencyMismatch
from domain.kernel.ids import Id
from domain.kernel.sealed import Sealed
from domain.sales.returns import RETURN
from infra.crypto.vault import SubjectErased
from infra.ids import uuid7
from infra.tenancy import Tenant


class UnlinkedLineBody(Body, frozen=True, kw_only=True):
    """What comes back, in the SKU's unit, and what is paid back for it, tax included.

    Without a `lot` that the item has it belongs to none: it is sold after all lots, and never expires.
    """

    sku: Id
    quantity: Positive
    refund: Amount
    lot: Id | None = None


class UnlinkedReturnBody(Body, frozen=True, kw_only=True):
    """Goods without their sale: why it can't be found (`because`: "no receipt"), and how they are paid back.

    `reason` is why they come back; it is free text and stored sealed.
    """

    return_id: Id | None = None
    register_id: Id = MAIN_REGISTER
    customer_id: Id | None = None
    lines: Annotated[list[UnlinkedLineBody], Meta(min_length=1, max_length=MAX_LINES)]
    method: Method
    because: Cause
    reason: Reason
    reason_code: Cause | None = None
    occurred_at: Instant | None = None


class UnlinkedReturnsController(Controller):
    """Returns without a sale."""

    path = "/v1/stores/{store_id:str}/returns"
    tags = ("sales",)

    @post(operation_id="returnUnlinked", opt={"scope": "returns:unlinked"})
    async def take_back(
        self, request: ShopRequest, tenant: Tenant, store_id: str, data: UnlinkedReturnBody
    ) -> Response[ReturnView]:
        """Takes goods back whose sale can't be found, for no more than they cost today: an exception."""
        authority = authority_of(request, store_id)
        origin = await command_origin(
            request, tenant, "returnUnlinked", occurred_at=data.occurred_at, terminal=data.register_id
        )
        return_id = data.return_id or uuid7()
        currency, *others = sorted({line.refund.currency for line in data.lines})
        if others:
            raise CurrencyMismatch("A return is paid in one currency.", currency=others[0])
        command = TakeBackUnlinked(
            return_id=return_id,
            store_id=store_id,
            register_id=data.register_id,
            customer_id=data.customer_id,
            lines=tuple(
                UnlinkedLine(
                    sku=line.sku, quantity=line.quantity, refund_minor=line.refund.amount, lot=line.lot
                )
                for line in data.lines
            ),
            method=data.method,
            because=data.because,
            currency=currency,
            reason=await _sealed_reason(tenant, return_id, data.customer_id, data.reason),
            reason_code=data.reason_code,
            within_price=True,
            authority=authority,
        )
        answer = await tenant.submit(command, origin)
        return written(return_view(answer.result, answer.position), answer, 201)


async def _sealed_reason(tenant: Tenant, return_id: str, customer_id: str | None, reason: str) -> Sealed:
    """Sealed for the customer, or for the return where none is known or the customer was forgotten."""
    place = "return.recorded.v1/reason"
    if customer_id is not None:
        with contextlib.suppress(SubjectErased):
            return await tenant.vault.seal(CUSTOMER.stream(customer_id), place, reason)
    return await tenant.vault.seal(RETURN.stream(return_id), place, reason)
