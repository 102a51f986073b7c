"""`daybook serve`: everything a single shop needs, in one command: database, API, projector, jobs."""

import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from types import FrameType

from psycopg.pq import PGconn, Ping

from infra.crypto.master_key import MasterKey
from infra.errors import OperatorError
from infra.jobs import migrate_jobs
from infra.postgres.migrate import migrate
from infra.settings import Settings
from workers.database import Database, database
from workers.listening import address, require_free_port
from workers.processes import start_part

PARTS = ("api", "projector", "jobs")
STOP_LIMIT_S = 15.0
READY_LIMIT_S = 60.0
POLL_S = 0.02
WATCH_S = 0.2
DATABASE_SILENT_S = 3.0
"""So long nobody answers at the database's socket: it has ended. One that recovers says so."""


class PartEnded(OperatorError):
    """A process that should run as long as the shop has ended by itself."""


def serve(settings: Settings) -> None:
    """Runs the shop until SIGINT or SIGTERM; then stops every part, the database last.

    Raises PartEnded if a part or Daybook's own database ends by itself, and ListenError. Parts and database
    die with this process, however it ends.
    """
    told = threading.Event()

    def tell(_number: int, _frame: FrameType | None) -> None:
        told.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, tell)
    # Here too, so that a port in use is found before anything is started.
    require_free_port(settings)
    with database(settings) as connections:
        migrate(connections.owner, connections.keys_owner)
        migrate_jobs(connections.owner)
        # Here too, so that a lost or wrong key is one line and not the end of a part.
        MasterKey.of_store(settings.master_key_file, connections.keys)
        key = None
        if settings.demo:
            from workers.demo.opening import open_demo_shop

            key = open_demo_shop(settings, connections)
        if not told.is_set():
            _run_parts(settings, connections, key, told)


def _run_parts(settings: Settings, connections: Database, key: str | None, told: threading.Event) -> None:
    environment = {
        "DAYBOOK_DATABASE_URL": connections.service,
        "DAYBOOK_KEYS_DATABASE_URL": connections.keys,
        "DAYBOOK_DATA_DIR": str(settings.data_dir),
        "DAYBOOK_MASTER_KEY_FILE": str(settings.master_key_file),
    }
    parts = {part: start_part(part, environment) for part in PARTS}
    try:
        if _wait_until_ready(settings, parts, told):
            _welcome(settings, key)
            own_database = connections.service if settings.database_url is None else None
            _watch(parts, own_database, told)
    finally:
        _stop(parts)


def _wait_until_ready(
    settings: Settings, parts: Mapping[str, subprocess.Popen[bytes]], told: threading.Event
) -> bool:
    """True once /readyz answers 200; False if told to stop before that."""
    deadline = time.monotonic() + READY_LIMIT_S
    while not told.wait(POLL_S):
        _require_running(parts)
        try:
            with urllib.request.urlopen(f"{address(settings)}/readyz", timeout=1):  # noqa: S310 - our own http
                return True
        except (urllib.error.URLError, OSError):
            if time.monotonic() > deadline:
                raise PartEnded("the API did not become ready") from None
    return False


def _watch(
    parts: Mapping[str, subprocess.Popen[bytes]], own_database: str | None, told: threading.Event
) -> None:
    """Returns when told to stop; PartEnded if anything that should run has ended."""
    heard_at = asked_at = time.monotonic()
    while not told.wait(WATCH_S):
        _require_running(parts)
        now = time.monotonic()
        if own_database is None or now - asked_at < DATABASE_SILENT_S / 3:
            continue
        asked_at = now
        if PGconn.ping(own_database.encode()) != Ping.NO_RESPONSE:
            heard_at = now
        elif now - heard_at > DATABASE_SILENT_S:
            raise PartEnded("the database has ended; its log is in the data folder, under postgres/log")


def _require_running(parts: Mapping[str, subprocess.Popen[bytes]]) -> None:
    for part, process in parts.items():
        if process.poll() is not None:
            raise PartEnded(f"{part} ended with status {process.returncode}; its log is above")


def _stop(parts: Mapping[str, subprocess.Popen[bytes]]) -> None:
    for process in parts.values():
        if process.poll() is None:
            process.terminate()
    deadline = time.monotonic() + STOP_LIMIT_S
    for process in parts.values():
        try:
            process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _welcome(settings: Settings, key: str | None) -> None:
    lines = [
        "",
        f"  Daybook is open   {address(settings)}",
        f"  API and try-out   {address(settings)}/docs",
    ]
    if key is not None:
        lines.append(f"  Key of the demo   {key}")
    lines += [f"  Data              {settings.data_dir}", "  Ctrl-C closes the shop.", ""]
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()
