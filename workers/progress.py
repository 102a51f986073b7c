"""Progress of long work: a bar on a terminal, a plain line a second elsewhere."""

import sys
import time
from collections.abc import Generator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

LINE_EVERY_S = 1.0


class Meter:
    """Told how much is done, it says so: done, total, rate and time left."""

    def __init__(self, title: str, unit: str, bar: Progress | None) -> None:
        self._title = title
        self._unit = unit
        self._bar = bar
        self._task = bar.add_task(title, total=None, rate="") if bar is not None else None
        self._began = time.monotonic()
        self._said = self._began

    def update(self, done: int, total: int) -> None:
        """So much of so much is done."""
        now = time.monotonic()
        rate = done / max(now - self._began, 1e-6)
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, completed=done, total=total, rate=f"{rate:,.0f} {self._unit}/s")
        elif now - self._said >= LINE_EVERY_S or done == total:
            self._said = now
            left_s = (total - done) / rate if rate else 0.0
            sys.stderr.write(
                f"{self._title}: {done:,} of {total:,} {self._unit}, {rate:,.0f}/s, {left_s:.0f} s left\n"
            )
            sys.stderr.flush()


@contextmanager
def meter(title: str, unit: str) -> Generator[Meter]:
    """A meter for the length of a block."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield Meter(title, unit, None)
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console) as bar:
        yield Meter(title, unit, bar)
