"""Examples of cases and of what service promises, for tests/domain/examples.py."""

from datetime import UTC, date, datetime

from domain.kernel.allowance import Allowance
from domain.kernel.event import Event
from domain.kernel.sealed import Sealed
from domain.service.answers import AnswerRetired, AnswerSet, CannedText
from domain.service.calendar import Calendar, Hours, SpecialDay
from domain.service.case import (
    AnswerUsed,
    CaseAssigned,
    CaseCommented,
    CaseEscalated,
    CaseKind,
    CaseOpened,
    CasePaused,
    CasePrioritised,
    CaseReferred,
    CaseReopened,
    CaseResolved,
    CaseResponded,
    CaseResumed,
    Channel,
    ReferralReported,
    ResolutionJudged,
)
from domain.service.compensation import CaseCompensated
from domain.service.contact import ServiceContactSet
from domain.service.desk import Desk, EscalationLevel, SkillNeeded
from domain.service.kinds import ClockKind
from domain.service.survey import SurveyAnswered, SurveyKind, SurveySent
from domain.service.survey_plan import Period, SurveyPlan, SurveyPlanSet
from domain.service.terms import (
    EVERY_STORE,
    Goals,
    Priority,
    PriorityGoals,
    ServiceTerms,
    ServiceTermsSet,
    TermsUsed,
)


def _text(place: str) -> Sealed:
    return Sealed(key_id="key-1", subject="customer-c1", place=place, box="bm9uY2UrYm94")


_MORNING, _AFTERNOON = Hours(from_min=540, until_min=720), Hours(from_min=780, until_min=1080)
_WEEK = ((_MORNING, _AFTERNOON),) * 5 + ((_MORNING,), ())
_HOLIDAY = SpecialDay(day=date(2026, 10, 1))
_UNTIL = datetime(2026, 12, 31, tzinfo=UTC)
_SHORT_DAY = SpecialDay(day=date(2026, 12, 31), hours=(_MORNING,))

