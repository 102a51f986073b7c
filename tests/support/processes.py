"""What runs for a data folder, and where something new could listen."""

import socket
from pathlib import Path
from typing import NamedTuple


class Process(NamedTuple):
    """A process of a shop."""

    pid: int
    parent: int
    arguments: str


def processes_of(data_dir: Path) -> list[Process]:
    """Every process that was started for the data folder: Daybook's by environment, PostgreSQL's by place."""
    found: list[Process] = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            ours = f"DAYBOOK_DATA_DIR={data_dir}\0".encode() in (entry / "environ").read_bytes()
            servers = (entry / "cwd").readlink().is_relative_to(data_dir)
            state, parent = (entry / "stat").read_text().rpartition(")")[2].split()[:2]
            arguments = (entry / "cmdline").read_text().replace("\0", " ").strip()
        except OSError:
            continue  # it has just ended
        if (ours or servers) and state != "Z":
            found.append(Process(int(entry.name), int(parent), arguments))
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
