"""survey_results: one row a survey, without its comment (that stays sealed in the journal)."""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from domain.kernel.event import AnyRecorded
from domain.service.survey import SurveyAnswered, SurveySent
from projections.kernel.table import Change, Table


class SurveyResult(msgspec.Struct, frozen=False, kw_only=False):
    """What was asked and the score that was given. Null: nobody answered, which is no score."""

    survey_id: str
    kind: str = ""
    period: str | None = None
    store_id: str | None = None
    employee_id: str | None = None
    case_id: str | None = None
    sent_at: datetime | None = None
    answered_at: datetime | None = None
    score: int | None = None
    customer_id: str | None = None


def _fold(row: SurveyResult, entry: AnyRecorded) -> None:
    event = entry.data
    if isinstance(event, SurveyAnswered):
        row.answered_at, row.score = entry.recorded_at, event.score
        return
    row.kind = event.kind.value
    row.period = event.period
    row.store_id = event.store_id
    row.employee_id = event.employee_id
    row.case_id = event.case_id
    row.sent_at = entry.recorded_at
    row.customer_id = event.customer_id


SURVEY_RESULTS = Table("survey_results", SurveyResult, keys=1, fold=_fold)


class SurveyResults:
    """Keyed by survey."""

    name = "survey_results"
    version = 2
    tables = (SURVEY_RESULTS,)
    events = (SurveySent, SurveyAnswered)

    def changes(self, entry: AnyRecorded) -> Iterable[Change]:
        """The survey's row."""
        yield SURVEY_RESULTS.change((entry.data.survey_id,), entry)
