"""What the read models of service hold is what the journal says, whatever order it was folded in."""

from collections import Counter

import pytest

from domain.kernel.event import AnyRecorded
from domain.service.case import CaseOpened, CaseReopened, CaseResolved
from domain.service.compensation import CaseCompensated
from domain.service.survey import SurveyAnswered, SurveySent
from projections.complaint_causes.fold import COMPLAINT_CAUSES, ComplaintCause
from projections.service_quality.fold import SERVICE_QUALITY, CaseQuality
from projections.survey_results.fold import SURVEY_RESULTS, SurveyResult
from tests.support.journals import facts, run
from tests.support.postgres import Tenant
from tests.support.read_models import forget, project, rows_of


@pytest.fixture(scope="module", autouse=True)
def _projected(shop: Tenant) -> None:
    forget(shop)
    run(project(shop))


def test_causes_hold_every_case_and_all_that_was_given(shop: Tenant, journal: list[AnyRecorded]) -> None:
    rows: list[ComplaintCause] = rows_of(shop, COMPLAINT_CAUSES)
    given = Counter[str]()
    for event in facts(journal, CaseCompensated):
        given[event.currency] += event.worth_minor
    held = Counter[str]()
    for row in rows:
        for amounts in (row.refunds, row.credits, row.points, row.coupons):
            held.update(amounts)
    assert held == given
    assert given
    assert {row.case_id for row in rows} == {event.case_id for event in facts(journal, CaseOpened)}


def test_every_resolution_and_reopening_counts_for_somebody_or_nobody(
    shop: Tenant, journal: list[AnyRecorded]
) -> None:
    rows: list[CaseQuality] = rows_of(shop, SERVICE_QUALITY)
    by = Counter(event.employee_id or "" for event in facts(journal, CaseResolved))
    found = Counter[str]()
    for row in rows:
        found.update(row.resolutions)
        assert sum(row.responses.values()) <= 1 + sum(row.reopened.values())
    assert found == by
    undone = sum(sum(row.reopened.values()) for row in rows)
    assert undone == len(facts(journal, CaseReopened))


def test_every_question_and_answer_is_held_once(shop: Tenant, journal: list[AnyRecorded]) -> None:
    rows: list[SurveyResult] = rows_of(shop, SURVEY_RESULTS)
    assert {row.survey_id for row in rows} == {event.survey_id for event in facts(journal, SurveySent)}
    answers = {event.survey_id: event.score for event in facts(journal, SurveyAnswered)}
    assert {row.survey_id: row.score for row in rows if row.score is not None} == answers
