"""Coupons that end otherwise than by a sale: returned with the whole sale, or revoked. (Rule "Coupons".)"""

from collections.abc import Iterable

from domain.checkout.coupon_reservation import release
from domain.checkout.redemption import own_validity
from domain.kernel.command import Command, Decision, Done, Moment
from domain.kernel.errors import InvalidCommand
from domain.kernel.event import Event
from domain.kernel.stream import States
from domain.promotions.campaign import CAMPAIGN, QUOTA, counted_quota
from domain.promotions.coupon import (
    COUPON,
    CouponIsRevoked,
    CouponReturned,
    CouponRevoked,
    find_coupon,
    links,
    no_coupon,
    require_coupon,
)
from domain.promotions.holds import CampaignRestored, CustomerRestored
from domain.sales.sale import Sale, SaleCompleted


def used_coupons(completed: SaleCompleted) -> Iterable[tuple[str, int]]:
    """The coupons that the sale used, and what each took off."""
    for discount in completed.discounts:
        if discount.coupon_id is not None:
            yield discount.coupon_id, discount.amount_minor


def links_of_used(states: States, completed: SaleCompleted) -> Iterable[str]:
    """The streams that giving back the sale's coupons needs; none where it used no coupon."""
    for coupon_id, _ in used_coupons(completed):
        yield (coupon := COUPON.stream(coupon_id))
        if coupon in states:
            yield from links(states, coupon_id, completed.customer_id)


def give_back(
    states: States, at: Moment, sale: Sale, coming: Iterable[tuple[int, int]], return_id: str
) -> Iterable[tuple[str, Event]]:
    """What the return does to the sale's coupons: with its last goods they are issued again.

    Only where the campaign says so and neither it nor the coupon is over or revoked; all their limits are
    given back with them. What comes back in part leaves them redeemed. `coming` are lines and quantities.
    """
    completed = sale.completed
    assert completed is not None
    if not any(discount.coupon_id is not None for discount in completed.discounts):
        return
    left = {line.line: line.quantity - sale.returned.get(line.line, 0) for line in completed.lines}
    for line, quantity in coming:
        left[line] -= quantity
    if any(left.values()):
        return
    for coupon_id, amount in used_coupons(completed):
        yield from _issue_again(states, at, completed, coupon_id, amount, return_id)


def _issue_again(
    states: States, at: Moment, completed: SaleCompleted, coupon_id: str, amount_minor: int, return_id: str
) -> Iterable[tuple[str, Event]]:
    coupon = require_coupon(states, coupon_id)
    rule = states.of(CAMPAIGN, coupon.campaign_id).rule
    assert rule is not None
    ends = rule.valid_until if coupon.valid_until is None else min(rule.valid_until, coupon.valid_until)
    if not rule.restored_on_return or coupon.revoked or at.recorded_at >= ends:
        return
    sale_id, customer_id = completed.sale_id, completed.customer_id
    returned = CouponReturned(
        coupon_id=coupon_id,
        campaign_id=coupon.campaign_id,
        sale_id=sale_id,
        return_id=return_id,
        amount_minor=amount_minor,
        valid_until=own_validity(coupon, coupon_id),
        counted_for=None if rule.limit_per_customer_and_code is None else customer_id,
        customer_id=coupon.customer_id,
    )
    yield COUPON.stream(coupon_id), returned
    restored = CampaignRestored(
        campaign_id=coupon.campaign_id,
        coupon_id=coupon_id,
        sale_id=sale_id,
        amount_minor=amount_minor,
        # Known of the code's last use. An earlier use of a code for many keeps its day's place: none is
        # given out twice.
        day=coupon.day if coupon.sale_id == sale_id else None,
    )
    yield CAMPAIGN.stream(coupon.campaign_id), restored
    if customer_id is not None and (quota := counted_quota(states, coupon.campaign_id, customer_id)):
        yield (
            QUOTA.stream(quota),
            CustomerRestored(
                campaign_id=coupon.campaign_id,
                customer_id=customer_id,
                coupon_id=coupon_id,
                sale_id=sale_id,
            ),
        )


class RevokeCoupon(Command, frozen=True, kw_only=True):
    """Revokes one code, with the reason, and ends what is reserved of it. Sales that used it stay."""

    coupon_id: str
    reason: str

    def streams(self) -> Iterable[str]:
        return (COUPON.stream(self.coupon_id),)

    def linked(self, states: States) -> Iterable[str]:
        return links(states, self.coupon_id, None)

    def decide(self, states: States, at: Moment) -> Decision:
        coupon = find_coupon(states, self.coupon_id)
        if coupon is None:
            raise no_coupon(self.coupon_id)
        if coupon.revoked:
            raise CouponIsRevoked("The coupon was revoked before.", coupon_id=self.coupon_id)
        if not self.reason.strip():
            raise InvalidCommand("Say why the coupon is revoked.")
        revoked = CouponRevoked(
            coupon_id=self.coupon_id,
            campaign_id=coupon.campaign_id,
            reason=self.reason,
            unused=not coupon.redeemed,
            valid_until=own_validity(coupon, self.coupon_id),
            customer_id=coupon.customer_id,
        )
        released = [
            fact
            for reference in sorted(coupon.held)
            for fact in release(states, coupon_ids=(self.coupon_id,), reference=reference)
        ]
        events = (*released, (COUPON.stream(self.coupon_id), revoked))
        return Decision(events=events, result=Done(id=self.coupon_id))
