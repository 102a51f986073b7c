"""A disk that is full: a small file system in memory, filled to the last byte."""

import errno
import os
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

CHUNK_BYTES = 1 << 20


class SmallDisk:
    """A mounted file system of a few megabytes."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._filler = path / "filler"

    def fill(self) -> None:
        """Takes all that is free."""
        size = CHUNK_BYTES
        with self._filler.open("ab", buffering=0) as file:
            while size:
                try:
                    file.write(bytes(size))
                except OSError as error:
                    if error.errno != errno.ENOSPC:
                        raise
                    size //= 2

    def free(self) -> None:
        """Gives it back."""
        self._filler.unlink()


@contextmanager
def small_disk(path: Path, size_mb: int) -> Generator[SmallDisk]:
    """A new one, mounted at `path`. Skips the test where the system lets nobody mount."""
    path.mkdir()
    options = f"size={size_mb}m,mode=0711"
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small file system")
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(path)], capture_output=True, text=True
    )
    if mounted.returncode != 0:
        pytest.skip(f"no small file system can be mounted here: {mounted.stderr.strip()}")
    try:
        yield SmallDisk(path)
    finally:
        # Lazily: whatever still holds a file in it, nothing of the mount may outlive the test.
        subprocess.run(["umount", "--lazy", str(path)], check=True)
