"""Reading supplier_scores."""

from math import sqrt
from typing import LiteralString

from psycopg.rows import tuple_row

from domain.kernel.money import half_up
from projections.kernel.table import Connection
from projections.supplier_scores.fold import SupplierRow, SupplierScore

_LIST: LiteralString = """
SELECT supplier_id, name, currency, active
FROM suppliers
WHERE supplier_id > %(after)s
ORDER BY supplier_id
LIMIT %(limit)s
"""

_SCORES: LiteralString = """
SELECT supplier_id, sku, deliveries, lead_days, lead_days_squared, accepted_bp, closed, filled_bp,
    price_changes, price_change_bp, returned, claimed_minor, credited_minor, arrivals, promised, on_time
FROM supplier_scores
WHERE supplier_id = %(supplier_id)s AND (%(after)s::text IS NULL OR sku > %(after)s::text)
ORDER BY sku
LIMIT %(limit)s
"""


async def suppliers(connection: Connection, after: str, limit: int) -> list[SupplierRow]:
    """Suppliers by id, after an id ('' for the first)."""
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_LIST, {"after": after, "limit": limit})
        return [SupplierRow(*row) for row in await cursor.fetchall()]


async def scores_of(
    connection: Connection, supplier_id: str, after_sku: str | None, limit: int
) -> list[SupplierScore]:
    """A supplier's scores by SKU, after a SKU; '' comes first and is of all of them."""
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_SCORES, {"supplier_id": supplier_id, "after": after_sku, "limit": limit})
        return [SupplierScore(*row) for row in await cursor.fetchall()]


def mean(total: int, count: int) -> int | None:
    """Rounded half up; None of nothing."""
    return half_up(total, count) if count else None


def lead_time(score: SupplierScore) -> tuple[float, float] | None:
    """Mean and standard deviation (of the sample) of the days that arrivals took; None without any.

    One arrival says nothing of a deviation: 0.
    """
    n = score.arrivals
    if not n:
        return None
    mean = score.lead_days / n
    # Integers until the division: the difference of the two squares is exact.
    spread = n * score.lead_days_squared - score.lead_days**2
    return mean, sqrt(spread / (n * (n - 1))) if n > 1 else 0.0
