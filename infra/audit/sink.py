"""Where checkpoints are kept outside the database: what a sink does, and the files that only grow.

Beside the checkpoints stand the hashes of all leaves, 32 bytes an event, so that whoever finds damage can
name the very event even where somebody rewrote events and tiles alike.
"""

import fcntl
import os
import re
from collections.abc import Generator, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import BinaryIO, Protocol

from infra.audit.checkpoint import DASH, KEY_CHANGE, NAME_PATTERN, Checkpoint, NoteError
from infra.audit.merkle import HASH_BYTES
from infra.errors import OperatorError
from infra.files import sync_folder

SEPARATOR = b"\n"
LONGEST_NOTE_BYTES = 4_096

# Strict about the length and number of signatures, so that a record which a full disk cut short is none.
_SIGNATURE = rf"{DASH} {NAME_PATTERN} [A-Za-z0-9+/]{{91}}=\n"
_RECORD = re.compile(
    (
        rf"{NAME_PATTERN}\n[0-9]+\n[A-Za-z0-9+/]{{43}}=\n"
        rf"(?:\n{_SIGNATURE}|{KEY_CHANGE} \S+ \S+\n\n{_SIGNATURE}{_SIGNATURE})\n"
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
        """What is kept of the leaves start … end - 1; less, or zeros, where there is less."""
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
