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


class CaseNote(msgspec.Struct, frozen=True, kw_only=True):
    """One sealed text of the case, oldest first, and in which capacity it was written."""

    role: str
    text: Sealed
    employee_id: str | None = None


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """A case as decisions and its page see it."""

    opened: CaseOpened | None = None
    status: CaseStatus = CaseStatus.OPEN
    employee_id: str | None = None
    reopenings: int = 0
    notes: tuple[CaseNote, ...] = ()


def evolve(state: Case, event: Event) -> Case:
    """The case after `event`."""
    replace = msgspec.structs.replace
    match event:
        case CaseOpened():
            return Case(opened=event, notes=(CaseNote(role="opening", text=event.text),))
        case CaseAssigned():
            return replace(state, status=CaseStatus.ASSIGNED, employee_id=event.employee_id)
        case CaseCommented():
            note = CaseNote(role="comment", text=event.text, employee_id=event.employee_id)
            return replace(state, notes=(*state.notes, note))
        case CaseResolved():
            note = CaseNote(role="resolution", text=event.text, employee_id=event.employee_id)
            return replace(state, status=CaseStatus.RESOLVED, notes=(*state.notes, note))
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

    def streams(self) -> Iterable[str]:
        return (COMPLAINT.stream(self.case_id), *self._subjects())

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
        )
        return Decision(events=((stream, opened),), result=Done(id=self.case_id))


class AssignComplaint(Command, frozen=True, kw_only=True):
    """Gives the complaint to an employee. Giving it to whoever has it changes nothing."""

    case_id: str
    employee_id: str

    def streams(self) -> Iterable[str]:
        return (COMPLAINT.stream(self.case_id), f"employee-{self.employee_id}")

    def decide(self, states: States, at: Moment) -> Decision:
        case = _require_unresolved(states, self.case_id)
        states.require_person(f"employee-{self.employee_id}")
        if case.employee_id == self.employee_id:
            return Decision(events=(), result=Done(id=self.case_id))
        return _write(self.case_id, CaseAssigned(case_id=self.case_id, employee_id=self.employee_id))


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
        return _write(
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
        case = _require_unresolved(states, self.case_id)
        resolved = CaseResolved(case_id=self.case_id, text=self.text, employee_id=case.employee_id)
        return _write(self.case_id, resolved)


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
        return _write(self.case_id, reopened)


def _require_unresolved(states: States, case_id: str) -> Case:
    case = states.require(COMPLAINT, case_id)
    if case.status is CaseStatus.RESOLVED:
        raise CaseIsResolved("The complaint is resolved: reopen it first.", status=case.status)
    return case


def _write(case_id: str, event: Event) -> Decision:
    return Decision(events=((COMPLAINT.stream(case_id), event),), result=Done(id=case_id))
