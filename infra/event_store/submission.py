"""What callers of the clerk give and get: where a command comes from, its answer, and what can go wrong."""

import asyncio
from datetime import datetime
from typing import Any

import msgspec

from domain.kernel.command import Command
from domain.kernel.errors import Refusal


class Origin(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Where a command comes from; it becomes the envelope of its events.

    `fingerprint` is a keyed hash of the request and set where a repeat is to be recognised: the command's id
    and answer are then kept. `occurred_at` None means now.
    """

    command_id: str
    actor: str
    channel: str
    terminal: str | None = None
    correlation_id: str | None = None
    causation_id: str | None = None
    occurred_at: datetime | None = None
    fingerprint: bytes | None = None


class Answer(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What a command led to: the position of its last event (or the head's) and the decision's result."""

    position: int
    result: Any
    replayed: bool = False


class CommandReused(Refusal):
    """The key was used before for another request."""

    code = "idempotency_key_reused"


class CommandInFlight(Refusal):
    """The same command is being decided right now; ask again for its answer."""

    code = "command_in_flight"


class QueueFull(Exception):
    """More commands wait than the clerk will hold. Try again a little later."""


class DecisionFailed(Exception):
    """A bug of ours in the rules for this command; the cause says which. Nothing of it was written."""


class OutcomeUnknown(Exception):
    """The connection was lost at commit and the journal could not be asked in time.

    The same request with the same key resolves it.
    """


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """A submitted command, the streams that it declares, and the answer that its caller waits for."""

    command: Command
    streams: tuple[str, ...]
    origin: Origin
    answer: asyncio.Future[Answer]
