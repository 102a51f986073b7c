"""Where checkpoints are kept outside the database: files that only grow, or objects behind a URL.

Beside the checkpoints stand the hashes of all leaves, 32 bytes an event, so that whoever finds damage can
name the very event even where somebody rewrote events and tiles alike.
"""

import fcntl
import os
import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Generator, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import BinaryIO, Protocol

from infra.audit.checkpoint import DASH, NAME_PATTERN, Checkpoint, NoteError
from infra.audit.merkle import HASH_BYTES
from infra.errors import OperatorError
from infra.files import sync_folder

SEPARATOR = b"\n"
LONGEST_NOTE_BYTES = 4_096
TIMEOUT_S = 10.0
NOT_FOUND, PRECONDITION_FAILED = 404, 412

# Strict about the signature's length, so that a record which a full disk cut short is none.
_RECORD = re.compile(
    (
        rf"{NAME_PATTERN}\n[0-9]+\n[A-Za-z0-9+/]{{43}}=\n\n"
        rf"{DASH} {NAME_PATTERN} [A-Za-z0-9+/]{{91}}=\n\n"
    ).encode()
)


class SinkError(OperatorError):
    """The checkpoints can't be read or written where they are kept."""


class HistoryContradicted(OperatorError):
    """The journal is not the one that was sealed: an alarm. No more is sealed until a person has looked."""


class Sink(Protocol):
    """Keeps one log's checkpoints and leaf hashes, and never gives up one for another."""

    def held(self) -> AbstractContextManager[None]:
        """A block in which nobody else appends."""
        ...

    def last(self) -> Checkpoint | None:
        """The largest checkpoint that is kept."""
        ...

    def append(self, checkpoint: Checkpoint, first: int, hashes: bytes) -> None:
        """Keeps a checkpoint with the hashes of its leaves from `first` on; durable when this returns."""
        ...

    def checkpoints(self) -> Iterator[Checkpoint]:
        """All that are kept, the smallest first."""
        ...

    def leaf_hashes(self, start: int, end: int) -> bytes:
        """What is kept of the leaves start … end - 1; less where there is less."""
        ...


class FolderSink:
    """Two files a tenant, which only ever grow: `chattr +a` on both is fine."""

    def __init__(self, folder: Path, tenant: str) -> None:
        self._folder = folder
        self.notes = folder / f"{tenant}.checkpoints"
        self.leaves = folder / f"{tenant}.leaves"

    @contextmanager
    def held(self) -> Generator[None]:
        """Locks the file of checkpoints. SinkError where another sealer, of another database, has it."""
        with _as_sink_error(self.notes):
            self._folder.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self.notes, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise SinkError(
                    f"another sealer has {self.notes}: each database needs a sink of its own"
                ) from None
            yield
        finally:
            os.close(descriptor)

    def last(self) -> Checkpoint | None:
        """The checkpoint of the last whole record."""
        with _as_sink_error(self.notes):
            if not self.notes.exists():
                return None
            with self.notes.open("rb") as file:
                file.seek(max(0, self.notes.stat().st_size - 2 * LONGEST_NOTE_BYTES))
                records = _RECORD.findall(file.read())
                if not records:
                    file.seek(0)
                    records = _RECORD.findall(file.read())
        return Checkpoint.parse(records[-1][: -len(SEPARATOR)].decode()) if records else None

    def append(self, checkpoint: Checkpoint, first: int, hashes: bytes) -> None:
        """Leaves first: the record of the checkpoint is what makes them count.

        What a crash or a full disk left behind the last checkpoint stays, since the same journal has the same
        leaves; HistoryContradicted where it has others.
        """
        with _as_sink_error(self.leaves), self.leaves.open("ab+") as file:
            kept = file.seek(0, os.SEEK_END)
            start = first * HASH_BYTES
            if kept < start:
                raise SinkError(
                    f"{self.leaves} lacks hashes after leaf {kept // HASH_BYTES}: restore it, or move both"
                    " files of the tenant away, and the sealer makes them anew"
                )
            file.seek(start)
            ahead = file.read()
            if not hashes.startswith(ahead):
                raise HistoryContradicted(f"{self.leaves} holds leaves that this journal has not")
            _append(file, hashes[len(ahead) :])
        with _as_sink_error(self.notes), self.notes.open("ab+") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - 2 * LONGEST_NOTE_BYTES))
            tail = file.read()
            whole = not tail or any(record.end() == len(tail) for record in _RECORD.finditer(tail))
            _append(file, (b"" if whole else b"\n\n") + checkpoint.note.encode() + SEPARATOR)
            sync_folder(self._folder)

    def checkpoints(self) -> Iterator[Checkpoint]:
        """Record by record; what is no record is passed over."""
        with _as_sink_error(self.notes):
            if not self.notes.exists():
                return
            with self.notes.open("rb") as file:
                waiting = b""
                while piece := file.read(1 << 20):
                    waiting += piece
                    end = 0
                    for record in _RECORD.finditer(waiting):
                        yield Checkpoint.parse(record[0][: -len(SEPARATOR)].decode())
                        end = record.end()
                    waiting = waiting[max(end, len(waiting) - LONGEST_NOTE_BYTES) :]

    def leaf_hashes(self, start: int, end: int) -> bytes:
        """From the file of leaves."""
        with _as_sink_error(self.leaves):
            if not self.leaves.exists():
                return b""
            with self.leaves.open("rb") as file:
                file.seek(start * HASH_BYTES)
                return file.read((end - start) * HASH_BYTES)


