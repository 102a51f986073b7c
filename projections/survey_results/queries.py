"""Reading survey_results: who recommends the shop, by period; what a customer was asked and said."""

from collections.abc import Sequence
from datetime import datetime
from typing import LiteralString, NamedTuple

import msgspec
from psycopg.rows import class_row, tuple_row

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


_OF_CUSTOMER: LiteralString = """
SELECT kind, count(*) AS asked, count(score) AS answered, max(sent_at) AS last_asked_at,
    max(answered_at) AS last_answered_at,
    (array_agg(score ORDER BY answered_at DESC, survey_id DESC) FILTER (WHERE score IS NOT NULL))[1]
        AS last_score
FROM survey_results
WHERE customer_id = ANY (%(customer_ids)s)
GROUP BY kind
ORDER BY kind
"""


class SurveysOfCustomer(NamedTuple):
    """How often a customer was asked a kind of question, and what they said last."""

    kind: str
    asked: int
    answered: int
    last_asked_at: datetime
    last_answered_at: datetime | None
    last_score: int | None


async def surveys_of_customer(connection: Connection, customer_ids: Sequence[str]) -> list[SurveysOfCustomer]:
    """What a customer of these ids was asked and said, by kind."""
    async with connection.cursor(row_factory=class_row(SurveysOfCustomer)) as cursor:
        await cursor.execute(_OF_CUSTOMER, {"customer_ids": list(customer_ids)}, prepare=True)
        return await cursor.fetchall()
