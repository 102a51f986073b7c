"""The load: wrk with bench/load.lua, so that the generator is not what is measured."""

import shutil
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from bench.measure import BenchmarkFailed

SCRIPT = Path(__file__).with_name("load.lua")
MISSING = "wrk is missing: apt-get install wrk"


class Load(msgspec.Struct, frozen=True, kw_only=True):
    """What wrk saw of a run: answers by status (201, 409, others), and the first that was no 201.

    Percentiles are wrk's, which fills in what a caller would have asked while it waited for a slow answer.
    `composed` are the requests that were made up: those in flight at the end, and one to look at, are among
    them. `exhausted` says that the prepared ones did not last.
    """

    requests: int
    duration_us: int
    p50_us: int
    p99_us: int
    socket_errors: int
    composed: int
    created: int
    refused: int
    failed: int
    exhausted: bool
    problem: str

    @property
    def rate(self) -> float:
        """Answers of 201 a second."""
        return self.created * 1e6 / self.duration_us

    @property
    def p50_ms(self) -> float:
        """Half of the answers came within so long."""
        return self.p50_us / 1000

    @property
    def p99_ms(self) -> float:
        """99 of 100 answers came within so long."""
        return self.p99_us / 1000


def present() -> bool:
    """Whether the program is installed."""
    return shutil.which("wrk") is not None


class Run:
    """wrk at work."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process

    def result(self) -> Load:
        """Waits until the time is up. BenchmarkFailed if wrk itself failed."""
        printed, _ = self._process.communicate()
        return parse(printed.decode(errors="replace"))


@contextmanager
def start(address: str, requests: Path, callers: int, seconds: int, *, again: bool = False) -> Generator[Run]:
    """Begins to send the file's requests, each caller one after the other; ended with the block."""
    arguments = ["wrk", "-t1", f"-c{callers}", f"-d{seconds}s", "--timeout=10s", "-s", str(SCRIPT), address]
    arguments += ["--", str(requests), *(["again"] if again else [])]
    process = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        yield Run(process)
    finally:
        process.kill()
        process.wait()


def parse(printed: str) -> Load:
    """The result that load.lua prints last. BenchmarkFailed where there is none."""
    lines = printed.strip().splitlines()
    try:
        return msgspec.json.decode(lines[-1], type=Load)
    except (IndexError, msgspec.DecodeError):
        raise BenchmarkFailed(f"wrk said: {printed.strip()}") from None


def require_created(load: Load) -> Load:
    """The load, if every answer was a 201 and the requests lasted; BenchmarkFailed with the first problem."""
    if load.problem:
        raise BenchmarkFailed(
            f"{load.refused + load.failed:,} answers were no 201, the first: {load.problem}"
        )
    if load.socket_errors:
        raise BenchmarkFailed(f"{load.socket_errors} socket errors")
    if load.exhausted:
        raise BenchmarkFailed(f"{load.composed:,} prepared requests did not last")
    if not load.created:
        raise BenchmarkFailed("nothing was answered")
    return load
