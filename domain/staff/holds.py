"""Legal holds of employees: while there is one, nobody forgets them."""

from domain.kernel.command import Command, Decision, Done, Moment
from domain.kernel.errors import HoldUnknown
from domain.kernel.stream import States
from domain.staff.employee import EMPLOYEE, EmployeeHeld, EmployeeReleased, unless_erased


class HoldEmployee(Command, frozen=True, kw_only=True):
    """Forbids that the employee is forgotten, for a reason. The same reason again changes nothing."""

    employee_id: str
    reason: str

    def streams(self) -> tuple[str, ...]:
        return (EMPLOYEE.stream(self.employee_id),)

    def decide(self, states: States, at: Moment) -> Decision:
        employee = unless_erased(states.require(EMPLOYEE, self.employee_id))
        event = EmployeeHeld(employee_id=self.employee_id, reason=self.reason)
        events = () if self.reason in employee.holds else ((EMPLOYEE.stream(self.employee_id), event),)
        return Decision(events=events, result=Done(id=self.employee_id))


class ReleaseEmployee(Command, frozen=True, kw_only=True):
    """Lifts the hold of that reason."""

    employee_id: str
    reason: str

    def streams(self) -> tuple[str, ...]:
        return (EMPLOYEE.stream(self.employee_id),)

    def decide(self, states: States, at: Moment) -> Decision:
        employee = unless_erased(states.require(EMPLOYEE, self.employee_id))
        if self.reason not in employee.holds:
            raise HoldUnknown("The employee is not held for that reason.", reason=self.reason)
        event = EmployeeReleased(employee_id=self.employee_id, reason=self.reason)
        return Decision(
            events=((EMPLOYEE.stream(self.employee_id), event),), result=Done(id=self.employee_id)
        )
