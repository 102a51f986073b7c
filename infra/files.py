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
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f"{path.name}.")  # mode 0600
    fresh = Path(name)
    with os.fdopen(descriptor, "wb") as file:
        file.write(base64.b64encode(secret) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    with contextlib.suppress(FileExistsError):
        os.link(fresh, path)
    fresh.unlink()
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Puts the folder itself on disk: a new name or a rename in it is durable only then."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
