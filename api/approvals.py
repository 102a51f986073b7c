"""/v1/approvals: a second person lets somebody go beyond their limit, once."""

from typing import Annotated, Literal

import msgspec
from litestar import Controller, Response, post
from msgspec import Meta

from api.customers import known_customer
from api.errors import Problem
from api.limits import StoreOrAll
from api.money import Amount
from api.reading import written
from api.requests import Body, Instant, ShopRequest, command_origin
from domain.access.approval import ApprovalGranted, Authority, GrantApproval
from domain.access.limits import Operation
from domain.checkout.grant_credit import EVERY_STORE
from domain.kernel.errors import NotFound
from domain.kernel.ids import Id
from domain.sales.sale import SALE
from domain.service.case import COMPLAINT
from domain.stored_value.value import GIFT_CARD
from domain.tills.till import TILL, till_id
from infra.ids import uuid7
from infra.tenancy import Tenant


class ApprovalToGrant(Body, frozen=True, kw_only=True):
    """What a refusal with `approval_required` said: operation, store, target and what is needed.

    `up_to` is an amount, and for a discount basis points of the list price. `store_id` is "*" for credit, and
    for amends in a complaint of no store.
    """

    operation: Literal[
        "refund",
        "exception",
        "discount",
        "over_short",
        "pay_out",
        "drop",
        "card_load",
        "credit",
        "void",
        "compensation",
    ]
    store_id: StoreOrAll
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
        operation = Operation(data.operation)
        store_id = None if data.store_id == EVERY_STORE else data.store_id
        if operation is Operation.CREDIT and store_id is not None:
            raise Problem(400, "invalid_request", 'store_id is "*" for credit.')
        if store_id is None and operation not in (Operation.CREDIT, Operation.COMPENSATION):
            raise Problem(400, "invalid_request", 'store_id is "*" for credit and some complaints alone.')
        request.user.require_store(store_id)
        limits = request.user.limits_in(store_id)
        assert limits is not None, "no key has this scope"
        amount = data.up_to if isinstance(data.up_to, Amount) else None
        if (amount is None) != (operation is Operation.DISCOUNT):
            raise Problem(400, "invalid_request", "up_to is a number for a discount, else an amount.")
        await _require_target(tenant, operation, data)
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


async def _require_target(tenant: Tenant, operation: Operation, data: ApprovalToGrant) -> None:
    """NotFound, where it is for something that must exist already."""
    match operation:
        case Operation.REFUND:
            await _require_sale(tenant, data)
        case Operation.OVER_SHORT | Operation.PAY_OUT | Operation.DROP:
            await tenant.require_state(TILL, till_id(data.store_id, data.target))
        case Operation.CARD_LOAD:
            await tenant.require_state(GIFT_CARD, data.target)
        case Operation.COMPENSATION:
            await tenant.require_state(COMPLAINT, data.target)
        case Operation.CREDIT:
            await known_customer(tenant, data.target)
        case Operation.EXCEPTION | Operation.DISCOUNT | Operation.VOID:
            # For a return without a sale, a sale or a void, whose own id nobody has used yet.
            pass


async def _require_sale(tenant: Tenant, data: ApprovalToGrant) -> None:
    state, _ = await tenant.require_state(SALE, data.target)
    assert state.completed is not None
    if state.completed.store_id != data.store_id:
        raise NotFound("The store has no such sale. Check the ids.", kind="sale", id=data.target)
