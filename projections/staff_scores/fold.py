"""staff_scores: one row an employee and month. Sales by business day, complaints by UTC date.

What is summed over other times is in staff_days, and what was frozen in cycle_scores.
"""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

import msgspec

from domain.kernel.event import AnyRecorded
from domain.leads.lead import LeadLost, LeadReopened, LeadWon
from domain.sales.returns import ReturnRecorded
from domain.sales.sale import SaleCompleted, split_among
from domain.service.case import CaseAssigned, CaseOpened, CaseReopened, CaseResolved
from domain.service.survey import SurveyAnswered
from domain.staff.cycle import CycleClosed, CycleOpened, CycleScored
from domain.staff.frozen_score import ScoreFrozen
from domain.staff.rating import StaffRated
from projections.kernel.table import Change, Table
from projections.staff_scores.cycles import CYCLE_SCORES, SCORE_CYCLES, of_cycles
from projections.staff_scores.days import STAFF_DAYS, heard, traded, whole_of


class StaffScore(msgspec.Struct, frozen=False, kw_only=False):
    """Money maps are minor units by currency: sales as paid, returns as refunded.

    A shared sale counts once for each who shares it; its amounts and units by share. A weighed line is one
    unit.
    """

    employee_id: str
    month: str
    sales: int = 0
    sales_minor: dict[str, int] = {}
    units: int = 0
    returns: int = 0
    returns_minor: dict[str, int] = {}
    returned_units: int = 0
    complaints_assigned: int = 0
    complaints_resolved: int = 0
    complaints_reopened: int = 0


class Sold(NamedTuple):
    """An employee's share of a sale."""

    currency: str
    total_minor: int
    units: int


class TakenBack(NamedTuple):
    """An employee's share of a return."""

    currency: str
    total_minor: int
    units: int


def _fold(row: StaffScore, delta: object) -> None:
    match delta:
        case Sold():
            row.sales += 1
            row.sales_minor[delta.currency] = row.sales_minor.get(delta.currency, 0) + delta.total_minor
            row.units += delta.units
        case TakenBack():
            row.returns += 1
            row.returns_minor[delta.currency] = row.returns_minor.get(delta.currency, 0) + delta.total_minor
            row.returned_units += delta.units
        case CaseAssigned():
            row.complaints_assigned += 1
        case CaseResolved():
            row.complaints_resolved += 1
        case _:
            row.complaints_reopened += 1


STAFF_SCORES = Table("staff_scores", StaffScore, keys=2, fold=_fold)


def month_of(day: date) -> str:
    """2026-11."""
    return f"{day.year:04}-{day.month:02}"


class StaffScores:
    """Keyed by employee and month, day or cycle; fed by trade, cases, answers, leads, ratings and cycles."""

    name = "staff_scores"
    version = 3
    tables = (STAFF_SCORES, STAFF_DAYS, SCORE_CYCLES, CYCLE_SCORES)
    events = (
        SaleCompleted,
        ReturnRecorded,
        CaseAssigned,
        CaseResolved,
        CaseReopened,
        CaseOpened,
        SurveyAnswered,
        LeadWon,
        LeadLost,
        LeadReopened,
        CycleOpened,
        CycleClosed,
        CycleScored,
        StaffRated,
        ScoreFrozen,
    )

    def changes(self, entry: AnyRecorded) -> Iterable[Change]:
        """The rows of each employee that the event counts for."""
        event = entry.data
        if isinstance(event, SaleCompleted | ReturnRecorded):
            whole = whole_of(event)
            yield from traded(entry, whole)
            if not event.attributions:
                return
            kind = Sold if isinstance(event, SaleCompleted) else TakenBack
            totals = split_among(event.attributions, event.total_minor)
            units = split_among(event.attributions, whole.units)
            month = month_of(event.business_day)
            # The last share is nobody's, and counts for nobody here.
            for attribution, total, count in zip(event.attributions, totals, units, strict=False):
                yield STAFF_SCORES.change(
                    (attribution.employee_id, month), kind(event.currency, total, count)
                )
        elif isinstance(event, CaseOpened | SurveyAnswered | LeadWon | LeadLost | LeadReopened):
            yield from heard(entry)
        elif isinstance(event, CycleOpened | CycleClosed | CycleScored | StaffRated | ScoreFrozen):
            yield of_cycles(entry)
        elif event.employee_id is not None:
            yield STAFF_SCORES.change((event.employee_id, month_of(entry.occurred_at.date())), event)
