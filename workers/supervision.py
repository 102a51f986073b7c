"""The processes of a shop: started, started again when one ends by itself, stopped together."""

import os
import signal
import subprocess
import time
from collections import defaultdict
from collections.abc import Callable, Mapping

import structlog

from infra.errors import OperatorError
from infra.settings import Settings
from workers.listening import ListenError, require_free_port
from workers.processes import start_part

PARTS = ("api", "projector", "sealer", "jobs")
ENDINGS = 5
ENDINGS_WITHIN_S = 60.0
"""What ends so often in so short a time will do so for ever: the shop closes, and somebody looks."""
PORT_LIMIT_S = 15.0
"""So long the API waits for its port: the worker of a killed API answers its last callers first."""

log = structlog.get_logger(__name__)


class PartEnded(OperatorError):
    """A process that should run as long as the shop has ended by itself, too early or too often."""


class Endings:
    """How often each part, and the database, has ended lately."""

    def __init__(self, clock_s: Callable[[], float] = time.monotonic) -> None:
        self._clock_s = clock_s
        self._ended_at: defaultdict[str, list[float]] = defaultdict(list)

    def count(self, what: str, how: str) -> float:
        """Notes that something ended; returns how many seconds to wait before it is started again.

        None the first time, then ever more, so that the cause may pass. Raises PartEnded where it ended
        ENDINGS times within ENDINGS_WITHIN_S.
        """
        now = self._clock_s()
        recent = [*(at for at in self._ended_at[what] if now - at < ENDINGS_WITHIN_S), now]
        self._ended_at[what] = recent
        if len(recent) >= ENDINGS:
            raise PartEnded(
                f"{what} ended {ENDINGS} times within {ENDINGS_WITHIN_S:.0f} s, the last time {how}"
            )
        return 0.0 if len(recent) == 1 else 2.0 ** (len(recent) - 1)


class Parts:
    """API, projector, sealer and jobs on one database."""

    def __init__(self, settings: Settings, environment: Mapping[str, str], endings: Endings) -> None:
        self._settings = settings
        self._environment = environment
        self._endings = endings
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._due_at: dict[str, float] = dict.fromkeys(PARTS, time.monotonic())

    @property
    def are_due(self) -> bool:
        """Some part does not run."""
        return bool(self._due_at)

    def start_all(self) -> None:
        """Starts every part at once."""
        for part in PARTS:
            self._start(part)

    def start_due(self) -> None:
        """Starts what does not run and has waited long enough."""
        for part, due_at in list(self._due_at.items()):
            waited_s = time.monotonic() - due_at
            if waited_s < 0 or (part == "api" and waited_s < PORT_LIMIT_S and not self._port_is_free()):
                continue
            self._start(part)

    def _start(self, part: str) -> None:
        self._running[part] = start_part(part, self._environment)
        del self._due_at[part]

    def require_running(self) -> None:
        """PartEnded if a part has ended: before the shop was ever open, a new start would end alike."""
        for part, process in self._running.items():
            if process.poll() is not None:
                raise PartEnded(f"{part} ended with status {process.returncode}; its log is above")

    def note_ended(self) -> None:
        """What has ended is due to be started again. PartEnded if it ends again and again."""
        for part, process in list(self._running.items()):
            if process.poll() is None:
                continue
            del self._running[part]
            how = f"with status {process.returncode}; its log is above"
            pause_s = self._endings.count(part, how)
            log.warning("part_ended", part=part, status=process.returncode, starts_again_in_s=pause_s)
            self._due_at[part] = time.monotonic() + pause_s

    def stop(self, limit_s: float) -> None:
        """Tells all to stop; what still runs after `limit_s` is killed."""
        for process in self._running.values():
            if process.poll() is None:
                process.terminate()
        deadline = time.monotonic() + limit_s
        for process in self._running.values():
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                # The whole group, which each part leads: granian's worker would keep the port.
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def _port_is_free(self) -> bool:
        try:
            require_free_port(self._settings)
        except ListenError:
            return False
        return True
