"""The API of a world as a process of its own, reached over TCP: what a caller and an operator's log see."""

import socket
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import httpx

from tests.support.api import World
from tests.support.command_line import REPOSITORY, environment, wait_until

STOP_LIMIT_S = 15.0
ANSWER_LIMIT_S = 10.0
PIECE_BYTES = 65_536


class Served(NamedTuple):
    """Where it listens, and the file with all that it printed."""

    host: str
    port: int
    log: Path

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    def raw(self, request: bytes, *, hang_up: bool = False) -> bytes:
        """What is answered to these bytes, until the server closes; or to a caller who closes first."""
        with socket.create_connection((self.host, self.port), timeout=ANSWER_LIMIT_S) as connection:
            try:
                connection.sendall(request)
                if hang_up:
                    connection.shutdown(socket.SHUT_WR)
            except OSError:
                # It has heard enough and answered already.
                pass
            answer = b""
            try:
                while piece := connection.recv(PIECE_BYTES):
                    answer += piece
            except OSError:
                pass
            return answer


@contextmanager
def served(world: World, log: Path, level: str = "info") -> Generator[Served]:
    """The API of the world's tenant while the block runs."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
    settings = {
        "database_url": world.tenant.service_url,
        "data_dir": str(world.settings.data_dir),
        "port": str(port),
        "log_level": level,
    }
    found = Served("127.0.0.1", port, log)
    with (
        log.open("w") as printed,
        subprocess.Popen(
            [sys.executable, "-m", "workers.cli", "api"],
            cwd=REPOSITORY,
            env=environment(settings),
            stdout=printed,
            stderr=printed,
        ) as process,
    ):
        try:
            wait_until(lambda: _is_ready(found), poll_s=0.05)
            yield found
        finally:
            process.terminate()
            process.wait(STOP_LIMIT_S)


def _is_ready(found: Served) -> bool:
    try:
        return httpx.get(f"{found.url}/readyz").status_code == 200
    except httpx.HTTPError:
        return False
