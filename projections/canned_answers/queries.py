"""Reading canned_answers."""

from typing import LiteralString

from psycopg.rows import tuple_row

from projections.canned_answers.fold import CannedAnswer
from projections.kernel.table import Connection

# A null parameter doesn't restrict; an answer for any kind is one for each.
_LIST: LiteralString = """
SELECT answer_id, version, language, case_kind, text, retired
FROM canned_answers
WHERE NOT retired
    AND (%(language)s::text IS NULL OR language = %(language)s::text)
    AND (%(case_kind)s::text IS NULL OR case_kind IS NULL OR case_kind = %(case_kind)s::text)
    AND answer_id > %(after)s
ORDER BY answer_id
LIMIT %(limit)s
"""


async def answers_offered(
    connection: Connection, *, language: str | None, case_kind: str | None, after: str, limit: int
) -> list[CannedAnswer]:
    """The answers that are offered, by id."""
    parameters = {"language": language, "case_kind": case_kind, "after": after, "limit": limit}
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_LIST, parameters)
        return [CannedAnswer(*row) for row in await cursor.fetchall()]
