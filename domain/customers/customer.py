"""A customer: an id and sealed details. What they bought is in the sales, not here."""

from typing import ClassVar

import msgspec
from msgspec import UNSET, UnsetType

from domain.kernel.command import Command, Decision, Done, Moment
from domain.kernel.event import Event
from domain.kernel.sealed import Sealed
from domain.kernel.stream import States, StreamKind


class CustomerRegistered(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A person is known to the shops. Every detail is optional, personal and sealed."""

    TYPE: ClassVar = "customer.registered.v1"
    customer_id: str
    name: Sealed | None = None
    phone: Sealed | None = None
    email: Sealed | None = None
    birthday: Sealed | None = None


class CustomerChanged(Event, frozen=True, kw_only=True, omit_defaults=True):
    """The named details are new, null meaning removed; details not named stay."""

    TYPE: ClassVar = "customer.changed.v1"
    customer_id: str
    name: Sealed | UnsetType | None = UNSET
    phone: Sealed | UnsetType | None = UNSET
    email: Sealed | UnsetType | None = UNSET
    birthday: Sealed | UnsetType | None = UNSET


class Customer(msgspec.Struct, frozen=True, kw_only=True):
    """A customer as decisions see them: still sealed."""

    customer_id: str = ""
    name: Sealed | None = None
    phone: Sealed | None = None
    email: Sealed | None = None
    birthday: Sealed | None = None


def evolve(state: Customer, event: Event) -> Customer:
    """The customer after `event`."""
    match event:
        case CustomerRegistered():
            return Customer(
                customer_id=event.customer_id,
                name=event.name,
                phone=event.phone,
                email=event.email,
                birthday=event.birthday,
            )
        case CustomerChanged():
            return msgspec.structs.replace(
                state,
                name=state.name if event.name is UNSET else event.name,
                phone=state.phone if event.phone is UNSET else event.phone,
                email=state.email if event.email is UNSET else event.email,
                birthday=state.birthday if event.birthday is UNSET else event.birthday,
            )
        case _:
            return state


CUSTOMER = StreamKind("customer", Customer(), evolve)


class RegisterCustomer(Command, frozen=True, kw_only=True):
    """Makes a person known under an id."""

    customer_id: str
    name: Sealed | None = None
    phone: Sealed | None = None
    email: Sealed | None = None
    birthday: Sealed | None = None

    def streams(self) -> tuple[str, ...]:
        return (CUSTOMER.stream(self.customer_id),)

    def decide(self, states: States, at: Moment) -> Decision:
        stream = CUSTOMER.stream(self.customer_id)
        states.require_absent(stream)
        registered = CustomerRegistered(
            customer_id=self.customer_id,
            name=self.name,
            phone=self.phone,
            email=self.email,
            birthday=self.birthday,
        )
        return Decision(events=((stream, registered),), result=Done(id=self.customer_id))


class ChangeCustomer(Command, frozen=True, kw_only=True):
    """Sets the given details, removes those given as None, leaves those not given."""

    customer_id: str
    name: Sealed | UnsetType | None = UNSET
    phone: Sealed | UnsetType | None = UNSET
    email: Sealed | UnsetType | None = UNSET
    birthday: Sealed | UnsetType | None = UNSET
    expected_version: int | None = None

    def streams(self) -> tuple[str, ...]:
        return (CUSTOMER.stream(self.customer_id),)

    def decide(self, states: States, at: Moment) -> Decision:
        stream = CUSTOMER.stream(self.customer_id)
        customer = states.require(CUSTOMER, self.customer_id)
        states.require_version(stream, self.expected_version)
        changed = CustomerChanged(
            customer_id=self.customer_id,
            name=self.name,
            phone=self.phone,
            email=self.email,
            birthday=self.birthday,
        )
        events = ((stream, changed),) if evolve(customer, changed) != customer else ()
        return Decision(events=events, result=Done(id=self.customer_id))
