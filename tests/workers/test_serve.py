"""`daybook serve` is one command that runs a whole shop and leaves nothing behind, however it ends."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from tests.support.command_line import DEADLINE_S, Settings, daybook, start, wait_until
from tests.support.processes import Process, free_port, processes_of

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

WELCOME = re.compile(
    r"\n"
    r"  Daybook is open   (?P<address>http://127\.0\.0\.1:\d+)\n"
    r"  API and try-out   (?P<docs>\S+)\n"
    r"  Key of the demo   (?P<key>dbk_\w+)\n"
    r"  Data              (?P<data>[^\n]+)\n"
    r"  Ctrl-C closes the shop\.\n"
    r"\n"
)


class Shop:
    """A running `daybook serve`."""

    def __init__(self, process: "subprocess.Popen[str]", data_dir: Path) -> None:
        self.process = process
        self.data_dir = data_dir
        assert process.stdout is not None
        self.output = ""
        # Read by lines: it prints when it is ready, and ends its output when it ends before that.
        while "Ctrl-C" not in self.output and (line := process.stdout.readline()):
            self.output += line
        self.output += process.stdout.readline()
        welcome = WELCOME.fullmatch(self.output)
        assert welcome is not None, (self.output, process.communicate())
        self.address, self.docs, self.key = welcome["address"], welcome["docs"], welcome["key"]
        assert welcome["data"] == str(data_dir)

    def get(self, path: str) -> Any:
        response = httpx.get(f"{self.address}{path}", headers={"Authorization": f"Bearer {self.key}"})
        assert response.status_code == 200, response.text
        return response.json()

    def head(self) -> int:
        return self.get("/v1/status")["position"]

    def sell(self, sale_id: str) -> int:
        """A delivery for somebody; the position at which it was acknowledged."""
        response = httpx.post(
            f"{self.address}/v1/stores/renmin-lu/sales",
            headers={"Authorization": f"Bearer {self.key}", "Idempotency-Key": sale_id},
            json={
                "sale_id": sale_id,
                "lines": [{"sku": "delivery", "quantity": 1}],
                "tenders": [{"method": "cash", "amount": {"amount": 600, "currency": "CNY"}}],
            },
        )
        assert response.status_code == 201, response.text
        return int(response.headers["Daybook-Position"])

    def caught_up(self) -> bool:
        """Every read model has folded the whole journal, and its projector is alive."""
        status = self.get("/v1/status")
        known = status["projections"]
        return bool(known) and all(each["lag"] == 0 and each["alive"] for each in known)

    def part(self, name: str) -> int:
        """The pid of a part: the child of ours, not a child of the child."""
        (pid,) = (
            found.pid
            for found in processes_of(self.data_dir)
            if found.arguments.endswith(f"workers.cli {name}") and found.parent == self.process.pid
        )
        return pid

    def database(self) -> int:
        """PostgreSQL's first process."""
        pid_file = self.data_dir / "postgres" / "cluster" / "postmaster.pid"
        return int(pid_file.read_text().split("\n", 1)[0])

    def ended(self) -> tuple[int, str, str]:
        """After it has ended: the status, and what it said since the welcome."""
        output, errors = self.process.communicate(timeout=DEADLINE_S)
        return self.process.returncode, output, errors


class Opened(NamedTuple):
    """What was seen at the first start of a data folder, which SIGTERM ended."""

    data_dir: Path
    settings: Settings
    key: str
    head: int
    docs_status: int
    ended: tuple[int, str, str]
    left: list[Process]


def after(claim: Callable[[], object]) -> Callable[[], bool]:
    """The claim as a condition that is false while the shop refuses or can't be reached."""

    def holds() -> bool:
        try:
            return bool(claim())
        except (AssertionError, ValueError, httpx.HTTPError):
            return False

    return holds


def told(errors: str, event: str) -> list[Any]:
    """What a log says of one kind of event."""
    lines = [json.loads(line) for line in errors.splitlines() if line.startswith("{")]
    return [line for line in lines if line["event"] == event]


@contextmanager
def serving(settings: Settings) -> Generator[Shop]:
    """A shop that is ready; what the test does not end is killed."""
    with start(settings, "serve") as process:
        try:
            yield Shop(process, Path(settings["data_dir"]))
        finally:
            process.kill()


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Generator[Opened]:
    """A shop after its first start, for all tests: each must leave it stopped."""
    data_dir = tmp_path_factory.mktemp("serve") / f"a shop {'with a long name ' * 7}"
    assert len(str(data_dir)) > 110
    settings = {"data_dir": str(data_dir), "port": str(free_port())}
    with serving(settings) as shop:
        wait_until(shop.caught_up)
        head, docs_status = shop.head(), httpx.get(shop.docs).status_code
        shop.process.terminate()
        ended = shop.ended()
        left = processes_of(data_dir)
    yield Opened(data_dir, settings, shop.key, head, docs_status, ended, left)
    shutil.rmtree(data_dir)  # 60 MB, and pytest would keep it for three runs


def test_the_first_start_opens_a_shop_with_a_past_and_a_key_that_works(opened: Opened) -> None:
    assert opened.head > 1_000
    assert opened.docs_status == 200


def test_sigterm_closes_the_shop_in_order(opened: Opened) -> None:
    status, output, errors = opened.ended

    assert (status, output) == (0, "")
    # A machine that is busy with other tests may be slow to answer, and says so.
    said = "".join(line for line in errors.splitlines(keepends=True) if '"request_slow"' not in line)
    assert re.fullmatch(r"Opening the demo shop… [^\n]+\n", said), errors
    assert opened.left == []


