"""Daybook's own PostgreSQL 18, a child process that lives under the data directory.

What is promised here:

* The server lives exactly as long as its owner, the process that holds the lock file: it is stopped on
  leaving, and the kernel stops it if the owner is killed. Others on the same data directory are guests.
* A start never meets the server of an earlier owner, nor kills a process that may be a stranger's: the
  old server and all its children hold a second lock, and the start waits until the kernel frees it.
* Nobody enters without one of the generated passwords, and nobody enters as the superuser at all.
* As root, PostgreSQL (which refuses root) runs under an unprivileged account.
"""

import contextlib
import fcntl
import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

import psycopg

from infra.postgres.binaries import Binaries, EmbeddedPostgresError
from infra.postgres.cluster import PORT, EmbeddedUrls, Home, prepare_cluster
from infra.process import account_name

__all__ = ["EmbeddedPostgresError", "EmbeddedUrls", "embedded"]

# After a crash, replaying up to max_wal_size on a slow disk takes minutes.
START_LIMIT_S = 300.0
# A fast shutdown writes one checkpoint: at most shared_buffers of dirty pages.
STOP_LIMIT_S = 60.0
_POLL_S = 0.005
_LOG_KEPT = timedelta(days=6)

SETTINGS: Mapping[str, str] = {
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "password_encryption": "scram-sha-256",
    "max_connections": "100",
    "fsync": "on",
    "synchronous_commit": "on",
    "shared_buffers": "256MB",
    # Few, large checkpoints: each one makes the next change of every page write the whole page to the WAL.
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
    # Nobody can log in for replication, so the WAL need serve crash recovery only; bulk loads and index
    # builds of a rebuild then skip it. Who wants standbys or point-in-time recovery runs a stock server.
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_logical_replication_workers": "0",
    # The wheel is built without lz4; pglz costs more time than the WAL it saves.
    "wal_compression": "off",
    # The statements are short and many: compiling one costs more than running it.
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "cluster_name": "daybook",
    # One file a weekday, emptied when its day comes again: a week of warnings is kept, never more.
    "logging_collector": "on",
    "log_filename": "postgres-%a.log",
    "log_rotation_age": "1d",
    "log_rotation_size": "0",
    "log_truncate_on_rotation": "on",
    "log_checkpoints": "off",
    "log_line_prefix": "%m [%p] %q%u@%d ",
}


@contextlib.contextmanager
def embedded(data_dir: Path, settings: Mapping[str, str] | None = None) -> Generator[EmbeddedUrls]:
    """A PostgreSQL that accepts connections, for the time of the `with`.

    The first process on a data directory starts and stops it; later ones share it and lose it when the
    first one leaves. `settings` override SETTINGS and count only for the one who starts. Enter it in
    a thread that outlives the `with` (the main thread): the server ends with that thread.

    Raises EmbeddedPostgresError.
    """
    home = Home(data_dir)
    try:
        # 0711: the account PostgreSQL runs under passes through; the files in it are private one by one.
        home.root.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
        found = _own_or_visit(home)
    except OSError as error:
        raise _unusable(home, error) from None
    if isinstance(found, EmbeddedUrls):
        yield found
        return
    with found, contextlib.ExitStack() as stack:
        try:
            urls = stack.enter_context(_server(home, {**SETTINGS, **(settings or {})}))
        except OSError as error:
            raise _unusable(home, error) from None
        yield urls


def _unusable(home: Home, error: OSError) -> EmbeddedPostgresError:
    """The system refused a file: another user's, a full disk."""
    return EmbeddedPostgresError(
        f"{account_name(os.geteuid())} can't use {error.filename or home.root} ({error.strerror}): "
        f"start Daybook as the user who owns it, make room, or choose another DAYBOOK_DATA_DIR"
    )


def _own_or_visit(home: Home) -> BinaryIO | EmbeddedUrls:
    """The owner's lock if it is free, or the URLs of the running owner's server."""
    deadline = time.monotonic() + START_LIMIT_S
    while time.monotonic() < deadline:
        # Both are tried again and again: the owner may be starting, stopping, or be killed meanwhile.
        lock = _try_lock(home.lock)
        if lock is not None:
            return lock
        urls = home.urls()
        if urls is not None and _accepts(urls):
            return urls
        time.sleep(_POLL_S)
    raise EmbeddedPostgresError(
        f"another Daybook holds {home.lock}, and its PostgreSQL did not answer for {START_LIMIT_S:.0f} s"
    )


@contextlib.contextmanager
def _server(home: Home, settings: Mapping[str, str]) -> Generator[EmbeddedUrls]:
    """The running server, for the holder of the owner's lock."""
    with contextlib.ExitStack() as stack:
        with _lock_of_last_server(home) as server_lock:
            binaries = Binaries(home.root, server_lock.fileno())
            _refuse_strangers(home)
            prepare_cluster(home, binaries, durable=settings["fsync"] != "off")
            _prepare_log(home, binaries)
            folder = stack.enter_context(_socket_folder(home, binaries))
            flags = {**settings, "unix_socket_directories": str(folder), "log_directory": str(home.log)}
            arguments = ["-D", str(home.cluster), *(f"--{name}={value}" for name, value in flags.items())]
            with (home.log / "start.log").open("wb") as output:
                # INT is PostgreSQL's fast shutdown: clients are cut off, and a checkpoint leaves nothing
                # to replay. (TERM would wait for the clients, QUIT leave a recovery to the next start.)
                process = binaries.start("postgres", arguments, signal.SIGINT, output.fileno())
                stack.callback(_stop, process)
        # From here on only the server holds its lock: it is free when the last of its processes is gone.
        yield _wait_until_ready(home, process)


