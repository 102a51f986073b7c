"""/v1/sales/{sale_id}/returns, /exchanges and /corrections: taking goods back."""

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
from api.sales import MAIN_REGISTER, Goods, SaleView, TenderView, checkout_of, sale_view
from domain.checkout.exchange import Exchange, ExchangeAnswer
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
    on the shelf.
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


class ExchangeBody(ReturnBody, frozen=True, kw_only=True):
    """A return and the `sale` that is made instead. Its tenders pay what the return does not.

    Without a `customer_id` the sale is to the customer of the first.
    """

    sale: Goods


class CorrectionBody(Body, frozen=True, kw_only=True):
    """What was wrong with the sale, and the `sale` that should have been recorded, if there was one."""

    return_id: Id | None = None
    register_id: Id = MAIN_REGISTER
    reason: Reason
    reason_code: Cause | None = None
    sale: Goods | None = None
    occurred_at: Instant | None = None


class ReturnedLineView(msgspec.Struct, frozen=True, kw_only=True):
    """What came back of a line, and what was paid back for it."""

    line: int
    sku: str
    quantity: int
    refund: Money
    tax: Money


class ReturnView(msgspec.Struct, frozen=True, kw_only=True):
    """The till's answer to a return; `refunds` says which tender gets what."""

    return_id: str
    sale_id: str | None
    receipt_number: int
    lines: list[ReturnedLineView]
    refunds: list[TenderView]
    tax: Money
    total: Money
    position: int


class ExchangeView(msgspec.Struct, frozen=True, kw_only=True):
    """The till's answer: both documents, and what changes hands.

    `carried` is what the return paid of the sale, `paid` what was paid besides, less the change, and
    `paid_out` what the customer gets, by method. A correction without a sale has only the return.
    """

    returned: ReturnView
    sale: SaleView | None
    carried: Money
    paid: Money
    paid_out: list[TenderView]
    position: int


def _by_method(refunds: Iterable[Refund], currency: str) -> list[TenderView]:
    sums: Counter[str] = Counter()
    for refund in refunds:
        sums[refund.method] += refund.amount_minor
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
        refunds=_by_method(taken.refunds, currency),
        tax=money(taken.tax_minor, currency),
        total=money(taken.total_minor, currency),
        position=position,
    )


def _exchange_view(done: ExchangeAnswer, position: int) -> ExchangeView:
    currency = done.sale.currency
    return ExchangeView(
        returned=return_view(done.returned, position),
        sale=sale_view(done.sale, position),
        carried=money(done.carried_minor, currency),
        paid=money(done.paid_minor, currency),
        paid_out=[
            TenderView(method=tender.method, amount=money(tender.amount_minor, currency))
            for tender in done.paid_out
        ],
        position=position,
    )


def _reversal_view(taken: ReturnAnswer, position: int) -> ExchangeView:
    nothing = money(0, taken.currency)
    return ExchangeView(
        returned=return_view(taken, position),
        sale=None,
        carried=nothing,
        paid=nothing,
        paid_out=_by_method(taken.refunds, taken.currency),
        position=position,
    )


class ReturnsController(Controller):
    """What happens to a sale afterwards."""

    path = "/v1/sales/{sale_id:str}"
    tags = ("sales",)

    @post("/returns", operation_id="returnLines", opt={"scope": "sales:write"})
    async def take_back(
        self, request: ShopRequest, tenant: Tenant, sale_id: str, data: ReturnBody
    ) -> Response[ReturnView]:
        """Takes back lines of a sale and refunds what was paid for them, to the original tenders."""
        completed = await _sale_of(request, tenant, sale_id)
        origin = await command_origin(
            request, tenant, "returnLines", occurred_at=data.occurred_at, terminal=data.register_id
        )
        command = await _taking_back(request, tenant, completed, data)
        answer = await tenant.submit(command, origin)
        return written(return_view(answer.result, answer.position), answer, 201)

    @post("/exchanges", operation_id="exchange", opt={"scope": "sales:write"})
    async def exchange(
        self, request: ShopRequest, tenant: Tenant, sale_id: str, data: ExchangeBody
    ) -> Response[ExchangeView]:
        """Takes lines back and sells others instead, both or neither; only the difference is paid."""
        completed = await _sale_of(request, tenant, sale_id)
        origin = await command_origin(
            request, tenant, "exchange", occurred_at=data.occurred_at, terminal=data.register_id
        )
        back = await _taking_back(request, tenant, completed, data)
        command = await _exchanging(request, tenant, completed, back, data.sale)
        answer = await tenant.submit(command, origin)
        return written(_exchange_view(answer.result, answer.position), answer, 201)

    @post("/corrections", operation_id="correctSale", opt={"scope": "sales:correct"})
    async def correct(
        self, request: ShopRequest, tenant: Tenant, sale_id: str, data: CorrectionBody
    ) -> Response[ExchangeView]:
        """Takes back all that is left of a sale that was recorded wrongly, on its own day.

        The goods go to the shelf and the money to the original tenders. With `sale` the right one is recorded
        in the same decision, and what was paid pays for it.
        """
        completed = await _sale_of(request, tenant, sale_id)
        origin = await command_origin(
            request, tenant, "correctSale", occurred_at=data.occurred_at, terminal=data.register_id
        )
        back = TakeBack(
            return_id=data.return_id or uuid7(),
            sale_id=sale_id,
            register_id=data.register_id,
            reason=await _sealed_reason(tenant, completed, data.reason),
            reason_code=data.reason_code,
            correction=True,
            authority=authority_of(request, completed.store_id),
        )
        if data.sale is None:
            answer = await tenant.submit(back, origin)
            return written(_reversal_view(answer.result, answer.position), answer, 201)
        command = await _exchanging(request, tenant, completed, back, data.sale)
        answer = await tenant.submit(command, origin)
        return written(_exchange_view(answer.result, answer.position), answer, 201)


async def _sale_of(request: ShopRequest, tenant: Tenant, sale_id: str) -> SaleCompleted:
    """The sale, if whoever asks may work in its store."""
    state, _ = await tenant.require_state(SALE, sale_id)
    assert state.completed is not None
    request.user.require_store(state.completed.store_id)
    return state.completed


async def _taking_back(
    request: ShopRequest, tenant: Tenant, completed: SaleCompleted, data: ReturnBody
) -> TakeBack:
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
        reason=await _sealed_reason(tenant, completed, data.reason),
        reason_code=data.reason_code,
        without_receipt=data.without_receipt,
        exception=data.exception,
        chosen=tuple(
            ChosenRefund(tender=chosen.tender, amount_minor=chosen.amount.amount) for chosen in data.refunds
        ),
        authority=authority_of(request, completed.store_id),
    )


async def _exchanging(
    request: ShopRequest, tenant: Tenant, completed: SaleCompleted, back: TakeBack, goods: Goods
) -> Exchange:
    if goods.customer_id is None:
        goods = msgspec.structs.replace(goods, customer_id=completed.customer_id)
    sale = await checkout_of(request, tenant, completed.store_id, back.register_id, goods)
    return Exchange(back=back, sale=sale)


async def _sealed_reason(tenant: Tenant, completed: SaleCompleted, reason: str) -> Sealed:
    """Sealed for the customer, or for the sale where none is known or the customer was forgotten."""
    place = "return.recorded.v1/reason"
    if completed.customer_id is not None:
        with contextlib.suppress(SubjectErased):
            return await tenant.vault.seal(CUSTOMER.stream(completed.customer_id), place, reason)
    return await tenant.vault.seal(SALE.stream(completed.sale_id), place, reason)
