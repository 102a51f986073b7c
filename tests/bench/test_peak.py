"""What a command takes is told apart from what others take, and one that fails is no figure."""

import subprocess
import sys

import msgspec
import pytest

from bench.measure import BenchmarkFailed
from bench.parts import run_command
from bench.peak import Ran

MIB = 100
TAKES = f"taken = b'x' * ({MIB} << 20)"
HAS_A_CHILD_TAKE = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {TAKES!r}], check=True)"


@pytest.mark.parametrize("code", [TAKES, HAS_A_CHILD_TAKE])
def test_the_memory_is_that_of_the_largest_process_of_the_command(code: str) -> None:
    here = b"x" * (4 * MIB << 20)

    command = [sys.executable, "-m", "bench.peak", sys.executable, "-c", code]
    printed = subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout

    assert len(here) > MIB << 20
    assert MIB < msgspec.json.decode(printed, type=Ran).peak_mib < 2 * MIB


def test_a_command_that_fails_says_why() -> None:
    with pytest.raises(BenchmarkFailed) as failure:
        run_command({"DAYBOOK_PORT": "none"}, "settings")
    assert str(failure.value).startswith("daybook settings: daybook: DAYBOOK_PORT")
