"""How good are estimates of demand? Days that were in stock all day are masked, estimated, and compared.

Of such a day it is known what was asked for. It is estimated from the eight weeks before it, without the
other masked days: by the estimate that knows of empty shelves, and by a mean that takes them at face value.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from random import Random
from typing import LiteralString

import msgspec
from psycopg.rows import tuple_row

from domain.replenishment.demand import MILLI, estimate, naive_mean
from domain.replenishment.shelf_time import EVEN, HOURS, Trade
from infra.postgres.pools import Connection
from projections.replenishment.looks import DAYS

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
    days = 0
    asked = missed = over = naive_missed = naive_over = 0.0
    for series, places in zip(everything, masked, strict=True):
        exposure = [_exposure(out, trade[series.store_id]) for out in series.out]
        for place in sorted(places):
            before = [at for at in range(max(0, place - DAYS), place) if at not in places]
            if len(before) < LEAST_DAYS:
                continue
            sold = [series.sold_milli[at] for at in before]
            found = estimate(sold, [exposure[at] for at in before])
            naive, demand = naive_mean(sold), series.sold_milli[place]
            error = (naive if found is None else found.mean_milli / MILLI) - demand
            days += 1
            asked += demand
            missed, over = missed + abs(error), over + error
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
