"""Files that must outlive a power cut."""

import base64
import contextlib
import os
import tempfile
from pathlib import Path


def keep_secret(path: Path, secret: bytes) -> None:
    """A new file with the secret in base64, readable by its owner only. A file that is there stays.

    It appears complete or not at all, and never in place of another process's.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = _written_beside(path, base64.b64encode(secret) + b"\n")
    with contextlib.suppress(FileExistsError):
        os.link(fresh, path)
    fresh.unlink()
    sync_folder(path.parent)


def replace_secret(path: Path, content: bytes) -> None:
    """Puts other content into a file, whole or not at all; it stays its owner's, who alone reads it."""
    owner = path.stat()
    fresh = _written_beside(path, content)
    try:
        # An administrator may do it for the account that the shop runs under.
        os.chown(fresh, owner.st_uid, owner.st_gid)
        fresh.replace(path)
    except OSError:
        fresh.unlink()
        raise
    sync_folder(path.parent)


def _written_beside(path: Path, content: bytes) -> Path:
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f"{path.name}.")  # mode 0600
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return Path(name)


def sync_folder(folder: Path) -> None:
    """Puts the folder itself on disk: a new name or a rename in it is durable only then."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
