"""given(facts).when(command).then(facts): decisions on paper, without a journal.

States are folded and linked streams resolved as the journal's clerk does it, with the kinds of the book.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Self, TypeVar

import msgspec

from domain.book import AMENDMENTS, STREAM_KINDS
from domain.kernel.amending import amended
from domain.kernel.command import Command, Decision, Moment
from domain.kernel.errors import Refusal
from domain.kernel.event import Event
from domain.kernel.stream import States, StreamKind, Versioned

Fact = tuple[str, Event]
E = TypeVar("E", bound=Event)
S = TypeVar("S")

KINDS = {kind.category: kind for kind in STREAM_KINDS}

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def at(occurred_at: datetime, recorded_at: datetime | None = None) -> Moment:
    """A moment at which till and server agree, unless told otherwise."""
    return Moment(occurred_at=occurred_at, recorded_at=recorded_at or occurred_at)


class Shop:
    """A journal in memory: what happened, and the state of each stream. Refusals change nothing."""

    def __init__(self, *facts: Fact) -> None:
        self.facts: list[Fact] = []
        self._by_stream: dict[str, Versioned] = {}
        self.record(facts)

    def record(self, facts: Iterable[Fact]) -> None:
        for stream, event in facts:
            before = self.current(stream)
            evolve = KINDS[stream.partition("-")[0]].evolve
            self._by_stream[stream] = Versioned(evolve(before.state, event), before.version + 1)
            self.facts.append((stream, event))

    def current(self, stream: str) -> Versioned:
        return self._by_stream.get(stream) or Versioned(KINDS[stream.partition("-")[0]].initial, 0)

    def state(self, kind: StreamKind[S], id_: str) -> S:
        return States({kind.stream(id_): self.current(kind.stream(id_))}).of(kind, id_)

    def events(self, kind: type[E]) -> list[E]:
        return [event for _, event in self.facts if isinstance(event, kind)]

    def decide(self, command: Command, moment: Moment) -> Decision:
        """The decision on the declared streams alone, or its Refusal. Writes nothing."""
        declared = {stream: self.current(stream) for stream in command.streams()}
        while new := [stream for stream in command.linked(States(declared)) if stream not in declared]:
            declared |= {stream: self.current(stream) for stream in new}
        decision = command.decide(States(declared), moment)
        strangers = [stream for stream, _ in decision.events if stream not in declared]
        assert not strangers, f"{type(command).__name__} writes to streams it does not declare: {strangers}"
        assert type(decision.result) is command.RESULT
        facts = amended(decision.events, declared, moment, AMENDMENTS)
        return msgspec.structs.replace(decision, events=tuple(facts))

    def do(self, command: Command, moment: Moment | None = None) -> Decision | Refusal:
        """Decides and, if it was not refused, writes."""
        try:
            decision = self.decide(command, moment or at(NOON))
        except Refusal as refusal:
            return refusal
        self.record(decision.events)
        return decision


class Outcome:
    """What became of the command: a decision or a refusal."""

    def __init__(self, outcome: Decision | Refusal) -> None:
        self._outcome = outcome

    @property
    def decision(self) -> Decision:
        if isinstance(self._outcome, Refusal):
            raise self._outcome
        return self._outcome

    @property
    def answer(self) -> Any:
        """What the caller is told."""
        return self.decision.result

    def then(self, *facts: Fact) -> Self:
        """Exactly these events, in these streams, in this order; `then()`: nothing was written."""
        assert list(self.decision.events) == list(facts)
        return self

    def then_events(self, *events: Event) -> Self:
        """Exactly these events in this order, whatever their streams."""
        assert [event for _, event in self.decision.events] == list(events)
        return self

    def all(self, kind: type[E]) -> list[E]:
        """The written events of one type."""
        return [event for _, event in self.decision.events if isinstance(event, kind)]

    def only(self, kind: type[E]) -> E:
        """The one written event of its type."""
        (event,) = self.all(kind)
        return event

    def refused(self, kind: type[Refusal], /, **facts: object) -> None:
        """Refused for exactly this reason, with at least these facts, all of them ready for JSON."""
        assert isinstance(self._outcome, Refusal), f"accepted: {self._outcome}"
        assert type(self._outcome) is kind
        assert self._outcome.facts == {**self._outcome.facts, **facts}
        assert msgspec.json.decode(msgspec.json.encode(self._outcome.facts)) == self._outcome.facts


class Given:
    """The facts before the command."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    def after(self, *commands: Command) -> Self:
        """Commands that were accepted earlier."""
        for command in commands:
            self._shop.record(self._shop.decide(command, at(NOON)).events)
        return self

    @property
    def facts(self) -> list[Fact]:
        """All that has happened."""
        return self._shop.facts

    def state(self, kind: StreamKind[S], id_: str) -> S:
        """What has become of a stream."""
        return self._shop.state(kind, id_)

    def when(self, command: Command, moment: Moment | None = None) -> Outcome:
        """Decides twice: a decision is a pure function, so both are the same."""
        return Outcome(self._decide(command, moment or at(NOON)))

    def _decide(self, command: Command, moment: Moment) -> Decision | Refusal:
        try:
            decision = self._shop.decide(command, moment)
            assert decision == self._shop.decide(command, moment)
        except Refusal as refusal:
            return refusal
        return decision


def given(*facts: Fact) -> Given:
    """The facts, oldest first: `given(a_store(), by_piece("apple", 1000))`."""
    return Given(Shop(*facts))
