"""/v1/complaints/{complaint_id}/settlements: a resolution with amends, both or neither."""

from typing import Annotated

import msgspec
from litestar import Controller, Response, post
from msgspec import Meta

from api.complaints import require_case, text_for_case
from api.coupons import draw_code, stored_codes
from api.money import Amount, money
from api.reading import written
from api.requests import Body, Instant, LongText, ShopRequest, authority_of, command_origin
from api.returns import ReturnBody, ReturnView, return_view, sale_of, taking_back
from domain.aftercare.amends import SettleCase
from domain.aftercare.parts import CaseSettled, CouponGiven, CreditGiven
from domain.checkout.take_back import TakeBack
from domain.customers.customer import CUSTOMER
from domain.kernel.errors import InvalidCommand
from domain.kernel.ids import Id
from domain.kernel.money import Money
from domain.promotions.coupon import CouponsIssued, NewCoupon
from domain.service.case import Case
from infra.tenancy import Tenant


class GoodsPaidBack(ReturnBody, frozen=True, kw_only=True):
    """A return of lines of the complaint's sale, or of `sale_id` where it names none."""

    sale_id: Id | None = None


class CreditAsAmends(Body, frozen=True, kw_only=True):
    """Credit for the complaint's customer, in every store."""

    amount: Amount
    expires_at: Instant | None = None


class CouponAsAmends(Body, frozen=True, kw_only=True):
    """A coupon of a campaign for the complaint's customer alone. It has an amount or a cap."""

    campaign_id: Id
    valid_until: Instant | None = None


class Settlement(Body, frozen=True, kw_only=True):
    """How it was settled, and what the customer gets: one at least, all of one currency.

    `again` says that more is to be given where there were amends in the complaint before.
    """

    text: LongText
    refund: GoodsPaidBack | None = None
    credit: CreditAsAmends | None = None
    points: Annotated[int, Meta(ge=0, le=10**9)] = 0
    coupon: CouponAsAmends | None = None
    again: bool = False


class SettlementView(msgspec.Struct, frozen=True, kw_only=True):
    """What the customer gets and what all of it is worth at most; the coupon's code is told to who asked."""

    complaint_id: str
    worth: Money
    returned: ReturnView | None
    coupon_id: str | None
    coupon_code: str | None
    position: int


class ComplaintAmendsController(Controller):
    """Amends."""

    path = "/v1/complaints/{complaint_id:str}/settlements"
    tags = ("complaints",)

    @post(operation_id="settleComplaint", opt={"scope": "complaints:compensate"})
    async def settle(
        self, request: ShopRequest, tenant: Tenant, complaint_id: str, data: Settlement
    ) -> Response[SettlementView]:
        """Settles the complaint and makes amends in the same decision, within your limits.

        Money is paid back for lines of a sale, never more than is left of it.
        """
        case = await require_case(request, tenant, complaint_id)
        if data.credit is not None or data.points or data.coupon is not None:
            # They pay in every store.
            request.user.require_store(None)
        refund = data.refund
        origin = await command_origin(
            request,
            tenant,
            "settleComplaint",
            occurred_at=None if refund is None else refund.occurred_at,
            terminal=None if refund is None else refund.register_id,
        )
        assert case.opened is not None
        code = draw_code()
        command = SettleCase(
            case_id=complaint_id,
            text=await text_for_case(request, tenant, complaint_id, "case.resolved.v1", data.text),
            back=None if refund is None else await _taking_back(request, tenant, case, refund),
            credit=_credit(data.credit),
            points=data.points,
            coupon=None if data.coupon is None else await _coupon(tenant, case, data.coupon, code),
            again=data.again,
            authority=authority_of(request, case.opened.store_id),
            credit_authority=None if data.credit is None else authority_of(request, None),
        )
        answer = await tenant.submit(command, origin)
        settled: CaseSettled = answer.result
        told: str | None = None
        if settled.coupon_id is not None and answer.replayed:
            issued = CouponsIssued(campaign_id="", coupon_ids=(settled.coupon_id,))
            told = (await stored_codes(request, tenant, issued))[settled.coupon_id]
        elif settled.coupon_id is not None:
            told = code
        returned = settled.returned
        view = SettlementView(
            complaint_id=complaint_id,
            worth=money(settled.worth_minor, settled.currency),
            returned=None if returned is None else return_view(returned, answer.position),
            coupon_id=settled.coupon_id,
            coupon_code=told,
            position=answer.position,
        )
        return written(view, answer, 201)


async def _taking_back(request: ShopRequest, tenant: Tenant, case: Case, refund: GoodsPaidBack) -> TakeBack:
    assert case.opened is not None
    sale_id = refund.sale_id or case.opened.sale_id
    if sale_id is None:
        raise InvalidCommand("The complaint names no sale: say in `sale_id` whose goods are paid back.")
    return await taking_back(request, tenant, await sale_of(request, tenant, sale_id), refund)


def _credit(credit: CreditAsAmends | None) -> CreditGiven | None:
    if credit is None:
        return None
    amount = credit.amount
    return CreditGiven(currency=amount.currency, amount_minor=amount.amount, expires_at=credit.expires_at)


async def _coupon(tenant: Tenant, case: Case, coupon: CouponAsAmends, code: str) -> CouponGiven:
    assert case.opened is not None
    if case.opened.customer_id is None:
        raise InvalidCommand("The complaint names no customer: goods alone can be paid back.")
    coupon_id = tenant.vault.coupon_id(code)
    place = f"coupon.issued.v1/code/{coupon_id}"
    sealed = await tenant.vault.seal(CUSTOMER.stream(case.opened.customer_id), place, code)
    return CouponGiven(
        campaign_id=coupon.campaign_id,
        coupon=NewCoupon(coupon_id=coupon_id, code=sealed),
        valid_until=coupon.valid_until,
    )
