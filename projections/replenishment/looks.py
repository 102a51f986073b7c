"""What replenishment looks at: a store's items with a policy, their shelf, and the demand of eight weeks.

Each table is read by one statement for the whole store, however many items it has.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import LiteralString, NamedTuple

import msgspec
from psycopg.rows import tuple_row

from domain.kernel.business_day import business_day, local_time
from domain.replenishment.demand import Demand, estimate
from domain.replenishment.item import ReplenishedItem, Waiting
from domain.replenishment.levels import Shelf
from domain.replenishment.policy import Policy
from domain.replenishment.shelf_time import HOURS, Trade, exposures
from domain.replenishment.suggesting import Look
from projections.kernel.table import Connection
from projections.purchase_board.queries import on_order
from projections.transfer_board.queries import in_transit

DAYS = 56
"""Eight weeks: of a day before that, a sixteenth would count."""

_ITEMS: LiteralString = """
SELECT item.sku, item.policy, item.numbers, item.waiting, item.reserved, COALESCE(shelf.on_hand, 0),
    shelf.since, shelf.out_since, shelf.outages
FROM replenished_items AS item
LEFT JOIN item_outages AS shelf ON shelf.store_id = item.store_id AND shelf.sku = item.sku
WHERE item.store_id = %(store_id)s AND item.policy IS NOT NULL
    AND (%(sku)s::text IS NULL OR item.sku = %(sku)s)
ORDER BY item.sku
"""

# One array an item instead of a row a day: 56 times fewer rows to make in Python.
_SOLD: LiteralString = """
SELECT sku, array_agg(business_day - %(first)s::date), array_agg(sold)
FROM item_demand
WHERE store_id = %(store_id)s AND business_day BETWEEN %(first)s AND %(last)s
    AND (%(sku)s::text IS NULL OR sku = %(sku)s)
GROUP BY sku
"""

_HOURS: LiteralString = """
SELECT hour, lines
FROM selling_hours
WHERE store_id = %(store_id)s
ORDER BY hour
"""


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


class Seen(NamedTuple):
    """An item as it was looked at, and what replenishment knows of it."""

    look: Look
    item: ReplenishedItem


class _Times(NamedTuple):
    """When an item first moved, since when it is out, and its earlier outages, in minutes by their start."""

    since: datetime | None
    out_since: datetime | None
    outages: Mapping[str, int] | None


async def looks_of(
    connection: Connection, store_id: str, clock: Clock, now: datetime, sku: str | None = None
) -> list[Seen]:
    """The store's items with a policy, or one of them, by SKU. Demand is that of whole business days."""
    last = clock.day_of(now) - timedelta(days=1)
    days = [last - timedelta(days=back) for back in range(DAYS - 1, -1, -1)]
    parameters = {"store_id": store_id, "sku": sku, "first": days[0], "last": last}
    async with connection.cursor(binary=True, row_factory=tuple_row) as cursor:
        await cursor.execute(_HOURS, parameters)
        trade = _trade(dict(await cursor.fetchall()), clock)
        await cursor.execute(_SOLD, parameters)
        sold = {name: (at, quantities) for name, at, quantities in await cursor.fetchall()}
        await cursor.execute(_ITEMS, parameters)
        rows = await cursor.fetchall()
    ordered = {one.sku: one.quantity for one in await on_order(connection, store_id)}
    coming = {one.sku: one.quantity for one in await in_transit(connection, store_id)}
    nothing: tuple[list[int], list[int]] = ([], [])
    policies: dict[str, Policy] = {}
    seen: list[Seen] = []
    for name, policy, numbers, waiting, reserved, on_hand, since, out_since, outages in rows:
        if (known := policies.get(policy)) is None:
            known = policies[policy] = msgspec.json.decode(policy, type=Policy)
        times = _Times(since, out_since, outages)
        demand = demand_of(days, sold.get(name, nothing), times, trade, clock, now)
        shelf = Shelf(
            on_hand=on_hand,
            on_order=ordered.get(name, 0),
            in_transit=coming.get(name, 0),
            reserved=reserved,
        )
        look = Look(sku=name, shelf=shelf, demand=demand)
        held = {int(number): Waiting(quantity=quantity) for number, quantity in waiting.items()}
        seen.append(Seen(look, ReplenishedItem(policy=known, numbers=numbers, waiting=held)))
    return seen


def demand_of(
    days: Sequence[date],
    sold: tuple[Sequence[int], Sequence[int]],
    times: _Times,
    trade: Trade,
    clock: Clock,
    now: datetime,
) -> Demand | None:
    """The demand by what was sold, on the days whose places in `days` are given, and by when there was none.

    None for what never moved. It counts from its first movement on.
    """
    if times.since is None:
        return None
    quantities = [0] * len(days)
    for place, quantity in zip(*sold, strict=True):
        quantities[place] = quantity
    first_at = clock.of(times.since)
    begun = max(0, (first_at.date() - days[0]).days)
    if begun >= len(days):
        return None
    out: list[tuple[datetime, datetime]] = []
    if first_at.date() >= days[0]:
        out.append((datetime.combine(first_at.date(), time(), UTC), first_at))
    for start, minutes in (times.outages or {}).items():
        start_at = datetime.fromisoformat(start)
        out.append((clock.of(start_at), clock.of(start_at + timedelta(minutes=minutes))))
    if times.out_since is not None:
        out.append((clock.of(times.out_since), clock.of(max(now, times.out_since))))
    if not out:
        return estimate(quantities, _WHOLE)
    lost = exposures(days, out, trade)
    return estimate(quantities[begun:], [lost.get(day, 1.0) for day in days[begun:]])


_WHOLE = (1.0,) * DAYS


def _trade(lines: Mapping[int, int], clock: Clock) -> Trade:
    """The hours of a business day by what was sold in those of the clock on the wall."""
    shift = round(clock.day_starts_at_min / 60)
    by_hour: defaultdict[int, int] = defaultdict(int, lines)
    return Trade([by_hour[(hour + shift) % HOURS] for hour in range(HOURS)])
