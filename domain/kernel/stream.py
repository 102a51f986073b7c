"""Streams and their states: the memory that decisions are made on."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Generic, TypeVar

import msgspec

from domain.kernel.errors import AlreadyExists, Erased, LegalHold, NotFound, VersionConflict
from domain.kernel.event import Event

S = TypeVar("S")


class StreamKind(Generic[S]):
    """One kind of stream: its name's prefix, its first state and how a fact changes the state.

    `evolve` is pure and never raises on recorded facts. `snapshot_every` is the number of events
    after which a state is worth storing; None for streams that are short by design.
    """

    def __init__(
        self,
        category: str,
        initial: S,
        evolve: Callable[[S, Event], S],
        *,
        snapshot_every: int | None = None,
    ) -> None:
        self.category = category
        self.initial = initial
        self.evolve = evolve
        self.snapshot_every = snapshot_every
        self._prefix = f"{category}-"

    def stream(self, id_: str) -> str:
        """The stream's name in the journal: `stock-main/apple` for category `stock`."""
        return self._prefix + id_


class Versioned(msgspec.Struct, frozen=True, gc=False):
    """A state and the number of events folded into it (0: the stream does not exist)."""

    state: Any
    version: int


class States:
    """What a decision may look at: the current states of the streams that it declared."""

    __slots__ = ("_by_stream",)

    def __init__(self, by_stream: Mapping[str, Versioned]) -> None:
        self._by_stream = by_stream

    def of(self, kind: StreamKind[S], id_: str) -> S:
        """The stream's state; the initial one where nothing has happened yet."""
        return self._by_stream[kind.stream(id_)].state

    def require(self, kind: StreamKind[S], id_: str) -> S:
        """The state of a stream that must exist, or NotFound."""
        stream = kind.stream(id_)
        self.require_stream(stream)
        return self._by_stream[stream].state

    def require_stream(self, stream: str) -> None:
        """NotFound unless something has happened in `stream`. For features that are strangers to it."""
        if self._by_stream[stream].version == 0:
            kind, _, id_ = stream.partition("-")
            raise NotFound(f"There is no {kind} {id_!r}. Check the id.", kind=kind, id=id_)

    def require_person(self, stream: str) -> None:
        """NotFound unless the person is known, or Erased. For features that are strangers to customers."""
        self.require_stream(stream)
        if self._by_stream[stream].state.erased:
            kind, _, id_ = stream.partition("-")
            raise Erased(f"The {kind} {id_!r} was erased.", kind=kind, id=id_)

    def is_erased(self, stream: str) -> bool:
        """Whether the person was forgotten. For features that are strangers to them."""
        return self._by_stream[stream].state.erased

    def require_free(self, stream: str) -> None:
        """LegalHold where somebody may need what is known of the person."""
        holds = self._by_stream[stream].state.holds
        if holds:
            kind, _, _ = stream.partition("-")
            raise LegalHold(f"The {kind} is under a legal hold. Lift it first.", reasons=list(holds))

    def require_absent(self, stream: str) -> None:
        """AlreadyExists if something has happened in `stream`."""
        if self._by_stream[stream].version > 0:
            kind, _, id_ = stream.partition("-")
            raise AlreadyExists(f"The {kind} {id_!r} exists. Choose another id.", kind=kind, id=id_)

    def require_version(self, stream: str, expected: int | None) -> None:
        """VersionConflict unless the stream is at `expected`; None asks for nothing."""
        require_version(self._by_stream[stream].version, expected)

    def after(self, facts: Iterable[tuple[str, Any]], kinds: Iterable[StreamKind[Any]]) -> "States":
        """The states once these facts have happened; `kinds` are those of their streams."""
        evolves = {kind.category: kind.evolve for kind in kinds}
        by_stream = dict(self._by_stream)
        for stream, event in facts:
            before = by_stream[stream]
            evolve = evolves[stream.partition("-")[0]]
            by_stream[stream] = Versioned(evolve(before.state, event), before.version + 1)
        return States(by_stream)

    def state(self, stream: str) -> Any:
        """The state of a stream by its name, None where it was not asked for."""
        found = self._by_stream.get(stream)
        return None if found is None else found.state

    def __contains__(self, stream: str) -> bool:
        return stream in self._by_stream

    def version(self, stream: str) -> int:
        """How many events the stream holds."""
        return self._by_stream[stream].version


def require_version(actual: int, expected: int | None) -> None:
    """VersionConflict unless it is the expected one; None asks for nothing."""
    if expected is not None and actual != expected:
        raise VersionConflict(
            "It has changed since you read it. Read it again and repeat the change.",
            expected=expected,
            actual=actual,
        )
