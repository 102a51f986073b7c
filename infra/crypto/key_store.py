"""The key store's SQL: the keys of one tenant, made, read and destroyed.

Whoever makes or destroys keys first locks the tenant's row, in a statement of its own: the next one then sees
all that was committed before. So a key that is made at the same time as its person is erased is either
destroyed with the others or never made.
"""

from collections.abc import Sequence
from typing import LiteralString, NamedTuple

from psycopg.rows import tuple_row

from infra.crypto.master_key import id_in
from infra.postgres.pools import Connection, Pool

_READ_BY_ID: LiteralString = """
SELECT key_id::text, subject, part, wrapped_key
FROM daybook_keys.subject_keys
WHERE tenant = %(tenant)s AND key_id = ANY (%(key_ids)s::uuid[])
"""

_READ_BY_PART: LiteralString = """
SELECT key_id::text, subject, part, wrapped_key
FROM daybook_keys.subject_keys
WHERE tenant = %(tenant)s AND subject = %(subject)s AND part = ANY (%(parts)s::text[])
"""

_READ_PARTS: LiteralString = """
SELECT subject, part
FROM daybook_keys.subject_keys
WHERE tenant = %(tenant)s AND subject = ANY (%(subjects)s::text[])
ORDER BY subject, part
"""

# Who makes keys shares the row, so that many can at once; who destroys them or changes the master key waits.
_SHARE_TENANT: LiteralString = """
SELECT wrapped_key
FROM daybook_keys.tenant_keys
WHERE tenant = %(tenant)s AND purpose = 'hash'
FOR SHARE
"""

_LOCK_TENANT: LiteralString = """
SELECT wrapped_key
FROM daybook_keys.tenant_keys
WHERE tenant = %(tenant)s AND purpose = 'hash'
FOR UPDATE
"""

# Two processes may make a person's first key at the same time: the first one counts.
_CREATE: LiteralString = """
INSERT INTO daybook_keys.subject_keys (tenant, subject, part, key_id, wrapped_key)
SELECT %(tenant)s, %(subject)s, new.part, new.key_id, new.wrapped_key
FROM unnest(%(parts)s::text[], %(key_ids)s::uuid[], %(wrapped)s::bytea[]) AS new (part, key_id, wrapped_key)
WHERE NOT EXISTS (
    SELECT
    FROM daybook_keys.erased_subjects
    WHERE tenant = %(tenant)s AND subject = %(subject)s
)
ON CONFLICT (tenant, subject, part) DO NOTHING
"""

_REMEMBER_ERASED: LiteralString = """
INSERT INTO daybook_keys.erased_subjects (tenant, subject)
SELECT %(tenant)s, subject
FROM unnest(%(subjects)s::text[]) AS erased (subject)
ON CONFLICT DO NOTHING
"""

_DESTROY: LiteralString = """
WITH destroyed AS (
    DELETE FROM daybook_keys.subject_keys
    WHERE tenant = %(tenant)s
        AND subject = ANY (%(subjects)s::text[])
        AND (%(parts)s::text[] IS NULL OR part = ANY (%(parts)s::text[]))
    RETURNING key_id
), noted AS (
    UPDATE daybook_keys.destroyed_keys
    SET since = COALESCE(since, now())
    WHERE EXISTS (SELECT FROM destroyed)
)
SELECT count(*)
FROM destroyed
"""

_READ_TENANT_KEY: LiteralString = """
SELECT wrapped_key
FROM daybook_keys.tenant_keys
WHERE tenant = %(tenant)s AND purpose = %(purpose)s
"""

_CREATE_TENANT_KEY: LiteralString = """
INSERT INTO daybook_keys.tenant_keys (tenant, purpose, wrapped_key)
VALUES (%(tenant)s, %(purpose)s, %(wrapped)s)
ON CONFLICT DO NOTHING
"""


_NAMING_PURPOSE = "hash"


class WrappedKey(NamedTuple):
    """A key as it is stored: whose it is, for which part of what is known, and its wrapped bytes."""

    key_id: str
    subject: str
    part: str
    wrapped: bytes


