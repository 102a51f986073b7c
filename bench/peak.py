"""`python -m bench.peak COMMAND …` runs a command and prints, last, what it took as JSON.

A process of its own, and a small one: until a child has begun its program, its memory counts as its parent's.
"""

import os
import resource
import signal
import subprocess
import sys
import time

import msgspec

from infra.process import die_with_parent

KIB = 1024


class Ran(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds from a command's start to its end, and the memory of its largest process at its most."""

    took_s: float
    peak_mib: float


def main(command: list[str]) -> int:
    """Runs the command; what it says is printed if it fails. Returns its status."""
    parent = os.getpid()
    began = time.perf_counter()
    done = subprocess.run(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
        preexec_fn=lambda: die_with_parent(signal.SIGTERM, parent_pid=parent),
    )
    took_s = time.perf_counter() - began
    if done.returncode:
        sys.stdout.write(done.stdout.decode(errors="replace"))
        return done.returncode
    # Also of the children that the command has waited for.
    peak_mib = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / KIB
    sys.stdout.write(msgspec.json.encode(Ran(took_s=took_s, peak_mib=peak_mib)).decode())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
