"""Reading care_audience and, for what is there, stock_levels: whom a rule concerns, page by page.

Who has not agreed is found too, so that it is recorded why nothing was sent. Holidays are everybody's: they
find only those who agreed.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import LiteralString, NamedTuple

from psycopg.rows import tuple_row

from projections.care_audience.fold import CareRuleRow, CareWish
from projections.kernel.table import Connection

_RULES: LiteralString = """
SELECT rule_id, version, name, occasion, store_id, channel, active_from, active_until
FROM care_rules
WHERE rule_id > %(after)s
ORDER BY rule_id
LIMIT %(limit)s
"""

_WITH_CONSENT: LiteralString = """
SELECT customer_id, NULL::date, NULL::text, NULL::bigint
FROM care_customers
WHERE registered
    AND consents ? %(consent)s
    AND customer_id > %(after_customer)s
ORDER BY customer_id
LIMIT %(limit)s
"""

_BY_DAY: LiteralString = """
SELECT customer_id, last_bought_on, NULL::text, NULL::bigint
FROM care_customers
WHERE registered
    AND last_bought_on BETWEEN %(since)s AND %(until)s
    AND customer_id > %(after_customer)s
ORDER BY customer_id
LIMIT %(limit)s
"""

# The last purchase of any of them: bought again, the days are counted anew.
_BY_DAY_OF_GOODS: LiteralString = """
SELECT customer_id, max(interest.last_bought_on), NULL::text, NULL::bigint
FROM care_interests AS interest
JOIN care_customers USING (customer_id)
WHERE registered
    AND (sku = ANY (%(skus)s::text[]) OR category = ANY (%(categories)s::text[]))
    AND customer_id > %(after_customer)s
GROUP BY customer_id
HAVING max(interest.last_bought_on) BETWEEN %(since)s AND %(until)s
ORDER BY customer_id
LIMIT %(limit)s
"""

_DROPPED: LiteralString = """
WITH dropped AS (
    SELECT sku, (dropped_at AT TIME ZONE %(zone)s - make_interval(mins => %(day_starts_at_min)s))::date AS day
    FROM care_products
    WHERE dropped_at >= %(since_at)s
        AND (%(every)s OR sku = ANY (%(skus)s::text[]) OR category = ANY (%(categories)s::text[]))
), concerned AS (
    SELECT customer_id, day, sku
    FROM dropped
    JOIN care_interests USING (sku)
    JOIN care_customers USING (customer_id)
    WHERE registered
    UNION
    SELECT customer_id, day, sku
    FROM dropped
    JOIN care_wishes USING (sku)
    JOIN care_customers USING (customer_id)
    WHERE is_open AND registered
)
SELECT customer_id, day, sku, NULL::bigint
FROM concerned
WHERE day BETWEEN %(since)s AND %(until)s
    AND (customer_id, sku) > (%(after_customer)s, %(after_sku)s)
ORDER BY customer_id, sku
LIMIT %(limit)s
"""

# To who bought in the category before, and not to who has it already.
_ARRIVED: LiteralString = """
WITH arrived AS (
    SELECT sku, product.category
    FROM care_products AS product
    JOIN stock_levels USING (sku)
    WHERE listed_at >= %(since_at)s
        AND store_id = %(store_id)s
        AND on_hand > 0
        AND (%(every)s OR sku = ANY (%(skus)s::text[]) OR product.category = ANY (%(categories)s::text[]))
), concerned AS (
    SELECT DISTINCT interest.customer_id, arrived.sku
    FROM arrived
    JOIN care_interests AS interest USING (category)
    JOIN care_customers AS customer USING (customer_id)
    WHERE registered AND NOT EXISTS (
        SELECT
        FROM care_interests AS own
        WHERE own.customer_id = interest.customer_id AND own.sku = arrived.sku
    )
)
SELECT customer_id, NULL::date, sku, NULL::bigint
FROM concerned
WHERE (customer_id, sku) > (%(after_customer)s, %(after_sku)s)
ORDER BY customer_id, sku
LIMIT %(limit)s
"""

_BACK: LiteralString = """
SELECT customer_id, NULL::date, sku, number
FROM care_wishes
JOIN stock_levels USING (sku)
JOIN care_products AS product USING (sku)
JOIN care_customers USING (customer_id)
WHERE is_open
    AND registered
    AND noted_at >= %(since_at)s
    AND store_id = %(store_id)s
    AND on_hand > 0
    AND (%(every)s OR sku = ANY (%(skus)s::text[]) OR product.category = ANY (%(categories)s::text[]))
    AND (customer_id, sku) > (%(after_customer)s, %(after_sku)s)
