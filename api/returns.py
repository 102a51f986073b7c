"""/v1/sales/{sale_id}/returns: taking back lines of a sale."""

import contextlib
from collections import Counter
from collections.abc import Iterable
from typing import Annotated

import msgspec
from litestar import Controller, Response, post
from msgspec import Meta

from api.money import Amount, money
from api.reading import written
from api.requests import NO_NUL, Body, Cause, Instant, Positive, ShopRequest, authority_of, command_origin
from api.sales import MAIN_REGISTER, TenderView
from domain.checkout.lines_back import ReturnLine
from domain.checkout.pricing import MAX_LINES
from domain.checkout.return_document import ReturnAnswer
from domain.checkout.take_back import TakeBack
from domain.customers.customer import CUSTOMER
from domain.kernel.errors import CurrencyMismatch
from domain.kernel.ids import Id
from domain.kernel.money import Money
from domain.kernel.sealed import Sealed
from domain.sales.sale import SALE, Refund, SaleCompleted
from domain.sales.tendering import ChosenRefund
from infra.crypto.vault import SubjectErased
from infra.ids import uuid7
from infra.tenancy import Tenant

Reason = Annotated[str, Meta(min_length=1, max_length=2_000, pattern=NO_NUL)]


class ReturnLineBody(Body, frozen=True, kw_only=True):
    """How much of which line comes back, in the line's unit.

    What is `wasted` of it goes to waste, in the `condition` that it came in ("spoiled"); the rest goes back
    on the shelf, or into quarantine where all that is left of its lot is.
    """

    line: Positive
    quantity: Positive
    wasted: Annotated[int, Meta(ge=0, le=10**12)] = 0
    condition: Cause | None = None


class ChosenRefundBody(Body, frozen=True, kw_only=True):
    """How much goes back to the sale's `tender`, counted from 1."""

    tender: Positive
    amount: Amount


class ReturnBody(Body, frozen=True, kw_only=True):
    """A return. `reason` is free text and stored sealed; `reason_code` is a cause for reports.

    What the return policy forbids comes back only with an `exception`, which says why. `refunds` says which
    tender gets what; without it they get it in proportion to what each paid.
    """

    return_id: Id | None = None
    register_id: Id = MAIN_REGISTER
    lines: Annotated[list[ReturnLineBody], Meta(min_length=1, max_length=MAX_LINES)]
    reason: Reason
    reason_code: Cause | None = None
    without_receipt: bool = False
    exception: Cause | None = None
    refunds: Annotated[list[ChosenRefundBody], Meta(max_length=20)] = []  # noqa: RUF012 - msgspec copies it
    occurred_at: Instant | None = None


class ReturnedLineView(msgspec.Struct, frozen=True, kw_only=True):
    """What came back of a line, and what was paid back for it."""

    line: int
    sku: str
    quantity: int
    refund: Money
    tax: Money


class ReturnView(msgspec.Struct, frozen=True, kw_only=True):
    """The till's answer to a return; `refunds` says by which method what is handed over.

    `rounding` is what cash rounding added to that or, below zero, took off.
    """

    return_id: str
    sale_id: str | None
    receipt_number: int
    lines: list[ReturnedLineView]
    refunds: list[TenderView]
    tax: Money
    total: Money
    rounding: Money
    position: int


def by_method(refunds: Iterable[Refund], currency: str) -> list[TenderView]:
    """What is handed over, added up by method."""
    sums: Counter[str] = Counter()
    for refund in refunds:
        sums[refund.method] += refund.amount_minor + refund.rounding_minor
    return [TenderView(method=method, amount=money(amount, currency)) for method, amount in sums.items()]


def return_view(taken: ReturnAnswer, position: int) -> ReturnView:
    """A return as the till is answered."""
    currency = taken.currency
    return ReturnView(
        return_id=taken.return_id,
        sale_id=taken.sale_id,
        receipt_number=taken.receipt_number,
        lines=[
            ReturnedLineView(
                line=line.line,
                sku=line.sku,
                quantity=line.quantity,
                refund=money(line.refund_minor, currency),
                tax=money(line.tax_minor, currency),
            )
            for line in taken.lines
        ],
        refunds=by_method(taken.refunds, currency),
        tax=money(taken.tax_minor, currency),
        total=money(taken.total_minor, currency),
        rounding=money(sum(refund.rounding_minor for refund in taken.refunds), currency),
        position=position,
    )


class ReturnsController(Controller):
    """Returns of a sale."""

    path = "/v1/sales/{sale_id:str}/returns"
    tags = ("sales",)

    @post(operation_id="returnLines", opt={"scope": "sales:write"})
    async def take_back(
        self, request: ShopRequest, tenant: Tenant, sale_id: str, data: ReturnBody
    ) -> Response[ReturnView]:
        """Takes back lines of a sale and refunds what was paid for them, to the original tenders."""
        completed = await sale_of(request, tenant, sale_id)
        origin = await command_origin(
            request, tenant, "returnLines", occurred_at=data.occurred_at, terminal=data.register_id
        )
        command = await taking_back(request, tenant, completed, data)
        answer = await tenant.submit(command, origin)
        return written(return_view(answer.result, answer.position), answer, 201)


async def sale_of(request: ShopRequest, tenant: Tenant, sale_id: str) -> SaleCompleted:
    """The sale, if whoever asks may work in its store."""
    state, _ = await tenant.require_state(SALE, sale_id)
    assert state.completed is not None
    request.user.require_store(state.completed.store_id)
    return state.completed


async def taking_back(
    request: ShopRequest, tenant: Tenant, completed: SaleCompleted, data: ReturnBody
) -> TakeBack:
    """The command that takes the lines back."""
    for chosen in data.refunds:
        if chosen.amount.currency != completed.currency:
            raise CurrencyMismatch(
                f"The sale was paid in {completed.currency}.", currency=chosen.amount.currency
            )
    return TakeBack(
        return_id=data.return_id or uuid7(),
        sale_id=completed.sale_id,
        register_id=data.register_id,
        lines=tuple(
            ReturnLine(line=line.line, quantity=line.quantity, wasted=line.wasted, condition=line.condition)
            for line in data.lines
        ),
        reason=await sealed_reason(tenant, completed, data.reason),
        reason_code=data.reason_code,
        without_receipt=data.without_receipt,
        exception=data.exception,
        chosen=tuple(
            ChosenRefund(tender=chosen.tender, amount_minor=chosen.amount.amount) for chosen in data.refunds
        ),
        authority=authority_of(request, completed.store_id),
    )


async def sealed_reason(tenant: Tenant, completed: SaleCompleted, reason: str) -> Sealed:
    """Sealed for the customer, or for the sale where none is known or the customer was forgotten."""
    place = "return.recorded.v1/reason"
    if completed.customer_id is not None:
        with contextlib.suppress(SubjectErased):
            return await tenant.vault.seal(CUSTOMER.stream(completed.customer_id), place, reason)
    return await tenant.vault.seal(SALE.stream(completed.sale_id), place, reason)
