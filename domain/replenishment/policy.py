"""A policy: by which rule an item is ordered anew, from whom, in which packs, and how long it keeps."""

import msgspec

from domain.kernel.errors import InvalidCommand

WHOLE_BP = 10_000
DAY_H = 24
LONGEST_H = 400 * DAY_H
LONGEST_DAYS = 3_650
MOST = 10**9


class MinMax(msgspec.Struct, frozen=True, kw_only=True, gc=False, tag="min_max", tag_field="kind"):
    """At or below the minimum, up to the maximum: whatever is asked for."""

    minimum: int
    maximum: int


class ReorderPoint(
    msgspec.Struct, frozen=True, kw_only=True, gc=False, tag="reorder_point", tag_field="kind"
):
    """At or below what covers lead time and review, `quantity` more than that.

    Without a quantity it is the economic one: an order costs `order_minor`, and holding a unit for a year
    `holding_minor`.
    """

    service_level_bp: int
    quantity: int | None = None
    order_minor: int = 0
    holding_minor: int = 0


class OrderUpTo(msgspec.Struct, frozen=True, kw_only=True, gc=False, tag="order_up_to", tag_field="kind"):
    """At each review, up to what covers lead time and review."""

    service_level_bp: int


class Newsvendor(msgspec.Struct, frozen=True, kw_only=True, gc=False, tag="newsvendor", tag_field="kind"):
    """Goods of one day: by what it costs to have a unit too few (the margin) and one too many."""

    underage_minor: int
    overage_minor: int


Rule = MinMax | ReorderPoint | OrderUpTo | Newsvendor


class Policy(msgspec.Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """How an item of a store is replenished. Quantities are in the unit that the item is kept in.

    An order comes `lead_time_h` after it was made, give or take `lead_deviation_h`; the next one can be made
    after `review_h`. What came keeps for `sellable_days`; without them it keeps.
    """

    rule: Rule
    lead_time_h: int = DAY_H
    lead_deviation_h: int = 0
    review_h: int = DAY_H
    pack: int = 1
    minimum_order: int = 0
    sellable_days: int | None = None
    supplier_id: str | None = None


def require_sound(policy: Policy) -> None:
    """InvalidCommand for a policy that no order can follow from."""
    _check_rule(policy.rule)
    for name, hours in (("lead_time_h", policy.lead_time_h), ("lead_deviation_h", policy.lead_deviation_h)):
        if not 0 <= hours <= LONGEST_H:
            raise InvalidCommand(f"{name} is from 0 to {LONGEST_H} hours.", **{name: hours})
    if not 0 < policy.review_h <= LONGEST_H:
        raise InvalidCommand(f"review_h is from 1 to {LONGEST_H} hours.", review_h=policy.review_h)
    if not 0 < policy.pack <= MOST or not 0 <= policy.minimum_order <= MOST:
        raise InvalidCommand("A pack holds one unit or more; a minimum order is zero or more.")
    if policy.sellable_days is not None and not 0 < policy.sellable_days <= LONGEST_DAYS:
        raise InvalidCommand(f"sellable_days is from 1 to {LONGEST_DAYS}, or left out for what keeps.")


def _check_rule(rule: Rule) -> None:
    match rule:
        case MinMax(minimum=minimum, maximum=maximum):
            if not 0 <= minimum < maximum <= MOST:
                raise InvalidCommand(
                    "The maximum is above the minimum, which is zero or more.",
                    minimum=minimum,
                    maximum=maximum,
                )
        case ReorderPoint():
            _check_level(rule.service_level_bp)
            if rule.quantity is not None and not 0 < rule.quantity <= MOST:
                raise InvalidCommand("quantity is one unit or more, or left out.", quantity=rule.quantity)
            if rule.quantity is None and not (
                0 < rule.order_minor <= MOST and 0 < rule.holding_minor <= MOST
            ):
                raise InvalidCommand(
                    "Give a quantity, or what an order costs and what holding a unit for a year does."
                )
        case OrderUpTo():
            _check_level(rule.service_level_bp)
        case Newsvendor(underage_minor=underage, overage_minor=overage):
            if not (0 < underage <= MOST and 0 < overage <= MOST):
                raise InvalidCommand(
                    "A unit too few and a unit too many cost something each.",
                    underage=underage,
                    overage=overage,
                )


def _check_level(service_level_bp: int) -> None:
    if not WHOLE_BP // 2 <= service_level_bp < WHOLE_BP:
        raise InvalidCommand(
            "A service level is from 5000 to 9999 basis points (9500 is 95 %).",
            service_level=service_level_bp,
        )
