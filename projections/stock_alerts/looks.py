"""What alerts look at: a store's items, or some of them, with what is measured and what is open of each.

Each table is read by one statement, however many items the store has. Days are the store's business days.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, LiteralString, NamedTuple

import msgspec
from psycopg.rows import tuple_row

from domain.alerts.rules import MILLI, LotSeen, Measured, Seen, changes
from domain.alerts.thresholds import Thresholds, item_levels
from domain.stockroom.stock_alerts import AT_ONCE, AlertLook, LookAtStock
from projections.expiry_board.fold import ExpiryBoard
from projections.item_demand.fold import ItemsAskedFor
from projections.kernel.table import Connection
from projections.replenishment.fold import Replenishment
from projections.replenishment.looks import Clock
from projections.stock_alerts.fold import StockAlerts
from projections.stock_levels.fold import StockLevels

LOOKED_AT = (StockLevels.name, StockAlerts.name, ItemsAskedFor.name, Replenishment.name, ExpiryBoard.name)
"""The read models of all the tables that are read here."""
DAYS = 28
"""Four weeks of sales say what is asked for."""
LEAST_DAYS = 7
"""Of what was on the shelf for less than a week nobody knows how much is asked for."""
_DAY_MIN = 24 * 60

_ITEMS: LiteralString = """
SELECT level.sku, level.on_hand, item.open
FROM stock_levels AS level
LEFT JOIN alert_items AS item ON item.store_id = level.store_id AND item.sku = level.sku
WHERE level.store_id = %(store_id)s AND (%(skus)s::text[] IS NULL OR level.sku = ANY (%(skus)s::text[]))
ORDER BY level.sku
"""

_RESERVED: LiteralString = """
SELECT sku, sum(quantity)::bigint
FROM stock_reservations
WHERE store_id = %(store_id)s AND quantity > 0 AND held_until > %(now)s
    AND (%(skus)s::text[] IS NULL OR sku = ANY (%(skus)s::text[]))
GROUP BY sku
"""

_LOTS: LiteralString = """
SELECT sku, array_agg(lot), array_agg(sell_by), array_agg(on_hand)
FROM expiry_board
WHERE store_id = %(store_id)s AND on_hand > 0 AND sell_by IS NOT NULL
    AND (%(skus)s::text[] IS NULL OR sku = ANY (%(skus)s::text[]))
GROUP BY sku
"""

_THRESHOLDS: LiteralString = """
SELECT store_id, sku, thresholds
FROM alert_thresholds
WHERE store_id IN ('', %(store_id)s) AND thresholds IS NOT NULL
    AND (%(skus)s::text[] IS NULL OR sku = '' OR sku = ANY (%(skus)s::text[]))
