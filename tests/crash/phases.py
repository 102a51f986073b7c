"""The phases of a batch, and which function of the product each one is: the only place that knows.

The product has no hooks for tests. A phase is met by wrapping its function in the process under test.
"""

import asyncio
import functools
import inspect
from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from api import requests
from infra.event_store import clerk
from infra.event_store.clerk import Clerk
from infra.event_store.codec import Codec
from infra.event_store.journal import Journal
from infra.event_store.knowledge import Knowledge
from tests.crash.fuses import Fuses


class Moment(StrEnum):
    """When, of the wrapped function: once it has begun to wait for the server, or when it has returned."""

    SENT = "sent"
    DONE = "done"


class Place(NamedTuple):
    """A function by its owner and name. Passes without `argument` set don't count.

    Nor do those of a `fruitful` one that return nothing.
    """

    owner: Any
    name: str
    moment: Moment = Moment.DONE
    argument: str | None = None
    fruitful: bool = False


PHASES: Mapping[str, Place] = {
    # A request waits, nothing is decided.
    "queue": Place(Clerk, "submit"),
    # Another process moved the head: its lock is held, then the tail is read.
    "lock": Place(Journal, "head", argument="lock"),
    "tail": Place(Knowledge, "catch_up"),
    # The batch is decided in memory; one command of it is encoded.
    "decide": Place(clerk, "decide"),
    "encode": Place(Codec, "encode"),
    # The append is with the server; the server has answered it; the first caller has been told.
    "insert": Place(Journal, "append", Moment.SENT),
    "commit": Place(Journal, "append"),
    "answer": Place(Clerk, "_tell"),
}

FINDING_OUT = "finding out"
"""After a lost connection: connected again, the outcome not yet known. No phase of a batch that goes well."""

PLACES: Mapping[str, Place] = {**PHASES, FINDING_OUT: Place(Knowledge, "reconnect")}


def carry(fuses: Fuses) -> None:
    """Makes this process, and those that it forks, heed the fuses and their clock."""
    watch_all(PLACES, fuses)
    _set_clock(fuses.now)


def watch_all(places: Mapping[str, Place], fuses: Fuses) -> None:
    """Makes this process heed the fuses at these places."""
    for phase, place in places.items():
        _watch(place, functools.partial(fuses.passed, phase))


def _watch(place: Place, passed: Callable[[], None]) -> None:
    """Calls `passed` at each pass of a place."""
    found = inspect.getattr_static(place.owner, place.name)
    inner: Callable[..., Any] = getattr(found, "__func__", found)

    def counts(arguments: Mapping[str, Any]) -> bool:
        return place.argument is None or bool(arguments.get(place.argument))

    def plain(*args: Any, **arguments: Any) -> Any:
        result = inner(*args, **arguments)
        passed()
        return result

    async def waiting(*args: Any, **arguments: Any) -> Any:
        if place.moment is Moment.SENT:
            task: asyncio.Future[Any] = asyncio.ensure_future(inner(*args, **arguments))
            # One turn of the loop: psycopg's first step hands the whole statement to the kernel.
            await asyncio.sleep(0)
            passed()
            return await task
        result = await inner(*args, **arguments)
        if counts(arguments) and (result or not place.fruitful):
            passed()
        return result

    wrapped = waiting if inspect.iscoroutinefunction(inner) else plain
    setattr(place.owner, place.name, staticmethod(wrapped) if isinstance(found, staticmethod) else wrapped)


def _set_clock(now: Callable[[], datetime]) -> None:
    begin = Clerk.__init__

    def begin_with_clock(self: Clerk, *args: Any, **arguments: Any) -> None:
        begin(self, *args, **{**arguments, "clock": now})

    setattr(Clerk, "__init__", begin_with_clock)  # noqa: B010 - a class is not to be assigned to
    setattr(requests, "now_utc", now)  # noqa: B010
