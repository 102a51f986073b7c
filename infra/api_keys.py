"""API keys in the control schema: only the hash of a secret is kept, the key itself is told once."""

import difflib
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from typing import Any, LiteralString

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import tuple_row

from infra.errors import OperatorError

KEY_PREFIX = "dbk"
ALL_SCOPES = "*"
SCOPES = frozenset(
    {
        "audit:read",
        "complaints:read",
        "complaints:write",
        "coupons:read",
        "coupons:write",
        "customers:erase",
        "customers:export",
        "customers:hold",
        "customers:read",
        "customers:write",
        "employees:erase",
        "employees:read",
        "employees:write",
        "events:read",
        "prices:override",
        "privacy:read",
        "privacy:write",
        "products:read",
        "products:write",
        "reports:read",
        "sales:read",
        "sales:write",
        "status:read",
        "stock:read",
        "stock:write",
        "stores:read",
        "stores:write",
    }
)
"""Every permission that a key can have; a test holds them against the routes."""


class ScopeUnknown(OperatorError):
    """No route asks for the scope: a key with it would open nothing."""


_FIND_KEY: LiteralString = """
SELECT tenant, secret_sha256, scopes, stores
FROM daybook.api_keys
WHERE key_id = %(key_id)s
    AND revoked_at IS NULL
    AND (expires_at IS NULL OR expires_at > now())
"""

_INSERT_KEY: LiteralString = """
INSERT INTO daybook.api_keys (key_id, tenant, secret_sha256, name, scopes, stores)
VALUES (%(key_id)s, %(tenant)s, %(secret_sha256)s, %(name)s, %(scopes)s, %(stores)s)
"""


class ApiKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key that is valid now: whose it is and what it opens. `stores` None means every store."""

    tenant: str
    scopes: frozenset[str]
    stores: frozenset[str] | None


async def find_key(connection: AsyncConnection[Any], key_id: str, secret: str) -> ApiKey | None:
    """The key, if id and secret belong together and it is neither revoked nor expired."""
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_FIND_KEY, {"key_id": key_id})
        row = await cursor.fetchone()
    if row is None or not hmac.compare_digest(bytes(row[1]), hashlib.sha256(secret.encode()).digest()):
        return None
    tenant, _, scopes, stores = row
    return ApiKey(
        tenant=tenant, scopes=frozenset(scopes), stores=None if stores is None else frozenset(stores)
    )


async def create_key(
    connection: AsyncConnection[Any],
    tenant: str,
    name: str,
    scopes: Sequence[str] = (ALL_SCOPES,),
    stores: Sequence[str] | None = None,
) -> str:
    """A new key, told once: dbk_<id>_<secret>. ScopeUnknown for a scope that there is not."""
    for scope in scopes:
        if scope != ALL_SCOPES and scope not in SCOPES:
            close = difflib.get_close_matches(scope, SCOPES) or sorted(SCOPES)
            raise ScopeUnknown(f"there is no scope {scope!r}; did you mean {' or '.join(close)}?")
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
        },
    )
    return f"{KEY_PREFIX}_{key_id}_{secret}"
