"""Doors: API keys, hashed, scoped by permission and by store. What is not allowed is refused."""

import hashlib
import re
import time

import msgspec
from litestar.handlers import BaseRouteHandler
from litestar.types import Scope

from api.errors import Problem
from infra.api_keys import ALL_SCOPES, KEY_PREFIX, find_key
from infra.postgres.pools import Pool

REMEMBERED_S = 10.0
"""How long a revoked key may still work in a process that has just seen it."""
REMEMBERED_KEYS = 10_000

_KEY = re.compile(rf"{KEY_PREFIX}_([0-9a-z]{{1,64}})_([0-9a-z]{{1,128}})")


class Principal(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks, for which tenant, and what they may do. `stores` None means every store."""

    key_id: str
    tenant: str
    scopes: frozenset[str]
    stores: frozenset[str] | None

    @property
    def name(self) -> str:
        """Who it was, as events and logs tell it: `key:<id>`."""
        return f"key:{self.key_id}"

    def may(self, scope: str) -> bool:
        """Whether the key has the scope."""
        return scope in self.scopes or ALL_SCOPES in self.scopes

    def require(self, scope: str) -> None:
        """Problem 403 without the scope."""
        if not self.may(scope):
            raise Problem(403, "forbidden", f"The key lacks the scope {scope}.", scope=scope)

    def require_store(self, store_id: str | None) -> None:
        """Problem 403 unless the key opens this store (or, for None, all of them)."""
        if self.stores is not None and store_id not in self.stores:
            raise Problem(403, "forbidden", "The key does not open this store.", store_id=store_id)


class Doorkeeper:
    """Finds principals by key, remembering for a few seconds whom it has seen."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._seen: dict[bytes, tuple[float, Principal]] = {}

    async def admit(self, authorization: str | None) -> Principal:
        """The principal of an Authorization header, or Problem 401."""
        scheme, _, key = (authorization or "").partition(" ")
        key = key.strip()
        parts = _KEY.fullmatch(key)
        if scheme.lower() != "bearer" or parts is None:
            raise _unauthenticated("Send Authorization: Bearer with an API key.")
        digest = hashlib.sha256(key.encode()).digest()
        seen = self._seen.get(digest)
        if seen is not None and time.monotonic() - seen[0] < REMEMBERED_S:
            return seen[1]
        principal = await self._find(*parts.groups())
        if len(self._seen) >= REMEMBERED_KEYS:
            self._seen.clear()
        self._seen[digest] = (time.monotonic(), principal)
        return principal

    async def _find(self, key_id: str, secret: str) -> Principal:
        async with self._pool.connection() as connection:
            key = await find_key(connection, key_id, secret)
        if key is None:
            raise _unauthenticated("The key is unknown, revoked or expired.")
        return Principal(key_id=key_id, tenant=key.tenant, scopes=key.scopes, stores=key.stores)


def _unauthenticated(detail: str) -> Problem:
    return Problem(401, "unauthenticated", detail, headers={"WWW-Authenticate": "Bearer"})


async def authorize(scope: Scope, handler: BaseRouteHandler) -> None:
    """Who asks becomes the scope's user. The handler's `scope` option must be among the key's scopes.

    No option, no entry.
    """
    doorkeeper: Doorkeeper = scope["litestar_app"].state.doorkeeper
    principal = await doorkeeper.admit(_authorization(scope))
    scope["user"] = principal
    required = handler.opt.get("scope")
    if required is None:
        raise Problem(403, "forbidden", "Nobody is allowed to do this.")
    principal.require(required)
    if (store_id := scope["path_params"].get("store_id")) is not None and required != "stores:write":
        principal.require_store(store_id)


def _authorization(scope: Scope) -> str | None:
    for name, value in scope["headers"]:
        if name == b"authorization":
            return value.decode("latin-1")
    return None
