"""`daybook import fresh-retail`: what it keeps, what a kill leaves, and what estimates are worth."""

import gzip
import signal
from itertools import islice
from pathlib import Path

import msgspec
import pytest

from domain.replenishment.observed import DemandObserved, ObservedDay
from tests.support.api import fresh as fresh_name
from tests.support.command_line import start, wait_until
from tests.support.imports import Import, tenant_to_be
from tests.support.journals import facts, query, read_all, run
from tests.support.postgres import Database, worker_database
from workers.demand_scoring import Series as Observed
from workers.demand_scoring import score
from workers.imports.fresh_retail.file import COLUMNS, FileFormatError, Series, read_series
from workers.imports.fresh_retail.run import Reconciliation, Sums

REAL_FILE = (
    Path(__file__).parents[2].parent / "shared" / "data" / "fresh-retail" / "fresh_retail_daily.csv.gz"
)
needs_real_file = pytest.mark.skipif(not REAL_FILE.exists(), reason=f"the shared data are not at {REAL_FILE}")

ALWAYS_THERE, OUT_FROM_20 = "0" * 24, "0" * 20 + "1111"


def row(
    store: str = "15",
    product: str = "4",
    day: str = "2024-03-28",
    sold: str = "0.5",
    hours: str = "0;" * 8 + "0.3;0.2" + ";0" * 14,
    out: str = OUT_FROM_20,
) -> str:
    return f"0,{store},2,29,78,82,{product},{day},{sold},{hours},2,{out},0.882,0,1,1.7,15.5,73.5,2.0"


ROWS = (
    row(),
    row(day="2024-03-29", sold="0", hours="0;" * 23 + "0", out=ALWAYS_THERE),
    row(product="5", out=ALWAYS_THERE),
)


def file_of(path: Path, *rows: str) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    file = path / "fresh.csv.gz"
    file.write_bytes(gzip.compress("\n".join([",".join(COLUMNS), *rows, ""]).encode()))
    return file


class Retail(Import):
    """The import of such a file."""

    def load(self, file: Path, code: int = 0) -> str:
        return self.run("import", "fresh-retail", str(file), code=code)

    def said(self) -> Reconciliation:
        return msgspec.json.decode(self.kept("fresh-retail"), type=Reconciliation)


@pytest.fixture(scope="module")
def shared(worker_id: str) -> Database:
    return worker_database(f"{worker_id}_{fresh_name('freshretail')}")


@pytest.fixture
def fresh(shared: Database, tmp_path: Path, request: pytest.FixtureRequest) -> Retail:
    """An import into a tenant that does not exist yet."""
    return Retail(tenant_to_be(shared, request.node.name), tmp_path / "data")


def test_a_series_becomes_one_observation_in_thousandths(fresh: Retail, tmp_path: Path) -> None:
    fresh.load(file_of(tmp_path / "file", *ROWS))

    first, second = facts(run(read_all(fresh.tenant)), DemandObserved)
    assert (first.source, first.store_id, first.sku, len(first.days)) == ("fresh-retail", "15", "4", 2)
    assert first.days[0].by_hour_milli == (*(0,) * 8, 300, 200, *(0,) * 14)
    assert [hour for hour in range(24) if first.days[0].out >> hour & 1] == [20, 21, 22, 23]
    assert (second.sku, second.days[0].sold_milli, second.days[0].out) == ("5", 500, 0)


def test_the_journal_is_held_against_the_file(fresh: Retail, tmp_path: Path) -> None:
    fresh.load(file_of(tmp_path / "file", *ROWS))

    sums = Sums(series=2, days=3, sold_milli=1_000, days_out=1, hours_out=4)
    assert fresh.said() == Reconciliation(agrees=True, file=sums, journal=sums)


def test_the_same_file_again_changes_nothing_and_another_is_refused(fresh: Retail, tmp_path: Path) -> None:
    file = file_of(tmp_path / "file", *ROWS)
    fresh.load(file)
    head, said = fresh.head(), fresh.said()
    fresh.load(file)
    assert "another file" in fresh.load(file_of(tmp_path / "other", row(sold="0.6")), code=1)
    assert (fresh.head(), fresh.said()) == (head, said)


