"""Complaints, and what service promises."""

from domain.service.answers import AnswerRetired, AnswerSet
from domain.service.case import (
    CaseAssigned,
    CaseCommented,
    CaseEscalated,
    CaseOpened,
    CasePaused,
    CasePrioritised,
    CaseReferred,
    CaseReopened,
    CaseResolved,
    CaseResponded,
    CaseResumed,
    ReferralReported,
    ResolutionJudged,
)
from domain.service.compensation import CaseCompensated
from domain.service.contact import ServiceContactSet
from domain.service.desk import Desk
from domain.service.survey import SurveyAnswered, SurveySent
from domain.service.survey_plan import SurveyPlanSet
from domain.service.terms import EVERY_STORE, ServiceTermsSet
from workers.audit_words.telling import money, words


@words(CaseOpened)
def _(event: CaseOpened) -> str:
    about = [
        f"{thing} {id_}"
        for thing, id_ in (
            ("customer", event.customer_id),
            ("store", event.store_id),
            ("sale", event.sale_id),
        )
        if id_
    ]
    return f"opened, {event.category}" + (f", about {', '.join(about)}" if about else "")


@words(CaseAssigned)
def _(event: CaseAssigned) -> str:
    return f"given to employee {event.employee_id}"


@words(CaseCommented)
def _(event: CaseCommented) -> str:
    return f"commented{f' by employee {event.employee_id}' if event.employee_id else ''}"


@words(CaseResolved)
def _(event: CaseResolved) -> str:
    return f"resolved{f' by employee {event.employee_id}' if event.employee_id else ''}"


@words(CaseReopened)
def _(event: CaseReopened) -> str:
    return f"taken up again{f', employee {event.employee_id}' if event.employee_id else ''}"


@words(CasePrioritised)
def _(event: CasePrioritised) -> str:
    return f"is of {event.priority} priority now"


@words(CaseResponded)
def _(event: CaseResponded) -> str:
    return f"the customer was answered{f' by employee {event.employee_id}' if event.employee_id else ''}"


@words(CasePaused)
def _(event: CasePaused) -> str:
    return f"waits for the customer: {event.reason}"


@words(CaseResumed)
def _(event: CaseResumed) -> str:
    return "waits no longer"


@words(CaseReferred)
def _(event: CaseReferred) -> str:
    return f"passed on to: {event.to}"


@words(ReferralReported)
def _(event: ReferralReported) -> str:
    when = {None: "", True: ", in time", False: ", late"}[event.in_time]
    return f"their answer: {event.outcome}{when}"


@words(ResolutionJudged)
def _(event: ResolutionJudged) -> str:
    return f"the customer {'accepts' if event.accepted else 'disputes'} the resolution"


@words(CaseEscalated)
def _(event: CaseEscalated) -> str:
    clock = f"the {event.clock} clock ({event.number})"
    to = f"employee {event.employee_id}" if event.employee_id else "the staff"
    return f"{clock} has used {event.percent} % of its time: {to} told, level {event.level}"


@words(ServiceContactSet)
def _(event: ServiceContactSet) -> str:
    return "escalations go to an address" if event.email else "escalations go to no address"


@words(AnswerSet)
def _(event: AnswerSet) -> str:
    whom = f" to cases of the kind {event.answer.kind}" if event.answer.kind else ""
    return f"reads differently: version {event.version}, in {event.answer.language}{whom}"


@words(AnswerRetired)
def _(event: AnswerRetired) -> str:
    return "is not offered any more"


@words(ServiceTermsSet)
def _(event: ServiceTermsSet) -> str:
    whose = "every store" if event.store_id == EVERY_STORE else f"store {event.store_id}"
    goals = ", ".join(
        f"{one.priority} {one.goals.first_response_min or '-'}/{one.goals.update_min or '-'}"
        f"/{one.goals.solution_min or '-'} min"
        for one in event.terms.goals
    )
    runs = f"service of {whose} goes by the clock of {event.terms.calendar.time_zone}"
    return f"{runs}; {goals or 'no limits'}{_desk(event.desk)}"


def _desk(desk: Desk | None) -> str:
    levels = ", ".join(
        f"at {level.percent} % {f'employee {level.employee_id}' if level.employee_id else 'the staff'}"
        for level in (desk or Desk()).escalations
    )
    given = "; gives cases to crews" if desk and desk.assigns else ""
    return f"{given}; escalates {levels}" if levels else given


@words(SurveyPlanSet)
def _(event: SurveyPlanSet) -> str:
    plan = event.plan
    asked = [
        *(["each resolution"] if plan.csat else []),
        *([f"the shop each {plan.nps}"] if plan.nps else []),
    ]
    return f"customers are asked about {' and '.join(asked) or 'nothing'}, for {plan.answer_days} days"


@words(SurveySent)
def _(event: SurveySent) -> str:
    return f"customer {event.customer_id or 'unknown'} is asked about {_asked_about(event)}"


@words(SurveyAnswered)
def _(event: SurveyAnswered) -> str:
    return f"{event.kind} {event.score} for {_asked_about(event)}"


def _asked_about(event: SurveySent | SurveyAnswered) -> str:
    if event.case_id is not None:
        return f"case {event.case_id}"
    return "the shop" if event.period is None else f"the shop in {event.period}"


@words(CaseCompensated)
def _(event: CaseCompensated) -> str:
    parts = {
        "paid back": event.refund_minor,
        "credit": event.credit_minor,
        f"{event.points} points": event.points_minor,
        "a coupon": event.coupon_minor,
    }
    told = ", ".join(f"{what} {money(minor, event.currency)}" for what, minor in parts.items() if minor)
    return f"amends: {told or 'nothing'}{' again' if event.again else ''}"
