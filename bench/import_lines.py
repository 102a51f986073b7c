"""[import_lines]: the year of real invoices, durably and with projections caught up, in lines a second."""

import asyncio
import time
from pathlib import Path

from bench.measure import RUNS, Figure, figure, repeat, say
from bench.parts import owner_conninfo, run_command, scratch
from bench.peak import Ran
from bench.raw_insert import insert_again_s
from infra.postgres.embedded import embedded
from workers.imports.online_retail.file import read_online_retail

FILE = Path("../shared/data/online-retail-2011/online_retail_2010-12_2011-12.csv.gz")
LINES = 541_909
TENANT = "demo"
BATCH = 2_000
MOST_MIB = 1_024.0


def measure() -> dict[str, Figure]:
    """Imports the year three times into fresh databases; floors: raw insert, reading and parsing alone."""
    if not present("import_lines"):
        return {}
    with scratch() as folder:
        runs = [import_year(folder / str(run)) for run in range(RUNS)]
        raw = repeat(lambda: _raw_insert(folder / "0"))
    parsing = repeat(_parse)
    rates = [LINES / run.took_s for run in runs]
    return {
        "import_lines": figure(rates, "lines/s", raw),
        "import_lines_vs_parsing": figure(rates, "lines/s", parsing),
        "import_peak_memory": figure([run.peak_mib for run in runs], "MiB", [MOST_MIB]),
    }


def present(name: str) -> bool:
    """Whether the file is there; says so if the benchmark of that name must be left out."""
    if not FILE.exists():
        say(f"{name}: skipped, {FILE} is absent")
    return FILE.exists()


def import_year(folder: Path) -> Ran:
    """The whole command: reading, planning, every commit, projections, reconciliation."""
    environment = {"DAYBOOK_DATA_DIR": str(folder), "DAYBOOK_TENANT": TENANT}
    return run_command(environment, "import", "online-retail", str(FILE.resolve()))


def _parse() -> float:
    began = time.perf_counter()
    read_online_retail(FILE)
    return LINES / (time.perf_counter() - began)


def _raw_insert(folder: Path) -> float:
    """The same stored bytes through unnest into an equal table, each batch flushed; lines a second."""
    with embedded(folder) as urls:
        return LINES / asyncio.run(insert_again_s(owner_conninfo(urls.owner, TENANT), BATCH))
