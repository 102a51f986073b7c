"""Files that must outlive a power cut."""

import os
from pathlib import Path


def sync_folder(folder: Path) -> None:
    """Puts the folder itself on disk: a new name or a rename in it is durable only then."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
