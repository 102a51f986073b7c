"""What an item sold day by day in the last eight weeks, and how much of each day the shelf saw."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from domain.kernel.business_day import business_day, local_time
from domain.replenishment.shelf_time import HOURS, Trade, exposures
from projections.item_demand.fold import OUTAGES_KEPT

DAYS = 56
"""Eight weeks: of a day before that, a sixteenth would count."""
WHOLE = (1.0,) * DAYS


class Clock(NamedTuple):
    """How a store tells its business days."""

    time_zone: str
    day_starts_at_min: int

    def day_of(self, at: datetime) -> date:
        """The business day of an instant."""
        return business_day(at, self.time_zone, self.day_starts_at_min)

    def of(self, at: datetime) -> datetime:
        """The instant by a clock on which business days begin at 00:00; labelled UTC all the same."""
        return local_time(at, self.time_zone) - timedelta(minutes=self.day_starts_at_min)


class Times(NamedTuple):
    """When an item first moved, since when it is out, and its outages before, in minutes by their start."""

    since: datetime | None
    out_since: datetime | None
    outages: Mapping[str, int] | None


class History(NamedTuple):
    """What was sold from the day at `begun` on, and the exposures: None if it was in stock all the time."""

    begun: int
    sold: Sequence[int]
    exposure: Sequence[float] | None


def history_of(
    days: Sequence[date],
    sold: tuple[Sequence[int], Sequence[int]],
    times: Times,
    trade: Trade,
    clock: Clock,
    now: datetime,
) -> History | None:
    """An item's days by what was sold, on those whose places in `days` are given, and by when there was none.

    None for what never moved. It begins with its first movement, and where outages were forgotten with the
    first that is known: of a day before nobody can tell how much the shelf saw.
    """
    if times.since is None:
        return None
    quantities = [0] * len(days)
    for place, quantity in zip(*sold, strict=True):
        quantities[place] = quantity
    first_at = clock.of(times.since)
    outages = times.outages or {}
    known_from = first_at
    if len(outages) >= OUTAGES_KEPT:
        known_from = max(first_at, clock.of(datetime.fromisoformat(min(outages))))
    begun = max(0, (known_from.date() - days[0]).days)
    if begun >= len(days):
        return None
    out: list[tuple[datetime, datetime]] = []
    if first_at.date() >= days[0]:
        out.append((datetime.combine(first_at.date(), time(), UTC), first_at))
    for start, minutes in outages.items():
        start_at = datetime.fromisoformat(start)
        out.append((clock.of(start_at), clock.of(start_at + timedelta(minutes=minutes))))
    if times.out_since is not None:
        out.append((clock.of(times.out_since), clock.of(max(now, times.out_since))))
    if not out:
        return History(begun, quantities[begun:] if begun else quantities, None)
    lost = exposures(days, out, trade)
    return History(begun, quantities[begun:], [lost.get(day, 1.0) for day in days[begun:]])


def trade_of(lines: Mapping[int, int], clock: Clock) -> Trade:
    """The hours of a business day by what was sold in those of the clock on the wall."""
    shift = round(clock.day_starts_at_min / 60)
    by_hour: defaultdict[int, int] = defaultdict(int, lines)
    return Trade([by_hour[(hour + shift) % HOURS] for hour in range(HOURS)])
