"""What a till works out, on fractions and with roundings of its own: the product's arithmetic, told again."""

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from math import floor

import msgspec

from domain.promotions.campaign import DiscountKind


class Campaign(msgspec.Struct, kw_only=True):
    """A campaign's rule, how often it was used, and how often by whom."""

    kind: DiscountKind
    value: int
    total: int | None
    each: int | None
    uses: int = 0
    uses_of: Counter[str] = msgspec.field(default_factory=Counter[str])


class Sold(msgspec.Struct, kw_only=True):
    """A line of a sale: how much of it, what was paid for all of it, and how much came back."""

    sku: str
    quantity: int
    paid: int
    returned: int = 0


def rounded(exact: Fraction) -> int:
    """To the nearest whole, halves up; for amounts of zero and more."""
    return floor(exact + Fraction(1, 2))


def worth(campaign: Campaign, left: int) -> int:
    """What a coupon takes off a basket with `left` to pay."""
    if campaign.kind is DiscountKind.AMOUNT:
        return min(campaign.value, left)
    return rounded(Fraction(left * campaign.value, 10_000))


def paid_for_first(line: Sold, quantity: int) -> int:
    """What the first `quantity` of a line were paid for, in whole cents."""
    return rounded(Fraction(line.paid * quantity, line.quantity))


def less(amounts: Sequence[int], discount: int) -> list[int]:
    """The amounts less their shares of a discount.

    Cents left over come off where most was cut from the exact share, the earlier line first.
    """
    if discount == 0:
        return list(amounts)
    exact = [Fraction(discount * amount, sum(amounts)) for amount in amounts]
    shares = [floor(share) for share in exact]
    most_cut = sorted(range(len(exact)), key=lambda line: shares[line] - exact[line])
    for line in most_cut[: discount - sum(shares)]:
        shares[line] += 1
    return [amount - share for amount, share in zip(amounts, shares, strict=True)]
