"""The database cluster of the embedded PostgreSQL: its place on disk, its roles and its passwords.

Layout of data_dir/postgres: cluster/ (PGDATA), log/, passwords.json, address.json (the current socket
folder), lock (held by the owner), server-lock (held by the server's processes).

The superuser acts once, in single-user mode, before the cluster is moved into place. So a cluster is
complete or absent, and as the superuser has no password, nobody ever logs in as it.
"""

import os
import secrets
import shutil
from pathlib import Path
from urllib.parse import quote

import msgspec

from infra.files import sync_folder
from infra.postgres.binaries import MAJOR_VERSION, Binaries, EmbeddedPostgresError
from infra.process import account_name

DATABASE = "daybook"
OWNER_ROLE = "daybook_owner"
SERVICE_ROLE = "daybook_service"
SERVICE_LOGIN = "daybook_app"
_SUPERUSER = "daybook_superuser"

# The name of the socket in its folder; no TCP port is opened.
PORT = 5432

# Run once by the superuser in single-user mode, where each line is one statement. The owner may grant
# daybook_service to further logins but does not act as it; CREATEDB lets it rehearse a restore.
BOOTSTRAP = f"""\
CREATE ROLE {OWNER_ROLE} LOGIN CREATEROLE CREATEDB;
CREATE ROLE {SERVICE_ROLE} NOLOGIN;
GRANT {SERVICE_ROLE} TO {OWNER_ROLE} WITH ADMIN TRUE, INHERIT FALSE, SET FALSE;
CREATE ROLE {SERVICE_LOGIN} LOGIN IN ROLE {SERVICE_ROLE};
CREATE DATABASE {DATABASE} OWNER {OWNER_ROLE};
REVOKE ALL ON DATABASE {DATABASE} FROM PUBLIC;
GRANT CONNECT, TEMPORARY ON DATABASE {DATABASE} TO {SERVICE_ROLE};
"""

SET_PASSWORDS = f"""\
ALTER ROLE {OWNER_ROLE} PASSWORD '{{owner}}';
ALTER ROLE {SERVICE_LOGIN} PASSWORD '{{service}}';
"""


class EmbeddedUrls(msgspec.Struct, frozen=True, kw_only=True):
    """Where the running server is reached: PostgreSQL URLs over its Unix socket, passwords included.

    `owner` owns the database and may create roles and databases; `service` has what migrations grant.
    """

    owner: str
    service: str


class _Passwords(msgspec.Struct, frozen=True, kw_only=True):
    owner: str
    service: str


class _Address(msgspec.Struct, frozen=True, kw_only=True):
    """The socket folder of the last start. The lock's inode tells it from a copy of the data directory."""

    folder: str
    lock_inode: int


class Home:
    """The paths of one data directory and what is written there for guests."""

    def __init__(self, data_dir: Path) -> None:
        self.root = data_dir.absolute() / "postgres"
        self.cluster = self.root / "cluster"
        self.nursery = self.root / "cluster.new"
        self.log = self.root / "log"
        self.lock = self.root / "lock"
        self.server_lock = self.root / "server-lock"
        self.passwords = self.root / "passwords.json"
        self._address = self.root / "address.json"

    def socket_folder(self) -> Path | None:
        """Where the last server of this very directory listened, or listens."""
        try:
            address = msgspec.json.decode(self._address.read_bytes(), type=_Address)
        except FileNotFoundError:
            return None
        return Path(address.folder) if address.lock_inode == self.lock.stat().st_ino else None

    def publish(self, folder: Path) -> None:
        """Tell guests, and the next start, where this server listens."""
        address = _Address(folder=str(folder), lock_inode=self.lock.stat().st_ino)
        _write_private(self._address, msgspec.json.encode(address))

    def urls(self) -> EmbeddedUrls | None:
        """How the last server is reached; None before the first start got that far."""
        folder = self.socket_folder()
        try:
            passwords = msgspec.json.decode(self.passwords.read_bytes(), type=_Passwords)
        except FileNotFoundError:
            return None
        if folder is None:
            return None
        at = f"@/{DATABASE}?host={quote(str(folder), safe='')}&port={PORT}"
        return EmbeddedUrls(
            owner=f"postgresql://{OWNER_ROLE}:{passwords.owner}{at}",
            service=f"postgresql://{SERVICE_LOGIN}:{passwords.service}{at}",
        )


def prepare_cluster(home: Home, binaries: Binaries, *, durable: bool) -> None:
    """Leave a complete cluster of our version, owned by the right account, with known passwords.

    Killed at any moment, the next call finishes the work. The caller holds both locks. Raises
    EmbeddedPostgresError where the cluster is another version's or another user's.
    """
    if not home.cluster.exists():
        home.passwords.unlink(missing_ok=True)
        _create_cluster(home, binaries, durable=durable)
    version = (home.cluster / "PG_VERSION").read_text().strip()
    if version != str(MAJOR_VERSION):
        raise EmbeddedPostgresError(
            f"{home.cluster} was made by PostgreSQL {version}, this Daybook brings {MAJOR_VERSION}: "
            f"dump it with PostgreSQL {version} and restore it, or choose another DAYBOOK_DATA_DIR"
        )
    owner = home.cluster.stat().st_uid
    if owner != binaries.uid:
        if os.geteuid() != 0:
            raise EmbeddedPostgresError(
                f"{home.cluster} belongs to {account_name(owner)}: start Daybook as root or as that user"
            )
        binaries.give(home.cluster)
    if not home.passwords.exists():
        passwords = _Passwords(owner=secrets.token_urlsafe(24), service=secrets.token_urlsafe(24))
        # First set, then written: killed in between, the next start sets new ones.
        _single_user(home.cluster, binaries, SET_PASSWORDS.format(**msgspec.structs.asdict(passwords)))
        _write_private(home.passwords, msgspec.json.encode(passwords))


def _create_cluster(home: Home, binaries: Binaries, *, durable: bool) -> None:
    """initdb and roles in a folder beside, moved into place when all is done and on disk."""
    shutil.rmtree(home.nursery, ignore_errors=True)
    home.nursery.mkdir(mode=0o700)
    binaries.give(home.nursery)
    arguments = (
        *("-D", str(home.nursery), "-U", _SUPERUSER, "--encoding=UTF8", "--data-checksums"),
        # A commit that needs a new segment waits until it is filled with zeros and flushed: 30 ms for 16 MB.
        "--wal-segsize=1",
        # PostgreSQL's own C.UTF-8 sorts alike on every system, so an index survives a move to another.
        *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"),
        # Nobody connects before pg_hba.conf is replaced, and the superuser needs no password.
        *("--auth=reject", "--no-instructions"),
        *(() if durable else ("--no-sync",)),
    )
    binaries.run("initdb", arguments)
    (home.nursery / "pg_hba.conf").write_text("local all all scram-sha-256\n")
    _single_user(home.nursery, binaries, BOOTSTRAP)
    home.nursery.rename(home.cluster)
    sync_folder(home.root)


def _single_user(cluster: Path, binaries: Binaries, statements: str) -> None:
    """Run statements, one a line, as the superuser without a server; the first error ends it.

    An error does not print its statement, which may hold a password.
    """
    arguments = (
        "--single",
        "-D",
        str(cluster),
        "--exit_on_error=on",
        "--log_min_error_statement=panic",
        "postgres",
    )
    binaries.run("postgres", arguments, statements)


def _write_private(path: Path, data: bytes) -> None:
    """Replace the file whole; only this user reads it."""
    new = path.with_name(f"{path.name}.new")
    new.unlink(missing_ok=True)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    new.rename(path)
    sync_folder(path.parent)
