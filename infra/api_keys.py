"""API keys in the control schema: only the hash of a secret is kept, the key itself is told once."""

import difflib
import hashlib
import hmac
import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, LiteralString

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import tuple_row

from domain.kernel.errors import Refusal
from infra.errors import OperatorError

KEY_PREFIX = "dbk"
ALL_SCOPES = "*"
SCOPES = frozenset(
    {
        "audit:read",
        "care:react",
        "care:read",
        "care:write",
        "carriers:write",
        "closings:write",
        "complaints:compensate",
        "complaints:read",
        "complaints:write",
        "contacts:erase",
        "contacts:read",
        "counts:count",
        "counts:write",
        "coupons:codes",
        "coupons:read",
        "coupons:write",
        "customers:erase",
        "customers:export",
        "customers:hold",
        "customers:import",
        "customers:merge",
        "customers:read",
        "customers:write",
        "employees:erase",
        "employees:hold",
        "employees:read",
        "employees:write",
        "events:read",
        "honours:write",
        "fields:read",
        "fields:write",
        "inbox:read",
        "incentives:read",
        "incentives:write",
        "keys:read",
        "keys:write",
        "leads:read",
        "leads:rules",
        "leads:write",
        "loyalty:read",
        "loyalty:write",
        "markdowns:write",
        "offers:read",
        "offers:write",
        "orders:fulfil",
        "orders:read",
        "orders:write",
        "performance:write",
        "prices:override",
        "privacy:read",
        "privacy:write",
        "products:read",
        "products:write",
        "purchasing:read",
        "purchasing:write",
        "quotes:read",
        "reports:read",
        "reviews:read",
        "reviews:write",
        "sales:offline",
        "returns:policy",
        "returns:unlinked",
        "sales:correct",
        "sales:read",
        "sales:write",
        "shifts:read",
        "shifts:write",
        "status:read",
        "stock:read",
        "service_terms:write",
        "stock:write",
        "stored_value:read",
        "stored_value:write",
        "stores:read",
        "stores:write",
        "users:read",
        "users:write",
    }
)
"""Every permission that a key can have; a test holds them against the routes."""
PEOPLE_SCOPES = frozenset({"approvals:write", "session:own"})
"""What only people do who signed in: a key that may do everything may not do these."""
ROTATION_S = 7 * 24 * 60 * 60
"""How long a replaced key works beside its successor, if nothing else is said."""


class ScopeUnknown(OperatorError):
    """No route asks for the scope: a key with it would open nothing."""


class KeyUnknown(OperatorError):
    """The tenant has no such key, or more than one of this name, or it has ended."""


class KeyOutlivesMaker(Refusal):
    """A key that ends can't make one that goes on."""

    code = "key_outlives_maker"


class KeyBeingReplaced(OperatorError):
    """The key has a successor, or replaces one that still works: no third is made."""


# Keys of somebody who is disabled open nothing meanwhile.
_FIND_KEY: LiteralString = """
SELECT keys.tenant, secret_sha256, scopes, stores, expires_at, extract(epoch FROM expires_at - now()), user_id
FROM daybook.api_keys AS keys
LEFT JOIN daybook.users USING (user_id)
WHERE key_id = %(key_id)s
    AND revoked_at IS NULL
    AND (expires_at IS NULL OR expires_at > now())
    AND users.disabled IS NOT TRUE
"""

_INSERT_KEY: LiteralString = """
INSERT INTO daybook.api_keys (key_id, tenant, secret_sha256, name, scopes, stores, expires_at, successor_of,
    created_by, user_id)
VALUES (%(key_id)s, %(tenant)s, %(secret_sha256)s, %(name)s, %(scopes)s, %(stores)s,
    %(expires_at)s, %(successor_of)s, %(created_by)s, %(user_id)s)
"""

_READ_KEYS: LiteralString = """
SELECT key_id, name, scopes, stores, keys.created_at, expires_at, revoked_at, last_used_at, successor_of,
    created_by,
    revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now()) AND users.disabled IS NOT TRUE
FROM daybook.api_keys AS keys
LEFT JOIN daybook.users USING (user_id)
WHERE keys.tenant = %(tenant)s
ORDER BY keys.created_at, key_id
"""

