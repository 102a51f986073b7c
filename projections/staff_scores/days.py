"""staff_days: one row a person, store, business day and UTC day of recording; employee '' is nobody.

Scores and targets are sums of these rows. What is recorded late has a row of its own, so that a time that was
closed keeps its sums.
"""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

import msgspec

from domain.kernel.event import AnyRecorded
from domain.kernel.quantity import Unit
from domain.leads.lead import LeadLost, LeadReopened, LeadStage, LeadWon
from domain.sales.returns import ReturnRecorded
from domain.sales.sale import WHOLE_SHARE_BP, SaleCompleted, split_among
from domain.service.case import CaseKind, CaseOpened
from domain.service.survey import SurveyAnswered, SurveyKind
from projections.kernel.table import Change, Table

LeadEnd = LeadWon | LeadLost | LeadReopened

NOBODY = ""
"""The employee of what is attributed to nobody: part of the key, so not null."""


class StaffDay(msgspec.Struct, frozen=False, kw_only=False, gc=False):
    """Minor units of the store's currency: `sold_minor` and `returned_minor` as customers paid for the goods.

    `revenue_minor` and `cost_minor` are without tax and without what came back. A shared sale counts once for
    each who shares it, its amounts and units by share. `complaints` are those about the person.
    `csat_points` adds up 1 to 5 an answer. A lead that is taken up again takes its end back on that day.
    """

    employee_id: str
    store_id: str
    business_day: date
    recorded_on: date
    currency: str = ""
    sales: int = 0
    returns: int = 0
    sold_minor: int = 0
    returned_minor: int = 0
    revenue_minor: int = 0
    cost_minor: int = 0
    units: int = 0
    returned_units: int = 0
    complaints: int = 0
    csat_answers: int = 0
    csat_points: int = 0
    leads_ended: int = 0
    leads_won: int = 0


class Traded(NamedTuple):
    """Somebody's share of a sale or a return; of a return revenue and cost are below zero."""

    currency: str
    amount_minor: int
    revenue_minor: int
    cost_minor: int
    units: int
    returned: bool


class Heard(NamedTuple):
    """What customers had to say, and what became of leads."""

    complaints: int = 0
    csat_answers: int = 0
    csat_points: int = 0
    leads_ended: int = 0
    leads_won: int = 0


def _fold(row: StaffDay, delta: Traded | Heard) -> None:
    if isinstance(delta, Heard):
        row.complaints += delta.complaints
        row.csat_answers += delta.csat_answers
        row.csat_points += delta.csat_points
        row.leads_ended += delta.leads_ended
        row.leads_won += delta.leads_won
        return
    row.currency = delta.currency
    row.revenue_minor += delta.revenue_minor
    row.cost_minor += delta.cost_minor
    if delta.returned:
        row.returns += 1
        row.returned_minor += delta.amount_minor
        row.returned_units += delta.units
    else:
        row.sales += 1
        row.sold_minor += delta.amount_minor
        row.units += delta.units


# There are more lines than anything else.
_PIECE = Unit.PIECE
STAFF_DAYS = Table("staff_days", StaffDay, keys=4, fold=_fold)


def traded(entry: AnyRecorded, whole: Traded) -> Iterable[Change]:
    """The row of each who has a share of a sale or return; what nobody has is NOBODY's."""
    event: SaleCompleted | ReturnRecorded = entry.data
    when = (event.store_id, event.business_day, entry.recorded_at.date())
    shares = event.attributions
    if not shares:
        yield STAFF_DAYS.change((NOBODY, *when), whole)
        return
    if len(shares) == 1 and shares[0].share_bp == WHOLE_SHARE_BP:
        yield STAFF_DAYS.change((shares[0].employee_id, *when), whole)
        return
    amounts, revenues, costs, units = (split_among(shares, figure) for figure in whole[1:5])
    names = [*(share.employee_id for share in shares), NOBODY]
    left = sum(share.share_bp for share in shares) < WHOLE_SHARE_BP
    # Without a rest the last part is nobody's, and nothing.
    for index, name in enumerate(names if left else names[:-1]):
        share = Traded(
            whole.currency, amounts[index], revenues[index], costs[index], units[index], whole.returned
        )
        yield STAFF_DAYS.change((name, *when), share)


def heard(entry: AnyRecorded) -> Iterable[Change]:
    """The row of whom a complaint, an answer or the end of a lead is about, on its UTC day."""
    event: CaseOpened | SurveyAnswered | LeadEnd = entry.data
    delta = _heard(event)
    who = event.about_employee_id if isinstance(event, CaseOpened) else event.employee_id or NOBODY
    # Complaints about nobody are on the board of complaints.
    if delta is not None and who is not None:
        key = (who, event.store_id or "", entry.occurred_at.date(), entry.recorded_at.date())
        yield STAFF_DAYS.change(key, delta)


def _heard(event: CaseOpened | SurveyAnswered | LeadEnd) -> Heard | None:
    match event:
        case CaseOpened(kind=CaseKind.COMPLAINT):
            return Heard(complaints=1)
        case SurveyAnswered(kind=SurveyKind.CSAT):
            return Heard(csat_answers=1, csat_points=event.score)
        case LeadWon():
            return Heard(leads_ended=1, leads_won=1)
        case LeadLost():
            return Heard(leads_ended=1)
        case LeadReopened(ended=LeadStage.WON):
            return Heard(leads_ended=-1, leads_won=-1)
        case LeadReopened(ended=LeadStage.LOST):
            return Heard(leads_ended=-1)
        case _:
            return None


def whole_of(event: SaleCompleted | ReturnRecorded) -> Traded:
    """All of a sale or return. Units are pieces; a weighed line is one, for grams and pieces don't add up."""
    amount = revenue = tax = cost = units = 0
    if isinstance(event, SaleCompleted):
        for line in event.lines:
            amount += line.net_minor
            tax += line.tax_minor
            cost += line.cost_minor
            units += line.quantity if line.unit is _PIECE else 1
        revenue = amount - tax if event.tax_policy.inclusive else amount
        return Traded(event.currency, amount, revenue, cost, units, returned=False)
    for line in event.lines:
        amount += line.net_minor
        # What was handed back has the tax in it, whether prices have or not.
        revenue -= line.refund_minor - line.tax_minor
        cost -= line.cost_minor
        units += line.quantity if line.unit is _PIECE else 1
    return Traded(event.currency, amount, revenue, cost, units, returned=True)
