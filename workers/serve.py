"""`daybook serve`: everything a single shop needs, in one command: database, API, projector, sealer, jobs.

It comes back by itself: a part that ends is started again, and so is Daybook's own database, which takes all
parts with it. What ends before the shop was ever open, or again and again, closes the shop with PartEnded.
"""

import signal
import sys
import threading
import time
import urllib.error
import urllib.request
from types import FrameType

import structlog
from psycopg.pq import PGconn, Ping

from infra.crypto.master_key import MasterKey
from infra.jobs import migrate_jobs
from infra.postgres.embedded import EmbeddedPostgresError
from infra.postgres.migrate import migrate
from infra.settings import Settings
from workers.database import Database, database
from workers.listening import address, require_free_port
from workers.sealer import shop_key
from workers.supervision import Endings, PartEnded, Parts

READY_LIMIT_S = 60.0
STOP_LIMIT_S = 15.0
STOP_WITHOUT_DATABASE_S = 2.0
"""Parts that lost their database can't finish anything; their callers repeat what was not answered."""
POLL_S = 0.02
WATCH_S = 0.2
DATABASE_SILENT_S = 1.0
"""So long nobody answers at the database's socket: it has ended. One that recovers says so."""
DATABASE_AWAY_LIMIT_S = 600.0
DATABASE_PAUSE_S = 5.0
"""One that does not start is tried again until then: on a full disk it can't, and a person needs minutes."""

log = structlog.get_logger(__name__)


class _DatabaseEnded(Exception):
    """Nobody answers at the socket of Daybook's own database any more."""


def serve(settings: Settings) -> None:
    """Runs the shop until SIGINT or SIGTERM; then stops every part, the database last.

    Raises PartEnded, EmbeddedPostgresError and ListenError. Parts and database die with this process,
    however it ends.
    """
    told = threading.Event()

    def tell(_number: int, _frame: FrameType | None) -> None:
        told.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, tell)
    # Here too, so that a port in use is found before anything is started.
    require_free_port(settings)
    _Shop(settings, told).run()


class _Shop:
    """The shop from its opening until it is told to close, over any number of lives of its processes."""

    def __init__(self, settings: Settings, told: threading.Event) -> None:
        self._settings = settings
        self._told = told
        self._endings = Endings()
        self._was_open = False
        self._on_database_at = 0.0

    def run(self) -> None:
        """Returns when told to close."""
        while not self._told.is_set():
            try:
                with database(self._settings) as connections:
                    self._run_on(connections)
            except _DatabaseEnded as error:
                pause_s = self._endings.count("the database", f"because {error}")
                log.warning("database_ended", error=str(error), starts_again_in_s=pause_s)
                self._told.wait(pause_s)
            except EmbeddedPostgresError as error:
                away_s = time.monotonic() - self._on_database_at
                if not self._was_open or self._told.is_set() or away_s > DATABASE_AWAY_LIMIT_S:
                    raise
                log.warning("database_does_not_start", error=str(error), tried_again_in_s=DATABASE_PAUSE_S)
                self._told.wait(DATABASE_PAUSE_S)

    def _run_on(self, connections: Database) -> None:
        """The shop on a database that answers: opened if it never was, then kept running."""
        key = None if self._was_open else self._prepare(connections)
        if self._told.is_set():
            return
        environment = {
            "DAYBOOK_DATABASE_URL": connections.service,
            "DAYBOOK_KEYS_DATABASE_URL": connections.keys,
            "DAYBOOK_DATA_DIR": str(self._settings.data_dir),
            "DAYBOOK_MASTER_KEY_FILE": str(self._settings.master_key_file),
            "DAYBOOK_SEAL_KEY_FILE": str(self._settings.seal_key_file),
            "DAYBOOK_CHECKPOINT_SINK": self._settings.checkpoint_sink,
        }
        own_database = connections.service if self._settings.database_url is None else None
        parts = Parts(self._settings, environment, self._endings)
        try:
            if not self._was_open:
                parts.start_all()
                if self._wait_until_ready(parts):
                    self._was_open = True
                    _welcome(self._settings, key)
            self._watch(parts, own_database)
        finally:
            self._on_database_at = time.monotonic()
            gone = own_database is not None and _asked(own_database) == Ping.NO_RESPONSE
            parts.stop(STOP_WITHOUT_DATABASE_S if gone else STOP_LIMIT_S)

    def _prepare(self, connections: Database) -> str | None:
        """Brings the schemas up to date and opens the demo shop; the key of the latter."""
        migrate(connections.owner, connections.keys_owner)
        migrate_jobs(connections.owner)
        # Here too, so that a lost or wrong key is one line and not the end of a part.
        MasterKey.of_settings(self._settings, connections.keys)
        shop_key(self._settings.seal_key_file, connections.service)
        if not self._settings.demo:
            return None
        from workers.demo.opening import open_demo_shop

        return open_demo_shop(self._settings, connections)

    def _wait_until_ready(self, parts: Parts) -> bool:
        """True once /readyz answers 200; False if told to stop before that. PartEnded if a part ends."""
        deadline = time.monotonic() + READY_LIMIT_S
        url = f"{address(self._settings)}/readyz"
        while not self._told.wait(POLL_S):
            parts.require_running()
            try:
                with urllib.request.urlopen(url, timeout=1):  # noqa: S310 - our own http
                    return True
            except (urllib.error.URLError, OSError):
                if time.monotonic() > deadline:
                    raise PartEnded("the API did not become ready") from None
        return False

    def _watch(self, parts: Parts, own_database: str | None) -> None:
        """Returns when told to stop. Starts again what ended; _DatabaseEnded where that is the database."""
        heard_at = asked_at = time.monotonic()
        while not self._told.wait(WATCH_S):
            parts.note_ended()
            found = Ping.OK
            now = time.monotonic()
            if own_database is not None and (parts.are_due or now - asked_at > DATABASE_SILENT_S / 3):
                found = _asked(own_database)
                asked_at = now
                if found != Ping.NO_RESPONSE:
                    heard_at = now
                elif now - heard_at > DATABASE_SILENT_S:
                    raise _DatabaseEnded("nobody answers at its socket; its log is in postgres/log")
            # While the database recovers no part could start, and its endings would count.
            if found == Ping.OK:
                parts.start_due()


def _asked(url: str) -> Ping:
    return Ping(PGconn.ping(url.encode()))


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
