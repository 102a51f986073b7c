"""Between events and stored bytes: JSON of envelope and data under a stable tag, upcast when read."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any, cast

import msgspec

from domain.book import EVENTS, STREAM_KINDS, UPCASTERS, Upcaster
from domain.kernel.event import AnyRecorded, Envelope, Event, Recorded
from domain.kernel.stream import StreamKind, Versioned

_ENCODER = msgspec.json.Encoder()


class UnknownEventType(Exception):
    """The journal holds a type that this version of the software doesn't know, being older than the data."""


class Codec:
    """Encodes and decodes the events it was given; `upcasters` bring old versions up to date."""

    def __init__(
        self,
        events: Sequence[type[Event]] = EVENTS,
        upcasters: Mapping[str, tuple[str, Upcaster]] = UPCASTERS,
    ) -> None:
        self._upcasters = upcasters
        self._decoders: dict[str, Callable[[bytes], AnyRecorded]] = {
            event.TYPE: _decoder_of(event) for event in events
        }
        self._types = {event.TYPE: event for event in events}

    def encode(self, envelope: Envelope, events: Sequence[Event]) -> list[bytes]:
        """The stored bytes of the events of one command: their envelope is encoded once."""
        prefix = _ENCODER.encode(envelope)[:-1] + b',"data":'
        return [b"%b%b}" % (prefix, _ENCODER.encode(event)) for event in events]

    def decode(self, type_: str, state: bytes, stream: str, version: int, position: int = 0) -> AnyRecorded:
        """The entry, in the newest version of its type. UnknownEventType if nothing knows it."""
        decoder = self._decoders.get(type_)
        recorded = decoder(state) if decoder is not None else self._upcast(type_, state)
        recorded.stream = stream
        recorded.version = version
        recorded.position = position
        return recorded

    def types_outside(self, events: Iterable[type[Event]]) -> list[str]:
        """The stored types that are known, in all their versions, and become none of these events."""
        wanted = {event.TYPE for event in events}
        known = {type_: type_ for type_ in (*self._types, *self._upcasters)}
        for type_ in known:
            while known[type_] in self._upcasters:
                known[type_] = self._upcasters[known[type_]][0]
        return sorted(type_ for type_, newest in known.items() if newest not in wanted)

    def _upcast(self, type_: str, state: bytes) -> AnyRecorded:
        stored = msgspec.json.decode(state)
        original = type_
        while type_ in self._upcasters:
            type_, upcast = self._upcasters[type_]
            stored["data"] = upcast(stored["data"])
        if type_ not in self._types:
            raise UnknownEventType(
                f"{original!r} is not in the book; run the version that recorded it or a newer one."
            )
        return cast("AnyRecorded", msgspec.convert(stored, Recorded[self._types[type_]]))


@cache
def _decoder_of(event: type[Event]) -> Callable[[bytes], AnyRecorded]:
    """Made once for all tenants, as shapes are."""
    # Recorded[X] is built at run time: the type checker can't follow, msgspec can.
    return cast("msgspec.json.Decoder[AnyRecorded]", msgspec.json.Decoder(Recorded[event])).decode


class StateStore:
    """How states of streams are found, folded and kept as snapshots."""

    def __init__(self, kinds: Sequence[StreamKind[Any]] = STREAM_KINDS) -> None:
        self._kinds = {kind.category: kind for kind in kinds}
        self._snapshot_topics = {
            kind.category: _shape_of(kind.category, cast("type[Any]", type(kind.initial)))
            for kind in kinds
            if kind.snapshot_every is not None
        }
        self.snapshot_topics = list(self._snapshot_topics.values())

    def kind_of(self, stream: str) -> StreamKind[Any]:
        """The kind that the stream's prefix names."""
        return self._kinds[stream.partition("-")[0]]

    def long_and_short(self, streams: Iterable[str]) -> tuple[list[str], list[str]]:
        """The streams of kinds that are kept as snapshots, and the others."""
        long: list[str] = []
        short: list[str] = []
        for stream in streams:
            (short if self.kind_of(stream).snapshot_every is None else long).append(stream)
        return long, short

    def initial(self, stream: str) -> Versioned:
        """The state of a stream in which nothing has happened."""
        return Versioned(self.kind_of(stream).initial, 0)

    def evolve(self, stream: str, before: Versioned, event: Event) -> Versioned:
        """The state after one more event."""
        return Versioned(self.kind_of(stream).evolve(before.state, event), before.version + 1)

    def encode_snapshot(self, stream: str, state: Versioned) -> tuple[str, bytes]:
        """Topic and bytes of a snapshot."""
        return self._snapshot_topics[self.kind_of(stream).category], _ENCODER.encode(state.state)

    def decode_snapshot(self, stream: str, version: int, state: bytes) -> Versioned:
        """The state that a snapshot of the present shape holds."""
        shape = cast("type[Any]", type(self.kind_of(stream).initial))
        return Versioned(msgspec.json.decode(state, type=shape), version)


@cache
def _shape_of(category: str, state: type[Any]) -> str:
    """A topic that changes with the state's fields, so that a snapshot of another shape is never read."""
    schema = _ENCODER.encode(msgspec.json.schema(state))
    return f"{category}.snapshot.{hashlib.sha256(schema).hexdigest()[:12]}"
