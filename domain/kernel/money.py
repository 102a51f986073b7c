"""Money arithmetic in integer minor units; rounding half away from zero, only where named."""

from collections.abc import Sequence

import msgspec

from domain.kernel.errors import Refusal

MAX_AMOUNT_MINOR = 10**12
"""What one line may be worth or cost: the sums of a report over millions of lines then fit into 64 bits."""


_DIGITS = {
    **dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND"), 0),
    **dict.fromkeys(("VUV", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}
"""How many digits of an amount are behind the point, where it is not two. (ISO 4217.)"""


class Money(msgspec.Struct, frozen=True, kw_only=True):
    """An amount in minor units (fen, cents, pence) of an ISO 4217 currency."""

    amount: int
    currency: str


class AmountTooLarge(Refusal):
    """Price times quantity is beyond anything that a shop sells: a slip of the keyboard."""

    code = "amount_too_large"


def decimal(minor: int, currency: str) -> str:
    """An amount as people write it: 123456 fen are 1,234.56, and as many yen 123,456."""
    digits = _DIGITS.get(currency, 2)
    whole, rest = divmod(abs(minor), 10**digits)
    return f"{'-' * (minor < 0)}{whole:,}" + (f".{rest:0{digits}}" if digits else "")


def require_bookable(amount_minor: int) -> int:
    """The amount, or AmountTooLarge."""
    if abs(amount_minor) > MAX_AMOUNT_MINOR:
        raise AmountTooLarge(
            "A line's amount is too large. Check price and quantity.", limit=MAX_AMOUNT_MINOR
        )
    return amount_minor


def half_up(numerator: int, denominator: int) -> int:
    """The quotient rounded half away from zero. `denominator` must be positive."""
    assert denominator > 0
    if numerator >= 0:
        return (2 * numerator + denominator) // (2 * denominator)
    return -((2 * -numerator + denominator) // (2 * denominator))


def allocate(total: int, weights: Sequence[int]) -> list[int]:
    """Splits `total` in proportion to `weights` by largest remainder, ties to the earlier line.

    The shares add up to `total`. With 0 <= total <= sum(weights) no share is negative and none is above
    its weight; a negative total is split like its amount. 0 gives zeros. (Domain rule "Proration".)
    """
    if total < 0:
        return [-share for share in allocate(-total, weights)]
    if total == 0:
        return [0] * len(weights)
    whole = sum(weights)
    assert whole > 0
    shares = [total * weight // whole for weight in weights]
    if missing := total - sum(shares):
        rest = [total * weight % whole for weight in weights]
        # The sort is stable, also in reverse: of equal remainders the earlier comes first.
        for i in sorted(range(len(weights)), key=rest.__getitem__, reverse=True)[:missing]:
            shares[i] += 1
    return shares


def cumulative_share(whole: int, part: int, of: int) -> int:
    """R(q) = half_up(P·q/Q): how much of `whole` belongs to the first `part` of `of` units.

    Taking differences of R makes any sequence of partial returns end at exactly `whole`.
    (Domain rule "Returns".)
    """
    return half_up(whole * part, of)
