"""`daybook import online-retail`: what reaches the journal, what is said of it, and what a kill leaves."""

import csv
import gzip
import hashlib
import signal
import subprocess
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import psycopg
import pytest

from domain.inventory.stock_item import Place, StockMoved
from domain.kernel.event import AnyRecorded
from domain.sales.returns import ReturnRecorded
from domain.sales.sale import SaleCompleted
from infra.postgres.migrate import tenant_schema
from tests.support.api import fresh as fresh_name
from tests.support.command_line import Settings, daybook, start, wait_until
from tests.support.commands import sell
from tests.support.journals import clerk_of, facts, origin, query, query_as_login, read_all, run
from tests.support.online_retail import REAL_FILE, line, text_of
from tests.support.postgres import Database, Tenant, worker_database
from workers.imports.online_retail.file import read_online_retail
from workers.imports.online_retail.plan import ImportPlan, plan_import
from workers.imports.online_retail.reconciliation import Reconciliation, as_table
from workers.imports.online_retail.steps import Cancellation, Correction, Invoice
from workers.imports.online_retail.telling import STORE

SLICE_LINES = 8_000

needs_real_file = pytest.mark.skipif(not REAL_FILE.exists(), reason=f"the shared data are not at {REAL_FILE}")

CUT_ALL = """
SELECT pg_terminate_backend(pid)
FROM pg_stat_activity
WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()
"""

CONNECTIONS = """
SELECT count(*)
FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


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

    def run(self, file: Path) -> subprocess.CompletedProcess[str]:
        return daybook(self.settings, "import", "online-retail", str(file))

    def start(self, file: Path) -> subprocess.Popen[str]:
        return start(self.settings, "import", "online-retail", str(file))

    def accepted(self, file: Path) -> str:
        """Runs to a good end; what was printed."""
        ended = self.run(file)
        assert ended.returncode == 0, ended.stderr
        return ended.stdout

    def exists(self) -> bool:
        statement = "SELECT FROM daybook.tenants WHERE name = %s"
        return bool(query(self.tenant.owner_url, self.tenant, statement, self.tenant.name))

    def head(self) -> int:
        """The journal's last position; 0 where there is no journal yet."""
        try:
            ((position,),) = query(self.tenant.service_url, self.tenant, "SELECT position FROM journal_head")
        except (psycopg.errors.UndefinedTable, psycopg.OperationalError):
            # Nor is there a role before there is a tenant.
            return 0
        return position

    def journal(self) -> list[AnyRecorded]:
        return run(read_all(self.tenant))

    def said(self) -> Reconciliation:
        content = (
            self.folder / "imports" / self.tenant.name / "online-retail" / "reconciliation.json"
        ).read_bytes()
        return msgspec.json.decode(content, type=Reconciliation)

    def rejects(self) -> list[list[str]]:
        path = self.folder / "imports" / self.tenant.name / "online-retail" / "rejects.csv"
        with path.open(encoding="utf-8", newline="") as file:
            return list(csv.reader(file))


@pytest.fixture(scope="module")
def shared(worker_id: str) -> Database:
    """A database of its own: the projector of an import follows every tenant it finds."""
    return worker_database(f"{worker_id}_{fresh_name('import')}")


def new_import(shared: Database, folder: Path, name: str) -> Import:
    tenant = Tenant(
        name=name, schema=tenant_schema(name), owner_url=shared.owner_url, service_url=shared.service_url
    )
    return Import(tenant, folder / name)


@pytest.fixture
def fresh(shared: Database, tmp_path: Path, request: pytest.FixtureRequest) -> Import:
    """An import into a tenant that does not exist yet."""
    name: str = request.node.name
    return new_import(shared, tmp_path, f"t{hashlib.sha256(name.encode()).hexdigest()[:12]}")


