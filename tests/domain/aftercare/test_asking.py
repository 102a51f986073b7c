"""Who is asked what, and when: with consent, by the plan, once."""

from datetime import UTC, datetime
from typing import Any

import pytest

from domain.aftercare.asking import AskAboutResolution, AskToRecommend, SurveyWithheld
from domain.customers.consent import GiveConsent, WithdrawConsent
from domain.customers.customer import CustomerErased, CustomerRegistered
from domain.kernel.errors import Erased, NotFound
from domain.service.case import (
    CaseAssigned,
    CaseIsOpen,
    CaseKind,
    CaseOpened,
    CaseReopened,
    CaseResolved,
)
from domain.service.survey import SurveyKind, SurveySent, id_of_csat, id_of_nps
from domain.service.survey_plan import Period, SurveyPlan, SurveyPlanSet
from tests.support.care import merged
from tests.support.decisions import Given, at, given
from tests.support.facts import sealed

TEXT = sealed("…")
CUSTOMER = ("customer-c1", CustomerRegistered(customer_id="c1", email=sealed("c1@example.com")))
OPENED = CaseOpened(
    case_id="q1", kind=CaseKind.COMPLAINT, category="quality", text=TEXT, customer_id="c1", store_id="s1"
)
ASSIGNED = ("complaint-q1", CaseAssigned(case_id="q1", employee_id="e1"))
RESOLVED = ("complaint-q1", CaseResolved(case_id="q1", text=TEXT, employee_id="e1"))
REOPENED = ("complaint-q1", CaseReopened(case_id="q1", text=TEXT, employee_id="e1"))
CONSENT = GiveConsent(customer_id="c1", purpose="survey", channel="email", text_version="1")
GONE = ("customer-c1", CustomerErased(customer_id="c1", reason="request"))
ASK = AskAboutResolution(case_id="q1")
JANUARY = at(datetime(2026, 1, 31, 23, tzinfo=UTC))
RECOMMEND = AskToRecommend(customer_id="c1", period="2026-01")


def plan(**fields: Any) -> tuple[str, SurveyPlanSet]:
    return ("surveyplan-main", SurveyPlanSet(plan=SurveyPlan(**fields)))


def resolved(*facts: Any, **fields: Any) -> Given:
    """A case of a customer that e1 has resolved, and a plan that asks about it."""
    planned = plan(**({"csat": True} | fields))
    return given(CUSTOMER, planned, ("complaint-q1", OPENED), ASSIGNED, RESOLVED, *facts)


def test_a_resolution_is_asked_about_with_whose_it_is() -> None:
    sent = resolved(answer_days=7).after(CONSENT).when(ASK).only(SurveySent)
    assert sent == SurveySent(
        survey_id=id_of_csat("q1", 1),
        kind=SurveyKind.CSAT,
        expires_at=datetime(2026, 3, 9, 12, tzinfo=UTC),
        customer_id="c1",
        case_id="q1",
        resolution=1,
        employee_id="e1",
        store_id="s1",
    )


def test_a_resolution_is_asked_about_once() -> None:
    asked = resolved().after(CONSENT, ASK).when(ASK)
    asked.then()
    assert asked.answer.survey_id == id_of_csat("q1", 1)


def test_each_resolution_of_a_case_is_asked_about() -> None:
    shop = resolved().after(CONSENT, ASK)
    again = given(*shop.facts, REOPENED, RESOLVED).when(ASK).only(SurveySent)
    assert again.resolution == 2


def test_what_is_not_resolved_is_not_asked_about() -> None:
    resolved(REOPENED).after(CONSENT).when(ASK).refused(CaseIsOpen)
    given(plan(csat=True)).when(ASK).refused(NotFound)


def test_without_consent_nobody_is_sent_a_question() -> None:
    resolved().when(ASK).refused(SurveyWithheld, purpose="survey", channel="email")


def test_a_consent_that_was_withdrawn_is_none() -> None:
    withdrawn = WithdrawConsent(customer_id="c1", purpose="survey", channel="email")
    resolved().after(CONSENT, withdrawn).when(ASK).refused(SurveyWithheld)


def test_consent_to_marketing_is_none_to_surveys() -> None:
    other = GiveConsent(customer_id="c1", purpose="marketing", channel="email", text_version="1")
    resolved().after(other).when(ASK).refused(SurveyWithheld)


