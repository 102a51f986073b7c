"""sales_report: one row a store, business day, local hour, product and employee. Minor units, no tax guesses.

Reports by day, product, employee or category are sums of these rows.
"""

from collections.abc import Iterable
from datetime import date, timedelta

import msgspec

from domain.kernel.event import AnyRecorded
from domain.sales.returns import ReturnedLine, ReturnRecorded
from domain.sales.sale import WHOLE_SHARE_BP, Attribution, SaleCompleted, SaleLine, split_among
from projections.kernel.table import Change, Table

NOBODY = ""
"""The employee of a sale that is attributed to nobody: part of the key, so not null."""


class SalesReportRow(msgspec.Struct, frozen=False, kw_only=False, gc=False):
    """gross − discount − returns = net, as customers paid it; tax is what net contains or adds.

    A return counts on its own business day. `lines` counts sale lines, `units` pieces or grams sold.
    """

    store_id: str
    business_day: date
    hour: int
    sku: str
    category: str
    employee_id: str
    currency: str = ""
    gross_minor: int = 0
    discount_minor: int = 0
    tax_minor: int = 0
    net_minor: int = 0
    returns_minor: int = 0
    cost_minor: int = 0
    units: int = 0
    returned_units: int = 0
    lines: int = 0


class Figures(msgspec.Struct, frozen=True, kw_only=False, gc=False):
    """What one line adds to a row."""

    currency: str
    gross_minor: int
    discount_minor: int
    tax_minor: int
    returns_minor: int
    cost_minor: int
    units: int
    returned_units: int
    lines: int


def _fold(row: SalesReportRow, figures: Figures) -> None:
    row.currency = figures.currency
    row.gross_minor += figures.gross_minor
    row.discount_minor += figures.discount_minor
    row.tax_minor += figures.tax_minor
    row.net_minor += figures.gross_minor - figures.discount_minor - figures.returns_minor
    row.returns_minor += figures.returns_minor
    row.cost_minor += figures.cost_minor
    row.units += figures.units
    row.returned_units += figures.returned_units
    row.lines += figures.lines


class SalesHourRow(msgspec.Struct, frozen=False, kw_only=False, gc=False):
    """How many baskets and returns there were, which rows by product can't say. Lines as printed."""

    store_id: str
    business_day: date
    hour: int
    sales: int = 0
    lines: int = 0
    returns: int = 0
    returned_lines: int = 0


def _fold_hour(row: SalesHourRow, event: SaleCompleted | ReturnRecorded) -> None:
    if isinstance(event, SaleCompleted):
        row.sales += 1
        row.lines += len(event.lines)
    else:
        row.returns += 1
        row.returned_lines += sum(1 for line in event.lines if line.quantity)


SALES_REPORT = Table("sales_report", SalesReportRow, keys=6, fold=_fold)
SALES_HOURS = Table("sales_hours", SalesHourRow, keys=3, fold=_fold_hour)


def split_by_share(figures: Figures, attributions: tuple[Attribution, ...]) -> Iterable[tuple[str, Figures]]:
    """Divides a line among those it is attributed to; what nobody has stays with NOBODY. Nothing is lost."""
    if not attributions:
        return ((NOBODY, figures),)
    if len(attributions) == 1 and attributions[0].share_bp == WHOLE_SHARE_BP:
        return ((attributions[0].employee_id, figures),)
    names = [*(attribution.employee_id for attribution in attributions), NOBODY]
    currency, *numbers = msgspec.structs.astuple(figures)
    columns = [
        [currency] * len(names),
        *(split_among(attributions, number) for number in numbers),
    ]
    shares = [Figures(*values) for values in zip(*columns, strict=True)]
    taken = sum(attribution.share_bp for attribution in attributions)
    divided = list(zip(names, shares, strict=True))
    return divided if taken < WHOLE_SHARE_BP else divided[:-1]


class SalesReport:
    """Fed by sales and returns, line by line."""

    name = "sales_report"
    version = 1
    tables = (SALES_REPORT, SALES_HOURS)
    events = (SaleCompleted, ReturnRecorded)

    def changes(self, entry: AnyRecorded) -> Iterable[Change]:
        """A row for each line and employee, and one for the hour."""
        event: SaleCompleted | ReturnRecorded = entry.data
        hour = (entry.occurred_at + timedelta(minutes=event.utc_offset_min)).hour
        when = (event.store_id, event.business_day, hour)
        yield SALES_HOURS.change(when, event)
        for line in event.lines:
            figures = (
                _sold(event.currency, line)
                if isinstance(line, SaleLine)
                else _taken_back(event.currency, line)
            )
            for employee_id, share in split_by_share(figures, event.attributions):
                yield SALES_REPORT.change((*when, line.sku, line.category, employee_id), share)


# By place, in the order of Figures: there are more lines than anything else.
def _sold(currency: str, line: SaleLine) -> Figures:
    amount, net = line.amount_minor, line.net_minor
    units = line.stock_quantity if line.weight_g else line.quantity
    return Figures(currency, amount, amount - net, line.tax_minor, 0, line.cost_minor, units, 0, 1)


def _taken_back(currency: str, line: ReturnedLine) -> Figures:
    units = line.stock_quantity if line.weight_g else line.quantity
    return Figures(currency, 0, 0, -line.tax_minor, line.net_minor, -line.cost_minor, 0, units, 0)
