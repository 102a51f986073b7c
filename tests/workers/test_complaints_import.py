"""`daybook import complaints`: every case as the file has it, and what nobody said kept apart from no."""

import csv
import gzip
import io
from collections import Counter
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import msgspec
import pytest

from domain.service.case import CaseOpened, CaseReopened, CaseResolved, ReferralReported, ResolutionJudged
from tests.support.api import fresh as fresh_name
from tests.support.imports import Import, tenant_to_be
from tests.support.journals import facts, read_all, run
from tests.support.postgres import Database, worker_database
from workers.imports.complaints.file import COLUMNS, FileFormatError, read_complaints
from workers.imports.complaints.reconciliation import Reconciliation, Sums
from workers.imports.complaints.telling import sku_of

SHARED = Path(__file__).parents[2].parent / "shared" / "data"
REAL_FILE = SHARED / "consumer-complaints" / "cfpb_complaints.csv.gz"
needs_real_file = pytest.mark.skipif(not REAL_FILE.exists(), reason=f"the shared data are not at {REAL_FILE}")

Row = dict[str, str]
PLAIN: Row = dict.fromkeys(COLUMNS, "") | {
    "Date received": "2019-09-19",
    "Product": "Debt collection",
    "Issue": "Communication tactics",
    "Submitted via": "Web",
    "Date sent to company": "2019-09-21",
    "Company response to consumer": "Closed with explanation",
    "Timely response?": "Yes",
    "Consumer disputed?": "N/A",
}


def written(path: Path, rows: Iterable[Row]) -> Path:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    path.write_bytes(gzip.compress(text.getvalue().encode()))
    return path


def a_file(folder: Path, *rows: Row) -> Path:
    numbered = ({**PLAIN, "Complaint ID": str(number), **row} for number, row in enumerate(rows, 1))
    return written(folder / "complaints.csv.gz", numbered)


class Register(Import):
    """The import of such a file."""

    def load(self, file: Path, code: int = 0) -> str:
        return self.run("import", "complaints", str(file), code=code)

    def said(self) -> Reconciliation:
        return msgspec.json.decode(self.kept("complaints"), type=Reconciliation)


@pytest.fixture(scope="module")
def shared(worker_id: str) -> Database:
    return worker_database(f"{worker_id}_{fresh_name('complaints')}")


@pytest.fixture
def register(shared: Database, tmp_path: Path, request: pytest.FixtureRequest) -> Register:
    return Register(tenant_to_be(shared, request.node.name), tmp_path / "data")


def test_what_nobody_said_is_kept_apart_from_no(register: Register, tmp_path: Path) -> None:
    file = a_file(
        tmp_path,
        {},
        {"Timely response?": "No", "Consumer disputed?": "Yes"},
        {"Timely response?": "", "Consumer disputed?": "No"},
        {"Company response to consumer": "In progress", "Submitted via": "Phone"},
    )

    register.load(file)

    said = register.said()
    assert said.agrees
    assert said.journal["channel"] == {
        "web": Sums(cases=3, days=6, in_time=1, late=1, disputed=1, undisputed=1),
        "phone": Sums(cases=1, days=2, in_time=1),
    }
    journal = run(read_all(register.tenant))
    assert [fact.in_time for fact in facts(journal, ReferralReported)] == [True, False, None, True]
    assert [fact.accepted for fact in facts(journal, ResolutionJudged)] == [False, True]
    assert [fact.case_id for fact in facts(journal, CaseReopened)] == ["cfpb-2"]
    assert [fact.case_id for fact in facts(journal, CaseResolved)] == ["cfpb-1", "cfpb-2", "cfpb-3"]


def test_the_same_file_again_changes_nothing_and_another_is_refused(
    register: Register, tmp_path: Path
) -> None:
    file = a_file(tmp_path, {}, {})
    register.load(file)
    head, said = register.head(), register.said()

    register.load(file)
    refused = register.load(a_file(tmp_path, {}, {"Timely response?": "No"}), code=1)

    assert "Another file" in refused
    assert (register.head(), register.said()) == (head, said)


@needs_real_file
def test_the_real_register_is_told_case_by_case(register: Register, tmp_path: Path) -> None:
    """All that were late or judged, or came by a rare channel, and every tenth of the others."""
    with gzip.open(REAL_FILE, "rt", encoding="utf-8", newline="") as text:
        everything = list(csv.DictReader(text))
    rows = [
        row
        for number, row in enumerate(everything)
        if number % 10 == 0
        or row["Timely response?"] == "No"
        or row["Consumer disputed?"] != "N/A"
        or row["Submitted via"] in {"Fax", "Email"}
    ]

    register.load(written(tmp_path / "some.csv.gz", rows))

    said = register.said()
    assert said.agrees
    by_product = Counter(sku_of(row["Product"]) for row in rows)
    assert {key: sums.cases for key, sums in said.journal["product"].items()} == by_product
    channels = said.journal["channel"].values()
    assert sum(sums.late for sums in channels) == sum(row["Timely response?"] == "No" for row in rows)
    assert sum(sums.disputed for sums in channels) == sum(row["Consumer disputed?"] == "Yes" for row in rows)
    assert sum(sums.undisputed for sums in channels) == sum(row["Consumer disputed?"] == "No" for row in rows)
    assert sum(sums.days for sums in channels) == sum(
        (date.fromisoformat(row["Date sent to company"]) - date.fromisoformat(row["Date received"])).days
        for row in rows
    )
    opened = facts(run(read_all(register.tenant)), CaseOpened)
    assert {fact.case_id for fact in opened} == {f"cfpb-{row['Complaint ID']}" for row in rows}


@needs_real_file
def test_the_real_file_can_be_read_whole() -> None:
    complaints = list(read_complaints(REAL_FILE))

    assert len(complaints) == 4_644
    assert Counter(one.in_time for one in complaints) == {True: 4_575, False: 69}
    assert Counter(one.disputed for one in complaints) == {None: 4_623, False: 14, True: 7}
    assert sum((one.sent - one.received).days for one in complaints) == 7_478


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"Submitted via": "Pigeon"}, "complaint 1 can't be read: 'Pigeon'"),
        ({"Timely response?": "Perhaps"}, "complaint 1 can't be read: 'Perhaps'"),
        ({"Date received": "19/09/2019"}, "complaint 1 can't be read"),
        ({"Date sent to company": "2019-09-18"}, "was sent before it was received"),
        ({"Complaint ID": "one"}, "'one' is no complaint's number"),
        ({"Company response to consumer": "Closed"}, "complaint 1 can't be read: 'Closed'"),
    ],
)
def test_another_file_is_refused_with_the_record_before_anything_is_written(
    tmp_path: Path, wrong: Row, said: str
) -> None:
    with pytest.raises(FileFormatError, match="Record 2") as refused:
        list(read_complaints(a_file(tmp_path, wrong)))

    assert said in str(refused.value)


def test_a_complaint_stands_in_the_file_once(tmp_path: Path) -> None:
    with pytest.raises(FileFormatError, match="complaint 7 was there before"):
        list(read_complaints(a_file(tmp_path, {"Complaint ID": "7"}, {"Complaint ID": "7"})))
