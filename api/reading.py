"""Reading: pages behind opaque cursors, and waiting until a read model has seen a write."""

import asyncio
import base64
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Generic, LiteralString, TypeVar

import msgspec
from litestar import Response
from psycopg.rows import tuple_row

from api.answers import JsonAnswer
from api.errors import RETRY_AFTER_S, Problem
from api.requests import ShopRequest
from infra.event_store.submission import Answer
from infra.tenancy import Tenant

MAX_WAIT_S = 1.0
MAX_PAGE = 250

T = TypeVar("T")
_MAX_DIGITS = 18
_NUL = rb"\u0000"
"""As JSON spells what PostgreSQL's text can't hold."""

# The watch looks this often while somebody waits: one query for all who wait, none where nobody does.
_LOOK_EVERY_S = 0.005
_TRUSTED_S = 0.1

_REACHED: LiteralString = """
SELECT name, position
FROM projection_checkpoints
"""


class Page(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    """A page of a list; `next_cursor` null means that this was the last one."""

    data: list[T]
    next_cursor: str | None


class PositionWatch:
    """Knows how far a tenant's read models are, and lets readers wait for a position."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant
        self._reached: dict[str, int] = {}
        self._looked_at = 0.0
        self._waiting = 0
        self._looked = asyncio.Condition()
        self._task: asyncio.Task[None] | None = None

    async def wait_for(self, projection: str, position: int) -> None:
        """Returns when the read model has folded `position`. Problem 503 after MAX_WAIT_S."""
        asked_at = time.monotonic()
        if self._has_seen(projection, position, asked_at):
            return
        self._waiting += 1
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._look())
        try:
            async with asyncio.timeout(MAX_WAIT_S), self._looked:
                await self._looked.wait_for(lambda: self._has_seen(projection, position, asked_at))
        except TimeoutError:
            raise Problem(
                503,
                "not_caught_up",
                "The read models have not seen that position yet. Try again.",
                headers={"Retry-After": RETRY_AFTER_S},
                reached=self._reached.get(projection, 0),
            ) from None
        finally:
            self._waiting -= 1

    def _has_seen(self, projection: str, position: int, asked_at: float) -> bool:
        # A rollback, or a crash of the database, sets a read model back: what was seen holds for a moment.
        return self._reached.get(projection, 0) >= position and asked_at - self._looked_at < _TRUSTED_S

    async def _look(self) -> None:
        while self._waiting:
            looked_at = time.monotonic()
            async with (
                self._tenant.readers.connection() as connection,
                connection.cursor(row_factory=tuple_row) as cursor,
            ):
                await cursor.execute(_REACHED)
                self._reached = dict(await cursor.fetchall())
            self._looked_at = looked_at
            async with self._looked:
                self._looked.notify_all()
            await asyncio.sleep(_LOOK_EVERY_S)


def min_position(request: ShopRequest) -> int | None:
    """What Daybook-Min-Position asks for."""
    given = request.headers.get("daybook-min-position")
    if given is None:
        return None
    if not given.isascii() or not given.isdigit() or len(given) > _MAX_DIGITS:
        raise Problem(400, "invalid_request", "Daybook-Min-Position is the number of a position.")
    return int(given)


async def caught_up(request: ShopRequest, tenant: Tenant, projection: str) -> None:
    """Honours Daybook-Min-Position: waits until the read model that is to be read has seen it."""
    position = min_position(request)
    if position is not None:
        await folded(request, tenant, projection, position)


async def folded(request: ShopRequest, tenant: Tenant, projection: str, position: int) -> None:
    """Waits until a read model has seen a position."""
    watches: dict[str, PositionWatch] = request.app.state.watches
    watch = watches.get(tenant.name)
    if watch is None:
        watch = watches[tenant.name] = PositionWatch(tenant)
    await watch.wait_for(projection, position)


def encode_cursor(*key: str | datetime) -> str:
    """An opaque cursor that continues after a key."""
    return base64.urlsafe_b64encode(msgspec.json.encode(key)).decode().rstrip("=")


def decode_cursor(cursor: str | None, key: type[T]) -> T | None:
    """The key in a cursor, None without one. Problem 400 for anything that encode_cursor didn't make."""
    if cursor is None:
        return None
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        said = base64.urlsafe_b64decode(padded.encode("ascii"))
        if _NUL in said:
            raise ValueError
        return msgspec.json.decode(said, type=key)
    except (ValueError, msgspec.MsgspecError):
        raise Problem(
            400, "invalid_request", "cursor must be the next_cursor of an earlier answer."
        ) from None


def page_of(rows: Sequence[T], limit: int, key: Callable[[T], tuple[str | datetime, ...]]) -> Page[T]:
    """A page from `limit` + 1 rows: the one too many only tells that there is a next page."""
    data = list(rows[:limit])
    return Page(data=data, next_cursor=encode_cursor(*key(data[-1])) if len(rows) > limit else None)


def read(content: T, version: int) -> Response[T]:
    """A stream's state with its version as ETag."""
    return JsonAnswer(content, headers={"ETag": f'"{version}"'})


def written(content: T, answer: Answer, status: int = 200, version: int | None = None) -> Response[T]:
    """The answer to a write, saying up to where a reader must wait to see it; of a change, its new ETag."""
    headers = {"Daybook-Position": str(answer.position)}
    if version is not None:
        headers["ETag"] = f'"{version}"'
    if answer.replayed:
        headers["Idempotent-Replayed"] = "true"
    return JsonAnswer(content, status_code=status, headers=headers)
