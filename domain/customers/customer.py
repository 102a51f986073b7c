"""A customer: an id and sealed details. What they bought is in the sales, not here."""

from datetime import date
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
from domain.customers.links import (
    CustomerIsMerged,
    CustomerMerged,
    CustomerMergedInto,
    CustomerToldApart,
    CustomerUnmerged,
    CustomerUnmergedFrom,
)
from domain.customers.measures import Seen
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
    """A customer agreed to a purpose by a channel, in a version of the wording.

    `over` are merged records of theirs whose withdrawal this is the answer to.
    """

    TYPE: ClassVar = "customer.consent_given.v1"
    customer_id: str
    purpose: str
    channel: str
    text_version: str
    proof: Sealed | None = None
    over: tuple[str, ...] = ()


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


class SegmentEntered(Event, frozen=True, kw_only=True, omit_defaults=True):
    """The customer came to belong to a segment that is worked out, as of the end of a business day.

    `reason` is what its rule, in that version, looked at.
    """

    TYPE: ClassVar = "customer.segment_entered.v1"
    customer_id: str
    segment_id: str
    version: int
    as_of: date
    reason: tuple[Seen, ...] = ()


class SegmentLeft(Event, frozen=True, kw_only=True, omit_defaults=True):
    """The customer belongs to the segment no more."""

    TYPE: ClassVar = "customer.segment_left.v1"
    customer_id: str
    segment_id: str
    version: int
    as_of: date
    reason: tuple[Seen, ...] = ()


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
    """A consent that counts, also against what the records in `over` withdrew."""

    purpose: str
    channel: str
    text_version: str
    over: tuple[str, ...] = ()


class Customer(msgspec.Struct, frozen=True, kw_only=True):
    """A customer as decisions see them: still sealed. `withdrawn` are purposes and channels.

    `segments` were set by hand, `entered` are those that were worked out. A record that was merged has a
    survivor in `merged_into`; a survivor has the records in `others`.
    """

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
    withdrawn: tuple[tuple[str, str], ...] = ()
    merged_into: str | None = None
    others: tuple[str, ...] = ()
    told_apart: tuple[str, ...] = ()
    entered: tuple[str, ...] = ()

    @property
    def groups(self) -> tuple[str, ...]:
        """All segments, whoever put the customer there: what offers and price lists go by."""
        return tuple(sorted({*self.segments, *self.entered})) if self.entered else self.segments


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
        case ConsentGiven() | ConsentWithdrawn():
            return _with_consent(state, event)
        case CustomerHeld():
            return msgspec.structs.replace(state, holds=(*state.holds, event.reason))
        case CustomerReleased():
            holds = tuple(reason for reason in state.holds if reason != event.reason)
            return msgspec.structs.replace(state, holds=holds)
        case SegmentsSet():
            return msgspec.structs.replace(state, segments=event.segments)
        case SegmentEntered():
            return msgspec.structs.replace(state, entered=(*state.entered, event.segment_id))
        case SegmentLeft():
            entered = tuple(one for one in state.entered if one != event.segment_id)
            return msgspec.structs.replace(state, entered=entered)
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
            return _with_link(state, event)


def _with_consent(state: Customer, event: ConsentGiven | ConsentWithdrawn) -> Customer:
    about = (event.purpose, event.channel)
    consents = tuple(consent for consent in state.consents if (consent.purpose, consent.channel) != about)
    withdrawn = tuple(each for each in state.withdrawn if each != about)
    if isinstance(event, ConsentWithdrawn):
        return msgspec.structs.replace(state, consents=consents, withdrawn=(*withdrawn, about))
    given = Consent(
        purpose=event.purpose, channel=event.channel, text_version=event.text_version, over=event.over
    )
    return msgspec.structs.replace(state, consents=(*consents, given), withdrawn=withdrawn)


def _with_link(state: Customer, event: Event) -> Customer:
    match event:
        case CustomerMerged():
            return msgspec.structs.replace(state, others=(*state.others, event.other_id))
        case CustomerUnmerged():
            others = tuple(other for other in state.others if other != event.other_id)
            return msgspec.structs.replace(state, others=others, consents=_answering(state, others))
        case CustomerMergedInto():
            # Those that it spoke for are merged into the survivor too: there are no chains.
            return msgspec.structs.replace(
                state, merged_into=event.survivor_id, others=(), consents=_answering(state, ())
            )
        case CustomerUnmergedFrom():
            return msgspec.structs.replace(state, merged_into=None)
        case CustomerToldApart():
            return msgspec.structs.replace(state, told_apart=(*state.told_apart, event.other_id))
        case _:
            return state


def _answering(state: Customer, others: tuple[str, ...]) -> tuple[Consent, ...]:
    """The consents, answering these records alone: what another withdraws by itself from now on is newer."""
    return tuple(
        msgspec.structs.replace(consent, over=tuple(id_ for id_ in consent.over if id_ in others))
        for consent in state.consents
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


def unless_merged(customer: Customer) -> Customer:
    """The customer, or CustomerIsMerged where another record speaks for this one."""
    if customer.merged_into is not None:
        raise CustomerIsMerged(
            f"The customer {customer.customer_id!r} was merged. Ask for {customer.merged_into!r} instead.",
            survivor_id=customer.merged_into,
        )
    return customer


def require_speaking(states: States, customer_id: str) -> Customer:
    """The customer, who must be known, not erased, and speak for themselves."""
    return unless_merged(require_known(states, customer_id))


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
        customer = require_speaking(states, self.customer_id)
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
