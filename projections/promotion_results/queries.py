"""Reading promotion_results: what each promotion did over some days and stores."""

from datetime import date
from typing import LiteralString

import msgspec
from psycopg.rows import tuple_row

from projections.kernel.table import Connection

# A customer is new if the first use in these days and stores was the first purchase that is known anywhere.
# Without: what the same stores sold on the same days in the same currency, less the sales that used it.
_REPORT: LiteralString = """
WITH asked AS (
    SELECT source, rule_id, currency, sum(sales)::bigint AS sales, sum(uses)::bigint AS uses,
        sum(discount_minor)::bigint AS discount_minor, sum(revenue_minor)::bigint AS revenue_minor
    FROM promotion_results
    WHERE business_day BETWEEN %(first)s AND %(last)s
        AND (%(stores)s::text[] IS NULL OR store_id = ANY (%(stores)s::text[]))
        AND (source, rule_id, currency) > (%(source)s, %(rule_id)s, %(currency)s)
    GROUP BY source, rule_id, currency
    ORDER BY source, rule_id, currency
    LIMIT %(limit)s
),
traded AS (
    SELECT currency, sum(sales)::bigint AS sales, sum(revenue_minor)::bigint AS revenue_minor
    FROM trading_days
    WHERE business_day BETWEEN %(first)s AND %(last)s
        AND (%(stores)s::text[] IS NULL OR store_id = ANY (%(stores)s::text[]))
    GROUP BY currency
),
used AS (
    SELECT source, rule_id, customer_id, min(first_used_at) AS first_used_at
    FROM promotion_customers
    JOIN asked USING (source, rule_id)
    WHERE business_day BETWEEN %(first)s AND %(last)s
        AND (%(stores)s::text[] IS NULL OR store_id = ANY (%(stores)s::text[]))
    GROUP BY source, rule_id, customer_id
),
buyers AS (
    SELECT source, rule_id, count(*) AS customers,
        count(*) FILTER (WHERE used.first_used_at <= customer_profile.first_purchase_at) AS new_customers
    FROM used
    LEFT JOIN customer_profile USING (customer_id)
    GROUP BY source, rule_id
)
SELECT asked.source, asked.rule_id, asked.currency, asked.sales, asked.uses, asked.discount_minor,
    asked.revenue_minor, traded.sales - asked.sales, traded.revenue_minor - asked.revenue_minor,
    coalesce(buyers.new_customers, 0), coalesce(buyers.customers - buyers.new_customers, 0)
FROM asked
JOIN traded USING (currency)
LEFT JOIN buyers ON buyers.source = asked.source AND buyers.rule_id = asked.rule_id
ORDER BY asked.source, asked.rule_id, asked.currency
"""


class PromotionSum(msgspec.Struct, frozen=True, kw_only=True):
    """What a rule did: `…_without` are the other sales of the same stores and days."""

    source: str
    rule_id: str
    currency: str
    sales: int
    uses: int
    discount_minor: int
    revenue_minor: int
    sales_without: int
    revenue_without_minor: int
    new_customers: int
    returning_customers: int


async def promotion_results(
    connection: Connection,
    *,
    first: date,
    last: date,
    stores: list[str] | None,
    after: tuple[str, str, str],
    limit: int,
) -> list[PromotionSum]:
    """Every rule used on business days `first` to `last`, after a source, rule and currency."""
    source, rule_id, currency = (str(part) for part in after)
    parameters = {"first": first, "last": last, "stores": stores, "limit": limit}
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(
            _REPORT, {**parameters, "source": source, "rule_id": rule_id, "currency": currency}
        )
        rows = await cursor.fetchall()
    return [PromotionSum(**dict(zip(PromotionSum.__struct_fields__, row, strict=True))) for row in rows]
