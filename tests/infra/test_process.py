"""How processes give way: by their niceness and, where a session is theirs, by that of the session."""

import subprocess
import sys
from pathlib import Path

import pytest

AUTOGROUP = Path("/proc/self/autogroup")

GIVE_WAY = """
import os, pathlib
from infra.process import give_way
give_way(7)
session = pathlib.Path("/proc/self/autogroup").read_text().split()
print(os.getpriority(os.PRIO_PROCESS, 0), *session[-1:])
"""

pytestmark = pytest.mark.skipif(not AUTOGROUP.exists(), reason="this kernel has no autogroups")


def given_way(*, session_of_its_own: bool) -> list[int]:
    """The niceness of a process that gave way, and that of its session where it is in one that has it."""
    done = subprocess.run(
        [sys.executable, "-c", GIVE_WAY],
        capture_output=True,
        check=True,
        start_new_session=session_of_its_own,
    )
    return [int(niceness) for niceness in done.stdout.split()]


def test_a_part_with_a_session_of_its_own_gives_way_to_other_sessions() -> None:
    """Niceness alone counts inside the session only."""
    assert given_way(session_of_its_own=True) == [7, 7]


def test_a_session_that_belongs_to_another_is_left_alone() -> None:
    """The file is empty in a process that is in no session's group, as a container's first may be."""
    before = [int(niceness) for niceness in AUTOGROUP.read_text().split()[-1:]]

    assert given_way(session_of_its_own=False) == [7, *before]
