"""service_quality: one row a case: who answered and resolved it how often, how content its customer is."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec

from domain.kernel.event import AnyRecorded
from domain.service.case import CaseAssigned, CaseOpened, CaseReopened, CaseResolved, CaseResponded
from domain.service.survey import SurveyAnswered, SurveySent
from projections.kernel.table import Change, Table

NOBODY = ""
"""Who did what no employee is named for."""
SECOND = timedelta(seconds=1)


class CaseQuality(msgspec.Struct, frozen=False, kw_only=False):
    """Maps are by employee. `response_s` adds up what customers waited for the first word, by the wall clock.

    Each opening and reopening waits for a first word of its own; a resolution is one. A resolution counts for
    whoever had the case, and a reopening against whose resolution it was. `scores` adds up 1 to 5 an answer.
    """

    case_id: str
    kind: str = ""
    store_id: str | None = None
    employee_id: str | None = None
    opened_at: datetime | None = None
    resolved: bool = False
    resolved_by: str = NOBODY
    waits_since: datetime | None = None
    responses: dict[str, int] = {}
    response_s: dict[str, int] = {}
    resolutions: dict[str, int] = {}
    reopened: dict[str, int] = {}
    asked: dict[str, int] = {}
    answers: dict[str, int] = {}
    scores: dict[str, int] = {}


def _add(counts: dict[str, int], employee_id: str | None, number: int = 1) -> None:
    who = employee_id or NOBODY
    counts[who] = counts.get(who, 0) + number


def _answered(row: CaseQuality, employee_id: str | None, at: datetime) -> None:
    """The customer has heard, for the first time since the opening or reopening or again."""
    if row.waits_since is None:
        return
    _add(row.responses, employee_id)
    # Clocks of tills differ: nobody answers before they were asked.
    _add(row.response_s, employee_id, max(timedelta(), at - row.waits_since) // SECOND)
    row.waits_since = None


def _fold(row: CaseQuality, entry: AnyRecorded) -> None:
    event = entry.data
    match event:
        case CaseOpened():
            row.kind = event.kind.value
            row.store_id = event.store_id
            row.opened_at = row.waits_since = entry.occurred_at
        case CaseAssigned():
            row.employee_id = event.employee_id
        case CaseResponded():
            _answered(row, event.employee_id or row.employee_id, entry.occurred_at)
        case CaseResolved():
            _answered(row, event.employee_id, entry.occurred_at)
            _add(row.resolutions, event.employee_id)
            row.resolved, row.resolved_by = True, event.employee_id or NOBODY
        case CaseReopened():
            _add(row.reopened, row.resolved_by)
            row.resolved, row.waits_since = False, entry.occurred_at
        case SurveySent():
            _add(row.asked, event.employee_id)
        case SurveyAnswered():
            _add(row.answers, event.employee_id)
            _add(row.scores, event.employee_id, event.score)
        case _:
            pass


SERVICE_QUALITY = Table("service_quality", CaseQuality, keys=1, fold=_fold)


class ServiceQuality:
    """Keyed by case; fed by what its customer hears and says. Surveys about the shop are about no case."""

    name = "service_quality"
    version = 1
    tables = (SERVICE_QUALITY,)
    events = (
        CaseOpened,
        CaseAssigned,
        CaseResponded,
        CaseResolved,
        CaseReopened,
        SurveySent,
        SurveyAnswered,
    )

    def changes(self, entry: AnyRecorded) -> Iterable[Change]:
        """The case's row."""
        if entry.data.case_id is not None:
            yield SERVICE_QUALITY.change((entry.data.case_id,), entry)
