"""Bundles: a range of the journal as CloudEvents 1.0 in JSON Lines, with the proof that it was sealed.

The first line holds a checkpoint and the subtrees left and right of the range; then each event is a line
whose `data` is the stored bytes, verbatim; the last line closes it. Pure: made from entries, checked from
lines. Every line has one spelling, so a file in which any byte was changed is refused.
"""

import base64
from collections.abc import Iterable, Sequence

import msgspec
from msgspec import UNSET, UnsetType

from infra.audit.checkpoint import Checkpoint, VerifierKey
from infra.audit.key_chain import KeyChain
from infra.audit.leaf import leaf_hashes
from infra.audit.merkle import Frontier, extends, perfect_nodes
from infra.errors import OperatorError
from infra.event_store.journal import StoredEntry

BEGUN = "daybook.bundle.begun.v1"
ENDED = "daybook.bundle.ended.v1"
JSON_TYPE = "application/json"

_BIGGEST = 1 << 63
_ENCODER = msgspec.json.Encoder()


class BundleRefused(OperatorError):
    """The file is not a bundle, or not of the history that the checkpoint has sealed."""


class CloudEvent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """CloudEvents 1.0, JSON format. `position` and `streamversion` are our extensions, as text."""

    specversion: str
    id: str
    source: str
    type: str
    subject: str | UnsetType = UNSET
    time: str | UnsetType = UNSET
    datacontenttype: str | UnsetType = UNSET
    position: str | UnsetType = UNSET
    streamversion: str | UnsetType = UNSET
    data: msgspec.Raw | UnsetType = UNSET
    data_base64: str | UnsetType = UNSET


class Since(msgspec.Struct, frozen=True, kw_only=True):
    """The proof that the tree of an older size is the beginning of the bundle's."""

    size: int
    proof: list[bytes]


