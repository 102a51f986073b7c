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
print(os.getpriority(os.PRIO_PROCESS, 0), pathlib.Path("/proc/self/autogroup").read_text().split()[-1])
"""

pytestmark = pytest.mark.skipif(not AUTOGROUP.exists(), reason="this kernel has no autogroups")


def given_way(*, session_of_its_own: bool) -> tuple[int, int]:
    """The niceness of a process that gave way, and that of its session."""
    done = subprocess.run(
        [sys.executable, "-c", GIVE_WAY],
        capture_output=True,
        check=True,
        start_new_session=session_of_its_own,
    )
    own, session = done.stdout.split()
    return int(own), int(session)


def test_a_part_with_a_session_of_its_own_gives_way_to_other_sessions() -> None:
    """Niceness alone counts inside the session only."""
    assert given_way(session_of_its_own=True) == (7, 7)


def test_a_session_that_belongs_to_another_is_left_alone() -> None:
    before = int(AUTOGROUP.read_text().split()[-1])

    assert given_way(session_of_its_own=False) == (7, before)
