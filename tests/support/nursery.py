"""The program as a process that is forked of one that has loaded its modules: the tests start hundreds.

It is as a program that was started: arguments, environment, outputs, process group and exit status are its
own, and it ends as the interpreter ends. Only the third of a second in which it imports itself is saved. What
a command imports, and that it can, is tested by real starts (tests.support.command_line.start).
"""

import atexit
import gc
import os
import pkgutil
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from importlib import import_module
from pathlib import Path
from threading import Lock

import msgspec

import workers

REPOSITORY = Path(__file__).parents[2]
_MOST_BYTES = 1 << 17
_STARTING = Lock()


class Birth(msgspec.Struct, frozen=True, kw_only=True):
    """What the program is to be; its outputs come along as file descriptors."""

    arguments: tuple[str, ...]
    environment: dict[str, str]


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What is told of it: first its process id, and in the end what waitpid said of it."""

    pid: int
    status: int | None = None


@cache
def _nursery() -> socket.socket:
    """The one of this process, which ends with it."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.nursery", str(theirs.fileno())],
            cwd=REPOSITORY,
            pass_fds=[theirs.fileno()],
            start_new_session=True,
        )
    atexit.register(process.wait)
    atexit.register(ours.close)
    return ours


def born(birth: Birth, output: int, errors: int) -> socket.socket:
    """Starts the program with these outputs; what is told of it comes through the socket, a Told a packet."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs, _STARTING:
        socket.send_fds(_nursery(), [msgspec.json.encode(birth)], [output, errors, theirs.fileno()])
    return ours


def told(by: socket.socket) -> Told:
    """The next that is told."""
    return msgspec.json.decode(by.recv(_MOST_BYTES), type=Told)


def _load() -> None:
    """All that a command may import."""
    for module in pkgutil.walk_packages(workers.__path__, "workers."):
        import_module(module.name)
    gc.collect()
    gc.freeze()


def _serve(orders: socket.socket) -> Birth | None:
    """Gives birth as it is told; in each newborn it returns what that has to be, at the end None."""
    # Nobody asks the nursery how a keeper ended.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        order, (*files,), _, _ = socket.recv_fds(orders, _MOST_BYTES, 3)
        if not order:
            return None
        if os.fork() == 0:
            orders.close()
            return _keep(msgspec.json.decode(order, type=Birth), *files)
        for file in files:
            os.close(file)


def _keep(birth: Birth, output: int, errors: int, teller: int) -> Birth:
    """Waits for one program and tells how it ended; returns in the program."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    pid = os.fork()
    if pid == 0:
        os.setpgid(0, 0)
        os.close(teller)
        for file, standard in ((output, 1), (errors, 2)):
            os.dup2(file, standard)
            os.close(file)
        return birth
    os.close(output)
    os.close(errors)
    with socket.socket(fileno=teller) as telling:
        _tell(telling, Told(pid=pid))
        _, status = os.waitpid(pid, 0)
        _tell(telling, Told(pid=pid, status=status))
    os._exit(0)


def _tell(telling: socket.socket, what: Told) -> None:
    # Perhaps nobody listens any more.
    with suppress(OSError):
        telling.send(msgspec.json.encode(what))


def _become(environment: Mapping[str, str], arguments: tuple[str, ...]) -> None:
    from workers.cli import main

    os.environ.clear()
    os.environ.update(environment)
    # As `python -m workers.cli` has it: messages name the program by that.
    sys.modules["__main__"].__package__ = "workers"
    sys.argv = [str(Path(workers.__file__).with_name("cli.py")), *arguments]
    main()


if __name__ == "__main__":
    _load()
    with socket.socket(fileno=int(sys.argv[1])) as _orders:
        _birth = _serve(_orders)
    if _birth is not None:
        _become(_birth.environment, _birth.arguments)
