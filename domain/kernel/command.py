"""Commands: what somebody wants to happen, and the decision whether and how it does."""

from collections.abc import Iterable
from datetime import datetime
from typing import ClassVar

import msgspec

from domain.kernel.event import Event
from domain.kernel.stream import States


class Moment(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """When a decision is made: the till's clock and the server's. Both UTC-aware."""

    occurred_at: datetime
    recorded_at: datetime


class Decision(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What a command leads to: events for one or several streams, together or not at all.

    `result` is the answer to the caller: a struct without personal data, kept with the command's
    id so that a repeat gets the same answer.
    """

    events: tuple[tuple[str, Event], ...]
    result: msgspec.Struct


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of commands that only change something: what they changed."""

    id: str


class Command(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An imperative. Its decision is a pure function of the declared streams' states.

    RESULT is the type of its decisions' results, needed to read a kept answer back.
    """

    RESULT: ClassVar[type[msgspec.Struct]] = Done

    def streams(self) -> Iterable[str]:
        """The streams that the decision looks at."""
        raise NotImplementedError

    def linked(self, states: States) -> Iterable[str]:
        """Streams known only from the states of others (a coupon's campaign); asked until none is new."""
        return ()

    def decide(self, states: States, at: Moment) -> Decision:
        """The events that follow, or a Refusal. Pure: no clock, no random numbers, no I/O."""
        raise NotImplementedError
