"""What is measured, as real processes: PostgreSQL, the parts of the shop, and floor A's server.

Each is a block: whatever happens in it, the process has ended when it is left.
"""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Generator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

import msgspec
from psycopg.conninfo import make_conninfo

from bench.measure import BenchmarkFailed
from bench.peak import Ran
from infra.jobs import migrate_jobs
from infra.postgres.embedded import embedded
from infra.postgres.migrate import migrate, tenant_schema
from infra.process import die_with_parent
from workers.processes import PROGRAM, start_part

HOST = "127.0.0.1"
READY_LIMIT_S = 60.0
STOP_LIMIT_S = 20.0
POLL_S = 0.01


class Database(msgspec.Struct, frozen=True, kw_only=True):
    """A running PostgreSQL of our own: its folder, and the logins of owner and service."""

    folder: Path
    owner: str
    service: str

    @property
    def environment(self) -> dict[str, str]:
        """What a part needs to know."""
        return {
            "DAYBOOK_DATABASE_URL": self.service,
            "DAYBOOK_DATA_DIR": str(self.folder),
            "DAYBOOK_LOG_LEVEL": "warning",
        }


@contextmanager
def scratch() -> Generator[Path]:
    """A folder for the length of a benchmark."""
    with tempfile.TemporaryDirectory(prefix="daybook-bench-") as folder:
        # As root, PostgreSQL's account should get in by the ordinary way.
        Path(folder).chmod(0o711)
        yield Path(folder)


@contextmanager
def database(folder: Path) -> Generator[Database]:
    """PostgreSQL on a folder, durable as in the shop, with every schema up to date."""
    with embedded(folder) as urls:
        migrate(urls.owner)
        migrate_jobs(urls.owner)
        yield Database(folder=folder, owner=urls.owner, service=urls.service)


def owner_conninfo(url: str, tenant: str) -> str:
    """A connection string for the schemas' owner, who acts as itself but sees the tenant's schema."""
    return make_conninfo(url, options=f"-c search_path={tenant_schema(tenant)}")


@contextmanager
def parts(database: Database, *names: str) -> Generator[None]:
    """Parts without a port, such as the projector, at work on the database."""
    with ExitStack() as stack:
        for name in names:
            stack.enter_context(_ended(start_part(name, database.environment), name))
        yield


@contextmanager
def api(database: Database) -> Generator[str]:
    """The HTTP API, once it is ready: its address."""
    port = free_port()
    with _ended(start_part("api", {**database.environment, "DAYBOOK_PORT": str(port)}), "api") as process:
        yield _ready(process, port)


def run_command(environment: Mapping[str, str], *arguments: str) -> Ran:
    """A command of `daybook`, as an operator gives it. BenchmarkFailed if it did not succeed."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.peak", *PROGRAM, *arguments],
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        check=False,
    )
    if done.returncode:
        raise BenchmarkFailed(
            f"daybook {' '.join(arguments)}: {done.stdout.decode(errors='replace').strip()}"
        )
    return msgspec.json.decode(done.stdout, type=Ran)


def bare() -> AbstractContextManager[str]:
    """Floor A's server, once it answers: its address."""
    return _module("bench.bare", {})


def profiled(database: Database, file: Path) -> AbstractContextManager[str]:
    """The API with stopwatches, once it is ready: its address. Its profile is written when it ends."""
    return _module("bench.profiled", {**database.environment, "BENCH_PHASES_FILE": str(file)})


@contextmanager
def _module(name: str, environment: Mapping[str, str]) -> Generator[str]:
    """A server of the benchmarks' own, once it answers: its address."""
    port = free_port()
    parent = os.getpid()
    process = subprocess.Popen(
        [sys.executable, "-m", name],
        env={**os.environ, **environment, "DAYBOOK_PORT": str(port)},
        start_new_session=True,
        preexec_fn=lambda: die_with_parent(signal.SIGTERM, parent_pid=parent),
    )
    with _ended(process, name):
        yield _ready(process, port)


def free_port() -> int:
    """A port on which nobody listens now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def address(port: int) -> str:
    """Where a server on this port answers."""
    return f"http://{HOST}:{port}"


@contextmanager
def _ended(process: subprocess.Popen[bytes], name: str) -> Generator[subprocess.Popen[bytes]]:
    """The process, which is ended with the block. BenchmarkFailed if it ended by itself."""
    try:
        yield process
        if process.poll() is not None:
            raise BenchmarkFailed(f"{name} ended by itself with status {process.returncode}")
    finally:
        process.terminate()
        try:
            process.wait(STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _ready(process: subprocess.Popen[bytes], port: int) -> str:
    """The address, once /readyz is answered: 200, or 404 where there is no such page."""
    deadline = time.monotonic() + READY_LIMIT_S
    while process.poll() is None and time.monotonic() < deadline:
        if _status(f"{address(port)}/readyz") in {200, 404}:
            return address(port)
        time.sleep(POLL_S)
    raise BenchmarkFailed("a server did not become ready; its log is above")


def _status(url: str) -> int | None:
    try:
        with urllib.request.urlopen(url, timeout=1) as response:
            return response.status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return None
