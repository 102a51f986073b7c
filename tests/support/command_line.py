"""The program `daybook` as its users run it: a process with settings in its environment."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryFile

from tests.support.nursery import Birth, born, told

REPOSITORY = Path(__file__).parents[2]
DEADLINE_S = 90.0
"""A rebuild has the lowest priority: beside other work it takes a while."""

Settings = dict[str, str]


def environment(settings: Settings) -> dict[str, str]:
    """Ours without any DAYBOOK_… variable, and with these (`tenant` for DAYBOOK_TENANT)."""
    inherited = {name: text for name, text in os.environ.items() if not name.startswith("DAYBOOK_")}
    return {**inherited, **{f"DAYBOOK_{name.upper()}": text for name, text in settings.items()}}


def start(settings: Settings, *arguments: str) -> subprocess.Popen[str]:
    """The running program, in a process group of its own as a terminal would give it."""
    return subprocess.Popen(
        [sys.executable, "-m", "workers.cli", *arguments],
        cwd=REPOSITORY,
        env=environment(settings),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        process_group=0,
    )


def daybook(settings: Settings, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The program after it has ended, forked of one that is loaded already."""
    birth = Birth(arguments=arguments, environment=environment(settings))
    with TemporaryFile("w+") as output, TemporaryFile("w+") as errors:
        with born(birth, output.fileno(), errors.fileno()) as teller:
            teller.settimeout(DEADLINE_S)
            pid = told(teller).pid
            try:
                status = told(teller).status
            except BaseException:
                os.killpg(pid, signal.SIGKILL)
                raise
        assert status is not None
        output.seek(0)
        errors.seek(0)
        return subprocess.CompletedProcess(
            arguments, os.waitstatus_to_exitcode(status), output.read(), errors.read()
        )


def wait_until(condition: Callable[[], bool], poll_s: float = 0.01) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(poll_s)
