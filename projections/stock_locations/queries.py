"""What the places of a store cost in a month, shared among what lay there, also from stock_ledger."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import LiteralString

import msgspec
from psycopg.rows import tuple_row

from domain.kernel.money import half_up
from domain.stores.storage_cost import shared
from projections.kernel.table import Connection

# The last setting of a month counts for all of it, so that a month that is over never changes.
_COSTS: LiteralString = """
SELECT location, month_minor
FROM storage_costs
WHERE position = (
    SELECT max(position)
    FROM storage_costs
    WHERE store_id = %(store_id)s AND recorded_at < %(ends_at)s AND position <= %(position)s
) AND month_minor > 0
ORDER BY location
"""

# A location never has more than the store (see domain/inventory/parts): nobody tells that goods were fetched
# from there when they are sold. What is told there, less the most by which that ever exceeded what was there,
# is what capping it at each step gives. What is below zero or worth nothing takes no place.
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
SELECT location, sku, round(sum(
    value_minor * least(here, there) / there
    * (extract(epoch FROM until - greatest(recorded_at, %(begins_at)s)) * 1000000)
))
FROM capped
WHERE until > %(begins_at)s AND value_minor > 0 AND there > 0 AND here > 0
GROUP BY location, sku
ORDER BY location, sku
"""


class Month(msgspec.Struct, frozen=True, kw_only=True):
    """A month, as far as it is over: `until`, and as the journal told of it up to a position."""

    begins_at: datetime
    ends_at: datetime
    until: datetime
    position: int


async def storage_of(connection: Connection, store_id: str, month: Month) -> dict[str, dict[str, int]]:
    """What each place of a store cost in a month, by location and SKU; NOBODY has what nothing lay in.

    Of a month that goes on it is the part that is over: half_up(cost · elapsed / length).
    """
    parameters = {
        "store_id": store_id,
        "begins_at": month.begins_at,
        "ends_at": month.until,
        "position": month.position,
    }
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_COSTS, parameters)
        costs: dict[str, int] = dict(await cursor.fetchall())
        if not costs or month.until <= month.begins_at:
            return {}
        await cursor.execute(_THERE, {**parameters, "floor": "" in costs})
        weights: defaultdict[str, dict[str, int]] = defaultdict(dict)
        for location, sku, weight in await cursor.fetchall():
            weights[location][sku] = int(weight)
    elapsed, length = month.until - month.begins_at, month.ends_at - month.begins_at
    ratio = (elapsed // elapsed.resolution, length // length.resolution)
    _leave_the_floor(weights)
    return {
        location: shared(half_up(cost * ratio[0], ratio[1]), weights.get(location, {}))
        for location, cost in costs.items()
    }


def _leave_the_floor(weights: Mapping[str, dict[str, int]]) -> None:
    """The sales floor has what no location has."""
    floor = weights.get("", {})
    for location, there in weights.items():
        if location:
            for sku, weight in there.items():
                floor[sku] = max(0, floor.get(sku, 0) - weight)
