"""Attempts to sign in, counted by name and by address: after some, each one waits longer.

An attempt is counted before its password is looked at, in one statement: many at once count like one after
another. Names that do not exist count like those that do.
"""

import hashlib
from collections.abc import Sequence
from typing import Any, LiteralString

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import tuple_row

FREE_OF_NAME = 5
FREE_OF_ADDRESS = 50
"""Behind one address there may be a whole shop, or a proxy."""
LONGEST_OF_NAME_S = 15 * 60
LONGEST_OF_ADDRESS_S = 60
FORGOTTEN_AFTER_S = 60 * 60
_MOST_DOUBLINGS = 20

# In the order of the subjects: two that count the same two never wait for one another in a circle.
_COUNT: LiteralString = """
INSERT INTO daybook.sign_in_attempts AS known (subject, attempts, last_at, blocked_until)
SELECT subject, 1, now(), now()
FROM unnest(%(subjects)s::bytea[]) AS asked (subject)
ORDER BY subject
ON CONFLICT (subject) DO UPDATE
SET attempts = CASE
        WHEN known.last_at < now() - make_interval(secs => %(forgotten_after_s)s) THEN 1
        WHEN known.blocked_until > now() THEN known.attempts
        ELSE known.attempts + 1
    END,
    last_at = CASE WHEN known.blocked_until > now() THEN known.last_at ELSE now() END
RETURNING subject, attempts, greatest(0, extract(epoch FROM blocked_until - now()))
"""

_BLOCK: LiteralString = """
UPDATE daybook.sign_in_attempts AS known
SET blocked_until = now() + make_interval(secs => asked.block_s)
FROM unnest(%(subjects)s::bytea[], %(block_s)s::double precision[]) AS asked (subject, block_s)
WHERE known.subject = asked.subject
"""

_FORGET: LiteralString = """
DELETE FROM daybook.sign_in_attempts
WHERE subject = %(subject)s OR last_at < now() - make_interval(secs => %(forgotten_after_s)s)
"""

_FORGET_NAME: LiteralString = """
DELETE FROM daybook.sign_in_attempts
WHERE subject = %(subject)s
"""

_TAKE_BACK: LiteralString = """
UPDATE daybook.sign_in_attempts
SET attempts = greatest(0, attempts - 1), blocked_until = now()
WHERE subject = %(subject)s
"""


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """Whose attempts are counted, as a hash; how many are free; and the longest wait after the others."""

    digest: bytes
    free: int
    longest_s: int

    def block_s(self, attempts: int) -> int:
        """How long to wait after so many: twice as long each time."""
        return min(self.longest_s, 2 ** min(attempts - self.free, _MOST_DOUBLINGS))


def of_name(tenant: str, sign_in_name: str) -> Subject:
    """The attempts with a name, whether anybody has it or not."""
    digest = hashlib.sha256(f"name\0{tenant}\0{sign_in_name}".encode()).digest()
    return Subject(digest=digest, free=FREE_OF_NAME, longest_s=LONGEST_OF_NAME_S)


def of_address(address: str) -> Subject:
    """The attempts from an address."""
    digest = hashlib.sha256(f"address\0{address}".encode()).digest()
    return Subject(digest=digest, free=FREE_OF_ADDRESS, longest_s=LONGEST_OF_ADDRESS_S)


async def count_attempt(connection: AsyncConnection[Any], subjects: Sequence[Subject]) -> float:
    """Counts an attempt; 0, or the seconds to wait before the next: this one is then not looked at."""
    by_digest = {subject.digest: subject for subject in subjects}
    async with connection.transaction(), connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_COUNT, {"subjects": list(by_digest), "forgotten_after_s": FORGOTTEN_AFTER_S})
        found = await cursor.fetchall()
        longest_wait_s = max(float(wait_s) for _, _, wait_s in found)
        if longest_wait_s > 0:
            return longest_wait_s
        blocks = {
            bytes(digest): by_digest[bytes(digest)].block_s(attempts)
            for digest, attempts, _ in found
            if attempts >= by_digest[bytes(digest)].free
        }
        if blocks:
            await cursor.execute(
                _BLOCK, {"subjects": list(blocks), "block_s": [float(block_s) for block_s in blocks.values()]}
            )
    return 0.0


async def forget_attempts(connection: AsyncConnection[Any], name: Subject, address: Subject) -> None:
    """Somebody signed in: the name begins anew, and the address has one less to answer for."""
    await connection.execute(_FORGET, {"subject": name.digest, "forgotten_after_s": FORGOTTEN_AFTER_S})
    await connection.execute(_TAKE_BACK, {"subject": address.digest})


async def forget_name(connection: AsyncConnection[Any], name: Subject) -> None:
    """Nothing is known of the name any more: a hash of one can be guessed."""
    await connection.execute(_FORGET_NAME, {"subject": name.digest})
