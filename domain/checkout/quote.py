"""A quote: what a basket would cost now, and of every offer and coupon why it applies or doesn't."""

from collections.abc import Iterable
from typing import ClassVar

import msgspec

from domain.checkout.pricing import Basket, price
from domain.kernel.command import Command, Decision, Moment
from domain.kernel.errors import Refusal
from domain.kernel.stream import States
from domain.promotions.stacking import Verdict


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


class UnusableCoupon(msgspec.Struct, frozen=True, kw_only=True):
    """A coupon that the basket can't use, with the refusal that a sale would meet."""

    coupon_id: str
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


class Quote(Command, frozen=True, kw_only=True):
    """Prices a basket without selling it. A coupon that can't be used is left out and named."""

    RESULT: ClassVar = Quoted

    basket: Basket

    def streams(self) -> Iterable[str]:
        return self.basket.streams()

    def linked(self, states: States) -> Iterable[str]:
        return self.basket.linked(states)

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
                )
                for number, (line, product) in enumerate(zip(basket.lines, priced.products, strict=True))
            ),
            tax_minor=sum(priced.taxes_minor),
            total_minor=priced.total_minor,
            verdicts=priced.stacked.verdicts,
            unusable=tuple(unusable),
        )
        return Decision(events=(), result=quoted)
