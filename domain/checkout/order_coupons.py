"""Coupons of an order: held under the order's name until it is paid, then redeemed for what they took off."""

from collections.abc import Iterable

from domain.checkout.coupon_reservation import coupon_links, coupon_streams, release
from domain.checkout.redemption import beyond, present, redeeming
from domain.kernel.command import Moment
from domain.kernel.event import Event
from domain.kernel.stream import States
from domain.orders.order import OrderPlaced
from domain.promotions.campaign import CAMPAIGN, require_budget


def reference_of(order_id: str) -> str:
    """What an order holds its coupons under. No id has a slash: nobody else has this one."""
    return f"order/{order_id}"


def coupons_of(placed: OrderPlaced) -> dict[str, int]:
    """What each coupon of the order takes off."""
    return {
        discount.coupon_id: discount.amount_minor
        for discount in placed.discounts
        if discount.coupon_id is not None
    }


def coupons_need(states: States, placed: OrderPlaced) -> Iterable[str]:
    """The streams in which coupons of the order are held, redeemed or released."""
    coupons = coupons_of(placed)
    yield from coupon_streams(coupons)
    if all(stream in states for stream in coupon_streams(coupons)):
        yield from coupon_links(states, coupons, placed.customer_id)


def redeem_ordered(states: States, at: Moment, placed: OrderPlaced) -> Iterable[tuple[str, Event]]:
    """The order's coupons are spent, at the amounts of its placing.

    Or the refusal that a sale would meet: where the time is over, others may have had them, or the budget.
    """
    amounts = coupons_of(placed)
    more: dict[str, int] = {}
    presented = present(
        states,
        at,
        currency=placed.currency,
        customer_id=placed.customer_id,
        coupon_ids=amounts,
        reference=reference_of(placed.order_id),
    )
    for coupon in presented:
        campaign_id, amount = coupon.campaign_id, amounts[coupon.coupon_id]
        before = more.get(campaign_id, 0)
        require_budget(states.of(CAMPAIGN, campaign_id), at.recorded_at, amount, coupon.own, before)
        more[campaign_id] = before + beyond(coupon.own, amount)
        yield from redeeming(states, coupon, amount, sale_id=placed.order_id, customer_id=placed.customer_id)


def release_ordered(states: States, placed: OrderPlaced, *, lapsed: bool) -> Iterable[tuple[str, Event]]:
    """The order's coupons are free again."""
    return release(
        states, coupon_ids=coupons_of(placed), reference=reference_of(placed.order_id), lapsed=lapsed
    )
