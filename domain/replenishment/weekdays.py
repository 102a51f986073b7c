"""How demand goes with the week: an index by weekday, 1 on an average day, the same for a store's items.

Of one item there are eight Mondays at most, and most of what they differ by is chance. So a store's items are
pooled, each by how little its days vary, and what they say is shrunk to 1. (Decision 0063.)
"""

from collections.abc import Sequence
from datetime import date

from domain.replenishment.demand import MILLI, Demand
from domain.replenishment.policy import DAY_H

WEEK = 7
PRIOR = 25.0
"""What is known beforehand of an index: it is 1, give or take 0.2 (1/0.2² = 25). So much a day of an item
counts at most too."""


class Week:
    """What the days on which items were in stock say about the weekdays."""

    def __init__(self) -> None:
        self._seen = [0.0] * WEEK
        self._weight = [0.0] * WEEK

    def add(self, first: date, sold: Sequence[float], exposure: Sequence[float] | None = None) -> None:
        """Counts an item's days from `first` on; without exposures all of them were in stock all day.

        A day counts by the inverse of its squared coefficient of variation: that is how well what was sold,
        in means, tells its weekday's index.
        """
        start = first.weekday()
        if exposure is None:
            whole = [sold[(day - start) % WEEK :: WEEK] for day in range(WEEK)]
        else:
            whole = [
                [
                    sold[place]
                    for place in range((day - start) % WEEK, len(sold), WEEK)
                    if exposure[place] == 1.0
                ]
                for day in range(WEEK)
            ]
        days = sum(map(len, whole))
        mean = sum(map(sum, whole)) / days if days else 0.0
        if days <= WEEK or mean <= 0.0:
            return
        variance = (sum(x * x for some in whole for x in some) - days * mean * mean) / (days - 1)
        weight = min(PRIOR, mean * mean / variance) if variance > 0.0 else PRIOR
        for day, some in enumerate(whole):
            self._seen[day] += weight * sum(some) / mean
            self._weight[day] += weight * len(some)

    def index_milli(self) -> tuple[int, ...]:
        """The index of Monday to Sunday in thousandths, on average 1,000; none where all days are alike."""
        shrunk = [
            (seen + PRIOR) / (weight + PRIOR) for seen, weight in zip(self._seen, self._weight, strict=True)
        ]
        average = max(sum(shrunk) / WEEK, 1 / MILLI)
        index = tuple(max(1, round(part / average * MILLI)) for part in shrunk)
        return () if all(part == MILLI for part in index) else index


def day_by_day(index_milli: Sequence[int], first: date, days: int) -> list[float] | None:
    """The index of each of so many days; None where all are alike."""
    if not index_milli:
        return None
    week = [index_milli[(first.weekday() + day) % WEEK] / MILLI for day in range(WEEK)]
    return (week * (days // WEEK + 1))[:days]


def asked_for(demand: Demand, day: date, hour: int, hours: int) -> float:
    """How much will be asked for in so many hours from an hour of a business day on; 24 is the next day's 0.

    Within a day it is spread evenly: what is looked at is whole days, or nearly.
    """
    mean = demand.mean_milli / MILLI
    index = demand.weekdays_milli
    if not index:
        return mean * hours / DAY_H
    weeks, left = divmod(hours, WEEK * DAY_H)
    whole_h = weeks * DAY_H * sum(index)
    later, hour = divmod(hour, DAY_H)
    weekday = day.weekday() + later
    while left:
        step = min(left, DAY_H - hour)
        whole_h += index[weekday % WEEK] * step
        left, hour, weekday = left - step, 0, weekday + 1
    return mean * whole_h / (DAY_H * MILLI)
