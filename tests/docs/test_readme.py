"""The tour in the README works as pasted, and both languages take the same one."""

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import pytest

from tests.docs.documents import README, README_ZH, REPOSITORY, Block, blocks

START_LIMIT_S = 120.0
STOP_LIMIT_S = 30.0
TOUR_LIMIT_S = 120.0
BETWEEN_BLOCKS = "\x1e"
LEFT_OUT = "…"

with_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="the tour is pasted with curl")


def tour() -> list[tuple[str, str]]:
    """What to paste and what it promises to print, block by block."""
    steps = [block for block in blocks(README) if block.language in {"sh", "text"}]
    assert [block.language for block in steps] == ["sh", "text"] * (len(steps) // 2)
    return [(pasted.text, promised.text) for pasted, promised in list(pairwise(steps))[::2]]


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def environment(data_dir: Path, port: int) -> dict[str, str]:
    """That of a person who sets nothing but where the shop lies and listens."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("DAYBOOK_")}
    return {
        **inherited,
        "DAYBOOK_DATA_DIR": str(data_dir),
        "DAYBOOK_PORT": str(port),
        # The tour's own variable. (DAYBOOK_API would be refused as a setting that does not exist.)
        "API": f"http://127.0.0.1:{port}",
    }


@contextmanager
def open_shop(settings: dict[str, str], log: Path) -> Generator[subprocess.Popen[str]]:
    """`daybook serve`, open for business; whatever happens it is told to close."""
    with (
        log.open("w") as errors,
        subprocess.Popen(
            [sys.executable, "-m", "workers.cli", "serve"],
            cwd=REPOSITORY,
            env=settings,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        ) as shop,
    ):
        try:
            assert shop.stdout is not None
            printed = next((line for line in shop.stdout if "Daybook is open" in line), "")
            assert printed, log.read_text()
            yield shop
        finally:
            if shop.poll() is None:
                shop.send_signal(signal.SIGTERM)
            shop.wait(STOP_LIMIT_S)


def paste(steps: list[str], settings: dict[str, str]) -> list[str]:
    """What each block prints, all pasted into one shell that stops at the first error."""
    script = "\n".join(f"printf '{BETWEEN_BLOCKS}'\n{step}" for step in steps)
    pasted = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=REPOSITORY,
        env=settings,
        capture_output=True,
        text=True,
        timeout=TOUR_LIMIT_S,
        check=False,
    )
    assert pasted.returncode == 0, pasted.stdout + pasted.stderr
    assert pasted.stderr == ""
    return pasted.stdout.split(BETWEEN_BLOCKS)[1:]


def missing(promised: str, printed: str) -> str | None:
    """The first piece of the promise that was not printed in its turn; None if all of it was."""
    seen = 0
    for line in promised.splitlines():
        for piece in filter(None, line.split(LEFT_OUT)):
            found = printed.find(piece, seen)
            if found < 0:
                return piece
            seen = found + len(piece)
    return None


def processes_of(data_dir: Path) -> list[str]:
    """Whoever works in the data folder or was started for it."""
    found: list[str] = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            mine = str(data_dir).encode() in (process / "environ").read_bytes()
            inside = (process / "cwd").resolve().is_relative_to(data_dir)
        except OSError:
            continue  # gone meanwhile, or another user's
        if mine or inside:
            found.append((process / "cmdline").read_text().replace("\0", " "))
    return found


@with_curl
def test_the_tour_works_as_pasted_and_the_shop_closes_without_a_trace(tmp_path: Path) -> None:
    """Each block prints what the block below it promises; SIGTERM ends the shop, and nothing runs on."""
    data_dir = tmp_path / "data"
    settings = environment(data_dir, free_port())
    steps = tour()
    try:
        with open_shop(settings, tmp_path / "log") as shop:
            printed = paste([step for step, _ in steps], settings)
        for (pasted, promised), output in zip(steps, printed, strict=True):
            assert missing(promised, output) is None, f"{pasted}\nprinted\n{output}"
            assert ("urn:daybook:problem:" in output) == ("urn:daybook:problem:" in promised), output
        assert shop.returncode == 0, (tmp_path / "log").read_text()
        assert processes_of(data_dir) == []
    finally:
        shutil.rmtree(data_dir, ignore_errors=True)  # pytest would keep a database for three runs


def test_a_promise_is_kept_piece_by_piece_and_in_order() -> None:
    assert missing('"a":1,…\n"b":2', '{"a":1,"x":0,"b":2}') is None
    assert missing('"b":2\n"a":1', '{"a":1,"b":2}') == '"a":1'


def test_both_languages_show_the_same_tour() -> None:
    """The map of the repository alone is translated; it has no language."""

    def shown(path: Path) -> list[Block]:
        return [block for block in blocks(path) if block.language]

    assert shown(README_ZH) == shown(README)
