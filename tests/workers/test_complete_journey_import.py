"""`daybook import complete-journey`: what the rules accept, what is said of the money, what a kill leaves."""

import gzip
import hashlib
import signal
from pathlib import Path
from typing import NamedTuple

import msgspec
import psycopg
import pytest

from domain.promotions.campaign import CampaignDrawn, CustomerTargeted
from domain.promotions.coupon import CouponRedeemed
from infra.postgres.migrate import tenant_schema
from tests.support.api import fresh as fresh_name
from tests.support.command_line import Settings, daybook, start, wait_until
from tests.support.journals import facts, query, read_all, run
from tests.support.postgres import Database, Tenant, worker_database
from workers.imports.complete_journey.reconciliation import Reconciliation
from workers.imports.complete_journey.tables import COLUMNS, TableFormatError, read_tables
from workers.imports.complete_journey.telling import amounts_cents, covered

REAL_FOLDER = Path(__file__).parents[2].parent / "shared" / "data" / "complete-journey"

TABLES = {
    "campaign_descriptions": ["1,Type A,2017-03-01,2017-03-31", "2,Type B,2017-03-15,2017-04-15"],
    "campaigns": ["1,h1", "1,h2", "2,h1"],
    "coupons": ["100,milk,1", "100,milk,1", "100,bread,1", "100,milk,2", "200,beer,2"],
    "coupon_redemptions": ["h1,100,1,2017-03-02", "h1,100,1,2017-03-31", "h2,100,1,2017-03-01"],
    "transactions_sample": [
        "h1,s1,b1,milk,1,3.00,0.40,1.0,0.25,9,2017-03-02T23:30:00-05:00",
        "h1,s1,b1,wine,1,9.99,0.0,0.0,0.0,9,2017-03-02T23:30:00-05:00",
        "h2,s1,b2,bread,0,0.30000000001,0.0,0.50,0.0,9,2017-03-01T10:00:00-05:00",
    ],
}


def folder_of(path: Path, **changes: list[str]) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    for table, rows in {**TABLES, **changes}.items():
        text = "\n".join([",".join(COLUMNS[table]), *rows, ""])
        (path / f"{table}.csv.gz").write_bytes(gzip.compress(text.encode()))
    return path


class Import(NamedTuple):
    """A tenant-to-be, and the folder in which its import keeps what it found."""

    tenant: Tenant
    folder: Path

    @property
    def settings(self) -> Settings:
        return {
            "database_url": self.tenant.service_url,
            "owner_database_url": self.tenant.owner_url,
            "tenant": self.tenant.name,
            "data_dir": str(self.folder),
        }

    def run(self, tables: Path, code: int = 0) -> str:
        """What was printed, on either side."""
        ended = daybook(self.settings, "import", "complete-journey", str(tables))
        assert ended.returncode == code, ended.stderr
        return ended.stdout + ended.stderr

    def said(self) -> Reconciliation:
        kept = self.folder / "imports" / self.tenant.name / "complete-journey" / "reconciliation.json"
        return msgspec.json.decode(kept.read_bytes(), type=Reconciliation)

    def head(self) -> int:
        try:
            ((position,),) = query(self.tenant.service_url, self.tenant, "SELECT position FROM journal_head")
        except (psycopg.errors.UndefinedTable, psycopg.OperationalError):
            return 0
        return position


@pytest.fixture(scope="module")
def shared(worker_id: str) -> Database:
    return worker_database(f"{worker_id}_{fresh_name('journey')}")


@pytest.fixture
def fresh(shared: Database, tmp_path: Path, request: pytest.FixtureRequest) -> Import:
    """An import into a tenant that does not exist yet."""
    name = f"t{hashlib.sha256(request.node.name.encode()).hexdigest()[:12]}"
    tenant = Tenant(
        name=name, schema=tenant_schema(name), owner_url=shared.owner_url, service_url=shared.service_url
    )
    return Import(tenant, tmp_path / "data")


def test_redemptions_are_accepted_for_whom_the_campaign_is_to_its_last_day(
    fresh: Import, tmp_path: Path
) -> None:
    fresh.run(folder_of(tmp_path / "tables"))
    journal = run(read_all(fresh.tenant))
    assert [event.customer_id for event in facts(journal, CouponRedeemed)] == ["h2", "h1", "h1"]
    assert len(facts(journal, CustomerTargeted)) == 3
    assert [event.amount_minor for event in facts(journal, CampaignDrawn)] == [30, 100, 0]