# Two who replace the same key meet here, and the second finds the successor.
_LOCK_KEY: LiteralString = """
SELECT key_id
FROM daybook.api_keys
WHERE tenant = %(tenant)s AND key_id = %(key_id)s
FOR NO KEY UPDATE
"""

_END_KEY: LiteralString = """
UPDATE daybook.api_keys
SET expires_at = least(expires_at, now() + make_interval(secs => %(in_s)s))
WHERE tenant = %(tenant)s AND key_id = %(key_id)s
RETURNING expires_at
"""

_REVOKE_KEY: LiteralString = """
UPDATE daybook.api_keys
SET revoked_at = coalesce(revoked_at, now())
WHERE tenant = %(tenant)s AND key_id = %(key_id)s
RETURNING revoked_at
"""

_END_KEYS_OF: LiteralString = """
UPDATE daybook.api_keys
SET revoked_at = now()
WHERE tenant = %(tenant)s AND user_id = %(user_id)s AND revoked_at IS NULL
RETURNING key_id, revoked_at
"""

_NOTE_USE: LiteralString = """
UPDATE daybook.api_keys
SET last_used_at = now()
WHERE key_id = ANY (%(key_ids)s::text[])
"""


class Maker(msgspec.Struct, frozen=True, kw_only=True):
    """Who makes a key, as events name them; the person behind it, if one is; and when what they hold ends."""

    name: str
    user_id: str | None = None
    ends_at: datetime | None = None


class ApiKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key that is valid now: whose it is and what it opens. `stores` None means every store.

    `left_s` is how long it is good for; None is without end. `user_id` is the person behind it, if one is.
    """

    tenant: str
    scopes: frozenset[str]
    stores: frozenset[str] | None
    user_id: str | None = None
    expires_at: datetime | None = None
    left_s: float | None = None


class ListedKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key as owners see it; the secret is nowhere."""

    key_id: str
    name: str
    scopes: list[str]
    stores: list[str] | None
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None
    successor_of: str | None
    created_by: str | None
    live: bool


async def find_key(connection: AsyncConnection[Any], key_id: str, secret: str) -> ApiKey | None:
    """The key, if id and secret belong together and it is neither revoked nor expired."""
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_FIND_KEY, {"key_id": key_id})
        row = await cursor.fetchone()
    if row is None or not hmac.compare_digest(bytes(row[1]), hashlib.sha256(secret.encode()).digest()):
        return None
    tenant, _, scopes, stores, expires_at, left_s, user_id = row
    return ApiKey(
        tenant=tenant,
        scopes=frozenset(scopes),
        stores=None if stores is None else frozenset(stores),
        user_id=user_id,
        expires_at=expires_at,
        left_s=None if left_s is None else float(left_s),
    )


def check_scopes(scopes: Iterable[str]) -> None:
    """ScopeUnknown for a scope that there is not, or that no key can have."""
    for scope in scopes:
        if scope != ALL_SCOPES and scope not in SCOPES:
            close = difflib.get_close_matches(scope, SCOPES) or sorted(SCOPES)
            raise ScopeUnknown(f"there is no scope {scope!r}; did you mean {' or '.join(close)}?")


async def create_key(
    connection: AsyncConnection[Any],
    tenant: str,
    name: str,
    scopes: Sequence[str] = (ALL_SCOPES,),
    stores: Sequence[str] | None = None,
    *,
    expires_at: datetime | None = None,
    successor_of: str | None = None,
    by: Maker | None = None,
) -> str:
    """A new key, told once: dbk_<id>_<secret>. ScopeUnknown for a scope that there is not."""
    check_scopes(scopes)
    key_id, secret = secrets.token_hex(6), secrets.token_hex(24)
    await connection.execute(
        _INSERT_KEY,
        {
            "key_id": key_id,
            "tenant": tenant,
            "secret_sha256": hashlib.sha256(secret.encode()).digest(),
            "name": name,
            "scopes": list(scopes),
            "stores": None if stores is None else list(stores),
            "expires_at": expires_at,
            "successor_of": successor_of,
            "created_by": None if by is None else by.name,
            "user_id": None if by is None else by.user_id,
        },
    )
    return f"{KEY_PREFIX}_{key_id}_{secret}"


