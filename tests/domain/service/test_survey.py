"""One question, one answer."""

from datetime import timedelta
from typing import Any

import pytest

from domain.customers.customer import CustomerErased
from domain.kernel.errors import Erased, InvalidCommand, NotFound
from domain.service.survey import (
    AnswerSurvey,
    SurveyAnswered,
    SurveyIsAnswered,
    SurveyIsOver,
    SurveyKind,
    SurveySent,
    id_of_csat,
    id_of_nps,
)
from tests.support.decisions import NOON, at, given
from tests.support.facts import a_customer, sealed

UNTIL = NOON + timedelta(days=30)
ABOUT: dict[str, Any] = {
    "survey_id": "v1",
    "kind": SurveyKind.CSAT,
    "customer_id": "c1",
    "case_id": "q1",
    "resolution": 2,
    "employee_id": "e1",
    "store_id": "s1",
}
SENT = ("survey-v1", SurveySent(expires_at=UNTIL, **ABOUT))
NPS = ("survey-v2", SurveySent(survey_id="v2", kind=SurveyKind.NPS, expires_at=UNTIL, period="2026-Q1"))
COMMENT = sealed("Well done.")


def answer(score: int = 5, survey_id: str = "v1") -> AnswerSurvey:
    return AnswerSurvey(survey_id=survey_id, score=score)


def test_an_answer_repeats_what_was_asked_about() -> None:
    command = AnswerSurvey(survey_id="v1", score=4, text=COMMENT)
    answered = SurveyAnswered(score=4, text=COMMENT, **ABOUT)
    given(a_customer(), SENT).when(command).then(("survey-v1", answered))


def test_the_first_answer_counts() -> None:
    given(a_customer(), SENT).after(answer(2)).when(answer(5)).refused(SurveyIsAnswered)


def test_an_answer_may_come_until_the_time_is_over() -> None:
    shop = given(a_customer(), SENT)
    shop.when(answer(), at(UNTIL - timedelta(seconds=1))).only(SurveyAnswered)
    shop.when(answer(), at(UNTIL)).refused(SurveyIsOver)


@pytest.mark.parametrize(("survey_id", "score"), [("v1", 0), ("v1", 6), ("v2", -1), ("v2", 11)])
def test_a_score_is_on_the_scale(survey_id: str, score: int) -> None:
    given(a_customer(), SENT, NPS).when(answer(score, survey_id)).refused(InvalidCommand, score=score)


@pytest.mark.parametrize(("survey_id", "score"), [("v1", 1), ("v1", 5), ("v2", 0), ("v2", 10)])
def test_a_scale_ends_where_it_says(survey_id: str, score: int) -> None:
    answered = given(a_customer(), SENT, NPS).when(answer(score, survey_id)).only(SurveyAnswered)
    assert answered.score == score


def test_nobody_answers_what_was_not_asked() -> None:
    given().when(answer()).refused(NotFound)


def test_whoever_was_forgotten_answers_no_more() -> None:
    gone = ("customer-c1", CustomerErased(customer_id="c1", reason="request"))
    given(a_customer(), SENT, gone).when(answer()).refused(Erased)


def test_surveys_about_different_things_have_different_ids() -> None:
    ids = {id_of_csat("q1", 1), id_of_csat("q1", 2), id_of_csat("q2", 1), id_of_nps("q1", "1")}
    assert len(ids) == 4
