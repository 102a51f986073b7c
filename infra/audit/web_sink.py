"""Checkpoints as objects behind a URL: written once, read back by whoever holds the journal against them.

Nothing that the store answers is trusted: each object has a longest size, the walk through them only goes
back, and what can't be is a SinkError that names the object.
"""

import urllib.error
import urllib.parse
import urllib.request
from bisect import bisect_right
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path

from infra.audit.checkpoint import Checkpoint, NoteError
from infra.audit.merkle import HASH_BYTES, Span
from infra.audit.sink import LONGEST_NOTE_BYTES, FolderSink, HistoryContradicted, Sink, SinkError

TIMEOUT_S = 10.0
NOT_FOUND, PRECONDITION_FAILED = 404, 412
FIRST_BYTES = 8
ONLY_FIRST = {"Range": f"bytes=0-{FIRST_BYTES - 1}"}
"""For stores that know it; of the others' answers no more is read either."""
LONGEST_LEAVES_BYTES = 64 << 20
"""Some thirty times what a sealer keeps at once."""


class WebSink:
    """Objects at a URL, as object stores take them: PUT once, never overwritten but for `latest`.

    `<tenant>/<size>.checkpoint` is a note; `<tenant>/<size>.leaves` begins with the first leaf's number in 8
    bytes, then hashes follow. `latest` is a copy of the newest note.
    """

    def __init__(self, url: str, tenant: str) -> None:
        self._url = f"{url.rstrip('/')}/{urllib.parse.quote(tenant)}"
        self._spans: list[Span] | None = None
        self._read: tuple[Span, bytes] = ((0, 0), b"")

    @contextmanager
    def held(self) -> Generator[None]:
        """Nothing to hold: an object that exists is not written again."""
        yield

    def last(self) -> Checkpoint | None:
        """What `latest` says."""
        return self._note("latest")

    def append(self, checkpoint: Checkpoint, first: int, hashes: bytes) -> None:
        """HistoryContradicted where another checkpoint of that size is kept."""
        self._spans = None
        self._put_once(_leaves(checkpoint.size), first.to_bytes(FIRST_BYTES) + hashes)
        self._put_once(_checkpoint(checkpoint.size), checkpoint.note.encode())
        self._ask("PUT", "latest", LONGEST_NOTE_BYTES, checkpoint.note.encode(), cut=True)

    def checkpoints(self) -> Iterator[Checkpoint]:
        """From the latest back, each by the first leaf of the one after it; then in order."""
        self._spans = None
        for _, size in self._walked():
            checkpoint = self._note(_checkpoint(size))
            if checkpoint is None:
                continue
            if checkpoint.size != size:
                raise self._unusable(_checkpoint(size), f"it holds the checkpoint of size {checkpoint.size}")
            yield checkpoint

    def leaf_hashes(self, start: int, end: int) -> bytes:
        """Object by object; the last one is remembered, as readers go forward."""
        found = bytearray((end - start) * HASH_BYTES)
        spans = self._walked()
        at = max(0, bisect_right(spans, start, key=lambda span: span[0]) - 1)
        while at < len(spans) and spans[at][0] < end:
            first, hashes = spans[at][0], self._hashes(spans[at])
            low, until = max(start, first), min(end, first + len(hashes) // HASH_BYTES)
            if low < until:
                found[(low - start) * HASH_BYTES : (until - start) * HASH_BYTES] = hashes[
                    (low - first) * HASH_BYTES : (until - first) * HASH_BYTES
                ]
            at += 1
        return bytes(found)

    def _walked(self) -> list[Span]:
        """The leaves of each checkpoint, in order. Where an object is missing the walk back ends."""
        if self._spans is None:
            last = self.last()
            after, spans = last.size if last else 0, list[Span]()
            while after:
                first = self._first(after)
                if first is None:
                    break
                spans.append((first, after))
                after = first
            self._spans = spans[::-1]
        return self._spans

    def _first(self, size: int) -> int | None:
        """The first leaf's number, of whose object only the beginning is read."""
        told = self._ask("GET", _leaves(size), FIRST_BYTES, headers=ONLY_FIRST, cut=True)
        if told is None:
            return None
        first = int.from_bytes(told)
        # What does not go back would be walked for ever.
        if len(told) < FIRST_BYTES or first >= size:
            raise self._unusable(_leaves(size), "it does not say which leaf it begins with")
        return first

    def _hashes(self, span: Span) -> bytes:
        if self._read[0] != span:
            first, after = span
            longest = min(LONGEST_LEAVES_BYTES, FIRST_BYTES + (after - first) * HASH_BYTES)
            found = self._ask("GET", _leaves(after), longest) or b""
            self._read = (span, found[FIRST_BYTES:])
        return self._read[1]

    def _note(self, name: str) -> Checkpoint | None:
        note = self._ask("GET", name, LONGEST_NOTE_BYTES)
        try:
            return None if note is None else Checkpoint.parse(note.decode(errors="replace"))
        except NoteError as error:
            raise self._unusable(name, str(error)) from None

    def _put_once(self, name: str, data: bytes) -> None:
        kept = data
        if self._ask("PUT", name, LONGEST_NOTE_BYTES, data, {"If-None-Match": "*"}, cut=True) is None:
            kept = self._ask("GET", name, len(data) + 1, cut=True)
        if kept != data:
            raise HistoryContradicted(f"{self._url}/{name} holds something else than this journal's")

    def _ask(
        self,
        method: str,
        name: str,
        longest: int,
        data: bytes | None = None,
        headers: dict[str, str] | None = None,
        *,
        cut: bool = False,
    ) -> bytes | None:
        """The answer's body; None where there is no such object, or on PUT where there is one already.

        SinkError where it is longer than it can be; with `cut` the rest of it is not read.
        """
        request = urllib.request.Request(  # noqa: S310 - the operator's own URL, http or https
            f"{self._url}/{name}", data=data, headers=headers or {}, method=method
        )
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:  # noqa: S310
                body: bytes = answer.read(longest if cut else longest + 1)
        except urllib.error.HTTPError as error:
            if error.code == (NOT_FOUND if method == "GET" else PRECONDITION_FAILED):
                return None
            raise SinkError(f"{self._url}/{name} answered {error.code} to {method}") from None
        except OSError as error:
            raise SinkError(f"{self._url}/{name} can't be reached: {error}") from None
        except (HTTPException, ValueError) as error:
            raise SinkError(f"{self._url}/{name} answers what is no HTTP: {error!r}") from None
        if len(body) > longest:
            raise self._unusable(name, f"it is longer than {longest} bytes")
        return body

    def _unusable(self, name: str, why: str) -> SinkError:
        return SinkError(f"{self._url}/{name} can't be used: {why}")


def _leaves(size: int) -> str:
    return f"{size:018}.leaves"


def _checkpoint(size: int) -> str:
    return f"{size:018}.checkpoint"


def sink_of(place: str, tenant: str) -> Sink:
    """The sink that the setting DAYBOOK_CHECKPOINT_SINK names: a folder, or an http(s) URL."""
    return (
        WebSink(place, tenant)
        if place.startswith(("http://", "https://"))
        else FolderSink(Path(place), tenant)
    )
