"""A quote: what a basket would cost now, and of every offer and coupon why it applies or doesn't."""

from collections.abc import Iterable
from typing import ClassVar

import msgspec

from domain.checkout import membership, points_discount
from domain.checkout.pricing import Basket, Priced, price
from domain.kernel.command import Command, Decision, Moment
from domain.kernel.errors import Refusal
from domain.kernel.stream import States
from domain.loyalty.points import LOYALTY, spend
from domain.loyalty.programme import MAIN, PROGRAMME
from domain.promotions.stacking import Verdict
from domain.sales.sale import Discount

QUOTE = "quote"
"""What points would be spent for; nothing of it is written."""


class QuotedLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line as it would be sold."""

    sku: str
    name: str
    quantity: int
    unit_price_minor: int
    amount_minor: int
    net_minor: int
    tax_minor: int
    shares: dict[str, int]
    """What each offer would take off it, by offer id."""
    points_minor: int = 0
    """What points would take off it."""


class UnusableCoupon(msgspec.Struct, frozen=True, kw_only=True):
    """A coupon that the basket can't use, with the refusal that a sale would meet."""

    coupon_id: str
    code: str
    detail: str


class UnusablePoints(msgspec.Struct, frozen=True, kw_only=True):
    """Why points could not come off the basket: the refusal that a sale would meet."""

    code: str
    detail: str


class Quoted(msgspec.Struct, frozen=True, kw_only=True):
    """The price of a basket, and why. Amounts in minor units of `currency`."""

    currency: str
    lines: tuple[QuotedLine, ...]
    tax_minor: int
    total_minor: int
    verdicts: tuple[Verdict, ...]
    unusable: tuple[UnusableCoupon, ...]
    unusable_points: UnusablePoints | None = None


class Quote(Command, frozen=True, kw_only=True):
    """Prices a basket without selling it. A coupon that can't be used is left out and named, as are points.

    `points` come off where the programme makes them a discount.
    """

    RESULT: ClassVar = Quoted

    basket: Basket
    points: int = 0

    def streams(self) -> Iterable[str]:
        yield from self.basket.streams()
        if self.points:
            yield PROGRAMME.stream(MAIN)

    def linked(self, states: States) -> Iterable[str]:
        yield from self.basket.linked(states)
        if self.points:
            yield from membership.accounts(states, self.basket.customer_id)

    def decide(self, states: States, at: Moment) -> Decision:
        basket = msgspec.structs.replace(self.basket, coupon_ids=())
        unusable: list[UnusableCoupon] = []
        priced = price(states, at, basket)
        for coupon_id in self.basket.coupon_ids:
            tried = msgspec.structs.replace(basket, coupon_ids=(*basket.coupon_ids, coupon_id))
            try:
                priced = price(states, at, tried)
            except Refusal as refusal:
                unusable.append(UnusableCoupon(coupon_id=coupon_id, code=refusal.code, detail=refusal.detail))
            else:
                basket = tried
        row, unusable_points = None, None
        if self.points:
            try:
                priced, row = self._points_off(states, at, priced)
            except Refusal as refusal:
                unusable_points = UnusablePoints(code=refusal.code, detail=refusal.detail)
        by_points = {} if row is None else {share.line: share.amount_minor for share in row.shares}
        grants = priced.stacked.grants
        quoted = Quoted(
            currency=priced.store.currency,
            lines=tuple(
                QuotedLine(
                    sku=line.sku,
                    name=product.name,
                    quantity=line.quantity if number not in priced.terms else priced.terms[number].quantity,
                    unit_price_minor=priced.prices_minor[number],
                    amount_minor=priced.amounts_minor[number],
                    net_minor=priced.stacked.net_minor[number],
                    tax_minor=priced.taxes_minor[number],
                    shares={
                        grant.offer.offer_id: grant.shares[number] for grant in grants if grant.shares[number]
                    },
                    points_minor=by_points.get(number + 1, 0),
                )
                for number, (line, product) in enumerate(zip(basket.lines, priced.products, strict=True))
            ),
            tax_minor=sum(priced.taxes_minor),
            total_minor=priced.total_minor,
            verdicts=priced.stacked.verdicts,
            unusable=tuple(unusable),
            unusable_points=unusable_points,
        )
        return Decision(events=(), result=quoted)

    def _points_off(self, states: States, at: Moment, priced: Priced) -> tuple[Priced, Discount]:
        """What is left to pay without what the points are worth, if the customer has them."""
        customer_id = self.basket.customer_id
        if customer_id is None or states.of(PROGRAMME, MAIN).present is None:
            raise membership.PointsNeedCustomer(
                "Name the customer whose points pay, and set a programme first."
            )
        off = points_discount.take_off(states, priced, self.points)
        spend(states.of(LOYALTY, customer_id), customer_id, QUOTE, self.points, at.recorded_at)
        return off
