"""Tax on the lines of a sale. Integers throughout."""

from collections.abc import Sequence

from domain.kernel.money import half_up

WHOLE_BP = 10_000


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
    parts = [WHOLE_BP + rate if inclusive else WHOLE_BP for rate in rates_bp]
    # Exact taxes as fractions of one denominator: the parts of the rates that there are, multiplied.
    whole = 1
    for part in set(parts):
        whole *= part
    exact = [
        net * rate * (whole // part) for net, rate, part in zip(nets_minor, rates_bp, parts, strict=True)
    ]
    taxes = [tax // whole for tax in exact]
    missing = half_up(sum(exact), whole) - sum(taxes)
    by_remainder = sorted(range(len(exact)), key=lambda at: (-(exact[at] % whole), at))
    for at in by_remainder[:missing]:
        taxes[at] += 1
    return taxes
