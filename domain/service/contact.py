"""Where an employee hears of cases that are escalated to them: an address that is sealed for them."""

from collections.abc import Iterable
from typing import ClassVar

import msgspec

from domain.kernel.command import Command, Decision, Done, Moment
from domain.kernel.event import Event
from domain.kernel.sealed import Sealed
from domain.kernel.stream import States, StreamKind


class ServiceContactSet(Event, frozen=True, kw_only=True, omit_defaults=True):
    """Escalations to the employee go to this address; None: they are in the inbox alone."""

    TYPE: ClassVar = "service.contact_set.v1"
    employee_id: str
    email: Sealed | None = None


class ServiceContact(msgspec.Struct, frozen=True, kw_only=True):
    """How the employee is reached."""

    email: Sealed | None = None


def evolve(state: ServiceContact, event: Event) -> ServiceContact:
    """The contact after `event`."""
    return ServiceContact(email=event.email) if isinstance(event, ServiceContactSet) else state


SERVICE_CONTACT = StreamKind("servicecontact", ServiceContact(), evolve)


class SetServiceContact(Command, frozen=True, kw_only=True):
    """Sets or ends the address. Ending what is not there changes nothing."""

    employee_id: str
    email: Sealed | None = None

    def streams(self) -> Iterable[str]:
        return (SERVICE_CONTACT.stream(self.employee_id), f"employee-{self.employee_id}")

    def decide(self, states: States, at: Moment) -> Decision:
        stream, employee = self.streams()
        if self.email is None:
            states.require_stream(employee)
        else:
            states.require_person(employee)
        before = states.of(SERVICE_CONTACT, self.employee_id)
        fact = ServiceContactSet(employee_id=self.employee_id, email=self.email)
        events = () if before.email is None and self.email is None else ((stream, fact),)
        return Decision(events=events, result=Done(id=self.employee_id))
