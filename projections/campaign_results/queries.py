"""Reading campaign_results: a rule's members by group, and the sales that count for them.

A sale counts where it was made in the member's time or used the member's coupon, once for each member. What
came back is taken off, whenever that was; who gave everything back bought nothing.
"""

from collections.abc import Mapping, Sequence
from typing import LiteralString, NamedTuple

from psycopg.rows import class_row, tuple_row

from projections.kernel.table import Connection

_MEMBERS: LiteralString = """
SELECT outcome, count(*), count(coupon_id), count(*) FILTER (WHERE coupon.sale_id IS NOT NULL),
    count(*) FILTER (WHERE opened), count(*) FILTER (WHERE clicked), count(*) FILTER (WHERE replies > 0),
    count(rating), coalesce(sum(rating), 0)::bigint
FROM campaign_members
LEFT JOIN campaign_coupons AS coupon USING (coupon_id)
WHERE rule_id = %(rule_id)s AND due_at IS NOT NULL
GROUP BY outcome
ORDER BY outcome
"""

_NO_CONSENT: LiteralString = """
SELECT count(*)
FROM campaign_members
WHERE rule_id = %(rule_id)s AND due_at IS NULL
"""

_SALES: LiteralString = """
WITH members AS (
    SELECT customer_id, occasion, outcome = 'held_out' AS held_out, due_at, counts_until, coupon_id
    FROM campaign_members
    WHERE rule_id = %(rule_id)s AND due_at IS NOT NULL
), counted AS (
    SELECT customer_id, occasion, held_out, sale_id
    FROM members
    JOIN campaign_sales USING (customer_id)
    WHERE sold_at >= due_at AND sold_at < counts_until
    UNION
    SELECT customer_id, occasion, held_out, sale_id
    FROM members
    JOIN campaign_coupons USING (coupon_id)
    WHERE sale_id IS NOT NULL
)
SELECT held_out, currency,
    count(DISTINCT (counted.customer_id, occasion)) FILTER (WHERE paid_minor > 0), count(*),
    sum(paid_minor)::bigint, sum(revenue_minor - cost_minor)::bigint, sum(without_cost_minor)::bigint
FROM counted
JOIN campaign_sales USING (sale_id)
GROUP BY held_out, currency
ORDER BY held_out, currency
"""


class Outcomes(NamedTuple):
    """How many members came to an outcome, with how many coupons; who reacted; ratings and their sum."""

    members: int
    coupons: int
    coupons_used: int
    opened: int
    clicked: int
    replied: int
    rated: int
    rating_sum: int


class GroupSales(NamedTuple):
    """What a group bought in a currency. `without_cost_minor` is revenue of lines without a known cost."""

    converted: int
    sales: int
    paid_minor: int
    margin_minor: int
    without_cost_minor: int


NOTHING = GroupSales(0, 0, 0, 0, 0)


class Results(NamedTuple):
    """`outcomes` by name; `sales` by whether they were held out and by currency."""

    outcomes: Mapping[str, Outcomes]
    no_consent: int
    sales: Mapping[tuple[bool, str], GroupSales]


async def results_of(connection: Connection, rule_id: str) -> Results:
    """What a rule led to; zeros where it did nothing yet."""
    asked = {"rule_id": rule_id}
    async with connection.transaction(), connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_MEMBERS, asked)
        outcomes = {outcome: Outcomes(*rest) for outcome, *rest in await cursor.fetchall()}
        await cursor.execute(_NO_CONSENT, asked)
        row = await cursor.fetchone()
        await cursor.execute(_SALES, asked)
        sales = {
            (held_out, currency): GroupSales(*rest) for held_out, currency, *rest in await cursor.fetchall()
        }
    return Results(outcomes, 0 if row is None else row[0], sales)


# Whoever is held out to compare is none of the campaign's; what is planned has not happened.
_OF_CUSTOMER: LiteralString = """
SELECT rule_id, count(*) FILTER (WHERE outcome = 'sent') AS sent,
    count(*) FILTER (WHERE outcome = 'withheld') AS withheld,
    count(*) FILTER (WHERE outcome = 'undelivered') AS undelivered,
    count(*) FILTER (WHERE opened) AS opened,
    count(*) FILTER (WHERE clicked) AS clicked,
    count(*) FILTER (WHERE replies > 0) AS replied,
    (array_agg(rating ORDER BY due_at DESC, occasion DESC) FILTER (WHERE rating IS NOT NULL))[1]
        AS last_rating,
    count(*) FILTER (WHERE outcome = 'sent' AND (
        EXISTS (
            SELECT FROM campaign_sales
            WHERE customer_id = ANY (%(customer_ids)s) AND paid_minor > 0
                AND sold_at >= due_at AND sold_at < counts_until
        ) OR EXISTS (
            SELECT FROM campaign_coupons
            JOIN campaign_sales USING (sale_id)
            WHERE campaign_coupons.coupon_id = campaign_members.coupon_id AND paid_minor > 0
        )
    )) AS converted
FROM campaign_members
WHERE customer_id = ANY (%(customer_ids)s) AND outcome IN ('sent', 'withheld', 'undelivered')
GROUP BY rule_id
ORDER BY max(due_at) DESC NULLS LAST, rule_id
LIMIT %(limit)s
"""


class CareOfCustomer(NamedTuple):
    """How often a rule wrote to a customer or did not, and what they did with it.

    After `converted` of the messages they bought something and kept it.
    """

    rule_id: str
    sent: int
    withheld: int
    undelivered: int
    opened: int
    clicked: int
    replied: int
    last_rating: int | None
    converted: int


async def care_of_customer(
    connection: Connection, customer_ids: Sequence[str], limit: int
) -> list[CareOfCustomer]:
    """What rules did for a customer of these ids, who bought under any of them; the latest first."""
    async with connection.cursor(row_factory=class_row(CareOfCustomer)) as cursor:
        asked = {"customer_ids": list(customer_ids), "limit": limit}
        await cursor.execute(_OF_CUSTOMER, asked, prepare=True)
        return await cursor.fetchall()
