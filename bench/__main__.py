"""`make bench`: prints a table and writes bench/results.json. ONLY=name,name runs some."""

from collections.abc import Callable
from pathlib import Path

import click
import msgspec
from rich.console import Console
from rich.table import Table

from bench import import_lines
from bench.measure import Figure

RESULTS = Path("bench/results.json")

# Each measures one or more figures; its name is the first of them.
BENCHMARKS: dict[str, Callable[[], dict[str, Figure]]] = {"import_lines": import_lines.measure}


@click.command()
@click.option("--only", default="", help="Names, comma-separated; all without it.")
def main(only: str) -> None:
    """Measure, print and keep the figures."""
    names = [name for name in only.split(",") if name] or list(BENCHMARKS)
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        raise click.UsageError(f"there is no benchmark {unknown[0]!r}; there are {', '.join(BENCHMARKS)}")
    figures: dict[str, Figure] = {}
    for name in names:
        figures.update(BENCHMARKS[name]())
    RESULTS.write_bytes(msgspec.json.format(msgspec.json.encode(figures)))
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
