"""How good are estimates of demand? Days that were in stock all day are masked, estimated, and compared.

Of such a day it is known what was asked for. It is estimated from the eight weeks before it, without the
other masked days: by the estimate that knows of empty shelves, and by a mean that takes them at face value.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from random import Random
from typing import LiteralString, NamedTuple

import msgspec
from psycopg.rows import tuple_row

from domain.replenishment.demand import MILLI, estimate, naive_mean
from domain.replenishment.policy import DAY_H
from domain.replenishment.shelf_time import EVEN, HOURS, Trade
from domain.replenishment.weekdays import Week, asked_for
from infra.postgres.pools import Connection
from projections.replenishment.history import DAYS

LEAST_DAYS = 7
"""Of fewer days before it nobody would estimate a day."""

_SERIES: LiteralString = """
SELECT store_id, sku, array_agg(day ORDER BY day), array_agg(sold_milli ORDER BY day),
    array_agg(out ORDER BY day), jsonb_agg(by_hour_milli ORDER BY day)
FROM demand_observed
WHERE source = %(source)s
GROUP BY store_id, sku
ORDER BY store_id, sku
"""


class Series(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The observed days of an item: sold, the hours that were out as bits, and what each hour sold."""

    store_id: str
    sku: str
    days: Sequence[date]
    sold_milli: Sequence[int]
    out: Sequence[int]
    by_hour_milli: Sequence[Mapping[str, int]]


class Score(msgspec.Struct, frozen=True, kw_only=True):
    """Σ|estimate − demand| and Σ(estimate − demand), each as a part of Σ demand, over so many masked days."""

    masked: int
    wape: float
    bias: float
    naive_wape: float
    naive_bias: float


async def observed_series(connection: Connection, source: str) -> list[Series]:
    """What a source observed, by store and SKU."""
    async with connection.cursor(binary=True, row_factory=tuple_row) as cursor:
        await cursor.execute(_SERIES, {"source": source})
        return [
            Series(store_id=store, sku=sku, days=days, sold_milli=sold, out=out, by_hour_milli=hours)
            for store, sku, days, sold, out, hours in await cursor.fetchall()
        ]


def score(everything: Sequence[Series], seed: int, share: int) -> Score | None:
    """Masks `share` per cent of the days in stock and estimates them. None if there are none to estimate."""
    random = Random(seed)  # noqa: S311 - it has to draw the same days again
    masked = [
        frozenset(place for place, out in enumerate(series.out) if not out and random.random() * 100 < share)
        for series in everything
    ]
    trade = _trade_by_store(everything, masked)
    stores: defaultdict[str, list[_Masked]] = defaultdict(list)
    for series, places in zip(everything, masked, strict=True):
        exposure = [_exposure(out, trade[series.store_id]) for out in series.out]
        at = {day: place for place, day in enumerate(series.days)}
        stores[series.store_id].append(_Masked(series, places, exposure, at))
    days = 0
    asked = missed = over = naive_missed = naive_over = 0.0
    for items in stores.values():
        for day in sorted({one.series.days[place] for one in items for place in one.places}):
            weekdays_milli = _weekdays(items, day)
            for one in items:
                place = one.at.get(day)
                if place not in one.places or (found := _estimated(one, place, weekdays_milli)) is None:
                    continue
                (ours, naive), demand = found, one.series.sold_milli[place]
                days += 1
                asked += demand
                missed, over = missed + abs(ours - demand), over + ours - demand
                naive_missed, naive_over = naive_missed + abs(naive - demand), naive_over + naive - demand
    if not asked:
        return None
    return Score(
        masked=days,
        wape=missed / asked,
        bias=over / asked,
        naive_wape=naive_missed / asked,
        naive_bias=naive_over / asked,
    )


class _Masked(NamedTuple):
    """A series, the places of its masked days, how much of each day the shelf saw, and the days' places."""

    series: Series
    places: frozenset[int]
    exposure: Sequence[float]
    at: Mapping[date, int]

    def before(self, place: int) -> list[int]:
        """The places of the days that are known when that one comes."""
        return [at for at in range(max(0, place - DAYS), place) if at not in self.places]


def _weekdays(items: Iterable[_Masked], day: date) -> tuple[int, ...]:
    """What the days before `day` say about a store's weekdays."""
    week = Week()
    for one in items:
        last = bisect_left(one.series.days, day)
        first = max(0, last - DAYS)
        if first == last:
            continue
        begun = one.series.days[first]
        # Of a day that is masked or not there nothing was seen.
        sold, seen = [0] * (day - begun).days, [0.0] * (day - begun).days
        for at in range(first, last):
            if at not in one.places:
                place = (one.series.days[at] - begun).days
                sold[place], seen[place] = one.series.sold_milli[at], one.exposure[at]
        week.add(begun, sold, seen)
    return week.index_milli()


def _estimated(one: _Masked, place: int, weekdays_milli: tuple[int, ...]) -> tuple[float, float] | None:
    """What ours and the naive mean say of a day; None where there is too little before it."""
    before = one.before(place)
    if len(before) < LEAST_DAYS:
        return None
    series = one.series
    sold = [series.sold_milli[at] for at in before]
    index = [weekdays_milli[series.days[at].weekday()] / MILLI for at in before] if weekdays_milli else None
    found = estimate(sold, [one.exposure[at] for at in before], index, weekdays_milli)
    naive = naive_mean(sold)
    return (naive if found is None else asked_for(found, series.days[place], 0, DAY_H)), naive


def _trade_by_store(everything: Sequence[Series], masked: Sequence[frozenset[int]]) -> Mapping[str, Trade]:
    """At which hours each store sells, by the days that were in stock and are not masked."""
    sums: defaultdict[str, list[int]] = defaultdict(lambda: [0] * HOURS)
    for series, places in zip(everything, masked, strict=True):
        by_hour = sums[series.store_id]
        for place, (out, hours) in enumerate(zip(series.out, series.by_hour_milli, strict=True)):
            if not out and place not in places:
                for hour, sold in hours.items():
                    by_hour[int(hour)] += sold
    return {store_id: Trade(by_hour if any(by_hour) else EVEN) for store_id, by_hour in sums.items()}


def _exposure(out: int, trade: Trade) -> float:
    return trade.in_hours(not out >> hour & 1 for hour in range(HOURS)) if out else 1.0


def as_text(found: Score, seed: int, series: Iterable[Series]) -> str:
    """The score as a person reads it."""
    return "\n".join(
        (
            f"{found.masked:,} days in stock of {sum(1 for _ in series):,} series are masked (seed {seed}).",
            f"{'':<38}{'WAPE':>8}{'bias':>9}",
            f"{'knowing of empty shelves':<38}{found.wape:>8.4f}{found.bias:>+9.4f}",
            f"{'naive mean, empty shelves as they are':<38}{found.naive_wape:>8.4f}{found.naive_bias:>+9.4f}",
        )
    )
