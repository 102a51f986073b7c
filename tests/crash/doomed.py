"""`daybook` with fuses: `python -m tests.crash.doomed FOLDER serve` is the real program in every other way.

The API and the jobs that it starts carry the fuses. It never gives up a part that ends again and again,
which is what the tests are for; and unless the run is to be durable it waits less and does not flush.
"""

import os
import sys
from pathlib import Path
from typing import Any

from infra.postgres import embedded
from tests.crash.fuses import Fuses
from workers import alerts, cli, processes, projection_runner, projector, serve, supervision

DURABLE = "DAYBOOK_TEST_DURABLE"


def main() -> None:
    """The command line, without the first argument."""
    folder = sys.argv.pop(1)
    _set(processes, PROGRAM=(sys.executable, "-m", "tests.crash.doomed", folder))
    _set(supervision.Endings, count=_start_at_once)
    if DURABLE not in os.environ:
        # What is killed here is processes, never the machine: the kernel keeps what was written, so that
        # without a flush nothing is lost. That a commit is written before it is answered, and whole pages
        # after a checkpoint, must stay: kill -9 takes PostgreSQL's memory, and can halve a page on its way.
        _set(embedded, SETTINGS={**embedded.SETTINGS, "fsync": "off"})
        _set(serve, DATABASE_SILENT_S=0.2, WATCH_S=0.05, STOP_WITHOUT_DATABASE_S=0.3, DATABASE_PAUSE_S=0.2)
        _set(projection_runner, SILENT_S=0.3)
        _set(projector, SILENT_S=0.3)
        _set(alerts, LOOK_EVERY_S=0.05, TELL_EVERY_S=0.1)
    if sys.argv[1] == "api":
        # Here, so that the other parts don't load what only the API needs.
        from tests.crash.phases import carry

        carry(Fuses(Path(folder), Path(os.environ["DAYBOOK_DATA_DIR"])))
    if sys.argv[1] == "jobs":
        from tests.crash.job_phases import carry_out

        carry_out(Fuses(Path(folder), Path(os.environ["DAYBOOK_DATA_DIR"])))
    cli.main()


def _start_at_once(_self: supervision.Endings, _what: str, _how: str) -> float:
    return 0.0


def _set(owner: Any, **values: Any) -> None:
    for name, value in values.items():
        assert hasattr(owner, name)
        setattr(owner, name, value)


if __name__ == "__main__":
    main()
