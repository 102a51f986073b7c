"""`make bench`: prints a table and writes bench/results.json. ONLY=name,name runs some."""

import signal
import sys
import traceback
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import click
import msgspec
from rich.console import Console
from rich.table import Table

from bench import (
    beside,
    checkout_http,
    checkout_inproc,
    codes,
    contention,
    customer_pages,
    import_lines,
    lots,
    phases,
    preloaded,
    promotions,
    rebuild_5m,
    replenishment,
    scaling,
    scores,
    sealing,
    segments,
    visibility,
    wrk,
    year,
)
from bench.measure import BenchmarkFailed, Figure, say

RESULTS = Path("bench/results.json")
SECONDS = 5


class Benchmark(msgspec.Struct, frozen=True, kw_only=True):
    """Measures one or more figures, in runs of so many seconds; its name is the first of them."""

    measure: Callable[[int], dict[str, Figure]]
    needs_wrk: bool = True


def _live(callers: int) -> tuple[str, Benchmark]:
    name = f"checkout_http_c{callers}"
    return name, Benchmark(measure=partial(checkout_http.measure, name, callers))


def _alone(callers: int) -> tuple[str, Benchmark]:
    name = f"checkout_http_c{callers}_alone"
    return name, Benchmark(measure=partial(checkout_http.measure, name, callers, projecting=False))


BENCHMARKS: dict[str, Benchmark] = {
    **dict(map(_live, (1, 8, 32, 128))),
    **dict(map(_alone, (1, 8, 32))),
    "checkout_inproc": Benchmark(measure=checkout_inproc.measure, needs_wrk=False),
    "hot_sku": Benchmark(measure=contention.hot_sku),
    "hot_campaign": Benchmark(measure=contention.hot_campaign),
    "quote_50": Benchmark(measure=promotions.quote, needs_wrk=False),
    "checkout_promotions": Benchmark(measure=promotions.checkout),
    "checkout_lots": Benchmark(measure=lots.checkout),
    "valuation_as_of_s": Benchmark(measure=lambda _seconds: lots.valuation(), needs_wrk=False),
    "profile_read": Benchmark(measure=customer_pages.measure),
    "two_processes": Benchmark(measure=scaling.two_processes),
    "four_tenants": Benchmark(measure=scaling.four_tenants),
    "preloaded_1m": Benchmark(measure=partial(preloaded.measure, "preloaded_1m", 1_000_000)),
    "preloaded_10m": Benchmark(measure=partial(preloaded.measure, "preloaded_10m", 10_000_000)),
    "phases": Benchmark(measure=phases.alone),
    "phases_two": Benchmark(measure=phases.shared),
    "import_lines": Benchmark(measure=lambda _seconds: import_lines.measure(), needs_wrk=False),
    "catch_up": Benchmark(measure=lambda _seconds: year.measure(), needs_wrk=False),
    "rebuild_all_5m": Benchmark(measure=lambda _seconds: rebuild_5m.measure(), needs_wrk=False),
    "visibility_ms": Benchmark(measure=visibility.measure, needs_wrk=False),
    "rebuild_beside": Benchmark(measure=beside.measure),
    "sealing_cost": Benchmark(measure=sealing.cost),
    "issue_1m_codes_s": Benchmark(measure=lambda _seconds: codes.measure(), needs_wrk=False),
    "replenish_100k_s": Benchmark(measure=lambda _seconds: replenishment.measure(), needs_wrk=False),
    "segments_1m_s": Benchmark(measure=lambda _seconds: segments.measure(), needs_wrk=False),
    "scores_10k_s": Benchmark(measure=lambda _seconds: scores.measure(), needs_wrk=False),
    "verify_all": Benchmark(measure=lambda _seconds: sealing.verify_all(), needs_wrk=False),
}


@click.command()
@click.option("--only", default="", help="Names, comma-separated; all without it.")
@click.option("--seconds", default=SECONDS, type=click.IntRange(min=1), help="Length of a run under load.")
def main(only: str, seconds: int) -> None:
    """Measure, print and keep the figures."""
    names = [name for name in only.split(",") if name] or list(BENCHMARKS)
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        raise click.UsageError(f"there is no benchmark {unknown[0]!r}; there are {', '.join(BENCHMARKS)}")
    # As after Ctrl-C, everything that was started ends, and its folders go.
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(128 + signal.SIGTERM))
    figures: dict[str, Figure] = {}
    failed: list[str] = []
    try:
        for name in _possible(names):
            try:
                figures.update(BENCHMARKS[name].measure(seconds))
            except BenchmarkFailed as error:
                failed.append(name)
                say(f"{name} FAILED: {error}")
            except Exception:  # noqa: BLE001 - what breaks one must not cost the figures of the others
                failed.append(name)
                say(f"{name} FAILED:\n{traceback.format_exc()}")
    finally:
        RESULTS.write_bytes(msgspec.json.format(msgspec.json.encode(figures)))
        _print(figures)
    if failed:
        raise click.ClickException(f"failed: {', '.join(failed)}")


def _possible(names: list[str]) -> list[str]:
    """Without wrk, those that can do without."""
    if wrk.present() or not any(BENCHMARKS[name].needs_wrk for name in names):
        return names
    say(wrk.MISSING)
    return [name for name in names if not BENCHMARKS[name].needs_wrk]


def _print(figures: Mapping[str, Figure]) -> None:
    table = Table("name", "value", "unit", "floor", "ratio", "spread", "runs")
    for name, figure in figures.items():
        table.add_row(
            name,
            f"{figure.value:,.2f}",
            figure.unit,
            f"{figure.floor:,.2f}",
            f"{figure.ratio:.3f}",
            f"{figure.spread:.3f}",
            ", ".join(f"{run:,.2f}" for run in figure.runs),
        )
    Console(width=max(Console().width, 140)).print(table)


if __name__ == "__main__":
    main()
