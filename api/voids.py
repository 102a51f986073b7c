"""/v1/stores/{store_id}/voids: what tills took off their screens again before anybody paid."""

from typing import Annotated

import msgspec
from litestar import Controller, Response, post
from msgspec import Meta

from api.money import Amount, money
from api.reading import written
from api.requests import Body, Cause, Instant, Positive, ShopRequest, authority_of, command_origin
from api.sales import MAIN_REGISTER
from domain.checkout.void_basket import MAX_VOIDED_LINES, RecordVoid, VoidRecorded
from domain.kernel.ids import Id
from domain.kernel.money import Money
from domain.tills.void import VoidedLine
from infra.ids import uuid7
from infra.tenancy import Tenant


class VoidedLineBody(Body, frozen=True, kw_only=True):
    """What was taken off, in the SKU's unit, and what the till had asked for it."""

    sku: Id
    quantity: Positive
    amount: Amount


class VoidToRecord(Body, frozen=True, kw_only=True):
    """Lines that were voided before payment; `whole` where nothing was left of the basket.

    Choose `void_id` where a second person has to approve it: an approval names it.
    """

    void_id: Id | None = None
    register_id: Id = MAIN_REGISTER
    employee_id: Id | None = None
    lines: Annotated[list[VoidedLineBody], Meta(min_length=1, max_length=MAX_VOIDED_LINES)]
    whole: bool
    reason: Cause
    occurred_at: Instant | None = None


class VoidView(msgspec.Struct, frozen=True, kw_only=True):
    """A void as it is on record. `shift` is null where none was open."""

    void_id: str
    shift: int | None
    amount: Money
    position: int


class VoidsController(Controller):
    """Voids of a store."""

    path = "/v1/stores/{store_id:str}/voids"
    tags = ("shifts",)

    @post(operation_id="recordVoid", opt={"scope": "sales:write"})
    async def record(
        self, request: ShopRequest, tenant: Tenant, store_id: str, data: VoidToRecord
    ) -> Response[VoidView]:
        """Records that a basket, or lines of it, were voided before payment. It moves nothing."""
        origin = await command_origin(
            request, tenant, "recordVoid", occurred_at=data.occurred_at, terminal=data.register_id
        )
        command = RecordVoid(
            store_id=store_id,
            register_id=data.register_id,
            void_id=data.void_id or uuid7(),
            whole=data.whole,
            lines=tuple(
                VoidedLine(sku=line.sku, quantity=line.quantity, amount_minor=line.amount.amount)
                for line in data.lines
            ),
            reason=data.reason,
            employee_id=data.employee_id,
            currencies=frozenset(line.amount.currency for line in data.lines),
            authority=authority_of(request, store_id),
        )
        answer = await tenant.submit(command, origin)
        void: VoidRecorded = answer.result
        view = VoidView(
            void_id=void.void_id,
            shift=void.shift or None,
            amount=money(void.amount_minor, void.currency),
            position=answer.position,
        )
        return written(view, answer, 201)
