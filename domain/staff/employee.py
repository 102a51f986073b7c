"""An employee: whose sales and complaints count for whom. The name is personal and sealed."""

from typing import ClassVar

import msgspec

from domain.kernel.command import Command, Decision, Done, Moment
from domain.kernel.errors import Erased
from domain.kernel.event import Event
from domain.kernel.sealed import Sealed
from domain.kernel.stream import States, StreamKind


class EmployeeHired(Event, frozen=True, kw_only=True, omit_defaults=True):
    """Somebody works at a store."""

    TYPE: ClassVar = "employee.hired.v1"
    employee_id: str
    store_id: str
    name: Sealed


class EmployeeChanged(Event, frozen=True, kw_only=True, omit_defaults=True):
    """The named details are new; the others stay."""

    TYPE: ClassVar = "employee.changed.v1"
    employee_id: str
    store_id: str | None = None
    name: Sealed | None = None


class EmployeeHeld(Event, frozen=True, kw_only=True, omit_defaults=True):
    """The employee may not be forgotten, for a reason that is a cause and never about a person."""

    TYPE: ClassVar = "employee.held.v1"
    employee_id: str
    reason: str


class EmployeeReleased(Event, frozen=True, kw_only=True, omit_defaults=True):
    """That reason holds no more."""

    TYPE: ClassVar = "employee.released.v1"
    employee_id: str
    reason: str


class EmployeeErased(Event, frozen=True, kw_only=True, omit_defaults=True):
    """The person is forgotten: the key of the name is destroyed. What counted for them stays, as numbers."""

    TYPE: ClassVar = "employee.erased.v1"
    employee_id: str
    reason: str


class Employee(msgspec.Struct, frozen=True, kw_only=True):
    """An employee as decisions see them."""

    employee_id: str = ""
    store_id: str = ""
    name: Sealed | None = None
    holds: tuple[str, ...] = ()
    erased: bool = False


def evolve(state: Employee, event: Event) -> Employee:
    """The employee after `event`."""
    match event:
        case EmployeeHired():
            return Employee(employee_id=event.employee_id, store_id=event.store_id, name=event.name)
        case EmployeeChanged():
            return msgspec.structs.replace(
                state,
                store_id=state.store_id if event.store_id is None else event.store_id,
                name=state.name if event.name is None else event.name,
            )
        case EmployeeHeld():
            return msgspec.structs.replace(state, holds=(*state.holds, event.reason))
        case EmployeeReleased():
            holds = tuple(reason for reason in state.holds if reason != event.reason)
            return msgspec.structs.replace(state, holds=holds)
        case EmployeeErased():
            return Employee(employee_id=event.employee_id, store_id=state.store_id, erased=True)
        case _:
            return state


EMPLOYEE = StreamKind("employee", Employee(), evolve)


def _store(store_id: str) -> str:
    return f"store-{store_id}"


def unless_erased(employee: Employee) -> Employee:
    """The employee, or Erased."""
    if employee.erased:
        id_ = employee.employee_id
        raise Erased(f"The employee {id_!r} was erased.", kind="employee", id=id_)
    return employee


class HireEmployee(Command, frozen=True, kw_only=True):
    """Puts an employee on the books of an existing store."""

    employee_id: str
    store_id: str
    name: Sealed

    def streams(self) -> tuple[str, ...]:
        return (EMPLOYEE.stream(self.employee_id), _store(self.store_id))

    def decide(self, states: States, at: Moment) -> Decision:
        stream = EMPLOYEE.stream(self.employee_id)
        states.require_absent(stream)
        states.require_stream(_store(self.store_id))
        hired = EmployeeHired(employee_id=self.employee_id, store_id=self.store_id, name=self.name)
        return Decision(events=((stream, hired),), result=Done(id=self.employee_id))


class ChangeEmployee(Command, frozen=True, kw_only=True):
    """Changes the given details."""

    employee_id: str
    store_id: str | None = None
    name: Sealed | None = None
    expected_version: int | None = None

    def streams(self) -> tuple[str, ...]:
        store = () if self.store_id is None else (_store(self.store_id),)
        return (EMPLOYEE.stream(self.employee_id), *store)

    def decide(self, states: States, at: Moment) -> Decision:
        stream = EMPLOYEE.stream(self.employee_id)
        employee = unless_erased(states.require(EMPLOYEE, self.employee_id))
        states.require_version(stream, self.expected_version)
        if self.store_id is not None:
            states.require_stream(_store(self.store_id))
        changed = EmployeeChanged(employee_id=self.employee_id, store_id=self.store_id, name=self.name)
        events = ((stream, changed),) if evolve(employee, changed) != employee else ()
        return Decision(events=events, result=Done(id=self.employee_id))


class EraseEmployee(Command, frozen=True, kw_only=True):
    """Decides that an employee is forgotten. Again, it changes nothing."""

    employee_id: str
    reason: str

    def streams(self) -> tuple[str, ...]:
        return (EMPLOYEE.stream(self.employee_id),)

    def decide(self, states: States, at: Moment) -> Decision:
        stream = EMPLOYEE.stream(self.employee_id)
        if states.require(EMPLOYEE, self.employee_id).erased:
            return Decision(events=(), result=Done(id=self.employee_id))
        states.require_free(stream)
        event = EmployeeErased(employee_id=self.employee_id, reason=self.reason)
        return Decision(events=((stream, event),), result=Done(id=self.employee_id))
