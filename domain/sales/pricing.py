"""From a basket to priced lines: amounts, discounts split over them, tax. Integers throughout."""

from collections.abc import Sequence

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


def to_pay_minor(lines: Sequence[SaleLine], *, inclusive: bool) -> int:
    """What the customer owes for the lines, tax included."""
    net = sum(line.net_minor for line in lines)
    return net if inclusive else net + sum(line.tax_minor for line in lines)