"""

# A minimum is told by the policy. Another reorder point is what the item's last suggestion found.
_REORDER_POINTS: LiteralString = """
SELECT item.sku, COALESCE(
    (item.policy::jsonb #>> '{rule,minimum}')::bigint,
    (suggestion.made::jsonb #>> '{levels,reorder_at}')::bigint
)
FROM replenished_items AS item
LEFT JOIN suggestions AS suggestion ON suggestion.store_id = item.store_id AND suggestion.sku = item.sku
    AND suggestion.number = item.numbers
WHERE item.store_id = %(store_id)s AND item.policy IS NOT NULL
    AND (%(skus)s::text[] IS NULL OR item.sku = ANY (%(skus)s::text[]))
"""

_TIMES: LiteralString = """
SELECT sku, since, out_since, outages
FROM item_outages
WHERE store_id = %(store_id)s AND (%(skus)s::text[] IS NULL OR sku = ANY (%(skus)s::text[]))
"""

_SOLD: LiteralString = """
SELECT sku, sum(sold)::bigint
FROM item_demand
WHERE store_id = %(store_id)s AND business_day >= %(first)s AND business_day < %(day)s
    AND (%(skus)s::text[] IS NULL OR sku = ANY (%(skus)s::text[]))
GROUP BY sku
"""

# By the key, an item at a time from its newest day: the other days are not read.
_LAST_SOLD: LiteralString = """
SELECT level.sku, last.business_day
FROM stock_levels AS level
CROSS JOIN LATERAL (
    SELECT business_day
    FROM item_demand
    WHERE store_id = %(store_id)s AND sku = level.sku AND sold > 0
    ORDER BY business_day DESC
    LIMIT 1
) AS last
WHERE level.store_id = %(store_id)s AND level.on_hand > 0
    AND (%(skus)s::text[] IS NULL OR level.sku = ANY (%(skus)s::text[]))
"""


class _Times(NamedTuple):
    """When an item first moved, since when it is out, and its earlier outages, in minutes by their start."""

    since: datetime | None
    out_since: datetime | None
    outages: Mapping[str, int]


class _Tables(NamedTuple):
    """What was read of a store, by SKU."""

    items: Sequence[tuple[str, int, dict[str, int] | None]]
    reserved: Mapping[str, int]
    lots: Mapping[str, list[LotSeen]]
    thresholds: Mapping[tuple[str, str], Thresholds]
    reorder_points: Mapping[str, int | None]
    times: Mapping[str, _Times]
    sold: Mapping[str, int]
    last_sold: Mapping[str, date]


class Stock(NamedTuple):
    """How many items were looked at, and the commands for those of which something changes."""

    items: int
    commands: list[LookAtStock]


async def alerts_due(
    connection: Connection, store_id: str, clock: Clock, now: datetime, skus: Sequence[str] | None = None
) -> Stock:
    """Looks at a store's items, or at these. What is as it was leads to no command."""
    day = clock.day_of(now)
    read = await _read(connection, store_id, day, now, skus)
    due = [
        AlertLook(sku=sku, measured=measured) for sku, measured in _changing(read, store_id, clock, day, now)
    ]
    commands = [
        LookAtStock(store_id=store_id, day=day, looks=tuple(due[first : first + AT_ONCE]))
        for first in range(0, len(due), AT_ONCE)
    ]
    return Stock(len(read.items), commands)


async def _read(
    connection: Connection, store_id: str, day: date, now: datetime, skus: Sequence[str] | None
) -> _Tables:
    parameters = {
        "store_id": store_id,
        "skus": None if skus is None else list(skus),
        "now": now,
        "day": day,
        "first": day - timedelta(days=DAYS),
    }

    async def rows(statement: LiteralString, *, if_: bool = True) -> list[Any]:
        if not if_:
            return []
        async with connection.cursor(binary=True, row_factory=tuple_row) as cursor:
            await cursor.execute(statement, parameters)
            return await cursor.fetchall()

    said = {
        (of_store, sku): msgspec.json.decode(text, type=Thresholds)
        for of_store, sku, text in await rows(_THRESHOLDS)
    }
    slow = any(one.slow_days is not None for one in said.values())
    dead = any(one.dead_days is not None for one in said.values())
    return _Tables(
        items=await rows(_ITEMS),
        reserved=dict(await rows(_RESERVED)),
        lots={sku: list(map(LotSeen, *parts)) for sku, *parts in await rows(_LOTS)},
        thresholds=said,
        reorder_points=dict(await rows(_REORDER_POINTS)),
        times={sku: _Times(*times) for sku, *times in await rows(_TIMES, if_=slow or dead)},
        sold=dict(await rows(_SOLD, if_=slow)),
        last_sold=dict(await rows(_LAST_SOLD, if_=dead)),
    )


def _changing(
    read: _Tables, store_id: str, clock: Clock, day: date, now: datetime
) -> Iterator[tuple[str, Measured]]:
    """The items of which something is to be raised or cleared, with what is measured of them."""
    said, nothing = read.thresholds, Measured()
    store, tenant = said.get((store_id, "")), said.get(("", ""))
    common = item_levels(None, None, store, tenant)
    for sku, on_hand, open_ in read.items:
        item, product = said.get((store_id, sku)), said.get(("", sku))
        reorder_at = read.reorder_points.get(sku)
        limits = common
        if item is not None or product is not None or reorder_at is not None:
            limits = item_levels(item, product, store, tenant, reorder_at)
        measured = nothing
        if reorder_at is not None or limits.slow_days is not None or limits.dead_days is not None:
            measured = _measured(read, sku, reorder_at, clock, day, now)
        lots = read.lots.get(sku, ())
        available = on_hand - read.reserved.get(sku, 0)
        if lots:
            available -= sum(lot.quantity for lot in lots if lot.sell_by < day)
        if changes(limits, Seen(day, on_hand, available, lots, measured), open_ or {}):
            yield sku, measured


def _measured(
    read: _Tables, sku: str, reorder_at: int | None, clock: Clock, day: date, now: datetime
) -> Measured:
    times = read.times.get(sku)
    if times is None or times.since is None:
        return Measured(reorder_at=reorder_at)
    return Measured(
        reorder_at=reorder_at,
        demand_milli=_demand_milli(read.sold.get(sku, 0), times, clock, day, now),
        idle_since=_idle_since(read.last_sold.get(sku), times, clock),
    )


def _demand_milli(sold: int, times: _Times, clock: Clock, day: date, now: datetime) -> int | None:
    """What is asked for a day, by the days on which there was some: on an empty shelf nobody can buy."""
    assert times.since is not None
    end = datetime.combine(day, datetime.min.time(), UTC)
    start = max(end - timedelta(days=DAYS), clock.of(times.since))
    outages = [
        (at := datetime.fromisoformat(text), at + timedelta(minutes=minutes))
        for text, minutes in times.outages.items()
    ]
    if times.out_since is not None:
        outages.append((times.out_since, max(now, times.out_since)))
    there = end - start
    for begun, over in outages:
        there -= max(timedelta(), min(end, clock.of(over)) - max(start, clock.of(begun)))
    minutes = there // timedelta(minutes=1)
    return None if minutes < LEAST_DAYS * _DAY_MIN else max(0, sold) * MILLI * _DAY_MIN // minutes


def _idle_since(last_sold: date | None, times: _Times, clock: Clock) -> date:
    """The last day on which one was sold, or came onto an empty shelf: what is new is not dead at once."""
    assert times.since is not None
    days = [clock.day_of(times.since)]
    if last_sold is not None:
        days.append(last_sold)
    if times.outages:
        start = max(times.outages)
        ended = datetime.fromisoformat(start) + timedelta(minutes=times.outages[start])
        days.append(clock.day_of(ended))
    return max(days)
