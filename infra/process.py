"""How Daybook's child processes are born: they die with their parent, and never run as root by need.

Everything here runs in the child between fork and exec, so it only makes system calls. It is Linux's;
on other systems `die_with_parent` does nothing, and parents must stop their children themselves.
"""

import contextlib
import ctypes
import gc
import os
import pwd
import socket
import sys
from collections.abc import Iterable, Sequence
from enum import IntEnum
from pathlib import Path

import msgspec

LINUX = sys.platform == "linux"

GC_THRESHOLDS = (5_000, 200, 100)
"""After so many new objects the young are looked at, which takes a millisecond or two; seldom the others."""

_AUTOGROUP = Path("/proc/self/autogroup")

# <linux/prctl.h> and <linux/capability.h>; Python names none of them.
_PR_SET_PDEATHSIG = 1
_PR_SET_SECUREBITS = 28
_PR_CAP_AMBIENT = 47
_PR_CAP_AMBIENT_RAISE = 2
_SECBIT_NO_SETUID_FIXUP = 1 << 2
_CAPABILITY_VERSION_3 = 0x20080522

# Loaded here because a child between fork and exec must not take the loader's locks.
_libc = ctypes.CDLL(None, use_errno=True)

# Exit codes of the probe in `_first_obstacle`; smaller ones are 1 + the index of a folder.
_CANNOT_BECOME = 254
_CANNOT_EXECUTE = 255


class Capability(IntEnum):
    """The capabilities a child may keep to pass folders that its account can't enter; least first."""

    DAC_READ_SEARCH = 2
    DAC_OVERRIDE = 1


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """An account of the system that a child runs under."""

    name: str
    uid: int
    gid: int


class AccountUnusable(Exception):
    """A child can't run under an account; the text names the obstacle and the way out."""


def die_with_parent(signal_number: int, *, parent_pid: int) -> None:
    """The kernel sends the calling process `signal_number` when its parent ends, however that ends.

    `parent_pid` is the parent's pid as the parent knew it: a parent that ended before this call could
    send nothing, so the caller then exits at once (it has done nothing yet). Comparing with pid 1 would
    not do: in a container the parent may be pid 1.

    Call it after any change of user, group or capabilities, which all clear it. "Parent" is the parent's
    *thread*: start such children from a thread that lives as long as they should.
    """
    if not LINUX:
        return
    _prctl(_PR_SET_PDEATHSIG, signal_number)
    if os.getppid() != parent_pid:
        os._exit(128 + signal_number)


def unprivileged_account(names: Sequence[str] = ("postgres", "nobody")) -> Account:
    """The first of the named accounts that this system has."""
    for name in names:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name=name, uid=entry.pw_uid, gid=entry.pw_gid)
    raise AccountUnusable(f"none of the accounts {', '.join(names)} exists; start Daybook as a plain user")


def become(account: Account, capability: Capability | None = None) -> None:
    """Root turns into `account` for good, keeping at most one capability, also across exec.

    Raises OSError where the kernel refuses. Clears the parent-death signal.
    """
    os.setgroups([account.gid])
    os.setgid(account.gid)
    if capability is None:
        os.setuid(account.uid)
        return
    # Without the fix-up, setuid leaves the capabilities alone, and access(2), by which PostgreSQL finds
    # its own program, counts them too (KEEPCAPS would do only the first).
    _prctl(_PR_SET_SECUREBITS, _SECBIT_NO_SETUID_FIXUP)
    os.setuid(account.uid)
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    bit = 1 << capability
    sets = (ctypes.c_uint32 * 6)(bit, bit, bit, 0, 0, 0)  # effective, permitted, inheritable; low, high
    if _libc.capset(header, sets) != 0:
        _raise_errno("capset")
    # Ambient is the only set that passes the exec of a plain file.
    _prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, capability)


def least_capability(account: Account, program: Path, folders: Iterable[Path]) -> Capability | None:
    """The least capability with which `account` can enter all `folders` and execute `program --version`.

    It is tried in a child, not computed from mode bits, which know nothing of access lists, mounts and
    security modules. Raises AccountUnusable, naming the first folder that stays closed.
    """
    paths = sorted({ancestor for folder in folders for ancestor in (folder, *folder.parents)})
    capabilities = (None, *Capability) if LINUX else (None,)
    obstacle = ""
    for capability in capabilities:
        found = _first_obstacle(account, capability, program, paths)
        if found is None:
            return capability
        # The obstacle met without any capability is the one that the user can do something about.
        obstacle = obstacle or found
    raise AccountUnusable(obstacle)


def _first_obstacle(
    account: Account, capability: Capability | None, program: Path, folders: Sequence[Path]
) -> str | None:
    child = os.fork()
    if child == 0:
        _probe(account, capability, program, folders)
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    if code == 0:
        return None
    if code == _CANNOT_BECOME:
        return f"root may not become the account {account.name!r} here; start Daybook as a plain user"
    if 0 < code <= len(folders):
        return (
            f"the account {account.name!r} can't enter {folders[code - 1]}: "
            f"allow it (chmod o+x), choose another folder, or start Daybook as a plain user"
        )
    return f"the account {account.name!r} can't execute {program}"


def _probe(account: Account, capability: Capability | None, program: Path, folders: Sequence[Path]) -> None:
    """Does not return to its caller: the exit code of the child tells what it met."""
    code = _CANNOT_BECOME
    try:
        become(account, capability)
        for index, folder in enumerate(folders):
            code = index + 1
            # Looking up "." needs exactly the right to enter.
            os.stat(f"{folder}/.")  # noqa: PTH116 (Path drops the dot)
        code = _CANNOT_EXECUTE
        # PostgreSQL asks this of itself before it starts, and --version alone does not.
        if not os.access(program, os.X_OK):
            return
        null = os.open(os.devnull, os.O_RDWR)
        os.dup2(null, 1)
        os.dup2(null, 2)
        os.execv(program, [str(program), "--version"])  # noqa: S606 (no shell is what we want)
    finally:
        os._exit(code)


def account_name(uid: int) -> str:
    """The account's name, or its number where it has none."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _prctl(option: int, *arguments: int) -> None:
    # prctl is variadic and reads unsigned longs: a plain int would leave half a register undefined.
    padded = (*arguments, 0, 0, 0, 0)[:4]
    if _libc.prctl(option, *(ctypes.c_ulong(argument) for argument in padded)) != 0:
        _raise_errno("prctl")


def _raise_errno(call: str) -> None:
    code = ctypes.get_errno()
    raise OSError(code, f"{call}: {os.strerror(code)}")


def give_way(niceness: int) -> None:
    """This process takes what processor time others leave, those of other sessions too.

    Linux shares the processor among sessions first (autogroups), and a process's niceness counts inside its
    own alone: a part that has a session to itself would give way to nobody. So the session is niced too, if
    this process leads it; another's, such as a shell's, is left alone.
    """
    os.nice(niceness)
    if os.getsid(0) == os.getpid():
        # There is no such file without autogroups, and none that can be written in some sandboxes.
        with contextlib.suppress(OSError):
            _AUTOGROUP.write_text(str(niceness))


def owner_name() -> str:
    """This process, as others see in a lease who has it."""
    return f"{socket.gethostname()}:{os.getpid()}"


def calm_collector() -> None:
    """Few garbage collections, of young objects only; call it when a process has loaded what it needs.

    What exists now lives as long as the process and need not be looked at again. Worth more to a server's
    slowest answers than any other tuning. (Architecture, "Running".)
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLDS)
