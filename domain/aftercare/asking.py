"""Asking customers: about each resolution, and once a period about the shop; with their consent, once."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import ClassVar

import msgspec

from domain.customers.customer import CUSTOMER, Customer, require_known
from domain.customers.person import consents_in_force, records_of
from domain.kernel.business_day import business_day
from domain.kernel.command import Command, Decision, Moment
from domain.kernel.errors import Refusal
from domain.kernel.person import person_streams, records
from domain.kernel.stream import States
from domain.service.case import COMPLAINT, Case, CaseIsOpen, CaseStatus
from domain.service.survey import SURVEY, SurveyKind, SurveySent, id_of_csat, id_of_nps
from domain.service.survey_plan import MAIN, SURVEY_PLAN, SurveyPlan

PURPOSE = "survey"
CHANNEL = "email"
"""The consent without which nobody is sent a question."""


class SurveyWithheld(Refusal):
    """It may not or can't be sent to the customer."""

    code = "survey_withheld"


class SurveyAsked(msgspec.Struct, frozen=True, kw_only=True):
    """The survey about what was to be asked, of now or before."""

    survey_id: str


def agrees_to_surveys(person: Sequence[Customer]) -> bool:
    """Whether the customer of these records has consented to be sent questions."""
    return any((one.purpose, one.channel) == (PURPOSE, CHANNEL) for one in consents_in_force(person))


def may_be_asked(customer: Customer) -> bool:
    """Whether the journal is worth asking, as far as one record tells: others may speak for it, or agree."""
    return customer.merged_into is None and (bool(customer.others) or agrees_to_surveys([customer]))


def require_sendable(states: States, customer_id: str, *, needs_consent: bool) -> None:
    """SurveyWithheld unless a question may be sent to the customer and there is where to."""
    customer = require_known(states, customer_id)
    if needs_consent and not agrees_to_surveys(records_of(states, customer_id)):
        raise SurveyWithheld(
            f"The customer has not consented to {PURPOSE} by {CHANNEL}.", purpose=PURPOSE, channel=CHANNEL
        )
    if customer.email is None:
        raise SurveyWithheld("There is no address to send it to.", channel=CHANNEL)


def _asked(states: States, sent: SurveySent) -> Decision:
    """The decision that it is asked; what was asked already is not asked again."""
    stream = SURVEY.stream(sent.survey_id)
    events = () if states.version(stream) else ((stream, sent),)
    return Decision(events=events, result=SurveyAsked(survey_id=sent.survey_id))


class AskAboutResolution(Command, frozen=True, kw_only=True):
    """Asks the customer of a case how content they are with its present resolution.

    By itself it is asked where the plan says so and the customer may be sent it. One that is `handed_over`
    by whoever asks needs neither plan, consent nor customer.
    """

    RESULT: ClassVar = SurveyAsked

    case_id: str
    handed_over: bool = False

    def streams(self) -> Iterable[str]:
        return (COMPLAINT.stream(self.case_id), SURVEY_PLAN.stream(MAIN))

    def linked(self, states: States) -> Iterable[str]:
        case = states.of(COMPLAINT, self.case_id)
        if case.opened is None:
            return
        yield SURVEY.stream(id_of_csat(self.case_id, _resolution(case)))
        if case.opened.customer_id is not None:
            yield CUSTOMER.stream(case.opened.customer_id)
            yield from person_streams(states, case.opened.customer_id)

    def decide(self, states: States, at: Moment) -> Decision:
        case = states.require(COMPLAINT, self.case_id)
        opened = case.opened
        assert opened is not None
        plan = states.of(SURVEY_PLAN, MAIN).plan
        if case.status is not CaseStatus.RESOLVED:
            raise CaseIsOpen(
                "The complaint is not resolved: there is nothing to ask yet.", status=case.status
            )
        if opened.customer_id is not None:
            require_known(states, opened.customer_id)
        if not self.handed_over:
            _require_planned(plan, opened.customer_id)
            assert opened.customer_id is not None
            require_sendable(states, opened.customer_id, needs_consent=plan.csat_needs_consent)
        resolution = _resolution(case)
        sent = SurveySent(
            survey_id=id_of_csat(self.case_id, resolution),
            kind=SurveyKind.CSAT,
            expires_at=_until(at, plan),
            customer_id=opened.customer_id,
            case_id=self.case_id,
            resolution=resolution,
            employee_id=case.employee_id,
            store_id=opened.store_id,
            handed_over=self.handed_over,
        )
        return _asked(states, sent)


def _resolution(case: Case) -> int:
    """The number of the present resolution: each but the first follows a reopening."""
    return case.reopenings + 1


def _until(at: Moment, plan: SurveyPlan) -> datetime:
    """To the second, as links say it."""
    return at.recorded_at.replace(microsecond=0) + timedelta(days=plan.answer_days)


def _require_planned(plan: SurveyPlan, customer_id: str | None) -> None:
    if not plan.csat:
        raise SurveyWithheld("The plan does not ask about resolutions.", kind=SurveyKind.CSAT)
    if customer_id is None:
        raise SurveyWithheld("The case names no customer.", kind=SurveyKind.CSAT)


class AskToRecommend(Command, frozen=True, kw_only=True):
    """Asks a customer whether they would recommend the shop, at most once in each period of the plan.

    Who was asked under another record of theirs was asked.
    """

    RESULT: ClassVar = SurveyAsked

    customer_id: str
    period: str
    handed_over: bool = False

    def streams(self) -> Iterable[str]:
        return (
            CUSTOMER.stream(self.customer_id),
            SURVEY_PLAN.stream(MAIN),
            SURVEY.stream(id_of_nps(self.customer_id, self.period)),
        )

    def linked(self, states: States) -> Iterable[str]:
        surveys = (SURVEY.stream(id_of_nps(id_, self.period)) for id_ in records(states, self.customer_id))
        return (*person_streams(states, self.customer_id), *surveys)

    def decide(self, states: States, at: Moment) -> Decision:
        if require_known(states, self.customer_id).merged_into is not None:
            raise SurveyWithheld("Another record speaks for the customer.", kind=SurveyKind.NPS)
        plan = states.of(SURVEY_PLAN, MAIN).plan
        if period_now(plan, at) != self.period:
            raise SurveyWithheld("The plan has no such period now.", kind=SurveyKind.NPS, period=self.period)
        for survey_id in (id_of_nps(id_, self.period) for id_ in records(states, self.customer_id)):
            if states.of(SURVEY, survey_id).sent is not None:
                return Decision(events=(), result=SurveyAsked(survey_id=survey_id))
        if not self.handed_over:
            require_sendable(states, self.customer_id, needs_consent=True)
        sent = SurveySent(
            survey_id=id_of_nps(self.customer_id, self.period),
            kind=SurveyKind.NPS,
            expires_at=_until(at, plan),
            customer_id=self.customer_id,
            period=self.period,
            handed_over=self.handed_over,
        )
        return _asked(states, sent)


def period_now(plan: SurveyPlan, at: Moment) -> str | None:
    """The period of the plan that it is, by its time zone; None where customers aren't asked."""
    if plan.nps is None:
        return None
    return plan.nps.of(business_day(at.recorded_at, plan.time_zone, 0))
