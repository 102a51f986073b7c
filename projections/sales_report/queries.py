"""Reading sales_report: sums over days, grouped as asked."""

import enum
from collections.abc import Sequence
from datetime import date
from typing import Any, LiteralString

import msgspec
from psycopg.rows import tuple_row
from psycopg.sql import SQL

from projections.kernel.table import Connection


class GroupBy(enum.StrEnum):
    """What a report can be broken down by."""

    STORE = "store"
    DAY = "day"
    MONTH = "month"
    HOUR = "hour"
    PRODUCT = "product"
    EMPLOYEE = "employee"
    CATEGORY = "category"


_GROUPS: dict[GroupBy, tuple[str, SQL]] = {
    GroupBy.STORE: ("store_id", SQL("store_id")),
    GroupBy.DAY: ("day", SQL("business_day::text")),
    GroupBy.MONTH: ("month", SQL("to_char(business_day, 'YYYY-MM')")),
    GroupBy.HOUR: ("hour", SQL("hour::text")),
    GroupBy.PRODUCT: ("sku", SQL("sku")),
    GroupBy.EMPLOYEE: ("employee_id", SQL("employee_id")),
    GroupBy.CATEGORY: ("category", SQL("category")),
}

# Money of different currencies is never added: the currency is always part of the group.
_REPORT: LiteralString = """
SELECT {groups} currency,
    sum(gross_minor)::bigint, sum(discount_minor)::bigint, sum(tax_minor)::bigint, sum(net_minor)::bigint,
    sum(returns_minor)::bigint, sum(cost_minor)::bigint, sum(units)::bigint, sum(returned_units)::bigint,
    sum(lines)::bigint
FROM sales_report
WHERE business_day BETWEEN %(first)s AND %(last)s
    AND (%(stores)s::text[] IS NULL OR store_id = ANY (%(stores)s::text[]))
GROUP BY {groups} currency
ORDER BY {groups} currency
"""


class ReportLine(msgspec.Struct, frozen=True, kw_only=True):
    """One group's sums. `group` has a value for each thing grouped by; `employee_id` '' is nobody."""

    group: dict[str, str]
    currency: str
    gross_minor: int
    discount_minor: int
    tax_minor: int
    net_minor: int
    returns_minor: int
    cost_minor: int
    units: int
    returned_units: int
    lines: int


async def sales_report(
    connection: Connection,
    *,
    first: date,
    last: date,
    stores: list[str] | None,
    group_by: Sequence[GroupBy],
) -> list[ReportLine]:
    """Sums over business days `first` to `last`, both included, of the given stores (None: all)."""
    groups = [_GROUPS[group] for group in group_by]
    expressions = SQL("").join([SQL("{}, ").format(expression) for _, expression in groups])
    parameters: dict[str, Any] = {"first": first, "last": last, "stores": stores}
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(SQL(_REPORT).format(groups=expressions), parameters)
        rows = await cursor.fetchall()
    return [
        ReportLine(
            group={name: row[index] for index, (name, _) in enumerate(groups)},
            **dict(zip(ReportLine.__struct_fields__[1:], row[len(groups) :], strict=True)),
        )
        for row in rows
    ]


_BASKETS: LiteralString = """
SELECT to_char(business_day, 'YYYY-MM') AS month,
    sum(sales)::bigint, sum(lines)::bigint, sum(returns)::bigint, sum(returned_lines)::bigint
FROM sales_hours
WHERE store_id = %(store_id)s
GROUP BY month
ORDER BY month
"""


class Baskets(msgspec.Struct, frozen=True, kw_only=True):
    """How many sales and returns a month had, and how many lines they had together."""

    sales: int = 0
    lines: int = 0
    returns: int = 0
    returned_lines: int = 0


async def baskets_by_month(connection: Connection, store_id: str) -> dict[str, Baskets]:
    """A store's sales and returns by month ('2010-12')."""
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_BASKETS, {"store_id": store_id})
        rows = await cursor.fetchall()
    return {
        month: Baskets(sales=sales, lines=lines, returns=returns, returned_lines=returned_lines)
        for month, sales, lines, returns, returned_lines in rows
    }
