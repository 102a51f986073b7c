"""Opening a case, giving it to somebody, and settling it."""

from collections.abc import Iterable

from domain.kernel.command import Command, Decision, Done, Moment
from domain.kernel.errors import InvalidCommand
from domain.kernel.sealed import Sealed
from domain.kernel.stream import States
from domain.service.case import (
    COMPLAINT,
    CaseAssigned,
    CaseCommented,
    CaseIsOpen,
    CaseKind,
    CaseOpened,
    CasePrioritised,
    CaseReopened,
    CaseResolved,
    CaseStatus,
    Channel,
    require_unresolved,
    written,
)
from domain.service.terms import Priority, present_terms, streams_of_terms


class OpenComplaint(Command, frozen=True, kw_only=True):
    """Opens a case of any kind, about a sale, a product, a store or nothing in particular."""

    case_id: str
    category: str
    text: Sealed
    kind: CaseKind = CaseKind.COMPLAINT
    channel: Channel | None = None
    lot: str | None = None
    supplier_id: str | None = None
    about_employee_id: str | None = None
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
            "supplier": self.supplier_id,
            "employee": self.about_employee_id,
        }
        return [f"{kind}-{id_}" for kind, id_ in subjects.items() if id_ is not None]

    def decide(self, states: States, at: Moment) -> Decision:
        stream = COMPLAINT.stream(self.case_id)
        states.require_absent(stream)
        for subject in self._subjects():
            states.require_stream(subject)
        if self.customer_id is not None:
            states.require_person(f"customer-{self.customer_id}")
        if self.lot is not None and self.sku is None:
            raise InvalidCommand("A lot is one of a product: name its sku.", lot=self.lot)
        opened = CaseOpened(
            case_id=self.case_id,
            kind=self.kind,
            category=self.category,
            text=self.text,
            customer_id=self.customer_id,
            store_id=self.store_id,
            sale_id=self.sale_id,
            sku=self.sku,
            priority=self.priority,
            terms=present_terms(states, self.store_id),
            channel=self.channel,
            lot=self.lot,
            supplier_id=self.supplier_id,
            about_employee_id=self.about_employee_id,
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