def test_what_was_observed_is_no_trade(fresh: Retail, tmp_path: Path) -> None:
    """It is in no read model but its own."""
    fresh.load(file_of(tmp_path / "file", *ROWS))
    fresh.run("projections", "rebuild")

    tables = ("demand_observed", "sales_report", "item_demand")
    counted = "SELECT " + ", ".join(f"(SELECT count(*) FROM {table})" for table in tables)
    rows = query(fresh.tenant.service_url, fresh.tenant, counted)
    assert rows == [(3, 0, 0)]


def test_without_observations_there_is_nothing_to_score(fresh: Retail, tmp_path: Path) -> None:
    fresh.load(file_of(tmp_path / "file", *ROWS))

    assert "Nothing of 'fresh-retail' can be scored" in fresh.run("demand", "score", code=1)


@pytest.mark.parametrize(
    ("line", "rows"),
    [
        (2, ["1,2,3"]),
        (2, [row(out="01")]),
        (2, [row(out="2" * 24)]),
        (2, [row(hours="0;0")]),
        (2, [row(sold="-1")]),
        (2, [row(sold="nan")]),
        (2, [row(sold="much")]),
        (2, [row(day="2024-02-30")]),
        (3, [row(), row()]),
        (3, [row(day="2024-03-29"), row(day="2024-03-28")]),
        (4, [row(), row(product="5"), row(day="2024-03-29")]),
    ],
)
def test_a_line_that_is_not_as_published_is_named(tmp_path: Path, line: int, rows: list[str]) -> None:
    with pytest.raises(FileFormatError, match=f"^Line {line}: "):
        list(read_series(file_of(tmp_path, *rows)))


def test_a_file_of_another_kind_is_refused_before_anything_is_written(fresh: Retail, tmp_path: Path) -> None:
    file = tmp_path / "other.csv"
    file.write_text("a,b\n1,2\n")
    assert "Line 1: the header is not" in fresh.load(file, code=1)
    assert fresh.head() == 0


def test_a_file_that_breaks_off_is_refused_before_anything_is_written(fresh: Retail, tmp_path: Path) -> None:
    file = file_of(tmp_path, *ROWS)
    file.write_bytes(file.read_bytes()[:-10])
    assert "fresh retail file" in fresh.load(file, code=1)
    assert fresh.head() == 0


def observed(series: Series) -> Observed:
    days: tuple[ObservedDay, ...] = series.days
    return Observed(
        store_id=series.store_id,
        sku=series.product_id,
        days=[day.day for day in days],
        sold_milli=[day.sold_milli for day in days],
        out=[day.out for day in days],
        by_hour_milli=[
            {str(hour): sold for hour, sold in enumerate(day.by_hour_milli) if sold} for day in days
        ],
    )


@needs_real_file
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_masked_days_are_estimated_better_than_by_a_mean_of_empty_shelves(seed: int) -> None:
    """300 series of the real file; `daybook demand score` prints the same of all."""
    found = score([observed(series) for series in islice(read_series(REAL_FILE), 300)], seed, share=10)

    assert found is not None
    assert found.masked > 500
    assert found.wape < found.naive_wape


@needs_real_file
def test_the_same_seed_masks_the_same_days() -> None:
    some = [observed(series) for series in islice(read_series(REAL_FILE), 30)]
    assert score(some, 7, 10) == score(some, 7, 10) != score(some, 8, 10)


@needs_real_file
def test_killed_halfway_all_days_are_there_in_the_end(fresh: Retail, tmp_path: Path) -> None:
    """The first 400 series of the file, of 76 days each."""
    part = tmp_path / "part.csv"
    with gzip.open(REAL_FILE, "rt") as whole:
        part.write_text("".join(islice(whole, 1 + 400 * 76)))
    for position in (50, 250):
        with start(fresh.settings, "import", "fresh-retail", str(part)) as process:
            wait_until(lambda position=position: fresh.head() >= position)
            process.kill()
        assert process.returncode == -signal.SIGKILL
    fresh.load(part)
    assert fresh.said().agrees
    assert fresh.said().journal.days == 400 * 76
    assert len(facts(run(read_all(fresh.tenant)), DemandObserved)) == 400