SERVICE_EXAMPLES: dict[type[Event], tuple[Event, ...]] = {
    CaseOpened: (
        CaseOpened(
            case_id="q1",
            kind=CaseKind.COMPLAINT,
            category="quality",
            text=_text("case.opened.v1/text"),
            customer_id="c1",
            store_id="s1",
            sale_id="x1",
            sku="apple",
        ),
        CaseOpened(
            case_id="q1", kind=CaseKind.COMPLAINT, category="quality", text=_text("case.opened.v1/text")
        ),
        CaseOpened(
            case_id="q1",
            kind=CaseKind.COMPLAINT,
            category="quality",
            text=_text("case.opened.v1/text"),
            priority=Priority.HIGH,
            terms=TermsUsed(store_id="s1", version=2),
        ),
        CaseOpened(
            case_id="q2",
            kind=CaseKind.AFTER_SALES,
            category="repair",
            text=_text("case.opened.v1/text"),
            sku="apple",
            channel=Channel.PHONE,
            lot="l1",
            supplier_id="orchard",
            about_employee_id="e1",
        ),
    ),
    CaseAssigned: (CaseAssigned(case_id="q1", employee_id="e1"),),
    CaseCommented: (
        CaseCommented(case_id="q1", text=_text("case.commented.v1/text"), employee_id="e1"),
        CaseCommented(case_id="q1", text=_text("case.commented.v1/text")),
    ),
    CaseResolved: (
        CaseResolved(case_id="q1", text=_text("case.resolved.v1/text"), employee_id="e1"),
        CaseResolved(case_id="q1", text=_text("case.resolved.v1/text")),
    ),
    CaseReopened: (
        CaseReopened(case_id="q1", text=_text("case.reopened.v1/text"), employee_id="e1"),
        CaseReopened(case_id="q1", text=_text("case.reopened.v1/text")),
    ),
    CasePrioritised: (CasePrioritised(case_id="q1", priority=Priority.URGENT),),
    CaseResponded: (
        CaseResponded(case_id="q1", text=_text("case.responded.v1/text"), employee_id="e1"),
        CaseResponded(case_id="q1", text=_text("case.responded.v1/text")),
        CaseResponded(
            case_id="q1",
            text=_text("case.responded.v1/text"),
            answer=AnswerUsed(answer_id="sorry", version=2),
        ),
    ),
    CasePaused: (CasePaused(case_id="q1", reason="photo"),),
    CaseResumed: (CaseResumed(case_id="q1"),),
    CaseReferred: (CaseReferred(case_id="q1", to="head office"),),
    ReferralReported: (
        ReferralReported(case_id="q1", outcome="closed with explanation", in_time=True),
        ReferralReported(case_id="q1", outcome="in progress"),
    ),
    ResolutionJudged: (ResolutionJudged(case_id="q1", accepted=False),),
    CaseEscalated: (
        CaseEscalated(
            case_id="q1",
            clock=ClockKind.SOLUTION,
            number=1,
            level=2,
            percent=100,
            passed_at=datetime(2026, 11, 2, 9, tzinfo=UTC),
            employee_id="e1",
        ),
        CaseEscalated(
            case_id="q1",
            clock=ClockKind.FIRST_RESPONSE,
            number=2,
            level=1,
            percent=50,
            passed_at=datetime(2026, 11, 2, 9, tzinfo=UTC),
        ),
    ),
    AnswerSet: (
        AnswerSet(
            answer_id="sorry",
            version=2,
            answer=CannedText(
                language="en", text="Dear {customer_name}, we are sorry.", kind=CaseKind.COMPLAINT
            ),
        ),
        AnswerSet(answer_id="sorry", version=1, answer=CannedText(language="zh-CN", text="抱歉")),
    ),
    AnswerRetired: (AnswerRetired(answer_id="sorry"),),
    ServiceContactSet: (
        ServiceContactSet(
            employee_id="e1",
            email=Sealed(
                key_id="key-1",
                subject="employee-e1",
                place="service.contact_set.v1/email",
                box="bm9uY2UrYm94",
            ),
        ),
        ServiceContactSet(employee_id="e1"),
    ),
    ServiceTermsSet: (
        ServiceTermsSet(
            store_id="s1",
            terms=ServiceTerms(
                calendar=Calendar(time_zone="Asia/Shanghai", weekly=_WEEK, special=(_HOLIDAY, _SHORT_DAY)),
                goals=(
                    PriorityGoals(
                        priority=Priority.NORMAL,
                        goals=Goals(first_response_min=60, update_min=480, solution_min=1_440),
                    ),
                    PriorityGoals(priority=Priority.LOW, goals=Goals()),
                ),
            ),
        ),
        ServiceTermsSet(
            store_id=EVERY_STORE,
            terms=ServiceTerms(calendar=Calendar(time_zone="UTC", weekly=((),) * 7)),
        ),
        ServiceTermsSet(
            store_id=EVERY_STORE,
            terms=ServiceTerms(calendar=Calendar(time_zone="UTC", weekly=((),) * 7)),
            desk=Desk(
                escalations=(
                    EscalationLevel(percent=50),
                    EscalationLevel(percent=150, employee_id="e1", reassigns=True),
                ),
            ),
        ),
        ServiceTermsSet(
            store_id="s1",
            terms=ServiceTerms(calendar=Calendar(time_zone="UTC", weekly=((),) * 7)),
            desk=Desk(
                assigns=True,
                skills=(
                    SkillNeeded(skill="phone", channel=Channel.PHONE),
                    SkillNeeded(skill="repairs", kind=CaseKind.AFTER_SALES, category="repair"),
                ),
            ),
        ),
    ),
    SurveyPlanSet: (
        SurveyPlanSet(plan=SurveyPlan()),
        SurveyPlanSet(
            plan=SurveyPlan(
                csat=True,
                csat_needs_consent=False,
                nps=Period.QUARTER,
                time_zone="Asia/Shanghai",
                answer_days=14,
            )
        ),
    ),
    SurveySent: (
        SurveySent(
            survey_id="v1",
            kind=SurveyKind.CSAT,
            expires_at=_UNTIL,
            customer_id="c1",
            case_id="q1",
            resolution=2,
            employee_id="e1",
            store_id="s1",
        ),
        SurveySent(survey_id="v2", kind=SurveyKind.NPS, expires_at=_UNTIL),
        SurveySent(
            survey_id="v2", kind=SurveyKind.NPS, expires_at=_UNTIL, customer_id="c1", period="2026-Q4"
        ),
        SurveySent(
            survey_id="v3",
            kind=SurveyKind.CSAT,
            expires_at=_UNTIL,
            case_id="q1",
            resolution=1,
            handed_over=True,
        ),
    ),
    SurveyAnswered: (
        SurveyAnswered(
            survey_id="v1",
            kind=SurveyKind.CSAT,
            score=4,
            text=_text("survey.answered.v1/text"),
            customer_id="c1",
            case_id="q1",
            resolution=2,
            employee_id="e1",
            store_id="s1",
        ),
        SurveyAnswered(survey_id="v2", kind=SurveyKind.NPS, score=0),
        SurveyAnswered(survey_id="v2", kind=SurveyKind.NPS, score=10, customer_id="c1", period="2026-Q4"),
    ),
    CaseCompensated: (
        CaseCompensated(
            case_id="q1",
            resolution=2,
            currency="CNY",
            refund_minor=500,
            return_id="r1",
            credit_minor=300,
            points=100,
            points_minor=100,
            coupon_id="k1",
            coupon_minor=1000,
            again=True,
            allowance=Allowance(limit=1000, needed=1900, approval_id="a1", approved_by="person:u2"),
        ),
        CaseCompensated(case_id="q1", resolution=1, currency="CNY"),
    ),
}