class Begun(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a bundle begins with: positions first … last, and the hashes beside them, each in base64.

    `changes` are the checkpoints up to this one with which one key followed another.
    """

    first: int
    last: int
    checkpoint: str
    before: list[bytes]
    after: list[bytes]
    since: Since | None = None
    changes: list[str] = []


class Ended(msgspec.Struct, frozen=True, kw_only=True):
    """What a whole bundle ends with."""

    first: int
    last: int
    size: int


class _Stamped(msgspec.Struct):
    recorded_at: str


class Bundle(msgspec.Struct, frozen=True, kw_only=True):
    """What a file has proven: these positions are a part of what the checkpoint has sealed.

    `older` is the size of the checkpoint in hand of which this history is shown to be the continuation. `key`
    has signed the checkpoint: the one that is trusted, or one to which it leads.
    """

    checkpoint: Checkpoint
    key: str
    first: int
    last: int
    older: int | None


_LINE = msgspec.json.Decoder(CloudEvent)
_BEGUN = msgspec.json.Decoder(Begun)
_STAMPED = msgspec.json.Decoder(_Stamped)


def first_line(begun: Begun, origin: str, size: int) -> bytes:
    """The bundle's first line."""
    return _framing(BEGUN, origin, f"bundle-{size}-{begun.first}-{begun.last}-begun", begun)


def last_line(begun: Begun, origin: str, size: int) -> bytes:
    """The bundle's last line."""
    ended = Ended(first=begun.first, last=begun.last, size=size)
    return _framing(ENDED, origin, f"bundle-{size}-{begun.first}-{begun.last}-ended", ended)


def _framing(type_: str, origin: str, id_: str, data: Begun | Ended) -> bytes:
    event = CloudEvent(
        specversion="1.0",
        id=id_,
        source=origin,
        type=type_,
        datacontenttype=JSON_TYPE,
        data=msgspec.Raw(_ENCODER.encode(data)),
    )
    return _ENCODER.encode(event) + b"\n"


def event_line(origin: str, entry: StoredEntry) -> bytes:
    """An event's line. Stored bytes that would not be one line of JSON go as base64, verbatim too."""
    recorded_at = _recorded_at(entry.state)
    event = CloudEvent(
        specversion="1.0",
        id=str(entry.position),
        source=origin,
        type=entry.type,
        subject=entry.stream,
        time=UNSET if recorded_at is None else recorded_at,
        datacontenttype=UNSET if recorded_at is None else JSON_TYPE,
        position=str(entry.position),
        streamversion=str(entry.version),
        data=UNSET if recorded_at is None else msgspec.Raw(entry.state),
        data_base64=base64.b64encode(entry.state).decode() if recorded_at is None else UNSET,
    )
    return _ENCODER.encode(event) + b"\n"


def _recorded_at(state: bytes) -> str | None:
    """When the event was recorded; None where the bytes are not a line of JSON that says so."""
    try:
        text = state.decode()
        recorded_at = _STAMPED.decode(state).recorded_at
    except (UnicodeDecodeError, msgspec.MsgspecError):
        return None
    plain = state[:1] == b"{" and state[-1:] == b"}" and "\n" not in text and "\r" not in text
    return recorded_at if plain else None


class BundleReader:
    """Takes a bundle line by line; memory stays the same however long it is.

    A bundle that was cut off may go on in the same file with another's first line, for the position where it
    stopped and under the same checkpoint: so an export is resumed.
    """

    def __init__(self, key: VerifierKey, older: Checkpoint | None = None) -> None:
        self._keys = KeyChain(key)
        self._older = older
        self._keys.learn([older] if older is not None else [])
        self._older_root: bytes | None = None
        self._begun: Begun | None = None
        self._since: Since | None = None
        self._checkpoint: Checkpoint | None = None
        self._frontier = Frontier()
        self._first = 0
        self._ended = False
        self._number = 0

    def take(self, line: bytes) -> None:
        """The next line. BundleRefused."""
        self._number += 1
        if self._ended:
            raise self._refused("the bundle has ended before this line")
        try:
            event = _LINE.decode(line)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise self._refused(f"this is no CloudEvent: {error}") from None
        if event.type == BEGUN:
            self._begin(event, line)
        elif self._begun is None or self._checkpoint is None:
            raise self._refused("a bundle begins with its checkpoint")
        elif event.type == ENDED:
            if line != last_line(self._begun, self._checkpoint.origin, self._checkpoint.size):
                raise self._refused("this line is not as an export writes it")
            self._ended = True
        else:
            self._event(event, line, self._begun, self._checkpoint)

    def _begin(self, event: CloudEvent, line: bytes) -> None:
        try:
            begun = _BEGUN.decode(event.data or b"")
            checkpoint = Checkpoint.parse(begun.checkpoint)
            unknown = self._keys.learn(map(Checkpoint.parse, begun.changes))
        except (msgspec.MsgspecError, UnicodeDecodeError, OperatorError) as error:
            raise self._refused(str(error)) from None
        if line != first_line(begun, checkpoint.origin, checkpoint.size):
            raise self._refused("this line is not as an export writes it")
        if unknown:
            raise self._refused(
                f"the change of keys at size {unknown[0].size} leads neither to nor from this key"
            )
        if not self._keys.signed(checkpoint):
            raise self._refused("the checkpoint is not signed with this key")
        if not 1 <= begun.first <= begun.last <= checkpoint.size:
            raise self._refused(f"positions {begun.first} to {begun.last} are no part of {checkpoint.size}")
        try:
            frontier = Frontier(begun.first - 1, begun.before)
        except ValueError as error:
            raise self._refused(str(error)) from None
        if self._checkpoint is None:
            self._first, self._frontier, self._checkpoint = begun.first, frontier, checkpoint
            self._look_at_older()
        elif self._checkpoint != checkpoint or (frontier.size, frontier.peaks) != (
            self._frontier.size,
            self._frontier.peaks,
        ):
            raise self._refused("this is not the continuation of what stands before")
        self._begun = begun
        # An export that was resumed says it once: it is the same checkpoint.
        self._since = self._since or begun.since

    def _event(self, event: CloudEvent, line: bytes, begun: Begun, checkpoint: Checkpoint) -> None:
        position = self._frontier.size + 1
        if position > begun.last:
            raise self._refused(f"the bundle says that it ends at position {begun.last}")
        try:
            state = base64.b64decode(event.data_base64 or "") if event.data is UNSET else bytes(event.data)
            version = int(event.streamversion or "")
        except ValueError as error:
            raise self._refused(str(error)) from None
        if not 0 < version < _BIGGEST:
            raise self._refused(f"{version} is no version")
        entry = StoredEntry(position, event.subject or "", version, event.type, state)
        if line != event_line(checkpoint.origin, entry):
            raise self._refused(f"this line is not the event of position {position} as an export writes it")
        self._frontier.push(leaf_hashes([entry])[0])
        self._look_at_older()

    def _look_at_older(self) -> None:
        if self._older is not None and self._older.size == self._frontier.size:
            self._older_root = self._frontier.root()

    def end(self) -> Bundle:
        """What the whole file has proven. BundleRefused."""
        begun, checkpoint = self._begun, self._checkpoint
        if begun is None or checkpoint is None:
            raise self._refused("the file is empty")
        if self._frontier.size < begun.last or not self._ended:
            raise self._refused(
                f"the file ends after position {self._frontier.size}; resume the export from"
                f" {self._frontier.size + 1} with size {checkpoint.size}, and append it"
            )
        nodes = perfect_nodes(begun.last, checkpoint.size)
        if len(nodes) != len(begun.after):
            raise BundleRefused(f"the proof has {len(begun.after)} hashes after the range, not {len(nodes)}")
        for (level, _), hash_ in zip(nodes, begun.after, strict=True):
            self._frontier.push(hash_, level)
            self._look_at_older()
        if self._frontier.root() != checkpoint.root:
            raise BundleRefused(
                f"these are not the events {self._first} to {begun.last} that the checkpoint has sealed"
            )
        if self._older is not None:
            self._require_continuation(self._older, checkpoint)
        return Bundle(
            checkpoint=checkpoint,
            key=str(self._keys.key_at(checkpoint.size)),
            first=self._first,
            last=begun.last,
            older=None if self._older is None else self._older.size,
        )

    def _require_continuation(self, older: Checkpoint, checkpoint: Checkpoint) -> None:
        if not self._keys.signed(older):
            raise BundleRefused("the checkpoint in hand is not signed with this key")
        if older.size > checkpoint.size:
            raise BundleRefused(
                f"the checkpoint in hand, of size {older.size}, is newer than the bundle: export again"
            )
        if self._older_root is not None:
            proven = self._older_root == older.root
        elif self._since is not None and self._since.size == older.size:
            proven = extends(older.size, older.root, checkpoint.size, checkpoint.root, self._since.proof)
        else:
            raise BundleRefused(
                f"the bundle says nothing of the checkpoint in hand: export it with since={older.size}"
            )
        if not proven:
            raise BundleRefused(
                f"history was rewritten: what the checkpoint in hand, of size {older.size}, has sealed is not"
                " the beginning of this one"
            )

    def _refused(self, why: str) -> BundleRefused:
        return BundleRefused(f"line {self._number}: {why}")


def verify_bundle(lines: Iterable[bytes], key: VerifierKey, older: Checkpoint | None = None) -> Bundle:
    """What a file proves, from the file and the key alone. BundleRefused."""
    reader = BundleReader(key, older)
    for line in lines:
        reader.take(line)
    return reader.end()


def event_lines(origin: str, entries: Sequence[StoredEntry]) -> bytes:
    """The lines of a page of events."""
    return b"".join([event_line(origin, entry) for entry in entries])