def end_within(maker: Maker, wanted: datetime | None) -> datetime | None:
    """When a new key ends: as wanted, or with the key that makes it. KeyOutlivesMaker for later than that."""
    if maker.ends_at is None:
        return wanted
    if wanted is not None and wanted > maker.ends_at:
        raise KeyOutlivesMaker(
            "A key ends no later than the one that makes it. Ask for an earlier end.",
            ends_at=maker.ends_at.isoformat(),
        )
    return wanted or maker.ends_at


def id_of(key: str) -> str:
    """The public part of a key: its id."""
    return key.split("_")[1]


async def list_keys(connection: AsyncConnection[Any], tenant: str) -> list[ListedKey]:
    """Every key that the tenant ever had, oldest first."""
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_READ_KEYS, {"tenant": tenant})
        names = [field.name for field in msgspec.structs.fields(ListedKey)]
        return [ListedKey(**dict(zip(names, row, strict=True))) for row in await cursor.fetchall()]


async def require_key(connection: AsyncConnection[Any], tenant: str, wanted: str) -> ListedKey:
    """The tenant's key with this id, or its one live key of this name. KeyUnknown if there is none."""
    keys = await list_keys(connection, tenant)
    for key in keys:
        if key.key_id == wanted:
            return key
    # A key that has a successor is on its way out: the name means the successor.
    replaced = {key.successor_of for key in keys}
    named = [key for key in keys if key.name == wanted and key.live and key.key_id not in replaced]
    if len(named) == 1:
        return named[0]
    if named:
        ids = ", ".join(key.key_id for key in named)
        raise KeyUnknown(f"several keys are named {wanted!r}: give an id ({ids})")
    raise KeyUnknown(f"there is no live key {wanted!r}; daybook keys list shows all")


async def lock_for_rotation(connection: AsyncConnection[Any], tenant: str, wanted: str) -> ListedKey:
    """The live key, held until the transaction ends. KeyBeingReplaced where two of its line work already."""
    key_id = (await require_key(connection, tenant, wanted)).key_id
    await connection.execute(_LOCK_KEY, {"tenant": tenant, "key_id": key_id})
    keys = {key.key_id: key for key in await list_keys(connection, tenant)}
    key = keys[key_id]
    if not key.live:
        raise KeyUnknown(f"the key {key_id} has ended; make a new one")
    line = [one for one in keys.values() if one.successor_of == key_id or one.key_id == key.successor_of]
    if other := next((one for one in line if one.live), None):
        raise KeyBeingReplaced(f"{other.key_id} works beside it already: revoke one of the two first")
    return key


async def end_key(connection: AsyncConnection[Any], tenant: str, key_id: str, in_s: float) -> datetime:
    """The key ends then, unless it ends before; when that is."""
    return await _only(connection, _END_KEY, {"tenant": tenant, "key_id": key_id, "in_s": in_s})


async def revoke_key(connection: AsyncConnection[Any], tenant: str, key_id: str) -> datetime:
    """The key opens nothing any more; since when."""
    return await _only(connection, _REVOKE_KEY, {"tenant": tenant, "key_id": key_id})


async def end_keys_of(
    connection: AsyncConnection[Any], tenant: str, user_id: str
) -> list[tuple[str, datetime]]:
    """Keys that the person made, or keys of theirs, open nothing any more; which, and since when."""
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_END_KEYS_OF, {"tenant": tenant, "user_id": user_id})
        return await cursor.fetchall()


async def note_use(connection: AsyncConnection[Any], key_ids: Sequence[str]) -> None:
    """These keys were used lately."""
    await connection.execute(_NOTE_USE, {"key_ids": list(key_ids)})


async def _only(
    connection: AsyncConnection[Any], statement: LiteralString, parameters: dict[str, Any]
) -> datetime:
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(statement, parameters)
        row = await cursor.fetchone()
    assert row is not None, "the caller has looked the key up"
    return row[0]
