"""complaint_causes: one row a case, with what it is about and what its amends came to."""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from domain.kernel.event import AnyRecorded
from domain.service.case import CaseOpened, CaseReopened, CaseResolved, ResolutionJudged
from domain.service.compensation import CaseCompensated
from projections.kernel.table import Change, Table


class ComplaintCause(msgspec.Struct, frozen=False, kw_only=False):
    """Money maps are minor units by currency. Null is not known, and apart from no.

    What was judged counts until the case is taken up again after it was accepted.
    """

    case_id: str
    kind: str = ""
    category: str = ""
    sku: str | None = None
    lot: str | None = None
    supplier_id: str | None = None
    store_id: str | None = None
    about_employee_id: str | None = None
    opened_at: datetime | None = None
    resolved: bool = False
    reopenings: int = 0
    accepted: bool | None = None
    refunds: dict[str, int] = {}
    credits: dict[str, int] = {}
    points: dict[str, int] = {}
    coupons: dict[str, int] = {}


def _add(amounts: dict[str, int], currency: str, amount_minor: int) -> None:
    if amount_minor:
        amounts[currency] = amounts.get(currency, 0) + amount_minor


def _fold(row: ComplaintCause, entry: AnyRecorded) -> None:
    event = entry.data
    match event:
        case CaseOpened():
            row.kind = event.kind.value
            row.category = event.category
            row.sku = event.sku
            row.lot = event.lot
            row.supplier_id = event.supplier_id
            row.store_id = event.store_id
            row.about_employee_id = event.about_employee_id
            row.opened_at = entry.occurred_at
        case CaseResolved():
            row.resolved = True
        case CaseReopened():
            row.resolved = False
            row.reopenings += 1
            if row.accepted:
                row.accepted = None
        case ResolutionJudged():
            row.accepted = event.accepted
        case CaseCompensated():
            _add(row.refunds, event.currency, event.refund_minor)
            _add(row.credits, event.currency, event.credit_minor)
            _add(row.points, event.currency, event.points_minor)
            _add(row.coupons, event.currency, event.coupon_minor)
        case _:
            pass


COMPLAINT_CAUSES = Table("complaint_causes", ComplaintCause, keys=1, fold=_fold)


class ComplaintCauses:
    """Keyed by case; fed by what it is about, how it ends and what is given for it."""

    name = "complaint_causes"
    version = 1
    tables = (COMPLAINT_CAUSES,)
    events = (CaseOpened, CaseResolved, CaseReopened, ResolutionJudged, CaseCompensated)

    def changes(self, entry: AnyRecorded) -> Iterable[Change]:
        """The case's row."""
        yield COMPLAINT_CAUSES.change((entry.data.case_id,), entry)
