"""sales_report: one row a store, business day, local hour, product and employee. Minor units, no tax guesses.

Reports by day, product, employee or category are sums of these rows.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple

import msgspec

from domain.kernel.event import AnyRecorded
from domain.sales.returns import ReturnRecorded
from domain.sales.sale import WHOLE_SHARE_BP, Attribution, SaleCompleted, split_among
from projections.kernel.table import Change, Table

NOBODY = ""
"""The employee of a sale that is attributed to nobody: part of the key, so not null."""


class SalesReportRow(msgspec.Struct, frozen=False, kw_only=False):
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


class Figures(NamedTuple):
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


class SalesHourRow(msgspec.Struct, frozen=False, kw_only=False):
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
        row.returned_lines += len(event.lines)


SALES_REPORT = Table("sales_report", SalesReportRow, keys=6, fold=_fold)
SALES_HOURS = Table("sales_hours", SalesHourRow, keys=3, fold=_fold_hour)


def split_by_share(figures: Figures, attributions: tuple[Attribution, ...]) -> Iterable[tuple[str, Figures]]:
    """Divides a line among those it is attributed to; what nobody has stays with NOBODY. Nothing is lost."""
    if not attributions:
        return ((NOBODY, figures),)
    if len(attributions) == 1 and attributions[0].share_bp == WHOLE_SHARE_BP:
        return ((attributions[0].employee_id, figures),)
    names = [*(attribution.employee_id for attribution in attributions), NOBODY]
    columns = [
        [figures.currency] * len(names),
        *(split_among(attributions, number) for number in figures[1:]),
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
        event = entry.data
        if isinstance(event, SaleCompleted):
            lines = (
                (
                    line.sku,
                    line.category,
                    Figures(
                        currency=event.currency,
                        gross_minor=line.amount_minor,
                        discount_minor=line.amount_minor - line.net_minor,
                        tax_minor=line.tax_minor,
                        returns_minor=0,
                        cost_minor=line.cost_minor,
                        units=line.quantity,
                        returned_units=0,
                        lines=1,
                    ),
                )
                for line in event.lines
            )
        else:
            lines = (
                (
                    returned.sku,
                    returned.category,
                    Figures(
                        currency=event.currency,
                        gross_minor=0,
                        discount_minor=0,
                        tax_minor=-returned.tax_minor,
                        returns_minor=returned.net_minor,
                        cost_minor=-returned.cost_minor,
                        units=0,
                        returned_units=returned.quantity,
                        lines=0,
                    ),
                )
                for returned in event.lines
            )
        hour = (entry.occurred_at + timedelta(minutes=event.utc_offset_min)).hour
        yield SALES_HOURS.change((event.store_id, event.business_day, hour), event)
        for sku, category, figures in lines:
            for employee_id, share in split_by_share(figures, event.attributions):
                key = (event.store_id, event.business_day, hour, sku, category, employee_id)
                yield SALES_REPORT.change(key, share)