def _wait_until_ready(home: Home, process: subprocess.Popen[bytes]) -> EmbeddedUrls:
    urls = home.urls()
    assert urls is not None, "the cluster has passwords and the folder is published"
    deadline = time.monotonic() + START_LIMIT_S
    while not _accepts(urls):
        if process.poll() is not None:
            raise EmbeddedPostgresError(f"PostgreSQL ended at its start: {_last_words(home)}")
        if time.monotonic() > deadline:
            raise EmbeddedPostgresError(
                f"PostgreSQL was not ready after {START_LIMIT_S:.0f} s: {_last_words(home)}"
            )
        time.sleep(_POLL_S)
    return urls


def _stop(process: subprocess.Popen[bytes]) -> None:
    for step, limit_s in ((signal.SIGINT, STOP_LIMIT_S), (signal.SIGQUIT, STOP_LIMIT_S)):
        # Popen sends nothing to a child that it has already seen end, so no stranger's pid is met.
        process.send_signal(step)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(limit_s)
            return
    raise EmbeddedPostgresError(f"PostgreSQL (pid {process.pid}) did not stop on SIGQUIT")


def _accepts(urls: EmbeddedUrls) -> bool:
    try:
        psycopg.connect(urls.service, connect_timeout=5).close()
    except psycopg.OperationalError as error:
        if "password authentication failed" in str(error):
            raise EmbeddedPostgresError(
                "passwords.json does not fit the cluster: remove it, and the next start sets new passwords"
            ) from None
        return False
    return True


def _try_lock(path: Path) -> BinaryIO | None:
    """The file, locked until it is closed here and in every child that inherited it."""
    file = path.open("ab")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file


def _lock_of_last_server(home: Home) -> BinaryIO:
    """The server lock, once every process of an earlier owner's server (or initdb) has ended."""
    deadline = time.monotonic() + STOP_LIMIT_S
    while time.monotonic() < deadline:
        lock = _try_lock(home.server_lock)
        if lock is not None:
            return lock
        _end_orphan(home)
        time.sleep(_POLL_S)
    raise EmbeddedPostgresError(
        f"the PostgreSQL of an earlier Daybook still runs in {home.cluster} after {STOP_LIMIT_S:.0f} s: "
        f"stop the process that postmaster.pid in that folder names (kill -INT), then start again"
    )


def _end_orphan(home: Home) -> None:
    """Stop an owner-less server where the kernel does not do it (any system but Linux)."""
    if sys.platform == "linux":
        return
    urls = home.urls()
    # Who answers at our socket with our passwords, while the server lock is held, is the server that
    # wrote postmaster.pid: the pid can't be a stranger's.
    if urls is not None and _accepts(urls):
        pid = _server_pid(home)
        if pid is not None:
            os.kill(pid, signal.SIGINT)


def _refuse_strangers(home: Home) -> None:
    """Drop a stale postmaster.pid; refuse a server in our cluster that someone started by hand.

    PostgreSQL refuses to start while the pid in that file exists under its own user, whatever process it
    is by now (usual after a container was killed). The server lock proves that none of ours is left.
    """
    pid = _server_pid(home)
    if pid is None or sys.platform != "linux":
        return
    try:
        # A server's working directory is its cluster.
        foreign = Path(f"/proc/{pid}/cwd").samefile(home.cluster)
    except OSError:
        foreign = False  # gone, or another user's: then not a server of this cluster
    if foreign:
        raise EmbeddedPostgresError(
            f"a PostgreSQL that Daybook did not start (pid {pid}) runs in {home.cluster}: stop it first"
        )
    (home.cluster / "postmaster.pid").unlink()


def _server_pid(home: Home) -> int | None:
    try:
        return int((home.cluster / "postmaster.pid").read_text().split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return None


def _prepare_log(home: Home, binaries: Binaries) -> None:
    home.log.mkdir(mode=0o700, exist_ok=True)
    binaries.give(home.log)
    # The server empties a weekday's file when it reaches that day while running; a shop that closes
    # every evening never runs over midnight, so the files of last week go here.
    oldest = (datetime.now(UTC) - _LOG_KEPT).timestamp()
    for file in home.log.glob("postgres-*.log"):
        if file.stat().st_mtime < oldest:
            file.unlink()


def _last_words(home: Home) -> str:
    """What the server wrote last: to its standard error until its log is open, then to its log."""
    words = (home.log / "start.log").read_text(errors="replace")
    if "logging collector" in words:
        newest = max(home.log.glob("postgres-*.log"), key=lambda file: file.stat().st_mtime)
        words = newest.read_text(errors="replace")
    return words[-1000:].strip() or "it wrote nothing"


@contextlib.contextmanager
def _socket_folder(home: Home, binaries: Binaries) -> Generator[Path]:
    """A private folder with a short path: a Unix socket's ends at 107 bytes (103 on macOS)."""
    last = home.socket_folder()
    if last is not None:
        shutil.rmtree(last, ignore_errors=True)
    temporary = tempfile.gettempdir()
    # The server reads its socket folders as a list: only plain characters are safe in it.
    base = temporary if re.fullmatch(r"[\w./+-]{1,60}", temporary, re.ASCII) else "/tmp"  # noqa: S108
    folder = Path(base, f"daybook-{secrets.token_hex(8)}")
    # Published first: killed at any moment from here on, the next start finds what to remove.
    home.publish(folder)
    folder.mkdir(mode=0o700)
    try:
        binaries.give(folder)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
