"""Doors: who stands there, by API key or by the token of a session. What is not allowed is refused."""

import asyncio
import hashlib
import re
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress

import psycopg
import structlog
from litestar.handlers import BaseRouteHandler
from litestar.types import Scope
from psycopg_pool import PoolTimeout

from api.errors import Problem
from api.principal import Principal
from infra.access import sessions
from infra.access.changes import CHANNEL
from infra.access.sessions import TOKEN_BYTES, TOKEN_PREFIX, find_session
from infra.api_keys import KEY_PREFIX, Maker, find_key, note_use
from infra.postgres.pools import Connection, Pool

ANYBODY = "anybody"
"""The scope of what is checked like every call, but needs no key: signing in."""
OWN = "session:own"
"""What everybody who signed in may do, whatever their roles."""
REMEMBERED_S = 10.0
"""How long what has ended may still work in a process that has just seen it and was not told."""
REMEMBERED_KEYS = 10_000
NOTE_EVERY_S = 30.0
"""How often it is noted what was used: once for all requests in between."""
LISTEN_AGAIN_S = 1.0

_KEY = re.compile(rf"{KEY_PREFIX}_([0-9a-z]{{1,64}})_([0-9a-z]{{1,128}})")
_TOKEN = re.compile(rf"{TOKEN_PREFIX}_[0-9a-f]{{{2 * TOKEN_BYTES}}}")

log = structlog.get_logger(__name__)


class Doorkeeper:
    """Finds principals by key or token, remembering for a few seconds whom it has seen.

    Once started it also listens for changes of the doors, upon which it forgets everybody at once, and notes
    from time to time which keys and sessions were used.
    """

    def __init__(self, pool: Pool, connect: Callable[[], Awaitable[Connection]]) -> None:
        self._pool = pool
        self._connect = connect
        self._seen: dict[bytes, tuple[float, Principal]] = {}
        self._changes = 0
        self._used: dict[str, set[bytes]] = {}
        self._noted_at = time.monotonic()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begins to listen and to note."""
        self._task = asyncio.create_task(self._watch())

    async def stop(self) -> None:
        """Ends that, and notes what is not noted yet."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        with suppress(psycopg.Error, PoolTimeout):
            await self._note()

    def forget_all(self) -> None:
        """Everybody is looked up again."""
        self._changes += 1
        self._seen.clear()

    async def admit(self, authorization: str | None) -> Principal:
        """The principal of an Authorization header, or Problem 401."""
        scheme, _, secret = (authorization or "").partition(" ")
        secret = secret.strip()
        digest = hashlib.sha256(secret.encode()).digest()
        seen = self._seen.get(digest)
        if seen is not None and scheme.lower() == "bearer" and time.monotonic() < seen[0]:
            return seen[1]
        if scheme.lower() != "bearer":
            raise _unauthenticated("Send Authorization: Bearer with an API key or the token of a session.")
        began, changes = time.monotonic(), self._changes
        principal, left_s = await self._find(secret)
        if len(self._seen) >= REMEMBERED_KEYS:
            self._seen.clear()
        # What was read before a change may be what the change ended.
        if changes == self._changes:
            until = began + (REMEMBERED_S if left_s is None else min(REMEMBERED_S, left_s))
            self._seen[digest] = (until, principal)
        kind, _, id_ = principal.name.partition(":")
        self._used.setdefault(kind, set()).add(digest if kind == "person" else id_.encode())
        return principal

    async def _find(self, secret: str) -> tuple[Principal, float | None]:
        if (parts := _KEY.fullmatch(secret)) is not None:
            async with self._pool.connection() as connection:
                key = await find_key(connection, *parts.groups())
            if key is None:
                raise _unauthenticated("The key is unknown, revoked or expired.")
            name = f"key:{parts[1]}"
            principal = Principal(
                name=name,
                tenant=key.tenant,
                scopes=key.scopes,
                stores=key.stores,
                maker=Maker(name=name, user_id=key.user_id, ends_at=key.expires_at),
            )
            return principal, key.left_s
        if _TOKEN.fullmatch(secret) is None:
            raise _unauthenticated("Send Authorization: Bearer with an API key or the token of a session.")
        async with self._pool.connection() as connection:
            session = await find_session(connection, secret)
        if session is None:
            raise _unauthenticated("The session is unknown or over. Sign in again.")
        person = session.person
        name = f"person:{person.user_id}"
        principal = Principal(
            name=name,
            tenant=person.tenant,
            scopes=person.scopes() | {OWN},
            stores=None,
            person=person,
            maker=Maker(name=name, user_id=person.user_id),
        )
        return principal, session.left_s

    async def _watch(self) -> None:
        while True:
            try:
                async with await self._connect() as connection:
                    await connection.execute(f"LISTEN {CHANNEL}")
                    # What was told while nobody listened is not told again: it holds within REMEMBERED_S. To
                    # forget everybody here would have tills wait for the pool just when PostgreSQL is back.
                    while True:
                        async for _ in connection.notifies(timeout=NOTE_EVERY_S, stop_after=1):
                            self.forget_all()
                        if time.monotonic() - self._noted_at >= NOTE_EVERY_S:
                            await self._note()
            except (psycopg.Error, PoolTimeout) as error:
                log.warning("doors_not_heard", error=str(error), forgets_by_itself_after_s=REMEMBERED_S)
                await asyncio.sleep(LISTEN_AGAIN_S)

    async def _note(self) -> None:
        self._noted_at = time.monotonic()
        used, self._used = self._used, {}
        if not used:
            return
        async with self._pool.connection() as connection:
            await note_use(connection, [key.decode() for key in used.get("key", ())])
            await sessions.note_use(connection, list(used.get("person", ())))


def _unauthenticated(detail: str) -> Problem:
    return Problem(401, "unauthenticated", detail, headers={"WWW-Authenticate": "Bearer"})


async def authorize(scope: Scope, handler: BaseRouteHandler, authorization: str | None) -> None:
    """Who asks becomes the scope's user, who must have the handler's `scope` option among their scopes.

    No option, no entry.
    """
    doorkeeper: Doorkeeper = scope["litestar_app"].state.doorkeeper
    principal = await doorkeeper.admit(authorization)
    scope["user"] = principal
    required = handler.opt.get("scope")
    if required is None:
        raise Problem(403, "forbidden", "Nobody is allowed to do this.")
    if principal.person is not None and principal.person.must_change and required != OWN:
        raise Problem(403, "password_change_required", "Choose a password of your own first.")
    scope["user"] = principal = principal.acting(required)
    if (store_id := scope["path_params"].get("store_id")) is not None and required != "stores:write":
        principal.require_store(store_id)
