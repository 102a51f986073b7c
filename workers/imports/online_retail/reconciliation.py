"""The reckoning: what the projections say of the import, against the file's own sums, month by month."""

from collections import Counter
from collections.abc import Iterable
from datetime import date

import msgspec

from projections.kernel.table import Connection
from projections.sales_report.queries import Baskets, GroupBy, baskets_by_month, sales_report
from workers.imports.online_retail.rules import RejectReason
from workers.imports.online_retail.steps import Reject
from workers.imports.online_retail.sums import FileSums, MonthSums
from workers.imports.online_retail.telling import STORE

NOTHING = MonthSums(lines=0, invoices=0, revenue_pence=0, returns_pence=0)


class Accounted(msgspec.Struct, kw_only=True):
    """By month: file lines and invoices that were accepted besides sales, or rejected; and what the accepted
    returns must come to in the projections, where a file line may be part of several and share one."""

    lines: Counter[str]
    invoices: Counter[str]
    returns: Counter[str]
    returned_lines: Counter[str]


class Month(msgspec.Struct, frozen=True, kw_only=True):
    """A month as the file has it and as the projections have it. Pence."""

    month: str
    file: MonthSums
    journal: MonthSums
    returns_agree: bool

    @property
    def agrees(self) -> bool:
        """Whether they are equal to the penny and the line, and the returns are those that were accepted."""
        return self.file == self.journal and self.returns_agree


class Reconciliation(msgspec.Struct, frozen=True, kw_only=True):
    """All months, and the rejected lines summed on their own (thousandths of a pound, unrounded)."""

    file_sha256: str
    agrees: bool
    lines: int
    lines_in_events: int
    lines_rejected: int
    rejected_thousandths: int
    months: tuple[Month, ...]


async def reconcile(
    connection: Connection,
    sums: FileSums,
    accounted: Accounted,
    rejects: Iterable[Reject],
    file_sha256: str,
) -> Reconciliation:
    """Reads the projections and compares. Sales come from the projections alone, money too.

    Returned and corrected lines, which a file line can share with others, are counted where their commands
    were accepted; the projections must hold just as many returns and lines of them as those commands made.
    """
    report = await sales_report(
        connection, first=date.min, last=date.max, stores=[STORE], group_by=[GroupBy.MONTH]
    )
    money = {line.group["month"]: line for line in report}
    baskets = await baskets_by_month(connection, STORE)
    rejected = list(rejects)
    # The file's own sums look at money alone, and these lines have none.
    for_money = [reject for reject in rejected if reject.reason is not RejectReason.NO_STOCK]
    months: list[Month] = []
    for month in sorted({*sums.months, *money, *accounted.lines, *accounted.invoices}):
        sold = baskets.get(month, Baskets())
        figures = money.get(month)
        journal = MonthSums(
            lines=sold.lines + accounted.lines[month],
            invoices=sold.sales + accounted.invoices[month],
            revenue_pence=figures.gross_minor - figures.discount_minor if figures else 0,
            returns_pence=figures.returns_minor if figures else 0,
        )
        returns_agree = (sold.returns, sold.returned_lines) == (
            accounted.returns[month],
            accounted.returned_lines[month],
        )
        months.append(
            Month(
                month=month,
                file=sums.months.get(month, NOTHING),
                journal=journal,
                returns_agree=returns_agree,
            )
        )
    lines = sum(month.journal.lines for month in months)
    return Reconciliation(
        file_sha256=file_sha256,
        agrees=all(month.agrees for month in months)
        and len(for_money) == sums.rejected_lines
        and sum(reject.amount_thousandths for reject in for_money) == sums.rejected_thousandths,
        lines=sums.lines,
        lines_in_events=lines - len(rejected),
        lines_rejected=len(rejected),
        rejected_thousandths=sum(reject.amount_thousandths for reject in rejected),
        months=tuple(months),
    )


def as_table(reconciliation: Reconciliation) -> str:
    """The reckoning as a person reads it: one line a month, file figures beside the journal's."""
    rows = [("month", "lines", "invoices", "revenue", "returns", "")]
    for month in reconciliation.months:
        for whose, sums in (("file", month.file), ("journal", month.journal)):
            rows.append(
                (
                    f"{month.month} {whose}",
                    f"{sums.lines:,}",
                    f"{sums.invoices:,}",
                    _pounds(sums.revenue_pence),
                    _pounds(sums.returns_pence),
                    "" if whose == "file" else "equal" if month.agrees else "DIFFERENT",
                )
            )
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    table = [
        "  ".join(
            cell.ljust(width) if index in (0, 5) else cell.rjust(width)
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
    rejected_pounds = reconciliation.rejected_thousandths / 1000
    table.append(
        f"{reconciliation.lines:,} lines = {reconciliation.lines_in_events:,} in events"
        f" + {reconciliation.lines_rejected:,} rejected ({rejected_pounds:,.3f} pounds, on their own)"
    )
    table.append("The projections agree with the file." if reconciliation.agrees else "THEY DO NOT AGREE.")
    return "\n".join(table)


def _pounds(pence: int) -> str:
    return f"{pence // 100:,}.{pence % 100:02}"
