"""How much of a day's trade the shelf saw: by when it was empty, and at which hours the store sells."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import accumulate

HOURS = 24
DAY_MIN = 1_440
EVEN = (1,) * HOURS


class Trade:
    """At which of the 24 hours of a business day a store sells how much; where nothing is known, evenly.

    Hour 0 is the first of the business day.
    """

    def __init__(self, by_hour: Sequence[float] = EVEN) -> None:
        whole = sum(by_hour)
        shares = [part / whole for part in by_hour] if whole > 0 else [1 / HOURS] * HOURS
        self.shares = tuple(shares)
        self._before = (0.0, *accumulate(shares))

    def between(self, start_min: float, end_min: float) -> float:
        """The share of a day's trade from one minute of it to another."""
        return self._until(end_min) - self._until(start_min)

    def in_hours(self, wanted: Iterable[bool]) -> float:
        """The share of the hours that are wanted, of all 24 in their order."""
        return sum(share for share, want in zip(self.shares, wanted, strict=True) if want)

    def _until(self, minute: float) -> float:
        hour, rest = divmod(min(max(minute, 0.0), DAY_MIN), 60)
        whole = int(hour)
        return self._before[whole] + (self.shares[whole] * rest / 60 if rest else 0.0)


def exposures(
    days: Sequence[date], outages: Iterable[tuple[datetime, datetime]], trade: Trade
) -> Mapping[date, float]:
    """The exposure of each day that was not in stock all the time; the others are not named.

    Outages, which don't overlap, are from one local instant to another, in the clock of business days (which
    start at 00:00 there).
    """
    wanted = set(days)
    lost: dict[date, float] = {}
    for start, end in outages:
        day = max(start.date(), days[0]) if days else start.date()
        while day <= end.date() and (not days or day <= days[-1]):
            if day in wanted:
                midnight = datetime(day.year, day.month, day.day, tzinfo=start.tzinfo)
                from_min = (start - midnight) / timedelta(minutes=1)
                until_min = (end - midnight) / timedelta(minutes=1)
                lost[day] = lost.get(day, 0.0) + trade.between(from_min, until_min)
            day += timedelta(days=1)
    # 24 shares seldom add up to 1 in binary; a day that was out all the time has no exposure at all.
    return {day: max(0.0, round(1.0 - part, 9)) for day, part in lost.items() if part > 0}
