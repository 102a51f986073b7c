"""Reading survey_results: who recommends the shop, by period."""

from typing import LiteralString

import msgspec
from psycopg.rows import tuple_row

from domain.service.survey import SurveyKind
from projections.kernel.table import Connection

# 9 and 10 promote, 0 to 6 detract (Reichheld 2003); who has not answered does neither.
_PERIODS: LiteralString = """
SELECT period, count(*), count(score), count(*) FILTER (WHERE score >= 9),
    count(*) FILTER (WHERE score BETWEEN 7 AND 8), count(*) FILTER (WHERE score <= 6)
FROM survey_results
WHERE kind = %(kind)s AND period IS NOT NULL
GROUP BY period
ORDER BY period DESC
LIMIT %(limit)s
"""


class Recommendation(msgspec.Struct, frozen=True, kw_only=True):
    """What the customers who were asked in a period say."""

    period: str
    asked: int
    answered: int
    promoters: int
    passives: int
    detractors: int


async def recommendations(connection: Connection, limit: int) -> list[Recommendation]:
    """The periods in which customers were asked, those of one length by time, the last first."""
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_PERIODS, {"kind": SurveyKind.NPS.value, "limit": limit})
        rows = await cursor.fetchall()
    return [Recommendation(**dict(zip(Recommendation.__struct_fields__, row, strict=True))) for row in rows]
