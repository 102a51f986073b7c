"""[import_lines]: the year of real invoices, durably and with projections caught up, in lines a second."""

import asyncio
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.measure import Figure, figure, repeat
from bench.raw_insert import insert_again_s
from infra.postgres.embedded import embedded
from infra.postgres.pools import tenant_conninfo
from workers.imports.online_retail.file import read_online_retail

FILE = Path("../shared/data/online-retail-2011/online_retail_2010-12_2011-12.csv.gz")
LINES = 541_909
BATCH = 2_000


def measure() -> dict[str, Figure]:
    """Imports the year three times into fresh databases; floors: raw insert, reading and parsing alone."""
    if not FILE.exists():
        sys.stdout.write(f"import_lines: skipped, {FILE} is absent\n")
        return {}
    with tempfile.TemporaryDirectory(prefix="daybook-bench-") as folder:
        runs = [_import(Path(folder) / str(run)) for run in range(3)]
        # The largest process of the imports, before the floors below have children of their own.
        peak_mib = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        raw = repeat(lambda: _raw_insert(Path(folder) / "0"))
    parsing = repeat(_parse)
    return {
        "import_lines": figure(runs, "lines/s", raw),
        "import_lines_vs_parsing": figure(runs, "lines/s", parsing),
        "import_peak_memory": figure([peak_mib], "MiB", [1024.0]),
    }


def _import(folder: Path) -> float:
    """Lines a second of the whole command: reading, planning, every commit, projections, reconciliation."""
    began = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "workers.cli", "import", "online-retail", str(FILE.resolve())],
        env={**os.environ, "DAYBOOK_DATA_DIR": str(folder)},
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    return LINES / (time.perf_counter() - began)


def _parse() -> float:
    began = time.perf_counter()
    read_online_retail(FILE)
    return LINES / (time.perf_counter() - began)


def _raw_insert(folder: Path) -> float:
    """The same stored bytes through unnest into an equal table, each batch flushed; lines a second."""
    with embedded(folder) as urls:
        return LINES / asyncio.run(insert_again_s(tenant_conninfo(urls.owner, "demo"), BATCH))
