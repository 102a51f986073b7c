"""How somebody shops, by formulas that have names: what a page says stays explained when a formula changes.

All of it is counted in whole numbers; shares and levels are permille, rounded half away from zero.
"""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from itertools import pairwise
from math import lcm
from typing import NamedTuple

from domain.kernel.money import half_up

INTERVAL = "interval.v1"
"""The median of the days between two days with purchases; of an even number the mean of the middle two."""
PREFERENCES = "preferences.v1"
"""Of the purchases that were looked at, how many have it among what the customer kept."""
PRICE_LEVEL = "price_level.v1"
"""What the customer paid, to what as much of the same categories cost all customers on the average."""

PERMILLE = 1_000
LOW_BELOW, HIGH_ABOVE = 900, 1_100
_DAY_PARTS = ((6, "night"), (11, "morning"), (14, "midday"), (18, "afternoon"), (24, "evening"))
"""Until which hour of the store's clock."""


class Rhythm(NamedTuple):
    """How often somebody comes. Without a second day there is no interval, and nothing to expect."""

    days: int
    median_days: int | None
    expected_on: date | None


def rhythm(days: Iterable[date]) -> Rhythm:
    """The rhythm of somebody who bought on these days, in any order; a day counts once."""
    ordered = sorted(set(days))
    gaps = sorted((after - before).days for before, after in pairwise(ordered))
    if not gaps:
        return Rhythm(len(ordered), None, None)
    middle = len(gaps) // 2
    median = gaps[middle] if len(gaps) % 2 else half_up(gaps[middle - 1] + gaps[middle], 2)
    return Rhythm(len(ordered), median, ordered[-1] + timedelta(days=median))


def day_part(hour: int) -> str:
    """The part of the day that an hour of the store's clock belongs to."""
    return next(part for until, part in _DAY_PARTS if hour < until)


def permille(part: int, whole: int) -> int:
    """So much of a thousand; 0 of nothing."""
    return half_up(PERMILLE * part, whole) if whole else 0


class Bought(NamedTuple):
    """So much of a category, in one unit, and what it was paid for."""

    quantity: int
    paid_minor: int


def price_level(own: Mapping[str, Bought], everyones: Mapping[str, Bought]) -> int | None:
    """Permille of what the same quantities cost all customers on the average, by category and unit.

    None where there is nothing to compare: nothing was kept, or it was all for free.
    """
    paid = 0
    terms: list[tuple[int, int]] = []
    for key, bought in own.items():
        average = everyones.get(key)
        if average is None or bought.quantity <= 0 or average.quantity <= 0:
            continue
        paid += bought.paid_minor
        terms.append((bought.quantity * average.paid_minor, average.quantity))
    # Summed over one denominator, so that nothing is rounded before the end.
    whole = lcm(*(quantity for _, quantity in terms))
    expected = sum(amount * (whole // quantity) for amount, quantity in terms)
    return half_up(PERMILLE * paid * whole, expected) if expected > 0 else None


def level_of(level_permille: int) -> str:
    """A price level as a word."""
    if level_permille < LOW_BELOW:
        return "low"
    return "high" if level_permille > HIGH_ABOVE else "middle"