def test_ctrl_c_closes_a_second_start_that_added_nothing(opened: Opened) -> None:
    with serving(opened.settings) as shop:
        assert shop.key == opened.key
        assert shop.head() == opened.head
        # A terminal sends it to everyone in the foreground.
        os.killpg(shop.process.pid, signal.SIGINT)

        assert shop.ended() == (0, "", "")
        assert processes_of(opened.data_dir) == []


def test_after_kill_9_nothing_runs_and_an_acknowledged_sale_is_there_at_the_next_start(
    opened: Opened,
) -> None:
    with serving(opened.settings) as shop:
        position = shop.sell("x-before-the-kill")
        shop.process.kill()

        wait_until(lambda: not processes_of(opened.data_dir))

    with serving(opened.settings) as shop:
        assert shop.key == opened.key
        assert shop.head() >= position
        assert shop.get("/v1/sales/x-before-the-kill")["total"] == {"amount": 600, "currency": "CNY"}
        wait_until(shop.caught_up)

        # A port in use stops a second shop before it makes anything, though granian would share the port.
        elsewhere = opened.data_dir.with_name("elsewhere")
        second = daybook({**opened.settings, "data_dir": str(elsewhere)}, "serve")
        assert (second.returncode, second.stdout, second.stderr) == (1, "", in_use(opened))
        assert not elsewhere.exists()
        shop.process.terminate()
        assert shop.ended() == (0, "", "")


def test_a_port_that_another_program_uses_is_one_clear_line(opened: Opened) -> None:
    with socket.create_server(("127.0.0.1", int(opened.settings["port"]))):
        ended = daybook(opened.settings, "serve")

    assert (ended.returncode, ended.stdout, ended.stderr) == (1, "", in_use(opened))
    assert processes_of(opened.data_dir) == []


def in_use(opened: Opened) -> str:
    port = opened.settings["port"]
    return (
        f"daybook: can't listen on 127.0.0.1 port {port} (Address already in use):"
        " choose another DAYBOOK_PORT or DAYBOOK_HOST\n"
    )


def test_a_host_that_is_none_is_one_clear_line(opened: Opened) -> None:
    ended = daybook({**opened.settings, "host": "no such host"}, "serve")

    assert (ended.returncode, ended.stdout) == (1, "")
    assert re.fullmatch(r"daybook: DAYBOOK_HOST='no such host' is no address: [^\n]+\n", ended.stderr)


def test_a_part_that_dies_while_the_shop_opens_closes_it_with_an_error(opened: Opened) -> None:
    """What ends before the shop was ever open would end again: a port in use, a setting that can't be."""
    with start(opened.settings, "serve") as process:
        parts: list[Process] = []

        def projector_runs() -> bool:
            parts[:] = [
                each
                for each in processes_of(opened.data_dir)
                if each.arguments.endswith("workers.cli projector")
            ]
            return bool(parts)

        wait_until(projector_runs)
        os.kill(parts[0].pid, signal.SIGKILL)

        output, errors = process.communicate(timeout=DEADLINE_S)
        assert (process.returncode, output) == (1, "")
        assert errors == "daybook: projector ended with status -9; its log is above\n"
        wait_until(lambda: not processes_of(opened.data_dir))


def test_a_part_that_dies_is_started_again(opened: Opened) -> None:
    """granian too, whose worker then frees the port, and the worker alone. The welcome is not said again."""
    with serving(opened.settings) as shop:
        killed = {name: shop.part(name) for name in ("projector", "api")}
        for pid in killed.values():
            os.kill(pid, signal.SIGKILL)

        wait_until(after(lambda: shop.part("api") != killed["api"]))
        wait_until(after(lambda: shop.sell("sale-after-the-kill")))
        wait_until(after(lambda: shop.part("projector") != killed["projector"] and shop.caught_up()))

        (worker,) = (each.pid for each in processes_of(opened.data_dir) if each.parent == shop.part("api"))
        os.kill(worker, signal.SIGKILL)
        wait_until(after(lambda: shop.sell("sale-after-the-workers-kill")))

        shop.process.terminate()
        status, output, errors = shop.ended()
        assert (status, output) == (0, "")
        assert [(line["part"], line["status"]) for line in told(errors, "part_ended")] == [
            ("api", -9),
            ("projector", -9),
            ("api", 1),
        ]
        assert processes_of(opened.data_dir) == []


def test_a_database_that_dies_is_started_again_with_all_parts(opened: Opened) -> None:
    with serving(opened.settings) as shop:
        position = shop.sell("sale-before-the-databases-end")
        os.kill(shop.database(), signal.SIGKILL)

        wait_until(after(lambda: shop.sell("sale-after-the-databases-end") > position))
        wait_until(after(shop.caught_up))
        shop.process.terminate()
        status, output, errors = shop.ended()
        assert (status, output) == (0, "")
        assert len(told(errors, "database_ended")) == 1
        assert told(errors, "part_ended") == []
        assert processes_of(opened.data_dir) == []


def test_a_shop_that_is_told_to_close_while_its_database_is_away_closes(opened: Opened) -> None:
    with serving(opened.settings) as shop:
        os.kill(shop.database(), signal.SIGKILL)
        shop.process.terminate()

        status, output, _ = shop.ended()
        assert (status, output) == (0, "")
        assert processes_of(opened.data_dir) == []


def test_a_database_that_only_stumbles_closes_no_shop(opened: Opened) -> None:
    """PostgreSQL starts anew when one of its processes is killed: every connection is lost at once."""
    with serving(opened.settings) as shop:
        stumbled = [each for each in processes_of(opened.data_dir) if each.parent == shop.database()]
        os.kill(stumbled[-1].pid, signal.SIGKILL)

        wait_until(after(lambda: shop.sell("sale-after-the-stumble")))
        wait_until(after(shop.caught_up))
        shop.process.terminate()
        status, _, errors = shop.ended()
        assert status == 0
        assert told(errors, "database_ended") == []