def test_a_coupon_worth_more_than_its_line_is_listed_and_nothing_less_than_nothing_is_due(
    fresh: Import, tmp_path: Path
) -> None:
    fresh.run(folder_of(tmp_path / "tables"))
    said = fresh.said()
    assert said.agrees
    assert (said.sales_cents, said.coupon_disc_cents, said.due_cents, said.excess_cents) == (
        1329,
        150,
        1199,
        20,
    )
    listed = (
        fresh.folder / "imports" / fresh.tenant.name / "complete-journey" / "coupons_above_their_line.csv"
    )
    assert listed.read_text().splitlines()[1:] == ["3,h2,b2,bread,30,50"]


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("h1,100,1,2017-03-10", "coupon_limit_reached"),
        ("h2,100,2,2017-03-20", "coupon_not_targeted"),
        ("h2,100,1,2017-04-01", "coupon_expired"),
        ("h1,200,2,2017-03-14", "coupon_expired"),
        ("h1,300,2,2017-03-20", "coupon_unknown"),
    ],
)
def test_what_the_rules_refuse_is_told_and_ends_with_an_error(
    fresh: Import, tmp_path: Path, row: str, code: str
) -> None:
    redemptions = [*TABLES["coupon_redemptions"], row]
    fresh.run(folder_of(tmp_path / "tables", coupon_redemptions=redemptions), code=1)
    (refused,) = fresh.said().refused
    assert refused.endswith(f"({code})")


def test_the_same_tables_again_change_nothing_and_others_are_refused(fresh: Import, tmp_path: Path) -> None:
    tables = folder_of(tmp_path / "tables")
    fresh.run(tables)
    head, said = fresh.head(), fresh.said()
    fresh.run(tables)
    other = folder_of(tmp_path / "other", campaigns=["1,h1", "1,h2", "2,h1", "2,h2"])
    assert "Other files were imported" in fresh.run(other, code=1)
    assert (fresh.head(), fresh.said()) == (head, said)


@pytest.mark.parametrize(
    ("table", "row"),
    [
        ("transactions_sample", "h1,s1,b1,milk,1,3.005,0,0,0,9,2017-03-02T23:30:00-05:00"),
        ("transactions_sample", "h1,s1,b1,milk,1,-3.00,0,0,0,9,2017-03-02T23:30:00-05:00"),
        ("transactions_sample", "h1,s1,b1,milk,1,NaN,0,0,0,9,2017-03-02T23:30:00-05:00"),
        ("transactions_sample", "h1,s1,b1,milk,1,3.00,0,0,0,9,yesterday"),
        ("coupon_redemptions", "h1,100,1,2017-02-30"),
        ("campaigns", "1"),
        ("coupons", "100,,1"),
    ],
)
def test_a_table_that_is_not_as_published_is_named_with_its_line(
    tmp_path: Path, table: str, row: str
) -> None:
    line = len(TABLES[table]) + 2
    with pytest.raises(TableFormatError, match=f"{table}.csv.gz, line {line}"):
        read_tables(folder_of(tmp_path, **{table: [*TABLES[table], row]}))


needs_real_tables = pytest.mark.skipif(
    not REAL_FOLDER.exists(), reason=f"the shared data are not at {REAL_FOLDER}"
)


@needs_real_tables
def test_of_the_real_redemptions_180_are_covered_by_the_sample() -> None:
    tables = read_tables(REAL_FOLDER)
    lines = covered(tables)
    assert (len(tables.redemptions), len(lines)) == (2_102, 180)
    assert sum(line.excess_cents > 0 for line in tables.lines) == 169
    assert min(amounts_cents(tables, lines).values()) == 0


@needs_real_tables
def test_killed_halfway_it_accepts_all_2102_in_the_end(fresh: Import) -> None:
    for position in (500, 9_500):
        with start(fresh.settings, "import", "complete-journey", str(REAL_FOLDER)) as process:
            wait_until(lambda position=position: fresh.head() >= position)
            process.kill()
        assert process.returncode == -signal.SIGKILL
    fresh.run(REAL_FOLDER)
    said = fresh.said()
    assert (said.agrees, said.refused, sum(row.redemptions_in_journal for row in said.campaigns)) == (
        True,
        (),
        2_102,
    )
    assert len(facts(run(read_all(fresh.tenant)), CouponRedeemed)) == 2_102
