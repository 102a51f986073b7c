"""What customers are asked and how often: data of the merchant, in versions."""

import enum
from collections.abc import Sequence
from datetime import date
from typing import ClassVar

import msgspec

from domain.kernel.business_day import is_time_zone
from domain.kernel.command import Command, Decision, Moment
from domain.kernel.errors import InvalidCommand
from domain.kernel.event import Event
from domain.kernel.stream import States, StreamKind, require_version

MAIN = "main"
MAX_ANSWER_DAYS = 366


class Period(enum.StrEnum):
    """How often a customer is asked at most whether they would recommend the shop."""

    MONTH = "month"
    QUARTER = "quarter"
    HALF_YEAR = "half_year"
    YEAR = "year"

    def of(self, day: date) -> str:
        """The name of the period that holds the day: 2026-11, 2026-Q4, 2026-H2 or 2026."""
        match self:
            case Period.MONTH:
                return f"{day.year}-{day.month:02}"
            case Period.QUARTER:
                return f"{day.year}-Q{(day.month + 2) // 3}"
            case Period.HALF_YEAR:
                return f"{day.year}-H{1 if day.month <= 6 else 2}"
            case Period.YEAR:
                return f"{day.year}"


class SurveyPlan(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is asked by itself: after each resolution (`csat`), and each `nps` period of who bought lately.

    A period is one of the clock of `time_zone`; its length in force when it is asked counts. Questions may be
    answered for `answer_days`. Nobody is sent one without their consent, but for the one about their own case
    where the merchant's law takes that for a part of the service (`csat_needs_consent` False).
    """

    csat: bool = False
    csat_needs_consent: bool = True
    nps: Period | None = None
    time_zone: str = "UTC"
    answer_days: int = 30


class SurveyPlanSet(Event, frozen=True, kw_only=True):
    """From now on customers are asked by this plan."""

    TYPE: ClassVar = "survey.plan_set.v1"
    plan: SurveyPlan


class PlanVersion(msgspec.Struct, frozen=True, kw_only=True):
    """The plan that counts, and how many there were; version 0: nobody has made one, and nobody is asked."""

    plan: SurveyPlan = SurveyPlan()
    version: int = 0


def evolve(state: PlanVersion, event: Event) -> PlanVersion:
    """The plan after `event`."""
    if isinstance(event, SurveyPlanSet):
        return PlanVersion(plan=event.plan, version=state.version + 1)
    return state


SURVEY_PLAN = StreamKind("surveyplan", PlanVersion(), evolve)


class SurveyPlanVersion(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a change: the version that counts now."""

    version: int


class SetSurveyPlan(Command, frozen=True, kw_only=True):
    """Makes the plan, or its next version."""

    RESULT: ClassVar = SurveyPlanVersion

    plan: SurveyPlan
    expected: int | None = None

    def streams(self) -> Sequence[str]:
        return (SURVEY_PLAN.stream(MAIN),)

    def decide(self, states: States, at: Moment) -> Decision:
        present = states.of(SURVEY_PLAN, MAIN)
        require_version(present.version, self.expected)
        if not is_time_zone(self.plan.time_zone):
            raise InvalidCommand("time_zone is a name such as Europe/Berlin.", time_zone=self.plan.time_zone)
        if not 0 < self.plan.answer_days <= MAX_ANSWER_DAYS:
            raise InvalidCommand(
                f"answer_days is from 1 to {MAX_ANSWER_DAYS}.", answer_days=self.plan.answer_days
            )
        if present.version and present.plan == self.plan:
            return Decision(events=(), result=SurveyPlanVersion(version=present.version))
        return Decision(
            events=((SURVEY_PLAN.stream(MAIN), SurveyPlanSet(plan=self.plan)),),
            result=SurveyPlanVersion(version=present.version + 1),
        )
