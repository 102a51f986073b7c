"""Honours: what employees are distinguished by for a month. Whoever is level shares one."""

from collections.abc import Sequence
from typing import ClassVar

import msgspec

from domain.kernel.command import Command, Decision, Done, Moment
from domain.kernel.errors import InvalidCommand
from domain.kernel.event import Event
from domain.kernel.stream import States, StreamKind
from domain.staff.employee import EMPLOYEE, unless_erased

MAX_SHARED = 50


class HonourAwarded(Event, frozen=True, kw_only=True, omit_defaults=True):
    """These share the honour. `title` is never about a person; `among` is how many were compared.

    Where `store_id` says so, it is the honour of a store.
    """

    TYPE: ClassVar = "honour.awarded.v1"
    honour_id: str
    period: str
    title: str
    employee_ids: tuple[str, ...]
    among: int
    store_id: str | None = None


class Honour(msgspec.Struct, frozen=True, kw_only=True):
    """An honour as decisions see it: whose it is."""

    employee_ids: tuple[str, ...] = ()


def evolve(state: Honour, event: Event) -> Honour:
    """The honour after `event`."""
    return Honour(employee_ids=event.employee_ids) if isinstance(event, HonourAwarded) else state


HONOUR = StreamKind("honour", Honour(), evolve)


class AwardHonour(Command, frozen=True, kw_only=True):
    """Distinguishes employees, each of the store where one is named."""

    honour_id: str
    period: str
    title: str
    employee_ids: tuple[str, ...]
    among: int
    store_id: str | None = None

    def streams(self) -> Sequence[str]:
        store = () if self.store_id is None else (f"store-{self.store_id}",)
        employees = (EMPLOYEE.stream(each) for each in dict.fromkeys(self.employee_ids))
        return (HONOUR.stream(self.honour_id), *store, *employees)

    def decide(self, states: States, at: Moment) -> Decision:
        stream = HONOUR.stream(self.honour_id)
        states.require_absent(stream)
        if self.store_id is not None:
            states.require_stream(f"store-{self.store_id}")
        named = len(self.employee_ids)
        if not 1 <= named <= MAX_SHARED or len(set(self.employee_ids)) < named:
            raise InvalidCommand(f"An honour is of 1 to {MAX_SHARED} employees, each named once.")
        if self.among < named:
            raise InvalidCommand("No more are distinguished than were compared.", among=self.among)
        for employee_id in self.employee_ids:
            employee = unless_erased(states.require(EMPLOYEE, employee_id))
            if self.store_id not in {None, employee.store_id}:
                raise InvalidCommand("The employee works in another store.", employee_id=employee_id)
        fact = HonourAwarded(
            honour_id=self.honour_id,
            period=self.period,
            title=self.title,
            employee_ids=self.employee_ids,
            among=self.among,
            store_id=self.store_id,
        )
        return Decision(events=((stream, fact),), result=Done(id=self.honour_id))
