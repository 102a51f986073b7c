"""How a figure is taken and shown: the median of at least three runs, beside a floor of the same run."""

import statistics
import sys
from collections.abc import Callable, Sequence

import msgspec

RUNS = 3


class BenchmarkFailed(Exception):
    """What was measured did not do what it is measured at; its figures would say nothing."""


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """A measured value, what it is measured against, and how far the runs lay apart.

    `ratio` is value / floor; `spread` is (max − min) / median of the runs.
    """

    value: float
    unit: str
    floor: float
    ratio: float
    spread: float
    runs: list[float]


def figure(runs: Sequence[float], unit: str, floors: Sequence[float]) -> Figure:
    """The median of `runs` beside the median of the floor's own runs, in the same unit."""
    value = statistics.median(runs)
    floor = statistics.median(floors)
    return Figure(
        value=round(value, 3),
        unit=unit,
        floor=round(floor, 3),
        ratio=round(value / floor, 3) if floor else 0.0,
        spread=round((max(runs) - min(runs)) / value, 3) if value else 0.0,
        runs=[round(run, 3) for run in runs],
    )


def repeat(measure: Callable[[], float], times: int = RUNS) -> list[float]:
    """The same measurement several times."""
    return [measure() for _ in range(times)]


def say(text: str) -> None:
    """A line about the run that is no figure."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
