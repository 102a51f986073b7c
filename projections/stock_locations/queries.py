"""What the places of a store cost in a month, shared among what lay there, also from stock_ledger."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import LiteralString

import msgspec
from psycopg.rows import tuple_row

from domain.kernel.money import half_up
from domain.stores.storage_cost import shared
from projections.kernel.table import Connection

# The last setting of a month counts for all of it, so that a month that is over never changes.
_COSTS: LiteralString = """
SELECT month.number - 1, location, month_minor
FROM unnest(%(untils)s::timestamptz[]) WITH ORDINALITY AS month (until, number)
JOIN storage_costs ON position = (
    SELECT max(position)
    FROM storage_costs
    WHERE store_id = %(store_id)s AND recorded_at < month.until AND position <= %(position)s
)
WHERE month_minor > 0
ORDER BY month.number, location
"""

# A location never has more than the store (see domain/inventory/parts): nobody tells that goods were fetched
# from there when they are sold. What is told there, less the most by which that ever exceeded what was there,
# is what capping it at each step gives. What is below zero or worth nothing takes no place. All months are
# weighed at once: each of them needs the whole past.
_THERE: LiteralString = """
WITH ledger AS (
    SELECT sku, position, recorded_at, sum(on_hand) AS on_hand, sum(on_hand + held) AS there,
        sum(value_minor) AS value_minor
    FROM stock_ledger
    WHERE store_id = %(store_id)s AND recorded_at < %(ends_at)s AND position <= %(position)s
        AND (%(floor)s OR sku IN (SELECT sku FROM location_entries WHERE store_id = %(store_id)s))
    GROUP BY sku, position, recorded_at
), told AS (
    SELECT sku, position, recorded_at, location, quantity
    FROM location_entries
    WHERE store_id = %(store_id)s AND recorded_at < %(ends_at)s AND position <= %(position)s
), places AS (
    SELECT sku, location FROM told
    UNION
    SELECT sku, '' FROM ledger
), ticks AS (
    SELECT sku, position, recorded_at FROM ledger
    UNION
    SELECT sku, position, recorded_at FROM told
), series AS (
    SELECT sku, location, position, tick.recorded_at, sum(coalesce(told.quantity, 0)) OVER past AS told,
        sum(coalesce(on_hand, 0)) OVER past AS on_hand, sum(coalesce(there, 0)) OVER past AS there,
        sum(coalesce(value_minor, 0)) OVER past AS value_minor,
        lead(tick.recorded_at, 1, %(ends_at)s) OVER past AS until
    FROM ticks AS tick
    JOIN places USING (sku)
    LEFT JOIN ledger USING (sku, position)
    LEFT JOIN told USING (sku, position, location)
    WINDOW past AS (PARTITION BY sku, location ORDER BY position)
), capped AS (
    SELECT sku, location, recorded_at, until, there, value_minor,
        CASE location WHEN '' THEN there
        ELSE told + least(0, min(greatest(on_hand, 0) - told) OVER (
            PARTITION BY sku, location ORDER BY position
        )) END AS here
    FROM series
)
SELECT month.number - 1, location, sku, round(sum(
    value_minor * least(here, there) / there
    * (extract(epoch FROM least(capped.until, month.until) - greatest(recorded_at, begins_at)) * 1000000)
))
FROM capped
JOIN unnest(%(begin)s::timestamptz[], %(untils)s::timestamptz[])
    WITH ORDINALITY AS month (begins_at, until, number)
    ON capped.until > month.begins_at AND recorded_at < month.until
WHERE value_minor > 0 AND there > 0 AND here > 0
GROUP BY month.number, location, sku
ORDER BY month.number, location, sku
"""


class Month(msgspec.Struct, frozen=True, kw_only=True):
    """A month, as far as it is over: `until`, and as the journal told of it up to a position."""

    begins_at: datetime
    ends_at: datetime
    until: datetime
    position: int


async def storage_of(
    connection: Connection, store_id: str, months: Sequence[Month]
) -> dict[str, dict[str, int]]:
    """What each place of a store cost in the months, by location and SKU; NOBODY has what nothing lay in.

    Of a month that goes on it is the part that is over: half_up(cost · elapsed / length). The months are in
    order, and those that have not begun cost nothing.
    """
    months = [month for month in months if month.until > month.begins_at]
    if not months:
        return {}
    parameters = {
        "store_id": store_id,
        "begin": [month.begins_at for month in months],
        "untils": [month.until for month in months],
        "ends_at": months[-1].until,
        "position": months[-1].position,
    }
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_COSTS, parameters)
        costs: list[tuple[int, str, int]] = await cursor.fetchall()
        if not costs:
            return {}
        await cursor.execute(_THERE, {**parameters, "floor": any(not location for _, location, _ in costs)})
        weights: list[defaultdict[str, dict[str, int]]] = [defaultdict(dict) for _ in months]
        for number, location, sku, weight in await cursor.fetchall():
            weights[number][location][sku] = int(weight)
    for of_month in weights:
        _leave_the_floor(of_month)
    found: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for number, location, month_minor in costs:
        cost = _so_far(month_minor, months[number])
        for sku, share in shared(cost, weights[number].get(location, {})).items():
            found[location][sku] = found[location].get(sku, 0) + share
    return dict(found)


def _so_far(month_minor: int, month: Month) -> int:
    """The part of a month's cost that is over."""
    elapsed, length = month.until - month.begins_at, month.ends_at - month.begins_at
    return half_up(month_minor * (elapsed // elapsed.resolution), length // length.resolution)


def _leave_the_floor(weights: Mapping[str, dict[str, int]]) -> None:
    """The sales floor has what no location has."""
    floor = weights.get("", {})
    for location, there in weights.items():
        if location:
            for sku, weight in there.items():
                floor[sku] = max(0, floor.get(sku, 0) - weight)
