"""A case: a complaint from its opening to its resolution, and again when it is reopened.

Free text is personal: it is sealed for the customer, or for the case itself where none is known.
"""

import enum
from collections.abc import Iterable
from typing import ClassVar

import msgspec

from domain.kernel.command import Command, Decision, Done, Moment
from domain.kernel.errors import Refusal
from domain.kernel.event import Event
from domain.kernel.sealed import Sealed
from domain.kernel.stream import States, StreamKind
from domain.service.terms import Priority, TermsUsed, present_terms, streams_of_terms


class CaseKind(enum.StrEnum):
    """What sort of case it is; also the prefix of its stream."""

    COMPLAINT = "complaint"


class CaseStatus(enum.StrEnum):
    """Where a case stands."""

    OPEN = "open"
    ASSIGNED = "assigned"
    RESOLVED = "resolved"


class CaseOpened(Event, frozen=True, kw_only=True, omit_defaults=True):
    """Somebody complains. `category` is a short cause for reports, never about a person."""

    TYPE: ClassVar = "case.opened.v1"
    case_id: str
    kind: CaseKind
    category: str
    text: Sealed
    customer_id: str | None = None
    store_id: str | None = None
    sale_id: str | None = None
    sku: str | None = None
    priority: Priority = Priority.NORMAL
    terms: TermsUsed | None = None


class CasePrioritised(Event, frozen=True, kw_only=True, omit_defaults=True):
    """It is more or less urgent than before, and has the time of that priority from its opening on."""

    TYPE: ClassVar = "case.prioritised.v1"
    case_id: str
    priority: Priority


class CaseAssigned(Event, frozen=True, kw_only=True, omit_defaults=True):
    """An employee takes care of it, from now on alone."""

    TYPE: ClassVar = "case.assigned.v1"
    case_id: str
    employee_id: str


