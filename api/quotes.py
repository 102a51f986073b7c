"""/v1/quotes: what a basket would cost, and of every offer and coupon why it applies or doesn't."""

from typing import Annotated

import msgspec
from litestar import Controller, post
from msgspec import Meta

from api.baskets import BasketLineBody, basket_of, currencies_of
from api.customer_facts import facts_of
from api.money import money
from api.requests import Body, Positive, ShopRequest, Text
from domain.checkout.pricing import MAX_COUPONS, MAX_LINES, Basket
from domain.checkout.quote import Quote, Quoted
from domain.kernel.ids import Id
from domain.kernel.money import Money
from domain.promotions.stacking import Reason
from infra.event_store.submission import Origin
from infra.ids import uuid7
from infra.tenancy import Tenant


class BasketToQuote(Body, frozen=True, kw_only=True):
    """A basket as a till would sell it, without tenders. `points` are those that would come off."""

    store_id: Id
    customer_id: Id | None = None
    lines: Annotated[list[BasketLineBody], Meta(min_length=1, max_length=MAX_LINES)]
    coupon_codes: Annotated[list[Text], Meta(max_length=MAX_COUPONS)] = []  # noqa: RUF012 - msgspec copies it
    coupon_reference: Id | None = None
    points: Positive | None = None


class OfferShare(msgspec.Struct, frozen=True, kw_only=True):
    """What one offer takes off a line."""

    offer_id: str
    amount: Money


class QuotedLineView(msgspec.Struct, frozen=True, kw_only=True):
    """A line as it would be sold: amount at the price, what is taken off by which offer, what is left.

    `points` is what points take off.
    """

    line: int
    sku: str
    name: str
    quantity: int
    unit_price: Money
    amount: Money
    discounts: list[OfferShare]
    points: Money
    tax: Money
    total: Money


class VerdictView(msgspec.Struct, frozen=True, kw_only=True):
    """Why an offer or a coupon applies or doesn't; `facts` are the numbers or the winner that decided."""

    offer_id: str
    version: int
    reason: Reason
    amount: Money
    facts: dict[str, int | str]


class UnusableCouponView(msgspec.Struct, frozen=True, kw_only=True):
    """A coupon that a sale of this basket would be refused with; `number` counts the given codes from 1."""

    number: int
    code: str
    detail: str


class UnusablePointsView(msgspec.Struct, frozen=True, kw_only=True):
    """Why a sale of this basket would be refused with the points."""

    code: str
    detail: str


class QuoteView(msgspec.Struct, frozen=True, kw_only=True):
    """What the basket would cost now."""

    lines: list[QuotedLineView]
    subtotal: Money
    discount: Money
    tax: Money
    total: Money
    offers: list[VerdictView]
    unusable_coupons: list[UnusableCouponView]
    unusable_points: UnusablePointsView | None


def _quote_view(quoted: Quoted, coupon_ids: tuple[str, ...]) -> QuoteView:
    currency = quoted.currency
    subtotal = sum(line.amount_minor for line in quoted.lines)
    return QuoteView(
        lines=[
            QuotedLineView(
                line=number,
                sku=line.sku,
                name=line.name,
                quantity=line.quantity,
                unit_price=money(line.unit_price_minor, currency),
                amount=money(line.amount_minor, currency),
                discounts=[
                    OfferShare(offer_id=offer_id, amount=money(share, currency))
                    for offer_id, share in line.shares.items()
                ],
                points=money(line.points_minor, currency),
                tax=money(line.tax_minor, currency),
                total=money(line.net_minor, currency),
            )
            for number, line in enumerate(quoted.lines, start=1)
        ],
        subtotal=money(subtotal, currency),
        discount=money(subtotal - sum(line.net_minor for line in quoted.lines), currency),
        tax=money(quoted.tax_minor, currency),
        total=money(quoted.total_minor, currency),
        offers=[
            VerdictView(
                offer_id=verdict.offer_id,
                version=verdict.version,
                reason=verdict.reason,
                amount=money(verdict.amount_minor, currency),
                facts=verdict.facts,
            )
            for verdict in quoted.verdicts
        ],
        unusable_coupons=[
            UnusableCouponView(
                number=coupon_ids.index(coupon.coupon_id) + 1, code=coupon.code, detail=coupon.detail
            )
            for coupon in quoted.unusable
        ],
        unusable_points=(
            None
            if quoted.unusable_points is None
            else UnusablePointsView(code=quoted.unusable_points.code, detail=quoted.unusable_points.detail)
        ),
    )


class QuotesController(Controller):
    """Quotes."""

    path = "/v1/quotes"
    tags = ("offers",)

    @post(operation_id="quote", opt={"scope": "quotes:read"}, status_code=200)
    async def quote(self, request: ShopRequest, tenant: Tenant, data: BasketToQuote) -> QuoteView:
        """Prices a basket without selling it, and says of every offer why it applies or doesn't."""
        request.user.require_store(data.store_id)
        if any(line.unit_price is not None for line in data.lines):
            request.user.require("prices:override")
        coupon_ids = tuple(tenant.vault.coupon_id(code) for code in data.coupon_codes)
        basket = Basket(
            store_id=data.store_id,
            customer_id=data.customer_id,
            facts=await facts_of(request.app.state.fact_finder, tenant, data.customer_id, data.store_id),
            lines=await basket_of(tenant, data.lines),
            coupon_ids=coupon_ids,
            coupon_reference=data.coupon_reference,
            currencies=currencies_of(data.lines),
        )
        # It writes nothing, so there is nothing to recognise a repeat by.
        origin = Origin(command_id=uuid7(), actor=request.user.name, channel="api")
        answer = await tenant.submit(Quote(basket=basket, points=data.points or 0), origin)
        return _quote_view(answer.result, coupon_ids)
