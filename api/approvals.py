"""/v1/approvals: a second person lets somebody go beyond their limit, once."""

from typing import Annotated, Literal

import msgspec
from litestar import Controller, Response, post
from msgspec import Meta

from api.errors import Problem
from api.money import Amount
from api.reading import written
from api.requests import Body, Instant, ShopRequest, command_origin
from domain.access.approval import ApprovalGranted, Authority, GrantApproval
from domain.access.limits import Operation
from domain.kernel.errors import NotFound
from domain.kernel.ids import Id
from domain.sales.sale import SALE
from domain.tills.till import TILL, till_id
from infra.ids import uuid7
from infra.tenancy import Tenant


class ApprovalToGrant(Body, frozen=True, kw_only=True):
    """What a refusal with `approval_required` said: operation, store, target and what is needed.

    `up_to` is an amount, and for a discount basis points of the list price.
    """

    operation: Literal["refund", "exception", "discount", "over_short", "void"]
    store_id: Id
    target: Id
    up_to: Amount | Annotated[int, Meta(ge=0, le=10_000)]


class ApprovalView(msgspec.Struct, frozen=True, kw_only=True):
    """An approval, to be sent as Daybook-Approval once and before it expires."""

    approval_id: str
    operation: str
    store_id: str
    target: str
    expires_at: Instant


class ApprovalsController(Controller):
    """Approvals."""

    path = "/v1/approvals"
    tags = ("access",)

    @post(operation_id="grantApproval", opt={"scope": "approvals:write"})
    async def grant(
        self, request: ShopRequest, tenant: Tenant, data: ApprovalToGrant
    ) -> Response[ApprovalView]:
        """Approves what a colleague is about to do, within your own limit."""
        request.user.require_store(data.store_id)
        limits = request.user.limits_in(data.store_id)
        assert limits is not None, "no key has this scope"
        operation = Operation(data.operation)
        amount = data.up_to if isinstance(data.up_to, Amount) else None
        if (amount is None) != (operation is Operation.DISCOUNT):
            raise Problem(400, "invalid_request", "up_to is a number for a discount, else an amount.")
        # An exception may be for a return without a sale, whose own id nobody has used yet; so may a void's.
        if operation is Operation.REFUND:
            await _require_sale(tenant, data)
        elif operation is Operation.OVER_SHORT:
            await tenant.require_state(TILL, till_id(data.store_id, data.target))
        origin = await command_origin(request, tenant, "grantApproval", key_required=False)
        command = GrantApproval(
            approval_id=uuid7(),
            operation=operation,
            store_id=data.store_id,
            target=data.target,
            up_to=data.up_to.amount if isinstance(data.up_to, Amount) else data.up_to,
            currency=None if amount is None else amount.currency,
            authority=Authority(person=request.user.name, limits=limits),
        )
        answer = await tenant.submit(command, origin)
        granted: ApprovalGranted = answer.result
        view = ApprovalView(
            approval_id=granted.approval_id,
            operation=granted.operation.value,
            store_id=granted.store_id,
            target=granted.target,
            expires_at=granted.expires_at,
        )
        return written(view, answer, 201)


async def _require_sale(tenant: Tenant, data: ApprovalToGrant) -> None:
    state, _ = await tenant.require_state(SALE, data.target)
    assert state.completed is not None
    if state.completed.store_id != data.store_id:
        raise NotFound("The store has no such sale. Check the ids.", kind="sale", id=data.target)
