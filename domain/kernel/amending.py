"""Amendments: what a fact brings with it into the same decision, whichever command it comes of."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from domain.kernel.command import Moment
from domain.kernel.event import Event
from domain.kernel.stream import Versioned

Facts = Sequence[tuple[str, Event]]


class Amendment(msgspec.Struct, frozen=True, kw_only=True):
    """Where a stream's state says that it `is_due`, `amend` says more of the facts of a decision.

    It is given the state before them and the stream's facts, and answers with as many facts in their place
    and with those that follow. Both are pure.
    """

    is_due: Callable[[Any], bool]
    amend: Callable[[Any, Sequence[Event], Moment], tuple[Sequence[Event], Sequence[Event]]]


def amended(
    facts: Facts,
    states: Mapping[str, Versioned],
    at: Moment,
    amendments: Mapping[type[Event], Amendment],
) -> Facts:
    """The facts of a decision with all that they bring, which comes last: nothing was decided on it."""
    due = {
        stream: amendment
        for stream, event in facts
        if (amendment := amendments.get(type(event))) is not None and amendment.is_due(states[stream].state)
    }
    if not due:
        return facts
    said: dict[str, list[Event]] = {}
    follow: list[tuple[str, Event]] = []
    for stream, amendment in due.items():
        own = [event for of, event in facts if of == stream]
        instead, more = amendment.amend(states[stream].state, own, at)
        said[stream] = list(reversed(instead))
        follow += [(stream, event) for event in more]
    return [*((stream, said[stream].pop() if stream in due else event) for stream, event in facts), *follow]
