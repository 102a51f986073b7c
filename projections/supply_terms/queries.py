"""Reading supply_terms: a supplier's list, and whose terms of a SKU are valid on a day."""

from datetime import date
from typing import LiteralString

from psycopg.rows import tuple_row

from projections.kernel.table import Connection
from projections.supply_terms.fold import SupplyTerms

_COLUMNS: LiteralString = """
supplier_id, sku, valid_from, valid_until, unit_cost_minor, currency, pack_size, minimum_packs,
    lead_time_days, supplier_sku
"""

_LIST: LiteralString = (
    "SELECT"
    + _COLUMNS
    + """
FROM supply_terms
WHERE supplier_id = %(supplier_id)s
    AND (
        %(sku)s::text IS NULL
        OR (sku, valid_from) > (%(sku)s::text, %(valid_from)s::date)
    )
ORDER BY sku, valid_from
LIMIT %(limit)s
"""
)

# Of the terms that are valid those that began last, as the decision itself chooses.
_VALID: LiteralString = (
    "SELECT DISTINCT ON (sku, supplier_id)"
    + _COLUMNS
    + """
FROM supply_terms
WHERE valid_from <= %(day)s
    AND (valid_until IS NULL OR valid_until >= %(day)s)
    AND (%(skus)s::text[] IS NULL OR sku = ANY (%(skus)s::text[]))
ORDER BY sku, supplier_id, valid_from DESC
"""
)


async def terms_of(
    connection: Connection, supplier_id: str, *, after: tuple[str, date] | None, limit: int
) -> list[SupplyTerms]:
    """A supplier's terms by SKU and day, after (sku, valid_from)."""
    sku, valid_from = after or (None, None)
    wanted = {"supplier_id": supplier_id, "sku": sku, "valid_from": valid_from, "limit": limit}
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_LIST, wanted)
        return [SupplyTerms(*row) for row in await cursor.fetchall()]


async def valid_terms(connection: Connection, day: date, skus: list[str] | None = None) -> list[SupplyTerms]:
    """The terms that are valid on a day, one for each SKU and supplier; of all SKUs unless some are named."""
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_VALID, {"day": day, "skus": skus})
        return [SupplyTerms(*row) for row in await cursor.fetchall()]
