"""Which receipts there were, from stock_ledger."""

from collections.abc import Sequence
from typing import LiteralString

from psycopg.rows import tuple_row

from projections.kernel.table import Connection

_UNKNOWN: LiteralString = """
SELECT asked.sku, asked.receipt
FROM unnest(%(skus)s::text[], %(receipts)s::text[]) AS asked (sku, receipt)
WHERE NOT EXISTS (
    SELECT
    FROM stock_ledger
    WHERE store_id = %(store_id)s
        AND sku = asked.sku
        AND reference = asked.receipt
        AND from_place = ANY (%(places)s)
)
ORDER BY asked.sku, asked.receipt
"""
_PLACES = ["supplier", "transit"]


async def unknown_receipts(
    connection: Connection, store_id: str, asked: Sequence[tuple[str, str]]
) -> list[tuple[str, str]]:
    """Of these SKUs and references of receipts those by which nothing of the SKU came into the store."""
    parameters = {
        "store_id": store_id,
        "skus": [sku for sku, _ in asked],
        "receipts": [receipt for _, receipt in asked],
        "places": _PLACES,
    }
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_UNKNOWN, parameters)
        return await cursor.fetchall()
