"""What an offer must be before it is published: numbers that can mean something, parts that don't overlap."""

from domain.kernel.errors import InvalidCommand
from domain.kernel.money import MAX_AMOUNT_MINOR
from domain.promotions.offer import (
    MINUTES_A_DAY,
    WHOLE_BP,
    AmountOff,
    Benefit,
    Bundle,
    BuyGet,
    Conditions,
    FixedPrice,
    Gift,
    Limits,
    Offer,
    PercentOff,
    Phase,
    SpendAndSave,
    Target,
)

MAX_PIECES = 1_000
"""In a group or a bundle, and of a gift: more is a slip of the keyboard."""
MAX_PARTS = 10
MAX_COVERED = 1_000
"""SKUs and categories that a coupon names: each line of a basket is held against them."""

_LINE_BY_LINE = (FixedPrice, BuyGet, Bundle, Gift)
"""Benefits of certain pieces: the order as a whole has none."""


def check_offer(offer: Offer) -> None:
    """InvalidCommand, saying what to change, for an offer that can't be meant."""
    _check_benefit(offer.benefit)
    if isinstance(offer.benefit, _LINE_BY_LINE) and offer.phase is not Phase.LINE:
        raise InvalidCommand("A benefit of certain pieces belongs into the phase line.", phase=offer.phase)
    if isinstance(offer.benefit, SpendAndSave) and offer.phase is not Phase.ORDER:
        raise InvalidCommand("spend_and_save belongs into the phase order.", phase=offer.phase)
    _check_conditions(offer.conditions)
    _check_limits(offer.limits)


def check_target(target: Target) -> None:
    """InvalidCommand for what a coupon can't be meant to cover."""
    named = (target.skus, target.categories, target.without_skus)
    if not any(named) or any(len(names) > MAX_COVERED for names in named):
        raise InvalidCommand(
            f"Say what is covered by up to {MAX_COVERED} SKUs or categories, or leave it out."
        )
    if set(target.skus) & set(target.without_skus):
        raise InvalidCommand("A SKU is covered or left out, not both.")


def _check_benefit(benefit: Benefit) -> None:
    match benefit:
        case PercentOff():
            _within("rate_bp", benefit.rate_bp, 1, WHOLE_BP)
        case AmountOff():
            _within("amount_minor", benefit.amount_minor, 1, MAX_AMOUNT_MINOR)
        case FixedPrice():
            _within("price_minor", benefit.price_minor, 0, MAX_AMOUNT_MINOR)
        case BuyGet():
            _within("buy", benefit.buy, 1, MAX_PIECES)
            _within("get", benefit.get, 1, MAX_PIECES)
            _within("rate_bp", benefit.rate_bp, 1, WHOLE_BP)
        case SpendAndSave():
            _check_steps(benefit)
        case Bundle():
            _check_parts(benefit)
        case Gift():
            _within("quantity", benefit.quantity, 1, MAX_PIECES)


def _check_steps(benefit: SpendAndSave) -> None:
    starts = [step.from_minor for step in benefit.steps]
    offs = [step.off_minor for step in benefit.steps]
    if not 0 < len(starts) <= MAX_PARTS or sorted(set(starts)) != starts or sorted(set(offs)) != offs:
        raise InvalidCommand(f"Give 1 to {MAX_PARTS} steps, each higher than the one before it in both.")
    if benefit.repeat and len(starts) > 1:
        raise InvalidCommand("Only a single step repeats.", steps=len(starts))
    for step in benefit.steps:
        _within("from_minor", step.from_minor, 1, MAX_AMOUNT_MINOR)
        _within("off_minor", step.off_minor, 1, step.from_minor)


def _check_parts(benefit: Bundle) -> None:
    _within("price_minor", benefit.price_minor, 0, MAX_AMOUNT_MINOR)
    skus = [sku for part in benefit.parts for sku in part.skus]
    if not 0 < len(benefit.parts) <= MAX_PARTS or any(not part.skus for part in benefit.parts):
        raise InvalidCommand(f"A bundle has 1 to {MAX_PARTS} parts, each of some SKUs.")
    if len(set(skus)) < len(skus):
        raise InvalidCommand("A SKU stands in one part of a bundle only.")
    for part in benefit.parts:
        _within("quantity", part.quantity, 1, MAX_PIECES)


def _check_conditions(conditions: Conditions) -> None:
    begin, end = conditions.valid_from, conditions.valid_until
    if begin is not None and end is not None and end <= begin:
        raise InvalidCommand("valid_until must be after valid_from.")
    if not set(conditions.weekdays) <= set(range(1, 8)):
        raise InvalidCommand("weekdays are 1 (Monday) to 7 (Sunday).", weekdays=list(conditions.weekdays))
    _within("from_min", conditions.from_min, 0, MINUTES_A_DAY - 1)
    _within("until_min", conditions.until_min, 1, MINUTES_A_DAY)
    if conditions.from_min == conditions.until_min:
        raise InvalidCommand("A window of no minutes is never open.", from_min=conditions.from_min)
    _within("minimum_minor", conditions.minimum_minor, 0, MAX_AMOUNT_MINOR)
    _within("minimum_quantity", conditions.minimum_quantity, 0, MAX_AMOUNT_MINOR)


def _check_limits(limits: Limits) -> None:
    for name in ("cap_minor", "uses", "total_uses", "customer_uses", "budget_minor", "customer_uses_a_year"):
        value: int | None = getattr(limits, name)
        if value is not None:
            _within(name, value, 1, MAX_AMOUNT_MINOR)


def _within(name: str, value: int, least: int, most: int) -> None:
    if not least <= value <= most:
        raise InvalidCommand(f"{name} is from {least} to {most}.", **{name: value})
