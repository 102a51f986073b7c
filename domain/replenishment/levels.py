"""From a policy and the demand to what is to be ordered now, and the figures that explain it."""

from datetime import date
from math import ceil, floor

import msgspec

from domain.replenishment.demand import MILLI, Demand
from domain.replenishment.formulas import (
    critical_ratio,
    economic_order_quantity,
    newsvendor_discrete,
    newsvendor_normal,
    poisson,
    reorder_point,
    z_of,
)
from domain.replenishment.policy import DAY_H, WHOLE_BP, MinMax, Newsvendor, Policy, ReorderPoint
from domain.replenishment.weekdays import asked_for

FORMULA = 2
"""The version of the formulas of this module; a suggestion says by which it was made.

1 knew neither of weekdays nor of what expires before an order arrives.
"""
YEAR_DAYS = 365
SLOW = 10
"""So few a period are counted one by one (Poisson); of more, the normal distribution is near enough."""
DUST = 1e-6
"""What arithmetic in binary adds to a whole number must not order one more."""


class Shelf(msgspec.Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """What there is of an item, will be, and won't be any more when an order arrives."""

    on_hand: int = 0
    on_order: int = 0
    in_transit: int = 0
    reserved: int = 0
    expiring: int = 0


class Levels(msgspec.Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """At or below `reorder_at` one orders, up to `up_to`; `kept_fresh`: shelf life allowed no more."""

    reorder_at: int
    up_to: int
    kept_fresh: bool = False


def position_of(shelf: Shelf, suggested: int) -> int:
    """On hand + on order + in transit − reserved − expiring, and what is suggested and not yet ordered."""
    return shelf.on_hand + shelf.on_order + shelf.in_transit - shelf.reserved - shelf.expiring + suggested


def levels_of(policy: Policy, demand: Demand | None, day: date, hour: int = 0) -> Levels | None:
    """When to order and up to what, in that hour of the business day.

    None where the rule needs a demand that nobody has seen.
    """
    rule = policy.rule
    fresh = None if demand is None else _sold_while_good(policy, demand, day, hour)
    if isinstance(rule, MinMax):
        # Set by hand; what is known of demand still says what would go bad.
        return _kept_fresh(fresh, rule.minimum, rule.maximum)
    if demand is None:
        return None
    if not demand.mean_milli:
        # What nobody asks for is not ordered; what is owed is.
        return Levels(reorder_at=-1, up_to=0)
    deviation = demand.deviation_milli / MILLI
    if isinstance(rule, Newsvendor):
        # Goods of one day are sold from their arrival on.
        mean = asked_for(demand, day, hour + policy.lead_time_h, policy.review_h)
        up_to = _one_day(rule, mean, deviation * (policy.review_h / DAY_H) ** 0.5)
        return _kept_fresh(fresh, up_to - 1, up_to)
    hours = policy.lead_time_h + policy.review_h
    days = hours / DAY_H
    mean = asked_for(demand, day, hour, hours) / days
    z = z_of(rule.service_level_bp / WHOLE_BP)
    point = reorder_point(mean, deviation, days, z, policy.lead_deviation_h / DAY_H)
    if isinstance(rule, ReorderPoint):
        quantity = rule.quantity or ceil(
            economic_order_quantity(
                demand.mean_milli / MILLI * YEAR_DAYS, rule.order_minor, rule.holding_minor
            )
            - DUST
        )
        reorder_at = floor(point + DUST)
        return _kept_fresh(fresh, reorder_at, reorder_at + max(quantity, 1))
    up_to = ceil(point - DUST)
    return _kept_fresh(fresh, up_to - 1, up_to)


def to_order(policy: Policy, levels: Levels, position: int) -> int:
    """How much to order now: 0 above the reorder point; whole packs, and no less than the minimum."""
    if position > levels.reorder_at or position >= levels.up_to:
        return 0
    wanted = max(levels.up_to - position, policy.minimum_order)
    return -(-wanted // policy.pack) * policy.pack


def _one_day(rule: Newsvendor, mean: float, deviation: float) -> int:
    ratio = critical_ratio(rule.underage_minor, rule.overage_minor)
    if mean <= SLOW:
        return newsvendor_discrete(poisson(mean), ratio)
    return max(0, ceil(newsvendor_normal(mean, deviation, ratio) - DUST))


def _sold_while_good(policy: Policy, demand: Demand, day: date, hour: int) -> int | None:
    """μ(L + sellable life), or None for what keeps."""
    if policy.sellable_days is None:
        return None
    hours = policy.lead_time_h + policy.sellable_days * DAY_H
    return floor(asked_for(demand, day, hour, hours) + DUST)


def _kept_fresh(most: int | None, reorder_at: int, up_to: int) -> Levels:
    """S <= μ(L + sellable life), and if that leaves S <= s then s = S − 1. (Domain rule "Reorder".)"""
    if most is None or up_to <= most:
        return Levels(reorder_at=reorder_at, up_to=up_to)
    return Levels(reorder_at=min(reorder_at, most - 1), up_to=most, kept_fresh=True)