ORDER BY customer_id, sku
LIMIT %(limit)s
"""

_LAST_BOUGHT: LiteralString = """
SELECT customer_id, max(last_bought_on)
FROM care_interests
WHERE customer_id = ANY (%(customer_ids)s::text[])
    AND (%(every)s OR sku = ANY (%(skus)s::text[]) OR category = ANY (%(categories)s::text[]))
GROUP BY customer_id
ORDER BY customer_id
"""

_WISHES: LiteralString = """
SELECT customer_id, sku, number, noted_at, is_open
FROM care_wishes
WHERE customer_id = %(customer_id)s AND is_open
ORDER BY sku
LIMIT %(limit)s
"""


class Concerned(NamedTuple):
    """A customer whom a rule concerns: since which day, about which product, by which wish of theirs."""

    customer_id: str
    day: date | None = None
    sku: str | None = None
    wish: int | None = None


class Window(NamedTuple):
    """Of which store and goods, from which day to which and, for what is no day, from which instant."""

    store_id: str
    zone: str
    day_starts_at_min: int
    skus: Sequence[str]
    categories: Sequence[str]
    since: date
    until: date
    since_at: datetime


async def care_rules(connection: Connection, after: str, limit: int) -> list[CareRuleRow]:
    """The rules by id, after an id ('' for the first)."""
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_RULES, {"after": after, "limit": limit})
        return [CareRuleRow(*row) for row in await cursor.fetchall()]


async def wishes_of(connection: Connection, customer_id: str, limit: int) -> list[CareWish]:
    """A customer's open wishes, by SKU."""
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_WISHES, {"customer_id": customer_id, "limit": limit})
        return [CareWish(*row) for row in await cursor.fetchall()]


async def with_consent(connection: Connection, consent: str, after: Concerned, limit: int) -> list[Concerned]:
    """All who agreed to purpose/channel."""
    return await _page(connection, _WITH_CONSENT, {"consent": consent}, after, limit)


async def last_here(connection: Connection, window: Window, after: Concerned, limit: int) -> list[Concerned]:
    """Who bought last on a day of the window; of the goods that it names, where it names any."""
    statement = _BY_DAY_OF_GOODS if window.skus or window.categories else _BY_DAY
    return await _page(connection, statement, _of(window), after, limit)


async def last_bought(
    connection: Connection, customer_ids: Sequence[str], skus: Sequence[str], categories: Sequence[str]
) -> Mapping[str, date]:
    """The days on which these records bought last; of the goods that are named, where any are."""
    goods = {"skus": list(skus), "categories": list(categories), "every": not (skus or categories)}
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_LAST_BOUGHT, {"customer_ids": list(customer_ids), **goods})
        return dict(await cursor.fetchall())


async def price_drops(
    connection: Connection, window: Window, after: Concerned, limit: int
) -> list[Concerned]:
    """Who bought or wished for what costs less since a business day of the window."""
    return await _page(connection, _DROPPED, _of(window), after, limit)


async def new_arrivals(
    connection: Connection, window: Window, after: Concerned, limit: int
) -> list[Concerned]:
    """Who bought in the category of what is listed since the window's instant and in the store now."""
    return await _page(connection, _ARRIVED, _of(window), after, limit)


async def back_in_stock(
    connection: Connection, window: Window, after: Concerned, limit: int
) -> list[Concerned]:
    """Who wished, since the window's instant, for what is in the store now."""
    return await _page(connection, _BACK, _of(window), after, limit)


def _of(window: Window) -> Mapping[str, object]:
    every = not (window.skus or window.categories)
    named = {"skus": list(window.skus), "categories": list(window.categories), "every": every}
    return {**window._asdict(), **named}


async def _page(
    connection: Connection,
    statement: LiteralString,
    parameters: Mapping[str, object],
    after: Concerned,
    limit: int,
) -> list[Concerned]:
    continued = {"after_customer": after.customer_id, "after_sku": after.sku or "", "limit": limit}
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(statement, {**parameters, **continued})
        return [Concerned(*row) for row in await cursor.fetchall()]
