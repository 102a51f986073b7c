"""Reading register_journal."""

from typing import LiteralString

from psycopg.rows import tuple_row

from projections.kernel.table import Connection
from projections.register_journal.fold import RegisterEntry, RegisterShift

# A null parameter doesn't restrict.
_ENTRIES: LiteralString = """
SELECT store_id, register_id, entry, kind, happened_at, actor, number, shift, amount_minor, by_method,
    document, reason
FROM register_journal
WHERE store_id = %(store_id)s
    AND register_id = %(register_id)s
    AND (%(shift)s::bigint IS NULL OR shift = %(shift)s::bigint)
    AND (%(before)s::bigint IS NULL OR entry < %(before)s::bigint)
ORDER BY entry DESC
LIMIT %(limit)s
"""

_SHIFTS: LiteralString = """
SELECT store_id, register_id, shift, currency, opened_at, closed_at, float_minor, receipts, sales_minor,
    refunds_minor, rounding_minor, takings, paid_in_minor, paid_out_minor, dropped_minor, counted, over_short,
    late_receipts, late_minor, late_takings, loaded_minor, voids, voided_minor, late_voids
FROM register_shifts
WHERE store_id = %(store_id)s
    AND register_id = %(register_id)s
    AND (%(before)s::bigint IS NULL OR shift < %(before)s::bigint)
ORDER BY shift DESC
LIMIT %(limit)s
"""


async def register_entries(
    connection: Connection, till: tuple[str, str], *, shift: int | None, before: int | None, limit: int
) -> list[RegisterEntry]:
    """What happened at a register, the newest first; of one shift alone, if one is named."""
    store_id, register_id = till
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(
            _ENTRIES,
            {
                "store_id": store_id,
                "register_id": register_id,
                "shift": shift,
                "before": before,
                "limit": limit,
            },
        )
        return [RegisterEntry(*row) for row in await cursor.fetchall()]


async def register_shifts(
    connection: Connection, till: tuple[str, str], *, before: int | None, limit: int
) -> list[RegisterShift]:
    """A register's shifts, the newest first."""
    store_id, register_id = till
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(
            _SHIFTS, {"store_id": store_id, "register_id": register_id, "before": before, "limit": limit}
        )
        return [RegisterShift(*row) for row in await cursor.fetchall()]
