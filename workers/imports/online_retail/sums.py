"""What an "Online Retail" file says by itself: sums straight from its text, for the reconciliation.

Deliberately a second opinion: it sees the digits as they stand in the file, works in Decimal and shares
no code with the reading of prices or with the plan.
"""

from collections import Counter
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal

import msgspec

_PENNY = Decimal("0.01")

Tally = Counter[tuple[str, str, str, str]]
"""How many lines have this (YYYY-MM, first letter of InvoiceNo, Quantity, UnitPrice), all as written."""


class MonthSums(msgspec.Struct, frozen=True, kw_only=True):
    """One month of London time. Amounts are pence, half away from zero per line, without rejected lines.

    `lines` and `invoices` count everything, rejected or not; an invoice belongs to the month of its first
    line. `returns_pence` is positive: what the cancellations gave back.
    """

    lines: int
    invoices: int
    revenue_pence: int
    returns_pence: int


class FileSums(msgspec.Struct, frozen=True, kw_only=True):
    """The file by month (YYYY-MM, in order), and the lines that no sale or return can carry.

    `rejected_thousandths` is price × quantity of the rejected lines in thousandths of a pound, unrounded.
    """

    lines: int
    invoices: int
    revenue_pence: int
    returns_pence: int
    rejected_lines: int
    rejected_thousandths: int
    months: dict[str, MonthSums]


def sum_up(tally: Tally, invoices_by_month: Mapping[str, int]) -> FileSums:
    """The sums of all lines. A line is rejected for its money alone: see `_pence`."""
    lines: Counter[str] = Counter()
    revenue: Counter[str] = Counter()
    returns: Counter[str] = Counter()
    rejected_lines, rejected = 0, Decimal(0)
    for (month, letter, quantity_text, price_text), count in tally.items():
        quantity, price = Decimal(quantity_text), Decimal(price_text)
        lines[month] += count
        pence = _pence(quantity, price, cancelled=letter == "C")
        if pence is None:
            rejected_lines += count
            rejected += quantity * price * count
        elif letter == "C":
            returns[month] -= pence * count
        else:
            revenue[month] += pence * count
    return FileSums(
        lines=lines.total(),
        invoices=sum(invoices_by_month.values()),
        revenue_pence=revenue.total(),
        returns_pence=returns.total(),
        rejected_lines=rejected_lines,
        rejected_thousandths=int(rejected * 1000),
        months={
            month: MonthSums(
                lines=lines[month],
                invoices=invoices_by_month.get(month, 0),
                revenue_pence=revenue[month],
                returns_pence=returns[month],
            )
            for month in sorted(lines)
        },
    )


def _pence(quantity: Decimal, price: Decimal, *, cancelled: bool) -> int | None:
    """The line's amount, or None where a price in pence and a quantity of the right sign cannot make it."""
    amount = (quantity * price).quantize(_PENNY, ROUND_HALF_UP)
    if price < 0 or (quantity > 0 if cancelled else quantity < 0 < price):
        return None
    if price != 0 and amount == 0:
        return None
    if price.quantize(_PENNY, ROUND_HALF_UP) * quantity != amount:
        return None
    return int(amount * 100)