class KeyStore:
    """The wrapped keys of one tenant."""

    def __init__(self, pool: Pool, tenant: str) -> None:
        self.tenant = tenant
        self._pool = pool

    def connection(self):
        """A connection of the pool, for transactions of several statements."""
        return self._pool.connection()

    async def by_id(self, key_ids: Sequence[str]) -> list[WrappedKey]:
        """Those of the keys that still exist."""
        return await self._read(_READ_BY_ID, {"key_ids": list(key_ids)})

    async def by_part(self, subject: str, parts: Sequence[str]) -> list[WrappedKey]:
        """The person's keys for these parts, as far as there are any."""
        return await self._read(_READ_BY_PART, {"subject": subject, "parts": list(parts)})

    async def _read(self, query: LiteralString, parameters: dict[str, object]) -> list[WrappedKey]:
        async with self._pool.connection() as connection, connection.cursor(row_factory=tuple_row) as cursor:
            await cursor.execute(query, {"tenant": self.tenant, **parameters})
            rows = await cursor.fetchall()
        return [WrappedKey(key_id, subject, part, bytes(wrapped)) for key_id, subject, part, wrapped in rows]

    async def parts_of(self, subjects: Sequence[str]) -> dict[str, set[str]]:
        """Which parts of these people still have a key."""
        found: dict[str, set[str]] = {}
        async with self._pool.connection() as connection:
            cursor = await connection.execute(
                _READ_PARTS, {"tenant": self.tenant, "subjects": list(subjects)}
            )
            for subject, part in await cursor.fetchall():
                found.setdefault(subject, set()).add(part)
        return found

    async def master_in_use(self, connection: Connection) -> bytes | None:
        """The id of the master key that wraps the tenant's new keys; it stays so until the transaction ends.

        None where it was not written down yet.
        """
        cursor = await connection.execute(_SHARE_TENANT, {"tenant": self.tenant})
        row = await cursor.fetchone()
        assert row is not None, "a vault's start makes it"
        return id_in(bytes(row[0]))

    async def master_named(self) -> bytes | None:
        """The id of that master key as it is now, without a lock."""
        async with self._pool.connection() as connection:
            cursor = await connection.execute(
                _READ_TENANT_KEY, {"tenant": self.tenant, "purpose": _NAMING_PURPOSE}
            )
            row = await cursor.fetchone()
        return None if row is None else id_in(bytes(row[0]))

    async def create(self, connection: Connection, subject: str, keys: Sequence[WrappedKey]) -> None:
        """Stores new keys of a person, but not for parts that have one, and none of somebody erased.

        Comes in the transaction of master_in_use.
        """
        await connection.execute(
            _CREATE,
            {
                "tenant": self.tenant,
                "subject": subject,
                "parts": [key.part for key in keys],
                "key_ids": [key.key_id for key in keys],
                "wrapped": [key.wrapped for key in keys],
            },
        )

    async def destroy(
        self, subjects: Sequence[str], parts: Sequence[str] | None = None, *, for_good: bool = False
    ) -> int:
        """Destroys the keys of these parts, of all without parts; `for_good`, none of theirs is made again.

        Returns how many were destroyed. When this returns, no process opens anything with them.
        """
        parameters = {
            "tenant": self.tenant,
            "subjects": list(subjects),
            "parts": None if parts is None else list(parts),
        }
        async with self._pool.connection() as connection, connection.transaction():
            await connection.execute(_LOCK_TENANT, parameters)
            if for_good:
                await connection.execute(_REMEMBER_ERASED, parameters)
            cursor = await connection.execute(_DESTROY, parameters)
            row = await cursor.fetchone()
        assert row is not None
        return row[0]

    async def tenant_key(self, purpose: str, wrapped: bytes) -> bytes:
        """The tenant's own key for a purpose; `wrapped` where there was none yet."""
        parameters = {"tenant": self.tenant, "purpose": purpose, "wrapped": wrapped}
        async with self._pool.connection() as connection:
            await connection.execute(_CREATE_TENANT_KEY, parameters)
            cursor = await connection.execute(_READ_TENANT_KEY, parameters)
            row = await cursor.fetchone()
        assert row is not None
        return bytes(row[0])
