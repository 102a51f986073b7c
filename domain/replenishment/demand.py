"""Demand from what was sold: a day on which the shelf was empty for a while saw only part of its demand.

An observed day is what was sold and its exposure: the part of the day's trade (0 to 1) during which there was
something to buy. Sold of a day in stock is its demand; of a day half out of stock it is the demand of a half.
(Decision 0055.)
"""

from collections.abc import Sequence
from functools import lru_cache
from math import sqrt

import msgspec

HALF_LIFE_DAYS = 14.0
"""So many days back a day counts half: what sold before the season changed soon says little."""
SHARPNESS = 4
"""By which power of its exposure a day counts. With 1 the rush after a delivery would stand for whole days,
with many a day that sold out at closing time for nothing. (Measured: decision 0055.)"""
SEEN_DAYS = 0.05
"""Less exposure than this, all days together, says nothing about demand."""
MILLI = 1_000


class Demand(msgspec.Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """What is asked for on a day, in thousandths of a unit, by so many days. The censored ones saw a part.

    `weekdays_milli` is by how much Monday to Sunday differ from an average day, which is 1,000; empty where
    they don't.
    """

    mean_milli: int
    deviation_milli: int
    days: int
    censored_days: int
    weekdays_milli: tuple[int, ...] = ()


@lru_cache(maxsize=1_024)
def _weights(days: int) -> tuple[float, ...]:
    return tuple(0.5 ** ((days - 1 - day) / HALF_LIFE_DAYS) for day in range(days))


def estimate(
    sold: Sequence[float],
    exposure: Sequence[float],
    index: Sequence[float] | None = None,
    weekdays_milli: tuple[int, ...] = (),
) -> Demand | None:
    """Demand of an average day, from days in their order, the latest last. None where none saw enough of any.

    The mean is Σwx/Σwe over what was sold (x) and exposures (e), those times the day's index where weekdays
    differ; a deviation within a day grows like the root of it, so the variance is Σw(x−eμ)²/Σwe, of days that
    count as independent. `index` is each day's, as it follows from `weekdays_milli`.
    """
    if sum(exposure) < SEEN_DAYS:
        return None
    weights = _weights(len(sold))
    parts = exposure if index is None else [seen * part for seen, part in zip(exposure, index, strict=True)]
    counted = [
        (weight if seen == 1.0 else weight * seen ** (SHARPNESS - 1), quantity, part)
        for weight, quantity, seen, part in zip(weights, sold, exposure, parts, strict=True)
        if seen > 0.0
    ]
    exposed = sum(weight * seen for weight, _, seen in counted)
    mean = max(0.0, sum(weight * quantity for weight, quantity, _ in counted) / exposed)
    squares = sum(weight * (quantity - seen * mean) ** 2 for weight, quantity, seen in counted)
    whole = sum(weight for weight, _, _ in counted)
    # What so many equal weights would be: one day alone says nothing about deviation.
    days = whole**2 / sum(weight * weight for weight, _, _ in counted)
    variance = squares / exposed * days / (days - 1) if days > 1 else mean
    return Demand(
        mean_milli=round(mean * MILLI),
        deviation_milli=round(sqrt(variance) * MILLI),
        days=len(sold),
        censored_days=sum(seen < 1.0 for seen in exposure),
        weekdays_milli=weekdays_milli,
    )


def naive_mean(sold: Sequence[float]) -> float:
    """The mean that takes a day without stock for a day without demand: what ours is held against."""
    return sum(sold) / len(sold)