def _append(file: BinaryIO, data: bytes) -> None:
    file.write(data)
    file.flush()
    os.fsync(file.fileno())


@contextmanager
def _as_sink_error(path: Path) -> Generator[None]:
    try:
        yield
    except (OSError, NoteError) as error:
        raise SinkError(f"{path} can't be used: {error}") from None


class WebSink:
    """Objects at a URL, as object stores take them: PUT once, never overwritten but for `latest`.

    `<tenant>/<size>.checkpoint` is a note; `<tenant>/<size>.leaves` begins with the first leaf's number in 8
    bytes, then hashes follow. `latest` is a copy of the newest note.
    """

    def __init__(self, url: str, tenant: str) -> None:
        self._url = f"{url.rstrip('/')}/{urllib.parse.quote(tenant)}"
        self._leaves: tuple[int, int, bytes] = (0, 0, b"")

    @contextmanager
    def held(self) -> Generator[None]:
        """Nothing to hold: an object that exists is not written again."""
        yield

    def last(self) -> Checkpoint | None:
        """What `latest` says."""
        note = self._get("latest")
        return None if note is None else _parsed(f"{self._url}/latest", note)

    def append(self, checkpoint: Checkpoint, first: int, hashes: bytes) -> None:
        """HistoryContradicted where another checkpoint of that size is kept."""
        self._put_once(f"{checkpoint.size:018}.leaves", first.to_bytes(8) + hashes)
        self._put_once(f"{checkpoint.size:018}.checkpoint", checkpoint.note.encode())
        self._ask("PUT", "latest", checkpoint.note.encode())

    def checkpoints(self) -> Iterator[Checkpoint]:
        """From the latest back, each by the first leaf of the one after it; then in order."""
        last = self.last()
        sizes: list[int] = []
        size = last.size if last else 0
        while size:
            sizes.append(size)
            leaves = self._get(f"{size:018}.leaves")
            size = int.from_bytes(leaves[:8]) if leaves else 0
        for size in reversed(sizes):
            note = self._get(f"{size:018}.checkpoint")
            if note is not None:
                yield _parsed(f"{self._url}/{size:018}.checkpoint", note)

    def leaf_hashes(self, start: int, end: int) -> bytes:
        """Object by object; the last one is remembered, as readers go forward."""
        found = b""
        while start < end:
            first, after, hashes = self._leaves
            if not first <= start < after:
                size = next((each.size for each in self._sizes() if each.size > start), None)
                leaves = self._get(f"{size:018}.leaves") if size is not None else None
                if leaves is None:
                    return found
                first = int.from_bytes(leaves[:8])
                hashes = leaves[8:]
                after = first + len(hashes) // HASH_BYTES
                self._leaves = (first, after, hashes)
                if not first <= start < after:
                    return found
            until = min(end, after)
            found += hashes[(start - first) * HASH_BYTES : (until - first) * HASH_BYTES]
            start = until
        return found

    def _sizes(self) -> list[Checkpoint]:
        if not hasattr(self, "_known"):
            self._known = list(self.checkpoints())
        return self._known

    def _put_once(self, name: str, data: bytes) -> None:
        kept = data if self._ask("PUT", name, data, {"If-None-Match": "*"}) is not None else self._get(name)
        if kept != data:
            raise HistoryContradicted(f"{self._url}/{name} holds something else than this journal's")

    def _get(self, name: str) -> bytes | None:
        return self._ask("GET", name)

    def _ask(
        self, method: str, name: str, data: bytes | None = None, headers: dict[str, str] | None = None
    ) -> bytes | None:
        """The answer's body; None where there is no such object, or on PUT where there is one already."""
        request = urllib.request.Request(  # noqa: S310 - the operator's own URL, http or https
            f"{self._url}/{name}", data=data, headers=headers or {}, method=method
        )
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:  # noqa: S310
                return answer.read()
        except urllib.error.HTTPError as error:
            if error.code == (NOT_FOUND if method == "GET" else PRECONDITION_FAILED):
                return None
            raise SinkError(f"{self._url}/{name} answered {error.code} to {method}") from None
        except OSError as error:
            raise SinkError(f"{self._url}/{name} can't be reached: {error}") from None


def _parsed(place: str, note: bytes) -> Checkpoint:
    try:
        return Checkpoint.parse(note.decode(errors="replace"))
    except NoteError as error:
        raise SinkError(f"{place} can't be used: {error}") from None


def sink_of(place: str, tenant: str) -> Sink:
    """The sink that the setting DAYBOOK_CHECKPOINT_SINK names: a folder, or an http(s) URL."""
    return (
        WebSink(place, tenant)
        if place.startswith(("http://", "https://"))
        else FolderSink(Path(place), tenant)
    )
