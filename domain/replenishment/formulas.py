"""The textbook's formulas of stock: when to order and how much. In any one unit of quantity and of time.

Tests hold each against worked examples that were printed (tests/domain/replenishment/test_formulas.py). They
work on estimates, so in floating point; what is ordered is whole units again. (Decision 0055.)
"""

from collections.abc import Iterable
from itertools import accumulate, count
from math import exp, sqrt
from statistics import NormalDist

_STANDARD = NormalDist()


def z_of(service_level: float) -> float:
    """How many deviations above the mean cover that share (0 < share < 1) of what may happen."""
    return _STANDARD.inv_cdf(service_level)


def economic_order_quantity(demand: float, order_cost: float, holding_cost: float) -> float:
    """√(2DK/h): the quantity at which ordering and holding cost least. Demand and holding cost of a year."""
    return sqrt(2 * demand * order_cost / holding_cost)


def deviation_over(
    days: float, deviation: float, mean: float = 0.0, lead_time_deviation: float = 0.0
) -> float:
    """√(nσ² + μ²σL²): how demand deviates over `days` of which the lead time itself deviates."""
    return sqrt(days * deviation**2 + mean**2 * lead_time_deviation**2)


def reorder_point(
    mean: float, deviation: float, days: float, z: float, lead_time_deviation: float = 0.0
) -> float:
    """μn + z√(nσ² + μ²σL²): what must be there or on its way for `days` to be covered.

    `days` is the lead time where the shelf is looked at all the time, and the review period too where not:
    then the same figure is what to order up to (base stock).
    """
    return mean * days + z * deviation_over(days, deviation, mean, lead_time_deviation)


def critical_ratio(underage: float, overage: float) -> float:
    """cu/(cu + co): the share of days on which there should be enough, by what too few and too many cost."""
    return underage / (underage + overage)


def newsvendor_normal(mean: float, deviation: float, ratio: float) -> float:
    """The quantity that normally distributed demand exceeds in 1 − `ratio` of all days."""
    return mean + z_of(ratio) * deviation


def newsvendor_discrete(probabilities: Iterable[float], ratio: float) -> int:
    """The least quantity that covers a share `ratio` of days. `probabilities` of a demand of 0, 1, 2 …"""
    covered = accumulate(probabilities)
    return next(quantity for quantity, share in enumerate(covered) if share >= ratio)


def poisson(mean: float) -> Iterable[float]:
    """The probabilities of 0, 1, 2 … where buyers come one by one, without end. For means below some 500."""
    probability = exp(-mean)
    for number in count(1):
        yield probability
        probability *= mean / number
