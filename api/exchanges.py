"""/v1/sales/{sale_id}/exchanges and /corrections: a return and a sale in one decision."""

import msgspec
from litestar import Controller, Response, post

from api.money import money
from api.reading import written
from api.requests import Body, Cause, Instant, ShopRequest, authority_of, command_origin
from api.returns import (
    Reason,
    ReturnBody,
    ReturnView,
    by_method,
    return_view,
    sale_of,
    sealed_reason,
    taking_back,
)
from api.sales import MAIN_REGISTER, Goods, SaleView, TenderView, checkout_of, sale_view
from domain.checkout.exchange import Exchange, ExchangeAnswer
from domain.checkout.return_document import ReturnAnswer
from domain.checkout.take_back import TakeBack
from domain.customers.customer import CUSTOMER
from domain.kernel.ids import Id
from domain.kernel.money import Money
from domain.sales.sale import SaleCompleted
from infra.ids import uuid7
from infra.tenancy import Tenant


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
        paid_out=by_method(taken.refunds, taken.currency),
        position=position,
    )


class ExchangesController(Controller):
    """What is sold instead of what comes back."""

    path = "/v1/sales/{sale_id:str}"
    tags = ("sales",)

    @post("/exchanges", operation_id="exchange", opt={"scope": "sales:write"})
    async def exchange(
        self, request: ShopRequest, tenant: Tenant, sale_id: str, data: ExchangeBody
    ) -> Response[ExchangeView]:
        """Takes lines back and sells others instead, both or neither; only the difference is paid."""
        completed = await sale_of(request, tenant, sale_id)
        origin = await command_origin(
            request, tenant, "exchange", occurred_at=data.occurred_at, terminal=data.register_id
        )
        back = await taking_back(request, tenant, completed, data)
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
        completed = await sale_of(request, tenant, sale_id)
        origin = await command_origin(
            request, tenant, "correctSale", occurred_at=data.occurred_at, terminal=data.register_id
        )
        back = TakeBack(
            return_id=data.return_id or uuid7(),
            sale_id=sale_id,
            register_id=data.register_id,
            reason=await sealed_reason(tenant, completed, data.reason),
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


async def _exchanging(
    request: ShopRequest, tenant: Tenant, completed: SaleCompleted, back: TakeBack, goods: Goods
) -> Exchange:
    bought_by = completed.customer_id
    if goods.customer_id is None and bought_by and not (await tenant.state_of(CUSTOMER, bought_by)).erased:
        goods = msgspec.structs.replace(goods, customer_id=bought_by)
    sale = await checkout_of(request, tenant, completed.store_id, back.register_id, goods)
    return Exchange(back=back, sale=sale)
