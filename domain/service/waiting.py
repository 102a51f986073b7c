"""Answering the customer of a case, and waiting for theirs: what its clocks run by."""

from collections.abc import Iterable

from domain.kernel.command import Command, Decision, Done, Moment
from domain.kernel.sealed import Sealed
from domain.kernel.stream import States
from domain.service.answers import ANSWER, require_text
from domain.service.case import (
    COMPLAINT,
    AnswerUsed,
    CasePaused,
    CaseResponded,
    CaseResumed,
    require_unresolved,
    written,
)


class RespondToCustomer(Command, frozen=True, kw_only=True):
    """Tells the customer something: the first answer to an opening or reopening, or news of it."""

    case_id: str
    text: Sealed
    employee_id: str | None = None
    answer: AnswerUsed | None = None

    def streams(self) -> Iterable[str]:
        employee = () if self.employee_id is None else (f"employee-{self.employee_id}",)
        answer = () if self.answer is None else (ANSWER.stream(self.answer.answer_id),)
        return (COMPLAINT.stream(self.case_id), *employee, *answer)

    def decide(self, states: States, at: Moment) -> Decision:
        require_unresolved(states, self.case_id)
        if self.employee_id is not None:
            states.require_person(f"employee-{self.employee_id}")
        if (used := self.answer) is not None:
            # One that was retired since the draft was made was used all the same.
            require_text(states.require(ANSWER, used.answer_id), used.answer_id, used.version)
        responded = CaseResponded(
            case_id=self.case_id, text=self.text, employee_id=self.employee_id, answer=used
        )
        return written(self.case_id, responded)


class WaitForCustomer(Command, frozen=True, kw_only=True):
    """The clocks stand still until the customer has answered. Waiting already changes nothing."""

    case_id: str
    reason: str

    def streams(self) -> Iterable[str]:
        return (COMPLAINT.stream(self.case_id),)

    def decide(self, states: States, at: Moment) -> Decision:
        if require_unresolved(states, self.case_id).waits:
            return Decision(events=(), result=Done(id=self.case_id))
        return written(self.case_id, CasePaused(case_id=self.case_id, reason=self.reason))


class WaitNoLonger(Command, frozen=True, kw_only=True):
    """The clocks go on. One that doesn't wait changes nothing."""

    case_id: str

    def streams(self) -> Iterable[str]:
        return (COMPLAINT.stream(self.case_id),)

    def decide(self, states: States, at: Moment) -> Decision:
        if not require_unresolved(states, self.case_id).waits:
            return Decision(events=(), result=Done(id=self.case_id))
        return written(self.case_id, CaseResumed(case_id=self.case_id))
