"""What the file says and what the board says, by product and by channel."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

import msgspec

from projections.complaint_board.sums import CaseGroup, sums_of_cases
from projections.kernel.table import Connection
from workers.imports.complaints.file import Complaint
from workers.imports.complaints.telling import sku_of

BEGINNING, END = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
MOST = 1_000_000


class Sums(msgspec.Struct, kw_only=True):
    """Cases of a product or channel. Days are from received to sent; what nobody said is in no pair."""

    cases: int = 0
    days: int = 0
    in_time: int = 0
    late: int = 0
    disputed: int = 0
    undisputed: int = 0

    def add(self, complaint: Complaint) -> None:
        """Counts a line of the file. Only what was closed can be disputed."""
        self.cases += 1
        self.days += (complaint.sent - complaint.received).days
        self.in_time += complaint.in_time is True
        self.late += complaint.in_time is False
        if complaint.closed:
            self.disputed += complaint.disputed is True
            self.undisputed += complaint.disputed is False


class Reconciliation(msgspec.Struct, frozen=True, kw_only=True):
    """The sums on either side, by product and by channel."""

    agrees: bool
    file: Mapping[str, Mapping[str, Sums]]
    journal: Mapping[str, Mapping[str, Sums]]


def sums_of_file(complaints: Iterable[Complaint]) -> dict[str, dict[str, Sums]]:
    """The file's own sums."""
    sums: dict[str, dict[str, Sums]] = {"product": {}, "channel": {}}
    for complaint in complaints:
        for group, key in (("product", sku_of(complaint.product)), ("channel", complaint.channel.value)):
            sums[group].setdefault(key, Sums()).add(complaint)
    return sums


async def reconcile(connection: Connection, file: dict[str, dict[str, Sums]]) -> Reconciliation:
    """Reads the board and compares."""
    journal = {
        name: {
            str(one.key): Sums(
                cases=one.cases,
                days=one.days_to_referral,
                in_time=one.in_time,
                late=one.late,
                disputed=one.disputed,
                undisputed=one.accepted,
            )
            for one in await sums_of_cases(
                connection, group, since=BEGINNING, until=END, stores=None, kind=None, limit=MOST
            )
        }
        for name, group in (("product", CaseGroup.PRODUCT), ("channel", CaseGroup.CHANNEL))
    }
    return Reconciliation(agrees=file == journal, file=file, journal=journal)


def as_table(reconciliation: Reconciliation) -> str:
    """The reckoning as a person reads it: the journal's figures, and the file's where they differ."""
    lines = [f"{'':<64}{'cases':>8}{'days':>8}{'in time':>9}{'late':>6}{'disputed':>10}{'not':>5}"]
    for group, keys in reconciliation.file.items():
        for key in sorted({*keys, *reconciliation.journal[group]}):
            told, found = keys.get(key, Sums()), reconciliation.journal[group].get(key, Sums())
            lines.append(_row(key, found))
            if told != found:
                lines.append(_row("  in the file", told))
    lines.append("The board agrees with the file." if reconciliation.agrees else "THEY DO NOT AGREE.")
    return "\n".join(lines)


def _row(name: str, sums: Sums) -> str:
    return (
        f"{name:<64}{sums.cases:>8,}{sums.days:>8,}{sums.in_time:>9,}{sums.late:>6,}"
        f"{sums.disputed:>10,}{sums.undisputed:>5,}"
    )
