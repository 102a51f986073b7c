"""A survey: one question to one customer, and their one answer.

Of a resolution it is asked how content somebody is (CSAT); once a period, whether they would recommend the
shop (NPS). A survey's id follows from what it asks about, so there are no two about the same.
(Rule "Clocks": CSAT is per resolution; NPS per customer and period.)
"""

import enum
import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import ClassVar

import msgspec

from domain.kernel.command import Command, Decision, Done, Moment
from domain.kernel.errors import InvalidCommand, Refusal
from domain.kernel.event import Event
from domain.kernel.sealed import Sealed
from domain.kernel.stream import States, StreamKind


class SurveyKind(enum.StrEnum):
    """What is asked."""

    CSAT = "csat"
    NPS = "nps"


SCALES = {SurveyKind.CSAT: (1, 5), SurveyKind.NPS: (0, 10)}
"""The least and the most that may be answered."""


class SurveySent(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A customer is asked, and may answer until `expires_at`.

    Of a resolution (`resolution` counts those of the case, from 1) it says whose it is; one that whoever
    asks hands over themselves (`handed_over`) is sent to nobody. No customer: the case names none.
    """

    TYPE: ClassVar = "survey.sent.v1"
    survey_id: str
    kind: SurveyKind
    expires_at: datetime
    customer_id: str | None = None
    case_id: str | None = None
    resolution: int | None = None
    employee_id: str | None = None
    store_id: str | None = None
    period: str | None = None
    handed_over: bool = False


class SurveyAnswered(Event, frozen=True, kw_only=True, omit_defaults=True):
    """The answer, with what was asked about: `score` is 1 to 5 of a resolution, and 0 to 10 of the shop.

    `text` is what the customer says besides.
    """

    TYPE: ClassVar = "survey.answered.v1"
    survey_id: str
    kind: SurveyKind
    score: int
    text: Sealed | None = None
    customer_id: str | None = None
    case_id: str | None = None
    resolution: int | None = None
    employee_id: str | None = None
    store_id: str | None = None
    period: str | None = None


class Survey(msgspec.Struct, frozen=True, kw_only=True):
    """A survey as decisions and its page see it."""

    sent: SurveySent | None = None
    answered: bool = False


def evolve(state: Survey, event: Event) -> Survey:
    """The survey after `event`."""
    match event:
        case SurveySent():
            return Survey(sent=event)
        case SurveyAnswered():
            return Survey(sent=state.sent, answered=True)
        case _:
            return state


SURVEY = StreamKind("survey", Survey(), evolve)


class SurveyIsAnswered(Refusal):
    """The customer has answered, and a question is answered once."""

    code = "survey_answered"


class SurveyIsOver(Refusal):
    """The time to answer is over."""

    code = "survey_over"


def id_of_csat(case_id: str, resolution: int) -> str:
    """The id of the survey about a resolution of a case."""
    return _id("csat", case_id, str(resolution))


def id_of_nps(customer_id: str, period: str) -> str:
    """The id of the survey of a customer in a period."""
    return _id("nps", customer_id, period)


def _id(*about: str) -> str:
    # Hashed because ids are short, and what it is about may be as long as one.
    return hashlib.sha256("\0".join(about).encode()).hexdigest()[:32]


class AnswerSurvey(Command, frozen=True, kw_only=True):
    """Takes the customer's answer, once. A forgotten customer has none."""

    survey_id: str
    score: int
    text: Sealed | None = None

    def streams(self) -> Iterable[str]:
        return (SURVEY.stream(self.survey_id),)

    def linked(self, states: States) -> Iterable[str]:
        sent = states.of(SURVEY, self.survey_id).sent
        return () if sent is None or sent.customer_id is None else (f"customer-{sent.customer_id}",)

    def decide(self, states: States, at: Moment) -> Decision:
        survey = states.require(SURVEY, self.survey_id)
        sent = survey.sent
        assert sent is not None
        if sent.customer_id is not None:
            states.require_person(f"customer-{sent.customer_id}")
        least, most = SCALES[sent.kind]
        if not least <= self.score <= most:
            raise InvalidCommand(f"score is from {least} to {most}.", score=self.score)
        if survey.answered:
            raise SurveyIsAnswered("This was answered already. The first answer counts.")
        if at.recorded_at >= sent.expires_at:
            raise SurveyIsOver("The time to answer this is over.", expires_at=sent.expires_at.isoformat())
        answered = SurveyAnswered(
            survey_id=self.survey_id,
            kind=sent.kind,
            score=self.score,
            text=self.text,
            customer_id=sent.customer_id,
            case_id=sent.case_id,
            resolution=sent.resolution,
            employee_id=sent.employee_id,
            store_id=sent.store_id,
            period=sent.period,
        )
        return Decision(events=((SURVEY.stream(self.survey_id), answered),), result=Done(id=self.survey_id))
