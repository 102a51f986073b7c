"""Cases that others answer, and what the customer says of the answer."""

from collections.abc import Iterable

from domain.kernel.command import Command, Decision, Done, Moment
from domain.kernel.errors import Refusal
from domain.kernel.sealed import Sealed
from domain.kernel.stream import States
from domain.service.case import (
    COMPLAINT,
    CaseIsOpen,
    CaseReferred,
    CaseReopened,
    CaseStatus,
    ReferralReported,
    ResolutionJudged,
    require_unresolved,
    written,
)


class NotReferred(Refusal):
    """The case was passed on to nobody."""

    code = "case_not_referred"


class ReferCase(Command, frozen=True, kw_only=True):
    """Passes the case on. Its clocks go on: the customer waits for the shop all the same."""

    case_id: str
    to: str

    def streams(self) -> Iterable[str]:
        return (COMPLAINT.stream(self.case_id),)

    def decide(self, states: States, at: Moment) -> Decision:
        if require_unresolved(states, self.case_id).referred_to == self.to:
            return Decision(events=(), result=Done(id=self.case_id))
        return written(self.case_id, CaseReferred(case_id=self.case_id, to=self.to))


class ReportReferral(Command, frozen=True, kw_only=True):
    """Notes how it stands with those to whom the case was passed on."""

    case_id: str
    outcome: str
    in_time: bool | None = None

    def streams(self) -> Iterable[str]:
        return (COMPLAINT.stream(self.case_id),)

    def decide(self, states: States, at: Moment) -> Decision:
        if states.require(COMPLAINT, self.case_id).referred_to is None:
            raise NotReferred("The case was passed on to nobody: refer it first.")
        reported = ReferralReported(case_id=self.case_id, outcome=self.outcome, in_time=self.in_time)
        return written(self.case_id, reported)


class AcceptResolution(Command, frozen=True, kw_only=True):
    """The customer is content with the resolution."""

    case_id: str

    def streams(self) -> Iterable[str]:
        return (COMPLAINT.stream(self.case_id),)

    def decide(self, states: States, at: Moment) -> Decision:
        _require_resolved(states, self.case_id)
        return written(self.case_id, ResolutionJudged(case_id=self.case_id, accepted=True))


class DisputeResolution(Command, frozen=True, kw_only=True):
    """The customer is not content: the case is taken up again, with whoever had it."""

    case_id: str
    text: Sealed

    def streams(self) -> Iterable[str]:
        return (COMPLAINT.stream(self.case_id),)

    def decide(self, states: States, at: Moment) -> Decision:
        employee_id = _require_resolved(states, self.case_id)
        judged = ResolutionJudged(case_id=self.case_id, accepted=False)
        reopened = CaseReopened(case_id=self.case_id, text=self.text, employee_id=employee_id)
        stream = COMPLAINT.stream(self.case_id)
        return Decision(events=((stream, judged), (stream, reopened)), result=Done(id=self.case_id))


def _require_resolved(states: States, case_id: str) -> str | None:
    """Whose resolution it is, or CaseIsOpen."""
    case = states.require(COMPLAINT, case_id)
    if case.status is not CaseStatus.RESOLVED:
        raise CaseIsOpen("The complaint is not resolved: there is nothing to judge yet.", status=case.status)
    return case.employee_id
