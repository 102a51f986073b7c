"""What replenishment looks at: a store's items with a policy, their shelf, and the demand of eight weeks.

Each table is read by one statement for the whole store, however many items it has, and all of them as they
were at one instant: what came in between must not be missing from the shelf and from what is on order.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, LiteralString, NamedTuple

import msgspec
from psycopg.rows import tuple_row

from domain.replenishment.demand import Demand, estimate
from domain.replenishment.expiring import SellBy, arrival_day, before_arrival, of_one_day, until_the_end_of
from domain.replenishment.item import ReplenishedItem, Waiting
from domain.replenishment.levels import Shelf
from domain.replenishment.policy import Newsvendor, Policy
from domain.replenishment.shelf_time import DAY_MIN, Trade
from domain.replenishment.suggesting import Look
from domain.replenishment.weekdays import Week, day_by_day
from projections.expiry_board.fold import ExpiryBoard
from projections.item_demand.fold import ItemsAskedFor
from projections.kernel.table import Connection
from projections.purchase_board.fold import PurchaseBoard
from projections.purchase_board.queries import on_order
from projections.replenishment.fold import Replenishment
from projections.replenishment.history import DAYS, WHOLE, Clock, History, Times, history_of, trade_of
from projections.stock_levels.fold import StockLevels
from projections.stock_levels.reserved import one_instant, reserved_of
from projections.transfer_board.fold import TransferBoard
from projections.transfer_board.queries import in_transit

LOOKED_AT = (
    ItemsAskedFor.name,
    ExpiryBoard.name,
    Replenishment.name,
    StockLevels.name,
    PurchaseBoard.name,
    TransferBoard.name,
)
"""Read models that have to be there: goods on their way that nobody tells of would be ordered again."""
NOTHING: tuple[Sequence[int], Sequence[int]] = ((), ())
"""No day on which anything was sold."""
AT_A_TIME = 50
"""So many items are worked out before others have their turn: tills may be asking the same process."""

_ITEMS: LiteralString = """
SELECT item.sku, item.policy, item.numbers, item.waiting, COALESCE(shelf.on_hand, 0),
    shelf.since, shelf.out_since, shelf.outages
