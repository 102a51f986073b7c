"""/v1/customers/{customer_id}/credits: what the shop owes a customer, and why."""

from typing import Annotated

import msgspec
from litestar import Controller, Response, post
from msgspec import Meta

from api.customers import known_customer
from api.money import Amount
from api.reading import written
from api.requests import Body, Cause, Instant, ShopRequest, authority_of, command_origin
from domain.checkout.grant_credit import GrantCredit
from infra.tenancy import Tenant


class CreditToGrant(Body, frozen=True, kw_only=True):
    """Credit for a customer. `document` is the stream that it is about, as `return-…` or `complaint-…`."""

    amount: Amount
    reason: Cause
    expires_at: Instant | None = None
    document: Annotated[str, Meta(pattern=r"^[a-z]+-[A-Za-z0-9][A-Za-z0-9._-]{0,63}$(?!\n)")] | None = None


class CreditGrantedView(msgspec.Struct, frozen=True, kw_only=True):
    """Whose credit it is."""

    customer_id: str


class CreditsController(Controller):
    """What the shop owes a customer."""

    path = "/v1/customers/{customer_id:str}/credits"
    tags = ("stored value",)

    @post(operation_id="grantCredit", opt={"scope": "stored_value:write"})
    async def grant(
        self, request: ShopRequest, tenant: Tenant, customer_id: str, data: CreditToGrant
    ) -> Response[CreditGrantedView]:
        """Gives a customer credit that pays in every store, for a cause and within your limit."""
        request.user.require_store(None)
        await known_customer(tenant, customer_id)
        origin = await command_origin(request, tenant, "grantCredit")
        command = GrantCredit(
            customer_id=customer_id,
            currency=data.amount.currency,
            amount_minor=data.amount.amount,
            expires_at=data.expires_at,
            reason=data.reason,
            document=data.document,
            authority=authority_of(request, None),
        )
        answer = await tenant.submit(command, origin)
        return written(CreditGrantedView(customer_id=customer_id), answer, 201)