@pytest.fixture(scope="module")
def real_slice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first lines of the real file."""
    path = tmp_path_factory.mktemp("slice") / "slice.csv.gz"
    with gzip.open(REAL_FILE) as whole, gzip.open(path, "wb", compresslevel=1) as part:
        part.writelines(islice(whole, SLICE_LINES + 1))
    return path


@pytest.fixture(scope="module")
def real_plan(real_slice: Path) -> ImportPlan:
    return plan_import(read_online_retail(real_slice))


@pytest.fixture(scope="module")
def real(shared: Database, real_slice: Path, tmp_path_factory: pytest.TempPathFactory) -> Import:
    """The slice, imported without interruption."""
    done = new_import(shared, tmp_path_factory.mktemp("real"), "real")
    done.accepted(real_slice)
    return done


def write(folder: Path, *lines: str, name: str = "retail.csv") -> Path:
    path = folder / name
    path.write_bytes(text_of(*lines))
    return path


def entries(journal: Iterable[AnyRecorded]) -> list[tuple[Any, ...]]:
    """All that does not depend on when it was recorded."""
    return [
        (entry.position, entry.stream, entry.version, entry.data, entry.occurred_at, entry.command_id)
        for entry in journal
    ]


def last_line(text: str) -> str:
    """What follows the progress."""
    return text.splitlines()[-1]


Key = tuple[str, str, int | str]
Returned = dict[Key, tuple[int, int]]


def add_up(lines: Iterable[tuple[Key, int, int]]) -> Returned:
    """Quantity and pence by key: two lines of the file that take back one sale line are one line returned."""
    sums: Returned = {}
    for key, quantity, pence in lines:
        before = sums.get(key, (0, 0))
        sums[key] = before[0] + quantity, before[1] + pence
    return sums


def returned_from_sales(journal: Iterable[AnyRecorded]) -> Returned:
    """By (return, sale, line)."""
    return add_up(
        ((record.return_id, record.sale_id, back.line), back.quantity, back.refund_minor)
        for record in facts(journal, ReturnRecorded)
        if record.sale_id is not None
        for back in record.lines
    )


def returned_without_sale(journal: Iterable[AnyRecorded]) -> Returned:
    """By (cancellation, why, SKU)."""
    return add_up(
        (
            (record.return_id.partition("-")[0], str(record.unlinked_because), back.sku),
            back.quantity,
            back.refund_minor,
        )
        for record in facts(journal, ReturnRecorded)
        if record.sale_id is None
        for back in record.lines
    )


def corrections(journal: Iterable[AnyRecorded]) -> Counter[tuple[str | None, str, int, str | None]]:
    """The booked differences as (reference, SKU, signed quantity, reason)."""
    return Counter(
        (moved.reference, moved.sku, sign * moved.quantity, moved.reason)
        for moved in facts(journal, StockMoved)
        for sign in ((1,) if moved.from_ is Place.COUNT_DIFFERENCE else (-1,))
        if Place.COUNT_DIFFERENCE in (moved.from_, moved.to)
    )


# A slice of the real file.


@needs_real_file
def test_the_projections_agree_with_the_file_and_every_line_is_accounted_for(
    real: Import, real_slice: Path, real_plan: ImportPlan
) -> None:
    said, counts = real.said(), real_plan.counts

    assert said.agrees
    assert all(month.file == month.journal for month in said.months)
    assert said.lines == said.lines_in_events + said.lines_rejected == SLICE_LINES
    assert said.lines_rejected == counts.rejected_lines == len(real.rejects()) - 1
    assert said.file_sha256 == hashlib.sha256(real_slice.read_bytes()).hexdigest()
    assert {month.month: month.file for month in said.months} == real_plan.sums.months


@needs_real_file
def test_the_journal_holds_the_sales_of_the_plan(real: Import, real_plan: ImportPlan) -> None:
    sold = {
        sale.sale_id: [(sold.sku, sold.quantity, sold.net_minor) for sold in sale.lines]
        for sale in facts(real.journal(), SaleCompleted)
    }

    assert sold == {
        step.number: [(planned.sku, planned.quantity, planned.amount_pence) for planned in step.lines]
        for step in real_plan.steps()
        if isinstance(step, Invoice)
    }


@needs_real_file
def test_the_journal_holds_linked_and_unlinked_returns_as_planned(
    real: Import, real_plan: ImportPlan
) -> None:
    journal = real.journal()
    cancellations = [step for step in real_plan.steps() if isinstance(step, Cancellation)]

    assert returned_from_sales(journal) == add_up(
        (
            (f"{step.number}-{part.sale_invoice}", part.sale_invoice, part.sale_line_number),
            part.quantity,
            part.refund_pence,
        )
        for step in cancellations
        for part in step.linked
    )
    assert returned_without_sale(journal) == add_up(
        ((step.number, str(part.reason), part.sku), part.quantity, part.refund_pence)
        for step in cancellations
        for part in step.unlinked
    )
    assert min(real_plan.counts.linked_lines, real_plan.counts.unlinked_lines) > 0


@needs_real_file
def test_the_journal_holds_the_corrections_of_the_plan(real: Import, real_plan: ImportPlan) -> None:
    booked = corrections(real.journal())

    assert booked.total() == real_plan.counts.correction_lines > 0
    assert booked == Counter(
        (f"invoice-{step.number}", adjusted.sku, adjusted.quantity, adjusted.cause)
        for step in real_plan.steps()
        if isinstance(step, Correction)
        for adjusted in step.lines
    )


@needs_real_file
def test_a_second_run_adds_no_event_and_reconciles_again(real: Import, real_slice: Path) -> None:
    head, said = real.head(), real.said()

    printed = real.accepted(real_slice)

    assert real.head() == head
    assert real.said() == said
    assert "The projections agree with the file." in printed


@needs_real_file
def test_however_often_it_is_killed_the_journal_is_that_of_an_uninterrupted_run(
    fresh: Import, real: Import, real_slice: Path
) -> None:
    last = real.head()
    # Two batches may be on their way when a position is seen: some thousand events.
    for position in (1, last // 5, last * 2 // 5):
        with fresh.start(real_slice) as process:
            wait_until(lambda position=position: fresh.head() >= position)
            process.kill()
        assert process.returncode == -signal.SIGKILL
        assert 0 < fresh.head() < last

    fresh.accepted(real_slice)

    assert entries(fresh.journal()) == entries(real.journal())
    assert fresh.said() == real.said()


@needs_real_file
def test_a_killed_import_leaves_no_projector_behind(fresh: Import, real_slice: Path) -> None:
    with fresh.start(real_slice) as process:
        wait_until(lambda: fresh.head() > 0)
        process.kill()

    def alone() -> bool:
        return query(fresh.tenant.owner_url, fresh.tenant, CONNECTIONS) == [(0,)]

    wait_until(alone)


@needs_real_file
def test_an_import_whose_connections_are_cut_goes_on(fresh: Import, real: Import, real_slice: Path) -> None:
    with fresh.start(real_slice) as process:
        wait_until(lambda: fresh.head() > 2_000)
        query_as_login(fresh.tenant, CUT_ALL)
        _, errors = process.communicate()

    assert process.returncode == 0, errors
    assert entries(fresh.journal()) == entries(real.journal())


# Files made by hand.


ALL_KINDS = (
    line("1", quantity=12, price="2.55", at="2010-12-30 10:00:00"),
    line("1", code="POST", price="18", at="2010-12-30 10:00:00"),
    line("1", code="21730", price="0", at="2010-12-30 10:00:00"),  # a gift
    line("2", quantity=5, price="0", customer="", description="found", at="2010-12-31 10:00:00"),
    line("3", quantity=-2, price="0", customer="", description="damaged", at="2011-01-03 10:00:00"),
    line("C4", quantity=-5, price="2.55", at="2011-01-04 10:00:00"),
    line("C4", code="21730", quantity=-1, price="4.25", at="2011-01-04 10:00:00"),
    line("C5", quantity=-1, price="2.55", customer="", at="2011-01-05 10:00:00"),
    line("A6", code="B", price="-11062.06", customer="", at="2011-01-06 10:00:00"),
    line("7", price="0.001", at="2011-01-07 10:00:00"),
    line("7", quantity=2, price="2.505", at="2011-01-07 10:00:00"),
    line("8", code="POST", quantity=-3, price="0", customer="", at="2011-01-08 10:00:00"),
)


@pytest.fixture(scope="module")
def all_kinds(shared: Database, tmp_path_factory: pytest.TempPathFactory) -> Import:
    """The lines above, imported."""
    folder = tmp_path_factory.mktemp("kinds")
    done = new_import(shared, folder, "kinds")
    done.accepted(write(folder, *ALL_KINDS))
    return done


def test_every_kind_of_line_is_counted_where_it_belongs(all_kinds: Import) -> None:
    said = all_kinds.said()

    months = [(month.month, msgspec.structs.astuple(month.journal)) for month in said.months]
    # December: 12 × 2.55 + 18.00. January: 5 × 2.55 + 4.25 + 2.55 came back.
    assert months == [("2010-12", (4, 2, 4860, 0)), ("2011-01", (8, 6, 0, 1955))]
    assert (said.agrees, said.lines, said.lines_in_events, said.lines_rejected) == (True, 12, 8, 4)
    assert said.rejected_thousandths == -11_062_060 + 1 + 5_010
    assert as_table(said).splitlines()[-2:] == [
        "12 lines = 8 in events + 4 rejected (-11,057.049 pounds, on their own)",
        "The projections agree with the file.",
    ]


def test_rejected_lines_are_kept_with_number_and_reason(all_kinds: Import) -> None:
    assert all_kinds.rejects() == [
        ["line", "invoice", "amount_pounds", "reason"],
        ["10", "A6", "-11062.060", "the price is negative"],
        ["11", "7", "0.001", "the price is positive, the amount rounds to nothing"],
        ["12", "7", "5.010", "no unit price in whole pence gives the amount"],
        ["13", "8", "0.000", "a service without price has no stock to be corrected"],
    ]


def test_what_is_left_on_the_shelf_is_what_the_file_leaves(all_kinds: Import) -> None:
    levels = "SELECT sku, on_hand, received, sold, returned, adjusted FROM stock_levels ORDER BY sku"
    assert query(all_kinds.tenant.service_url, all_kinds.tenant, levels) == [
        ("21730", 1, 1, 1, 1, 0),
        ("22556", 9, 12, 12, 6, 3),
    ]


@pytest.mark.parametrize("wrong_line", [2, 3], ids=["first", "last"])
def test_a_file_that_is_not_the_format_is_refused_before_anything_is_written(
    fresh: Import, tmp_path: Path, wrong_line: int
) -> None:
    lines = [line("1"), line("2")]
    lines[wrong_line - 2] = line("3", quantity="six")

    ended = fresh.run(write(tmp_path, *lines))

    said = (
        f"daybook: line {wrong_line}, column Quantity: 'six' is not a quantity:"
        " a whole number, not 0, of at most nine digits\n"
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (1, "", said)
    assert not fresh.exists()
    assert not fresh.folder.exists()


def quantity_changed(lines: list[str]) -> None:
    lines[0] = line("1", quantity=2)


def price_changed(lines: list[str]) -> None:
    lines[1] = line("2", price="1.66")


def invoice_added(lines: list[str]) -> None:
    lines.append(line("3", code="POST"))


@pytest.fixture(scope="module")
def two_invoices(shared: Database, tmp_path_factory: pytest.TempPathFactory) -> Import:
    """Two invoices of a line each, imported."""
    folder = tmp_path_factory.mktemp("two")
    done = new_import(shared, folder, "two")
    done.accepted(write(folder, line("1"), line("2")))
    return done


@pytest.mark.parametrize("change", [quantity_changed, price_changed, invoice_added])
def test_a_changed_file_is_refused_and_nothing_of_it_is_written(
    two_invoices: Import, tmp_path: Path, change: Callable[[list[str]], None]
) -> None:
    head, said = two_invoices.head(), two_invoices.said()
    lines = [line("1"), line("2")]
    change(lines)

    ended = two_invoices.run(write(tmp_path, *lines))

    assert (ended.returncode, ended.stdout) == (1, "")
    assert last_line(ended.stderr) == (
        "daybook: store was refused: another file was imported into this tenant;"
        " choose one for this file with DAYBOOK_TENANT (idempotency_key_reused)"
    )
    assert (two_invoices.head(), two_invoices.said()) == (head, said)


def test_the_same_file_packed_otherwise_is_the_same_file(two_invoices: Import, tmp_path: Path) -> None:
    head = two_invoices.head()
    packed = tmp_path / "retail.csv.gz"
    packed.write_bytes(gzip.compress(text_of(line("1"), line("2"))))

    two_invoices.accepted(packed)

    assert two_invoices.head() == head


def test_a_file_without_lines_opens_nothing_and_agrees(fresh: Import, tmp_path: Path) -> None:
    printed = fresh.accepted(write(tmp_path))

    assert (fresh.head(), fresh.said().lines) == (0, 0)
    assert "0 lines = 0 in events + 0 rejected" in printed


def test_a_sale_that_the_file_does_not_know_is_an_error_exit(fresh: Import, tmp_path: Path) -> None:
    file = write(tmp_path, line("1"), line("1", code="POST", price="18"))
    fresh.accepted(file)
    (sale,) = (entry for entry in fresh.journal() if isinstance(entry.data, SaleCompleted))

    async def sell_one_more() -> None:
        async with clerk_of(fresh.tenant) as clerk:
            extra = sell(("POST", 1), sale_id="extra", store_id=STORE)
            await clerk.submit(extra, origin(occurred_at=sale.occurred_at))

    run(sell_one_more())
    ended = fresh.run(file)

    assert ended.returncode == 1
    assert "daybook: the projections do not agree with the file" in ended.stderr
    assert "2010-12 journal      3         2    37.65     0.00  DIFFERENT" in ended.stdout
    assert "THEY DO NOT AGREE." in ended.stdout
    (month,) = fresh.said().months
    assert not fresh.said().agrees
    assert (month.file.revenue_pence, month.journal.revenue_pence) == (1965, 3765)


def test_a_tenant_with_a_store_of_that_name_is_not_mixed_with_the_file(fresh: Import, tmp_path: Path) -> None:
    """Kept answers expire; what was imported long ago is then refused by the rules."""
    file = write(tmp_path, line("1"))
    fresh.accepted(file)
    head = fresh.head()
    query(fresh.tenant.owner_url, fresh.tenant, "DELETE FROM commands")

    ended = fresh.run(file)

    assert ended.returncode == 1
    assert last_line(ended.stderr) == (
        "daybook: store was refused: The store 'online-retail' exists. Choose another id. (already_exists)"
    )
    assert fresh.head() == head


@needs_real_file
def test_rfm_and_stages_are_those_of_a_count_of_the_file(real: Import, real_slice: Path) -> None:
    as_of = date(2010, 12, 3)
    wanted = by_customer(real_slice, as_of)
    path = real.folder / "rfm.csv"
    cuts = ("--recency", "0,1", "--frequency", "2,3", "--monetary", "10000,50000")
    options = ("--as-of", as_of.isoformat(), "--currency", "GBP", *cuts, "--csv", str(path))

    told = daybook(real.settings, "segments", "rfm", *options)

    assert told.returncode == 0, told.stderr
    with path.open(encoding="utf-8", newline="") as file:
        found = {row["customer_id"]: row for row in csv.DictReader(file)}
    assert told.stdout.startswith(f"{len(found):,} customers\n")
    numbers = ("purchases", "spend_minor", "recency", "frequency", "monetary")
    assert {id_: tuple(int(row[name]) for name in numbers) for id_, row in found.items()} == wanted
    assert {row["stage"] for row in found.values()} == {"none", "new"}


def by_customer(path: Path, as_of: date) -> dict[str, tuple[int, ...]]:
    """Purchases, pence and scores, counted from the file's text alone."""
    invoices: dict[str, dict[str, date]] = {}
    pence: Counter[str] = Counter()
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            customer, on = row["CustomerID"], date.fromisoformat(row["InvoiceDate"][:10])
            if not customer:
                continue
            bought = invoices.setdefault(customer, {})
            if on <= as_of:
                pence[customer] += int(Decimal(row["UnitPrice"]) * 100 * int(row["Quantity"]))
                if not row["InvoiceNo"].startswith("C"):
                    bought[row["InvoiceNo"]] = on
    counted: dict[str, tuple[int, ...]] = {}
    for customer, bought in invoices.items():
        away = [(as_of - on).days for on in bought.values()]
        recency = 3 - (min(away) > 0) - (min(away) > 1) if away else 0
        frequency = 1 + (len(away) >= 2) + (len(away) >= 3) if away else 0
        monetary = 1 + (pence[customer] >= 10_000) + (pence[customer] >= 50_000) if away else 0
        counted[customer] = (len(away), pence[customer], recency, frequency, monetary)
    return counted
