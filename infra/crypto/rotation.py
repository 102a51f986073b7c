"""A new master key while the shop is open: every stored key is wrapped anew, and no event is touched.

A tenant's own keys come first, and with them the word that new keys are wrapped by the new master key. From
then on no key under an old one can appear, so the batches that follow come to an end. Killed at any moment,
every key is wrapped by a master key that is still in the file, and the next run goes on with what is left.
"""

from typing import LiteralString

from infra.crypto.master_key import UNNAMED_BYTES, MasterKey, MasterKeyError
from infra.crypto.vault import key_context, tenant_context
from infra.errors import OperatorError
from infra.postgres.pools import Connection

BATCH = 1_000

_READ_TENANTS: LiteralString = """
SELECT DISTINCT tenant
FROM daybook_keys.tenant_keys
ORDER BY tenant
"""

# Locked, so that nobody makes a key while the word changes.
_READ_TENANT_KEYS: LiteralString = """
SELECT purpose, wrapped_key
FROM daybook_keys.tenant_keys
WHERE tenant = %(tenant)s
ORDER BY purpose
FOR UPDATE
"""

_WRITE_TENANT_KEY: LiteralString = """
UPDATE daybook_keys.tenant_keys
SET wrapped_key = %(wrapped)s
WHERE tenant = %(tenant)s AND purpose = %(purpose)s
"""

_READ_OLD: LiteralString = """
SELECT key_id::text, subject, part, wrapped_key
FROM daybook_keys.subject_keys
WHERE tenant = %(tenant)s
    AND key_id > %(after)s::uuid
    AND (octet_length(wrapped_key) = %(unnamed_bytes)s OR substring(wrapped_key FOR 8) <> %(master)s)
ORDER BY key_id
LIMIT %(limit)s
"""

# A key that was destroyed meanwhile is not there any more, and does not come back.
_WRITE_KEYS: LiteralString = """
UPDATE daybook_keys.subject_keys
SET wrapped_key = new.wrapped_key
FROM unnest(%(key_ids)s::uuid[], %(wrapped)s::bytea[]) AS new (key_id, wrapped_key)
WHERE subject_keys.key_id = new.key_id
"""

_COUNT_OLD: LiteralString = """
SELECT count(*)
FROM (
    SELECT wrapped_key FROM daybook_keys.tenant_keys
    UNION ALL
    SELECT wrapped_key FROM daybook_keys.subject_keys
) AS stored
WHERE octet_length(wrapped_key) = %(unnamed_bytes)s OR substring(wrapped_key FOR 8) <> %(master)s
"""

# Held until the connection ends: two that put a key of their own first would each lose the other's.
_LOCK: LiteralString = """
SELECT pg_try_advisory_lock(hashtextextended('daybook master key', 0)),
    has_column_privilege('daybook_keys.tenant_keys', 'wrapped_key', 'UPDATE')
"""

_NONE: LiteralString = "00000000-0000-0000-0000-000000000000"


class CannotRotate(OperatorError):
    """The keys can't be wrapped anew now, or not with this login. Nothing was changed."""


async def begin_rotation(connection: Connection) -> None:
    """Keeps every other rotation out until the connection ends. CannotRotate."""
    cursor = await connection.execute(_LOCK)
    row = await cursor.fetchone()
    assert row is not None
    alone, may = row
    if not alone:
        raise CannotRotate("another rotation of the master key is at work: wait for its end")
    if not may:
        raise CannotRotate(
            "this login may not change wrapped keys: set DAYBOOK_OWNER_DATABASE_URL (or, of a key store of"
            " its own, DAYBOOK_KEYS_DATABASE_URL) to the login that owns it"
        )


async def keys_under_others(connection: Connection, master: MasterKey) -> int:
    """How many stored keys, of all tenants, are not wrapped by the first of the master keys."""
    cursor = await connection.execute(_COUNT_OLD, _which(master))
    row = await cursor.fetchone()
    assert row is not None
    return row[0]


async def rewrap_all(connection: Connection, master: MasterKey) -> int:
    """Wraps every tenant's keys by the first of the master keys; returns how many were wrapped anew."""
    cursor = await connection.execute(_READ_TENANTS)
    wrapped = 0
    failed: list[MasterKeyError] = []
    for (tenant,) in await cursor.fetchall():
        try:
            wrapped += await rewrap(connection, master, tenant)
        except MasterKeyError as error:
            # A damaged key of one merchant does not keep the others' under the old master key.
            failed.append(error)
    if failed:
        raise failed[0]
    return wrapped


async def rewrap(connection: Connection, master: MasterKey, tenant: str) -> int:
    """Wraps a tenant's keys by the first of the master keys; returns how many were wrapped anew.

    MasterKeyError, after what could be done, if one was damaged or wrapped by a master key that is not known.
    """
    wrapped = await _rewrap_own(connection, master, tenant)
    after = _NONE
    failed: list[MasterKeyError] = []
    while True:
        parameters = {"tenant": tenant, "after": after, "limit": BATCH, **_which(master)}
        rows = await (await connection.execute(_READ_OLD, parameters)).fetchall()
        if not rows:
            break
        fresh: dict[str, bytes] = {}
        for key_id, subject, part, old in rows:
            context = key_context(tenant, subject, part, key_id)
            try:
                fresh[key_id] = master.wrap(master.unwrap(bytes(old), context), context)
            except MasterKeyError as error:
                failed.append(error)
        await connection.execute(_WRITE_KEYS, {"key_ids": list(fresh), "wrapped": list(fresh.values())})
        wrapped += len(fresh)
        after = rows[-1][0]
    if failed:
        raise failed[0]
    return wrapped


async def _rewrap_own(connection: Connection, master: MasterKey, tenant: str) -> int:
    wrapped = 0
    async with connection.transaction():
        cursor = await connection.execute(_READ_TENANT_KEYS, {"tenant": tenant})
        for purpose, old in await cursor.fetchall():
            if len(old) != UNNAMED_BYTES and bytes(old).startswith(master.id):
                continue
            context = tenant_context(tenant, purpose)
            fresh = master.wrap(master.unwrap(bytes(old), context), context)
            parameters = {"tenant": tenant, "purpose": purpose, "wrapped": fresh}
            await connection.execute(_WRITE_TENANT_KEY, parameters)
            wrapped += 1
    return wrapped


def _which(master: MasterKey) -> dict[str, object]:
    return {"master": master.id, "unnamed_bytes": UNNAMED_BYTES}
