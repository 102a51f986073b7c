"""Sessions in the control schema: a random token, of which only the SHA-256 is kept, and two ends.

A session ends a while after its last use and at the latest after a shift. Its person may end it sooner; a new
password, or being disabled, ends all of a person's sessions.
"""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any, LiteralString

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import tuple_row

from infra.access.people import Person, person_with, require_user

TOKEN_PREFIX = "dbs"  # noqa: S105 - says what kind of token it is
TOKEN_BYTES = 32
IDLE_S = 30 * 60
LONGEST_S = 12 * 60 * 60

# Only while the password is the one that was just checked: a change of it ends all sessions, this one too.
_BEGIN: LiteralString = """
WITH checked AS (
    SELECT user_id
    FROM daybook.users
    WHERE user_id = %(user_id)s AND password_hash = %(password_hash)s AND NOT disabled
    FOR SHARE
)
INSERT INTO daybook.sessions (token_sha256, user_id, expires_at)
SELECT %(digest)s, user_id, now() + make_interval(secs => %(longest_s)s)
FROM checked
RETURNING expires_at
"""

_FIND: LiteralString = """
SELECT users.tenant, users.user_id, sessions.expires_at,
    extract(epoch FROM
        least(sessions.expires_at, sessions.used_at + make_interval(secs => %(idle_s)s)) - now())
FROM daybook.sessions
JOIN daybook.users USING (user_id)
WHERE token_sha256 = %(digest)s
    AND NOT users.disabled
    AND sessions.expires_at > now()
    AND sessions.used_at > now() - make_interval(secs => %(idle_s)s)
"""

_END: LiteralString = """
DELETE FROM daybook.sessions
WHERE token_sha256 = %(digest)s
"""

_END_ALL: LiteralString = """
DELETE FROM daybook.sessions
WHERE user_id = %(user_id)s
"""

_END_OLD: LiteralString = """
DELETE FROM daybook.sessions
WHERE expires_at < now()
"""

_NOTE_USE: LiteralString = """
UPDATE daybook.sessions
SET used_at = now()
WHERE token_sha256 = ANY (%(digests)s::bytea[])
"""


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """A session that is good now, and for how long at least if nothing is done meanwhile."""

    person: Person
    expires_at: datetime
    left_s: float


def digest_of(token: str) -> bytes:
    """What is kept of a token. It is random, so a slow hash would add nothing."""
    return hashlib.sha256(token.encode()).digest()


async def begin_session(
    connection: AsyncConnection[Any], user_id: str, password_hash: str
) -> tuple[str, datetime] | None:
    """A new session's token, told once, and its latest end; None where the password is another by now."""
    token = f"{TOKEN_PREFIX}_{secrets.token_hex(TOKEN_BYTES)}"
    await connection.execute(_END_OLD)
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(
            _BEGIN,
            {
                "digest": digest_of(token),
                "user_id": user_id,
                "password_hash": password_hash,
                "longest_s": LONGEST_S,
            },
        )
        row = await cursor.fetchone()
    return None if row is None else (token, row[0])


async def find_session(connection: AsyncConnection[Any], token: str) -> Session | None:
    """The session with this token, unless it has ended or its person is disabled."""
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_FIND, {"digest": digest_of(token), "idle_s": IDLE_S})
        row = await cursor.fetchone()
    if row is None:
        return None
    tenant, user_id, expires_at, left_s = row
    user = await require_user(connection, tenant, user_id)
    person = await person_with(connection, user, tenant)
    return Session(person=person, expires_at=expires_at, left_s=float(left_s))


async def end_session(connection: AsyncConnection[Any], token: str) -> None:
    """The token opens nothing any more."""
    await connection.execute(_END, {"digest": digest_of(token)})


async def end_sessions(connection: AsyncConnection[Any], user_id: str) -> int:
    """No token of the person opens anything any more; how many did."""
    return (await connection.execute(_END_ALL, {"user_id": user_id})).rowcount


async def note_use(connection: AsyncConnection[Any], digests: Sequence[bytes]) -> None:
    """These sessions were used lately."""
    await connection.execute(_NOTE_USE, {"digests": list(digests)})