class CaseCommented(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A note in the case."""

    TYPE: ClassVar = "case.commented.v1"
    case_id: str
    text: Sealed
    employee_id: str | None = None


class CaseResponded(Event, frozen=True, kw_only=True, omit_defaults=True):
    """The customer has heard from the shop. `text` is what they were told."""

    TYPE: ClassVar = "case.responded.v1"
    case_id: str
    text: Sealed
    employee_id: str | None = None


class CasePaused(Event, frozen=True, kw_only=True, omit_defaults=True):
    """The shop waits for the customer, for a reason that is a cause and never about a person."""

    TYPE: ClassVar = "case.paused.v1"
    case_id: str
    reason: str


class CaseResumed(Event, frozen=True, kw_only=True, omit_defaults=True):
    """What the shop waited for has come, or it waits no longer."""

    TYPE: ClassVar = "case.resumed.v1"
    case_id: str


class CaseResolved(Event, frozen=True, kw_only=True, omit_defaults=True):
    """It is settled. `employee_id` is who it was assigned to: the resolution counts for them."""

    TYPE: ClassVar = "case.resolved.v1"
    case_id: str
    text: Sealed
    employee_id: str | None = None


class CaseReopened(Event, frozen=True, kw_only=True, omit_defaults=True):
    """It was not settled after all."""

    TYPE: ClassVar = "case.reopened.v1"
    case_id: str
    text: Sealed
    employee_id: str | None = None


Told = CaseOpened | CaseCommented | CaseResponded | CaseResolved | CaseReopened
"""What adds a text to the case."""


class CaseNote(msgspec.Struct, frozen=True, kw_only=True):
    """One sealed text of the case, oldest first, and in which capacity it was written."""

    role: str
    text: Sealed
    employee_id: str | None = None


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """A case as decisions and its page see it. `waits`: for the customer, so that its clocks stand still."""

    opened: CaseOpened | None = None
    status: CaseStatus = CaseStatus.OPEN
    priority: Priority = Priority.NORMAL
    employee_id: str | None = None
    reopenings: int = 0
    waits: bool = False
    notes: tuple[CaseNote, ...] = ()


def evolve(state: Case, event: Event) -> Case:
    """The case after `event`."""
    replace = msgspec.structs.replace
    match event:
        case CaseOpened():
            note = CaseNote(role="opening", text=event.text)
            return Case(opened=event, priority=event.priority, notes=(note,))
        case CasePrioritised():
            return replace(state, priority=event.priority)
        case CaseAssigned():
            return replace(state, status=CaseStatus.ASSIGNED, employee_id=event.employee_id)
        case CaseCommented():
            note = CaseNote(role="comment", text=event.text, employee_id=event.employee_id)
            return replace(state, notes=(*state.notes, note))
        case CaseResponded():
            note = CaseNote(role="response", text=event.text, employee_id=event.employee_id)
            return replace(state, notes=(*state.notes, note))
        case CasePaused():
            return replace(state, waits=True)
        case CaseResumed():
            return replace(state, waits=False)
        case CaseResolved():
            note = CaseNote(role="resolution", text=event.text, employee_id=event.employee_id)
            return replace(state, status=CaseStatus.RESOLVED, waits=False, notes=(*state.notes, note))
        case CaseReopened():
            note = CaseNote(role="reopening", text=event.text, employee_id=event.employee_id)
            return replace(
                state,
                status=CaseStatus.ASSIGNED if state.employee_id else CaseStatus.OPEN,
                reopenings=state.reopenings + 1,
                notes=(*state.notes, note),
            )
        case _:
            return state


COMPLAINT = StreamKind("complaint", Case(), evolve)


class CaseIsResolved(Refusal):
    """The case is settled; reopen it first."""

    code = "case_resolved"


class CaseIsOpen(Refusal):
    """The case is not settled, so there is nothing to reopen."""

    code = "case_open"


class OpenComplaint(Command, frozen=True, kw_only=True):
    """Opens a complaint, about a sale, a product, a store or nothing in particular."""

    case_id: str
    category: str
    text: Sealed
    customer_id: str | None = None
    store_id: str | None = None
    sale_id: str | None = None
    sku: str | None = None
    priority: Priority = Priority.NORMAL

    def streams(self) -> Iterable[str]:
        return (COMPLAINT.stream(self.case_id), *self._subjects(), *streams_of_terms(self.store_id))

    def _subjects(self) -> Iterable[str]:
        subjects = {
            "customer": self.customer_id,
            "store": self.store_id,
            "sale": self.sale_id,
            "product": self.sku,
        }
        return [f"{kind}-{id_}" for kind, id_ in subjects.items() if id_ is not None]

    def decide(self, states: States, at: Moment) -> Decision:
        stream = COMPLAINT.stream(self.case_id)
        states.require_absent(stream)
        for subject in self._subjects():
            states.require_stream(subject)
        if self.customer_id is not None:
            states.require_person(f"customer-{self.customer_id}")
        opened = CaseOpened(
            case_id=self.case_id,
            kind=CaseKind.COMPLAINT,
            category=self.category,
            text=self.text,
            customer_id=self.customer_id,
            store_id=self.store_id,
            sale_id=self.sale_id,
            sku=self.sku,
            priority=self.priority,
            terms=present_terms(states, self.store_id),
        )
        return Decision(events=((stream, opened),), result=Done(id=self.case_id))


class AssignComplaint(Command, frozen=True, kw_only=True):
    """Gives the complaint to an employee. Giving it to whoever has it changes nothing."""

    case_id: str
    employee_id: str

    def streams(self) -> Iterable[str]:
        return (COMPLAINT.stream(self.case_id), f"employee-{self.employee_id}")

    def decide(self, states: States, at: Moment) -> Decision:
        case = require_unresolved(states, self.case_id)
        states.require_person(f"employee-{self.employee_id}")
        if case.employee_id == self.employee_id:
            return Decision(events=(), result=Done(id=self.case_id))
        return written(self.case_id, CaseAssigned(case_id=self.case_id, employee_id=self.employee_id))


class PrioritiseComplaint(Command, frozen=True, kw_only=True):
    """Sets how urgent the complaint is. What it is already changes nothing."""

    case_id: str
    priority: Priority

    def streams(self) -> Iterable[str]:
        return (COMPLAINT.stream(self.case_id),)

    def decide(self, states: States, at: Moment) -> Decision:
        case = require_unresolved(states, self.case_id)
        if case.priority is self.priority:
            return Decision(events=(), result=Done(id=self.case_id))
        return written(self.case_id, CasePrioritised(case_id=self.case_id, priority=self.priority))


class CommentComplaint(Command, frozen=True, kw_only=True):
    """Adds a note, also to a resolved complaint."""

    case_id: str
    text: Sealed
    employee_id: str | None = None

    def streams(self) -> Iterable[str]:
        employee = () if self.employee_id is None else (f"employee-{self.employee_id}",)
        return (COMPLAINT.stream(self.case_id), *employee)

    def decide(self, states: States, at: Moment) -> Decision:
        states.require(COMPLAINT, self.case_id)
        if self.employee_id is not None:
            states.require_person(f"employee-{self.employee_id}")
        return written(
            self.case_id,
            CaseCommented(case_id=self.case_id, text=self.text, employee_id=self.employee_id),
        )


class ResolveComplaint(Command, frozen=True, kw_only=True):
    """Settles the complaint; it counts for whoever it is assigned to."""

    case_id: str
    text: Sealed

    def streams(self) -> Iterable[str]:
        return (COMPLAINT.stream(self.case_id),)

    def decide(self, states: States, at: Moment) -> Decision:
        case = require_unresolved(states, self.case_id)
        resolved = CaseResolved(case_id=self.case_id, text=self.text, employee_id=case.employee_id)
        return written(self.case_id, resolved)


class ReopenComplaint(Command, frozen=True, kw_only=True):
    """Takes a resolved complaint up again, with whoever had it."""

    case_id: str
    text: Sealed

    def streams(self) -> Iterable[str]:
        return (COMPLAINT.stream(self.case_id),)

    def decide(self, states: States, at: Moment) -> Decision:
        case = states.require(COMPLAINT, self.case_id)
        if case.status is not CaseStatus.RESOLVED:
            raise CaseIsOpen("The complaint is not resolved: comment on it instead.", status=case.status)
        reopened = CaseReopened(case_id=self.case_id, text=self.text, employee_id=case.employee_id)
        return written(self.case_id, reopened)


def require_unresolved(states: States, case_id: str) -> Case:
    """The case, or CaseIsResolved."""
    case = states.require(COMPLAINT, case_id)
    if case.status is CaseStatus.RESOLVED:
        raise CaseIsResolved("The complaint is resolved: reopen it first.", status=case.status)
    return case


def written(case_id: str, event: Event) -> Decision:
    """The decision that this happened to the case."""
    return Decision(events=((COMPLAINT.stream(case_id), event),), result=Done(id=case_id))
