"""A coupon: one code, one use. The code is a bearer secret and never stands in an event in clear.

The coupon's id is the keyed hash of its code (infra/crypto), so whoever presents the code names the
stream; the journal holds the sealed code only for reprints.
"""

from typing import ClassVar

import msgspec

from domain.kernel.command import Command, Decision, Moment
from domain.kernel.errors import InvalidCommand, NotFound, Refusal
from domain.kernel.event import Event
from domain.kernel.sealed import Sealed
from domain.kernel.stream import States, StreamKind
from domain.promotions.campaign import CAMPAIGN

MAX_COUPONS_PER_ISSUE = 1_000


class CouponIssued(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A code of a campaign exists. With `customer_id` only that customer may use it."""

    TYPE: ClassVar = "coupon.issued.v1"
    coupon_id: str
    campaign_id: str
    customer_id: str | None = None
    code: Sealed


class CouponRedeemed(Event, frozen=True, kw_only=True, omit_defaults=True):
    """The code took `amount_minor` off a sale and is spent."""

    TYPE: ClassVar = "coupon.redeemed.v1"
    coupon_id: str
    campaign_id: str
    sale_id: str
    customer_id: str | None = None
    amount_minor: int


class Coupon(msgspec.Struct, frozen=True, kw_only=True):
    """A coupon as decisions see it. Issued while `sale_id` is None, spent afterwards."""

    campaign_id: str = ""
    customer_id: str | None = None
    sale_id: str | None = None


def evolve(state: Coupon, event: Event) -> Coupon:
    """The coupon after `event`."""
    match event:
        case CouponIssued():
            return Coupon(campaign_id=event.campaign_id, customer_id=event.customer_id)
        case CouponRedeemed():
            return Coupon(campaign_id=state.campaign_id, customer_id=state.customer_id, sale_id=event.sale_id)
        case _:
            return state


COUPON = StreamKind("coupon", Coupon(), evolve)


class CouponUnknown(NotFound):
    """No coupon has this code."""

    code = "coupon_unknown"


class CouponSpent(Refusal):
    """The coupon has been used."""

    code = "coupon_spent"


class CouponOfAnother(Refusal):
    """The coupon was issued to somebody else."""

    code = "coupon_of_another_customer"


def require_redeemable(states: States, coupon_id: str, customer_id: str | None) -> Coupon:
    """The coupon, if it exists, is unspent and this customer may use it."""
    if states.version(COUPON.stream(coupon_id)) == 0:
        raise CouponUnknown("There is no such coupon. Check the code.")
    coupon = states.of(COUPON, coupon_id)
    if coupon.sale_id is not None:
        raise CouponSpent("The coupon has been used.", coupon_id=coupon_id)
    if coupon.customer_id is not None and coupon.customer_id != customer_id:
        raise CouponOfAnother("The coupon was issued to another customer.", coupon_id=coupon_id)
    return coupon


class NewCoupon(msgspec.Struct, frozen=True, kw_only=True):
    """A drawn code: its keyed hash and its sealed text."""

    coupon_id: str
    code: Sealed


class CouponsIssued(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to an issue: ids only; the API opens the sealed codes for the caller who asked."""

    campaign_id: str
    coupon_ids: tuple[str, ...]


class IssueCoupons(Command, frozen=True, kw_only=True):
    """Issues the drawn codes, all or none, to one customer or to whoever bears them."""

    RESULT: ClassVar = CouponsIssued

    campaign_id: str
    coupons: tuple[NewCoupon, ...]
    customer_id: str | None = None

    def streams(self) -> tuple[str, ...]:
        customer = () if self.customer_id is None else (f"customer-{self.customer_id}",)
        coupons = (COUPON.stream(coupon.coupon_id) for coupon in self.coupons)
        return (CAMPAIGN.stream(self.campaign_id), *customer, *coupons)

    def decide(self, states: States, at: Moment) -> Decision:
        states.require(CAMPAIGN, self.campaign_id)
        if self.customer_id is not None:
            states.require_stream(f"customer-{self.customer_id}")
        if not 0 < len(self.coupons) <= MAX_COUPONS_PER_ISSUE:
            raise InvalidCommand(
                f"Issue 1 to {MAX_COUPONS_PER_ISSUE} coupons at a time.", coupons=len(self.coupons)
            )
        if len({coupon.coupon_id for coupon in self.coupons}) < len(self.coupons):
            raise InvalidCommand("Each coupon is issued once.", coupons=len(self.coupons))
        for coupon in self.coupons:
            states.require_absent(COUPON.stream(coupon.coupon_id))
        events = tuple(
            (
                COUPON.stream(coupon.coupon_id),
                CouponIssued(
                    coupon_id=coupon.coupon_id,
                    campaign_id=self.campaign_id,
                    customer_id=self.customer_id,
                    code=coupon.code,
                ),
            )
            for coupon in self.coupons
        )
        ids = tuple(coupon.coupon_id for coupon in self.coupons)
        return Decision(events=events, result=CouponsIssued(campaign_id=self.campaign_id, coupon_ids=ids))