FROM replenished_items AS item
LEFT JOIN item_outages AS shelf ON shelf.store_id = item.store_id AND shelf.sku = item.sku
WHERE item.store_id = %(store_id)s AND item.policy IS NOT NULL
ORDER BY item.sku
"""

# One array an item instead of a row a day: 56 times fewer rows to make in Python.
_SOLD: LiteralString = """
SELECT sku, array_agg(business_day - %(first)s::date), array_agg(sold)
FROM item_demand
WHERE store_id = %(store_id)s AND business_day BETWEEN %(first)s AND %(last)s
GROUP BY sku
"""

_LOTS: LiteralString = """
SELECT sku, array_agg(sell_by), array_agg(on_hand)
FROM expiry_board
WHERE store_id = %(store_id)s AND on_hand > 0 AND received_on IS NOT NULL
GROUP BY sku
"""

_HOURS: LiteralString = """
SELECT hour, lines
FROM selling_hours
WHERE store_id = %(store_id)s
ORDER BY hour
"""


class Seen(NamedTuple):
    """An item as it was looked at, and what replenishment knows of it."""

    look: Look
    item: ReplenishedItem


class _Read(NamedTuple):
    """What read models hold: rows of items, and by SKU what was sold, comes, is reserved, and the lots."""

    trade: Trade
    items: Sequence[tuple[Any, ...]]
    sold: Mapping[str, tuple[Sequence[int], Sequence[int]]]
    lots: Mapping[str, Sequence[tuple[date | None, int]]]
    ordered: Mapping[str, int]
    coming: Mapping[str, int]
    reserved: Mapping[str, int]


async def looks_of(
    connection: Connection, store_id: str, clock: Clock, now: datetime, sku: str | None = None
) -> list[Seen]:
    """The store's items with a policy, or one of them, by SKU. Demand is that of whole business days.

    For one of them the others are read too: weekdays are a store's.
    """
    last = clock.day_of(now) - timedelta(days=1)
    days = [last - timedelta(days=back) for back in range(DAYS - 1, -1, -1)]
    async with one_instant(connection):
        read = await _read(connection, store_id, days, clock, now)
    week = Week()
    histories: dict[str, History | None] = {}
    for place, (name, _, _, _, _, since, out_since, outages) in enumerate(read.items):
        if not place % AT_A_TIME:
            await asyncio.sleep(0)
        times = Times(since, out_since, outages)
        found = histories[name] = history_of(
            days, read.sold.get(name, NOTHING), times, read.trade, clock, now
        )
        if found is not None:
            week.add(days[found.begun], found.sold, found.exposure)
    weekdays_milli = week.index_milli()
    index = day_by_day(weekdays_milli, days[0], DAYS)
    local = clock.of(now)
    policies: dict[str, Policy] = {}
    seen: list[Seen] = []
    for place, (name, policy, numbers, waiting, on_hand, _, _, _) in enumerate(read.items):
        if sku is not None and name != sku:
            continue
        if not place % AT_A_TIME:
            await asyncio.sleep(0)
        if (known := policies.get(policy)) is None:
            known = policies[policy] = msgspec.json.decode(policy, type=Policy)
        held = {int(number): Waiting(quantity=quantity) for number, quantity in waiting.items()}
        item = ReplenishedItem(policy=known, numbers=numbers, waiting=held)
        demand = _demand(histories[name], index, weekdays_milli)
        seen.append(Seen(_look(name, on_hand, item, demand, read, local), item))
    return seen


async def _read(
    connection: Connection, store_id: str, days: Sequence[date], clock: Clock, now: datetime
) -> _Read:
    parameters = {"store_id": store_id, "first": days[0], "last": days[-1]}
    async with connection.cursor(binary=True, row_factory=tuple_row) as cursor:
        await cursor.execute(_HOURS, parameters)
        trade = trade_of(dict(await cursor.fetchall()), clock)
        await cursor.execute(_SOLD, parameters)
        sold = {name: (at, quantities) for name, at, quantities in await cursor.fetchall()}
        await cursor.execute(_LOTS, parameters)
        lots = {name: list(zip(until, each, strict=True)) for name, until, each in await cursor.fetchall()}
        await cursor.execute(_ITEMS, parameters)
        items = await cursor.fetchall()
    return _Read(
        trade=trade,
        items=items,
        sold=sold,
        lots=lots,
        ordered={one.sku: one.quantity for one in await on_order(connection, store_id)},
        coming={one.sku: one.quantity for one in await in_transit(connection, store_id)},
        reserved=await reserved_of(connection, store_id, [item[0] for item in items], now),
    )


def _look(
    sku: str, on_hand: int, item: ReplenishedItem, demand: Demand | None, read: _Read, local: datetime
) -> Look:
    assert item.policy is not None, "items without a policy are not read"
    expires = _expires(item.policy, sku, on_hand, demand, read, local)
    shelf = Shelf(
        on_hand=on_hand,
        on_order=read.ordered.get(sku, 0),
        in_transit=read.coming.get(sku, 0),
        reserved=read.reserved.get(sku, 0),
        expiring=sum(lot.expiring for lot in expires),
    )
    waiting = tuple(item.waiting)
    return Look(sku=sku, shelf=shelf, demand=demand, expires=expires, waiting=waiting, numbers=item.numbers)


def _demand(
    history: History | None, index: Sequence[float] | None, weekdays_milli: tuple[int, ...]
) -> Demand | None:
    if history is None:
        return None
    exposure = WHOLE[: len(history.sold)] if history.exposure is None else history.exposure
    return estimate(history.sold, exposure, None if index is None else index[history.begun :], weekdays_milli)


def _expires(
    policy: Policy, sku: str, on_hand: int, demand: Demand | None, read: _Read, local: datetime
) -> tuple[SellBy, ...]:
    lots = read.lots.get(sku)
    of_a_day = isinstance(policy.rule, Newsvendor)
    if not lots and not of_a_day:
        return ()
    day, reserved = local.date(), read.reserved.get(sku, 0)
    arrival = arrival_day(day, local.hour, policy.lead_time_h)
    if of_a_day:
        return of_one_day(on_hand=on_hand, reserved=reserved, day=day, arrival=arrival)
    left = read.trade.between(local.hour * 60 + local.minute, DAY_MIN)
    asked = until_the_end_of(demand, day, left)
    return before_arrival(
        lots or (), on_hand=on_hand, reserved=reserved, day=day, arrival=arrival, asked=asked
    )