def test_a_merchant_may_take_the_question_about_a_case_for_a_part_of_the_service() -> None:
    resolved(csat_needs_consent=False).when(ASK).only(SurveySent)


def test_without_a_plan_nobody_is_asked() -> None:
    resolved(csat=False).after(CONSENT).when(ASK).refused(SurveyWithheld)


def test_whom_no_mail_reaches_nobody_asks() -> None:
    silent = ("customer-c1", CustomerRegistered(customer_id="c1"))
    facts = (plan(csat=True), ("complaint-q1", OPENED), RESOLVED)
    given(silent, *facts).after(CONSENT).when(ASK).refused(SurveyWithheld, channel="email")


def test_a_question_that_is_handed_over_needs_neither_plan_nor_consent() -> None:
    command = AskAboutResolution(case_id="q1", handed_over=True)
    assert resolved(csat=False).when(command).only(SurveySent).handed_over


def test_a_case_of_nobody_is_asked_about_by_hand_alone() -> None:
    nobody = ("complaint-q1", CaseOpened(case_id="q1", kind=CaseKind.COMPLAINT, category="x", text=TEXT))
    shop = given(plan(csat=True), nobody, RESOLVED)
    shop.when(ASK).refused(SurveyWithheld)
    shop.when(AskAboutResolution(case_id="q1", handed_over=True)).only(SurveySent)


def test_whoever_was_forgotten_is_not_asked() -> None:
    resolved(GONE).when(ASK).refused(Erased)
    resolved(GONE).when(AskAboutResolution(case_id="q1", handed_over=True)).refused(Erased)


def test_a_customer_is_asked_about_the_shop_once_a_period() -> None:
    shop = given(CUSTOMER, plan(nps=Period.MONTH)).after(CONSENT)
    sent = shop.when(RECOMMEND, JANUARY).only(SurveySent)
    assert (sent.survey_id, sent.period) == (id_of_nps("c1", "2026-01"), "2026-01")
    given(*shop.facts, (f"survey-{sent.survey_id}", sent)).when(RECOMMEND, JANUARY).then()


def test_who_was_asked_under_another_record_of_theirs_is_not_asked_again() -> None:
    other = ("customer-c2", CustomerRegistered(customer_id="c2"))
    before = SurveySent(
        survey_id=id_of_nps("c2", "2026-01"),
        kind=SurveyKind.NPS,
        expires_at=datetime(2026, 3, 1, tzinfo=UTC),
        customer_id="c2",
        period="2026-01",
    )
    shop = given(CUSTOMER, other, (f"survey-{before.survey_id}", before), plan(nps=Period.MONTH))
    shop.after(CONSENT).when(RECOMMEND, JANUARY).only(SurveySent)
    asked = given(*shop.after(CONSENT).facts, *merged()).when(RECOMMEND, JANUARY)
    asked.then()
    assert asked.answer.survey_id == before.survey_id


def test_a_period_that_is_over_is_not_asked_about() -> None:
    """Whatever the job that asks was told: it may run late."""
    planned = plan(nps=Period.MONTH, time_zone="Asia/Shanghai")
    given(CUSTOMER, planned).after(CONSENT).when(RECOMMEND, JANUARY).refused(SurveyWithheld, period="2026-01")


def test_nobody_is_asked_about_the_shop_without_consent_whatever_the_plan() -> None:
    planned = plan(nps=Period.MONTH, csat_needs_consent=False)
    given(CUSTOMER, planned).when(RECOMMEND, JANUARY).refused(SurveyWithheld)


def test_without_a_period_nobody_is_asked_about_the_shop() -> None:
    given(CUSTOMER).after(CONSENT).when(RECOMMEND, JANUARY).refused(SurveyWithheld)


@pytest.mark.parametrize(
    ("period", "name"),
    [
        (Period.MONTH, "2026-07"),
        (Period.QUARTER, "2026-Q3"),
        (Period.HALF_YEAR, "2026-H2"),
        (Period.YEAR, "2026"),
    ],
)
def test_a_period_has_a_name(period: Period, name: str) -> None:
    assert period.of(datetime(2026, 7, 1, tzinfo=UTC).date()) == name
