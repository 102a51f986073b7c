"""Fuses: files that make a process under test kill itself, or PostgreSQL, at a chosen phase.

A fuse says after how many passes of its phase it burns, and whom that kills. It burns once: the file is gone
then, so that the process that is started next lives on.
"""

import os
import signal
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path


class Victim(StrEnum):
    """Who is killed with SIGKILL, which nobody can handle."""

    API = "api"
    """The process that serves HTTP and holds the clerk."""
    JOBS = "jobs"
    """The process that does the jobs and follows the journal for reactions."""
    BACKENDS = "backends"
    """All children of PostgreSQL's first process, which then recovers by itself."""
    POSTGRES = "postgres"
    """The first process too: PostgreSQL is gone."""


def postmaster(data_dir: Path) -> int:
    """PostgreSQL's first process."""
    return int((data_dir / "postgres" / "cluster" / "postmaster.pid").read_text().split("\n", 1)[0])


def kill_postgres(data_dir: Path, *, first: bool = True) -> None:
    """Kills PostgreSQL's first process, if it is meant too, and then all of its children."""
    parent = postmaster(data_dir)
    children = _children(parent)
    for pid in (*([parent] if first else []), *children):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue


def _children(parent: int) -> list[int]:
    return [int(pid) for pid in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]


class Fuses:
    """The folder of the fuses of a shop; a phase has one at a time."""

    def __init__(self, folder: Path, data_dir: Path) -> None:
        self.folder = folder
        self._clock = folder / "clock"
        self._passes: Counter[str] = Counter()
        self._kill: Mapping[str, Callable[[], None]] = {
            Victim.API: lambda: os.kill(os.getpid(), signal.SIGKILL),
            Victim.JOBS: lambda: os.kill(os.getpid(), signal.SIGKILL),
            Victim.BACKENDS: lambda: kill_postgres(data_dir, first=False),
            Victim.POSTGRES: lambda: kill_postgres(data_dir),
        }

    def light(self, phase: str, victim: Victim, passes: int = 1) -> None:
        """Burns at so many passes of the phase from now on."""
        self._write(self.folder / phase, f"{passes} {victim}")

    def burns(self, phase: str) -> bool:
        """Whether nobody has been killed yet."""
        return (self.folder / phase).exists()

    def turn_clock(self, by: timedelta) -> None:
        """Sets the clock of the process under test, from its next look on."""
        self._write(self._clock, str(by.total_seconds()))

    def passed(self, phase: str) -> None:
        """The process under test passes a phase. May be the last thing that it does."""
        fuse = self.folder / phase
        try:
            passes, victim = fuse.read_text().split()
        except FileNotFoundError:
            return
        self._passes[phase] += 1
        if self._passes[phase] >= int(passes):
            self._passes[phase] = 0
            fuse.unlink()
            self._kill[victim]()

    def now(self) -> datetime:
        """The clock of the process under test."""
        try:
            turned_s = float(self._clock.read_text())
        except FileNotFoundError:
            turned_s = 0.0
        return datetime.now(UTC) + timedelta(seconds=turned_s)

    @staticmethod
    def _write(path: Path, text: str) -> None:
        new = path.with_name(f"{path.name}.new")
        new.write_text(text)
        new.rename(path)
