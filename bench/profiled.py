"""The API with a stopwatch at every phase of a checkout; what it measured is written down when it ends.

`python -m bench.profiled` serves it where the API's settings say. It is a little slower than the shop's own:
to tell an insert from its commit it makes a transaction of what is one statement there.
"""

import os
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import msgspec
from litestar.types import ASGIApp, Receive, Scope, Send
from psycopg.pq import TransactionStatus

from api import app as api_app
from api.requests import StrictRequest
from infra.event_store import clerk as clerk_module
from infra.event_store.clerk import Clerk
from infra.event_store.codec import Codec
from infra.event_store.journal import Connection, Journal
from infra.event_store.knowledge import Knowledge
from infra.settings import Settings
from workers.processes import serve_app

FILE = "BENCH_PHASES_FILE"
"""The variable that says where the profile goes."""
AROUND_DECIDING = ("read", "encode")
"""What happens while a batch is being decided and is told apart from it."""

Times = dict[str, float]
Asynchronous = Callable[..., Awaitable[Any]]


class Profile(msgspec.Struct, kw_only=True):
    """Sums over a server's life: `order_s` of what each order waited for, `batch_s` of what batches took."""

    orders: int = 0
    batches: int = 0
    order_s: Times = msgspec.field(default_factory=lambda: defaultdict(float))
    batch_s: Times = msgspec.field(default_factory=lambda: defaultdict(float))


profile = Profile()
_marks: ContextVar[Times] = ContextVar("marks of the request at work")
_submitted: dict[str, Times] = {}
_decided: dict[int, float] = {}


def _between(marks: Times, phase: str, earlier: str, later: str) -> None:
    profile.order_s[phase] += marks[later] - marks[earlier]


def _note(marks: Times) -> None:
    """A request was answered: what it waited for."""
    marks["answered"] = time.perf_counter()
    if "told" not in marks:
        return
    profile.orders += 1
    _between(marks, "total", "began", "answered")
    _between(marks, "route", "began", "reading")
    _between(marks, "parse", "reading", "read")
    _between(marks, "command", "read", "submitted")
    _between(marks, "queue", "submitted", "taken")
    _between(marks, "batch", "taken", "told")
    _between(marks, "answer", "told", "answered")


def _wrap(owner: Any, name: str, wrapped_in: Callable[[Any], Any]) -> None:
    """Puts something around a function of the product's own, which has no room for stopwatches."""
    setattr(owner, name, wrapped_in(getattr(owner, name)))


def _timed(phase: str) -> Callable[[Asynchronous], Asynchronous]:
    def around(function: Asynchronous) -> Asynchronous:
        async def timed(*given: Any, **named: Any) -> Any:
            began = time.perf_counter()
            try:
                return await function(*given, **named)
            finally:
                profile.batch_s[phase] += time.perf_counter() - began

        return timed

    return around


def _read_body(read: Asynchronous) -> Asynchronous:
    async def reading(request: StrictRequest) -> Any:
        marks = _marks.get()
        marks["reading"] = time.perf_counter()
        body = await read(request)
        marks["read"] = time.perf_counter()
        return body

    return reading


def _submit(submit: Callable[..., Any]) -> Callable[..., Any]:
    def submitting(clerk: Clerk, command: Any, origin: Any) -> Any:
        marks = _submitted[origin.command_id] = _marks.get()
        marks["submitted"] = time.perf_counter()
        return submit(clerk, command, origin)

    return submitting


def _take(take: Callable[..., Any]) -> Callable[..., Any]:
    def taking(clerk: Clerk, most: int) -> Any:
        batch = take(clerk, most)
        profile.batches += 1
        for request in batch:
            _submitted[request.origin.command_id]["taken"] = time.perf_counter()
        return batch

    return taking


def _tell(tell: Callable[..., None]) -> Any:
    def telling(request: Any, answer: Any) -> None:
        _submitted.pop(request.origin.command_id)["told"] = time.perf_counter()
        tell(request, answer)

    return staticmethod(telling)


def _head(head: Asynchronous) -> Asynchronous:
    locked = _timed("lock")(head)

    async def heading(journal: Journal, connection: Connection, *, lock: bool = False) -> Any:
        return await (locked if lock else head)(journal, connection, lock=lock)

    return heading


def _append(append: Asynchronous) -> Asynchronous:
    insert = _timed("insert")(append)

    async def appending(journal: Journal, connection: Connection, **named: Any) -> Any:
        if connection.info.transaction_status != TransactionStatus.IDLE:
            return await insert(journal, connection, **named)
        await connection.execute("BEGIN")
        landed = await insert(journal, connection, **named)
        await _timed("commit")(connection.execute)("COMMIT")
        return landed

    return appending


def _encode(encode: Callable[..., Any]) -> Callable[..., Any]:
    def encoding(*given: Any) -> Any:
        began = time.perf_counter()
        encoded = encode(*given)
        profile.batch_s["encode"] += time.perf_counter() - began
        return encoded

    return encoding


def _decide(decide: Asynchronous) -> Asynchronous:
    def told_apart() -> float:
        return sum(profile.batch_s[phase] for phase in AROUND_DECIDING)

    async def deciding(*given: Any) -> Any:
        apart, began = told_apart(), time.perf_counter()
        outcome = await decide(*given)
        _decided[id(outcome)] = time.perf_counter()
        profile.batch_s["decide"] += _decided[id(outcome)] - began - (told_apart() - apart)
        return outcome

    return deciding


def _write(write: Asynchronous) -> Asynchronous:
    """What was decided ahead waits for its turn: the batch before it is still being written."""

    async def writing(clerk: Clerk, decided: Any) -> Any:
        profile.batch_s["turn"] += time.perf_counter() - _decided.pop(id(decided))
        return await write(clerk, decided)

    return writing


def watch() -> None:
    """Puts a stopwatch around every phase."""
    _wrap(StrictRequest, "json", _read_body)
    _wrap(Clerk, "submit", _submit)
    _wrap(Clerk, "_take", _take)
    _wrap(Clerk, "_tell", _tell)
    _wrap(clerk_module, "decide", _decide)
    _wrap(Clerk, "_write", _write)
    _wrap(Codec, "encode", _encode)
    _wrap(Journal, "head", _head)
    _wrap(Journal, "append", _append)
    _wrap(Knowledge, "_fold_tail", _timed("tail"))
    _wrap(Journal, "read_needed", _timed("read"))


def create_app() -> ASGIApp:
    """The shop's own application between two marks."""
    watch()
    app = api_app.create_app()
    file = Path(os.environ[FILE])

    async def watched(scope: Scope, receive: Receive, send: Send) -> None:
        marks: Times = {"began": time.perf_counter()}
        _marks.set(marks)
        await app(scope, receive, send)
        if scope["type"] == "http":
            _note(marks)
        else:
            # The server's life has ended.
            file.write_bytes(msgspec.json.encode(profile))  # noqa: ASYNC240

    return watched


if __name__ == "__main__":
    serve_app("bench.profiled:create_app", Settings.from_environment(os.environ))
