"""A customer: an id and sealed details. What they bought is in the sales, not here."""

from typing import ClassVar

import msgspec
from msgspec import UNSET, UnsetType

from domain.customers.facts import (
    ADDRESS,
    PERSONAL,
    SEALED_FACTS,
    AddressRemoved,
    AddressSet,
    CustomerFieldsSet,
    CustomerProfileSet,
    Facts,
    facts_after,
    facts_without,
)
from domain.kernel.command import Command, Decision, Done, Moment
from domain.kernel.errors import Erased
from domain.kernel.event import Event
from domain.kernel.sealed import Sealed
from domain.kernel.stream import States, StreamKind

DETAILS = ("name", "phone", "email", "birthday")


class CustomerRegistered(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A person is known to the shops. Every detail is optional, personal and sealed.

    `language` is the one of two that messages to them are in, and stands in the clear.
    """

    TYPE: ClassVar = "customer.registered.v1"
    customer_id: str
    name: Sealed | None = None
    phone: Sealed | None = None
    email: Sealed | None = None
    birthday: Sealed | None = None
    language: str | None = None


class CustomerChanged(Event, frozen=True, kw_only=True, omit_defaults=True):
    """The named details are new, null meaning removed; details not named stay."""

    TYPE: ClassVar = "customer.changed.v1"
    customer_id: str
    name: Sealed | UnsetType | None = UNSET
    phone: Sealed | UnsetType | None = UNSET
    email: Sealed | UnsetType | None = UNSET
    birthday: Sealed | UnsetType | None = UNSET
    language: str | UnsetType | None = UNSET


class ConsentGiven(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A customer agreed to a purpose by a channel, in a version of the wording."""

    TYPE: ClassVar = "customer.consent_given.v1"
    customer_id: str
    purpose: str
    channel: str
    text_version: str
    proof: Sealed | None = None


class ConsentWithdrawn(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A customer took back what they agreed to."""

    TYPE: ClassVar = "customer.consent_withdrawn.v1"
    customer_id: str
    purpose: str
    channel: str
    proof: Sealed | None = None


class CustomerHeld(Event, frozen=True, kw_only=True, omit_defaults=True):
    """The customer may not be forgotten, for a reason that is a cause and never about a person."""

    TYPE: ClassVar = "customer.held.v1"
    customer_id: str
    reason: str


class CustomerReleased(Event, frozen=True, kw_only=True, omit_defaults=True):
    """That reason holds no more."""

    TYPE: ClassVar = "customer.released.v1"
    customer_id: str
    reason: str


class SegmentsSet(Event, frozen=True, kw_only=True, omit_defaults=True):
    """The customer belongs to these groups, which offers and price lists name, and to no others."""

    TYPE: ClassVar = "customer.segments_set.v1"
    customer_id: str
    segments: tuple[str, ...] = ()


class DetailsExpired(Event, frozen=True, kw_only=True, omit_defaults=True):
    """Parts of what was known have been kept for as long as the merchant wanted; their keys are destroyed."""

    TYPE: ClassVar = "customer.details_expired.v1"
    customer_id: str
    parts: tuple[str, ...]


class CustomerErased(Event, frozen=True, kw_only=True, omit_defaults=True):
    """The person is forgotten: all keys are destroyed. Their sales, as numbers, stay."""

    TYPE: ClassVar = "customer.erased.v1"
    customer_id: str
    reason: str


class Consent(msgspec.Struct, frozen=True, kw_only=True):
    """A consent that counts."""

    purpose: str
    channel: str
    text_version: str


class Customer(msgspec.Struct, frozen=True, kw_only=True):
    """A customer as decisions see them: still sealed."""

    customer_id: str = ""
    name: Sealed | None = None
    phone: Sealed | None = None
    email: Sealed | None = None
    birthday: Sealed | None = None
    consents: tuple[Consent, ...] = ()
    holds: tuple[str, ...] = ()
    segments: tuple[str, ...] = ()
    language: str | None = None
    facts: Facts = Facts()
    erased: bool = False


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
                language=event.language,
            )
        case CustomerChanged():
            return msgspec.structs.replace(
                state,
                name=state.name if event.name is UNSET else event.name,
                phone=state.phone if event.phone is UNSET else event.phone,
                email=state.email if event.email is UNSET else event.email,
                birthday=state.birthday if event.birthday is UNSET else event.birthday,
                language=state.language if event.language is UNSET else event.language,
            )
        case ConsentGiven():
            given = Consent(purpose=event.purpose, channel=event.channel, text_version=event.text_version)
            return msgspec.structs.replace(state, consents=(*_other_consents(state, event), given))
        case ConsentWithdrawn():
            return msgspec.structs.replace(state, consents=_other_consents(state, event))
        case CustomerHeld():
            return msgspec.structs.replace(state, holds=(*state.holds, event.reason))
        case CustomerReleased():
            holds = tuple(reason for reason in state.holds if reason != event.reason)
            return msgspec.structs.replace(state, holds=holds)
        case SegmentsSet():
            return msgspec.structs.replace(state, segments=event.segments)
        case DetailsExpired():
            return msgspec.structs.replace(
                state,
                facts=facts_without(state.facts, event.parts),
                **{part: None for part in event.parts if part in DETAILS},
            )
        case CustomerProfileSet() | AddressSet() | AddressRemoved() | CustomerFieldsSet():
            return msgspec.structs.replace(state, facts=facts_after(state.facts, event))
        case CustomerErased():
            return Customer(customer_id=event.customer_id, erased=True)
        case _:
            return state


def _other_consents(state: Customer, event: ConsentGiven | ConsentWithdrawn) -> tuple[Consent, ...]:
    return tuple(
        consent
        for consent in state.consents
        if (consent.purpose, consent.channel) != (event.purpose, event.channel)
    )


CUSTOMER = StreamKind("customer", Customer(), evolve)


def sealed_of(customer: Customer) -> dict[str, Sealed]:
    """Every sealed text that is known of a customer, by its part of what is known, or part/name."""
    boxes = {name: getattr(customer, name) for name in DETAILS}
    boxes |= {name: getattr(customer.facts, name) for name in SEALED_FACTS}
    boxes |= {f"{ADDRESS}/{name}": box for name, box in customer.facts.addresses.items()}
    boxes |= {f"{PERSONAL}/{name}": box for name, box in customer.facts.personal.items()}
    return {place: box for place, box in boxes.items() if box is not None}


def unless_erased(customer: Customer) -> Customer:
    """The customer, or Erased."""
    if customer.erased:
        id_ = customer.customer_id
        raise Erased(f"The customer {id_!r} was erased.", kind="customer", id=id_)
    return customer


def require_known(states: States, customer_id: str) -> Customer:
    """The customer, who must exist and not be erased; or NotFound, or Erased."""
    return unless_erased(states.require(CUSTOMER, customer_id))


class RegisterCustomer(Command, frozen=True, kw_only=True):
    """Makes a person known under an id."""

    customer_id: str
    name: Sealed | None = None
    phone: Sealed | None = None
    email: Sealed | None = None
    birthday: Sealed | None = None
    language: str | None = None

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
            language=self.language,
        )
        return Decision(events=((stream, registered),), result=Done(id=self.customer_id))


class ChangeCustomer(Command, frozen=True, kw_only=True):
    """Sets the given details, removes those given as None, leaves those not given."""

    customer_id: str
    name: Sealed | UnsetType | None = UNSET
    phone: Sealed | UnsetType | None = UNSET
    email: Sealed | UnsetType | None = UNSET
    birthday: Sealed | UnsetType | None = UNSET
    language: str | UnsetType | None = UNSET
    expected_version: int | None = None

    def streams(self) -> tuple[str, ...]:
        return (CUSTOMER.stream(self.customer_id),)

    def decide(self, states: States, at: Moment) -> Decision:
        stream = CUSTOMER.stream(self.customer_id)
        customer = require_known(states, self.customer_id)
        states.require_version(stream, self.expected_version)
        changed = CustomerChanged(
            customer_id=self.customer_id,
            name=self.name,
            phone=self.phone,
            email=self.email,
            birthday=self.birthday,
            language=self.language,
        )
        events = ((stream, changed),) if evolve(customer, changed) != customer else ()
        return Decision(events=events, result=Done(id=self.customer_id))
