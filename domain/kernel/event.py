"""Events: what happened, immutable, named by a stable tag that no Python path appears in."""

from datetime import datetime
from typing import Any, ClassVar, Generic, TypeVar

import msgspec


class Event(msgspec.Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A recorded fact. Subclasses name their stored type in TYPE, as `subject.happened.vN`.

    Fields may be added with a default; any other change is a new version with an upcaster
    (domain/book.py). Amounts are integer minor units, weights grams, rates basis points.
    """

    TYPE: ClassVar[str]


E = TypeVar("E", bound=Event)


class Envelope(msgspec.Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Who, when and why: the same for all events of one command.

    `occurred_at` is the till's clock, `recorded_at` the server's; the latter never decreases along
    the journal because it is taken under the head lock.
    """

    occurred_at: datetime
    recorded_at: datetime
    actor: str
    channel: str
    terminal: str | None = None
    command_id: str
    correlation_id: str
    causation_id: str | None = None


class Recorded(msgspec.Struct, Generic[E], frozen=False, kw_only=True, gc=False):
    """One journal entry: envelope and data as stored, plus where the journal put it.

    `position`, `stream` and `version` are columns of the journal, not part of the stored bytes; the
    reader fills them in after decoding, which is why the struct is not frozen.
    """

    occurred_at: datetime
    recorded_at: datetime
    actor: str
    channel: str
    terminal: str | None = None
    command_id: str
    correlation_id: str
    causation_id: str | None = None
    data: E
    position: int = 0
    stream: str = ""
    version: int = 0


AnyRecorded = Recorded[Any]
