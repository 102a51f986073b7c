"""From a basket to priced lines: amounts, discounts split over them, tax. Integers throughout."""

from collections.abc import Sequence
from fractions import Fraction

import msgspec

from domain.kernel.money import allocate, half_up
from domain.sales.sale import Discount, DiscountSource, LineShare, SaleLine

WHOLE_BP = 10_000


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """A discount that was granted: which rule in which version takes off how much of which base."""

    source: DiscountSource
    rule_id: str
    rule_version: int
    coupon_id: str | None
    base_minor: int
    amount_minor: int


def split(rule: Rule, remaining: Sequence[int]) -> Discount:
    """Spreads a discount over the lines by what is left to pay on each. (Domain rule "Proration".)

    `remaining[i]` belongs to line i + 1. Lines that get nothing have no share.
    """
    shares = allocate(rule.amount_minor, remaining)
    return Discount(
        source=rule.source,
        rule_id=rule.rule_id,
        rule_version=rule.rule_version,
        coupon_id=rule.coupon_id,
        base_minor=rule.base_minor,
        amount_minor=rule.amount_minor,
        shares=tuple(
            LineShare(line=number, amount_minor=share)
            for number, share in enumerate(shares, start=1)
            if share
        ),
    )


def tax_minor(net_minor: int, rate_bp: int, *, inclusive: bool) -> int:
    """A line's tax, rounded once: part of an inclusive price, or what comes on top. (Domain rule "Tax".)"""
    if rate_bp == 0:
        return 0
    if inclusive:
        return net_minor - half_up(net_minor * WHOLE_BP, WHOLE_BP + rate_bp)
    return half_up(net_minor * rate_bp, WHOLE_BP)


def taxes_minor(
    nets_minor: Sequence[int], rates_bp: Sequence[int], *, inclusive: bool, per_document: bool
) -> list[int]:
    """The tax of each line: rounded for itself, or once over all rates and spread by largest remainder.

    28.90 at 22 % and 1.25 at 10 %, included: 5.21 + 0.11 by line, and 5.33 = 5.21 + 0.12 by document.
    """
    if not per_document:
        return [
            tax_minor(net, rate, inclusive=inclusive) for net, rate in zip(nets_minor, rates_bp, strict=True)
        ]
    exact = [
        Fraction(net * rate, WHOLE_BP + rate if inclusive else WHOLE_BP)
        for net, rate in zip(nets_minor, rates_bp, strict=True)
    ]
    taxes = [int(tax) for tax in exact]
    whole = sum(exact, Fraction(0))
    missing = half_up(whole.numerator, whole.denominator) - sum(taxes)
    by_remainder = sorted(range(len(exact)), key=lambda at: (taxes[at] - exact[at], at))
    for at in by_remainder[:missing]:
        taxes[at] += 1
    return taxes


def to_pay_minor(lines: Sequence[SaleLine], *, inclusive: bool) -> int:
    """What the customer owes for the lines, tax included."""
    net = sum(line.net_minor for line in lines)
    return net if inclusive else net + sum(line.tax_minor for line in lines)
