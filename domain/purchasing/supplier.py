"""A supplier: a firm that goods are bought from, and the people there who are written to.

What is the firm's stands in the clear: it is on every bill. Names, addresses and numbers of people are
sealed, each under a key of the person's own; nobody can tell by an address whether it names somebody.
(Decision 0057.)
"""

from collections.abc import Iterable
from typing import ClassVar

import msgspec

from domain.kernel.command import Command, Decision, Done, Moment
from domain.kernel.errors import Erased, InvalidCommand, Refusal
from domain.kernel.event import Event
from domain.kernel.sealed import Sealed
from domain.kernel.stream import States, StreamKind

MAX_TOLERANCE_BP = 10_000
MAX_DAYS = 3_650


class SupplierAdded(Event, frozen=True, kw_only=True, omit_defaults=True):
    """Goods can be bought from this firm, in its currency.

    A delivery may exceed what was ordered by `over_bp` of it. What falls short by no more than `short_bp` is
    taken as complete.
    """

    TYPE: ClassVar = "supplier.added.v1"
    supplier_id: str
    name: str
    currency: str
    registration: str | None = None
    payment_days: int = 0
    over_bp: int = 0
    short_bp: int = 0


class SupplierChanged(Event, frozen=True, kw_only=True, omit_defaults=True):
    """The named details are new; the others stay. The currency never changes: orders were made in it.

    Orders are sent to `contact_id`; "" to nobody. Nothing is ordered from a supplier who is not `active`.
    """

    TYPE: ClassVar = "supplier.changed.v1"
    supplier_id: str
    name: str | None = None
    registration: str | None = None
    payment_days: int | None = None
    over_bp: int | None = None
    short_bp: int | None = None
    contact_id: str | None = None
    active: bool | None = None


class Supplier(msgspec.Struct, frozen=True, kw_only=True):
    """A supplier as decisions see it."""

    supplier_id: str = ""
    name: str = ""
    currency: str = ""
    registration: str | None = None
    payment_days: int = 0
    over_bp: int = 0
    short_bp: int = 0
    contact_id: str = ""
    active: bool = True


def evolve(state: Supplier, event: Event) -> Supplier:
    """The supplier after `event`."""
    match event:
        case SupplierAdded():
            return Supplier(
                supplier_id=event.supplier_id,
                name=event.name,
                currency=event.currency,
                registration=event.registration,
                payment_days=event.payment_days,
                over_bp=event.over_bp,
                short_bp=event.short_bp,
            )
        case SupplierChanged():
            given = {
                field: value
                for field in event.__struct_fields__
                if field != "supplier_id" and (value := getattr(event, field)) is not None
            }
            return msgspec.structs.replace(state, **given)
        case _:
            return state


SUPPLIER = StreamKind("supplier", Supplier(), evolve)


class ContactAdded(Event, frozen=True, kw_only=True, omit_defaults=True):
    """Somebody at a supplier can be written to or called."""

    TYPE: ClassVar = "contact.added.v1"
    contact_id: str
    supplier_id: str
    name: Sealed
    email: Sealed | None = None
    phone: Sealed | None = None


class ContactErased(Event, frozen=True, kw_only=True, omit_defaults=True):
    """The person is forgotten: the keys of name, address and number are destroyed."""

    TYPE: ClassVar = "contact.erased.v1"
    contact_id: str
    reason: str


class Contact(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody at a supplier, as decisions see them."""

    contact_id: str = ""
    supplier_id: str = ""
    name: Sealed | None = None
    email: Sealed | None = None
    phone: Sealed | None = None
    erased: bool = False


def evolve_contact(state: Contact, event: Event) -> Contact:
    """The contact after `event`."""
    match event:
        case ContactAdded():
            return Contact(
                contact_id=event.contact_id,
                supplier_id=event.supplier_id,
                name=event.name,
                email=event.email,
                phone=event.phone,
            )
        case ContactErased():
            return Contact(contact_id=event.contact_id, supplier_id=state.supplier_id, erased=True)
        case _:
            return state


CONTACT = StreamKind("contact", Contact(), evolve_contact)


class SupplierInactive(Refusal):
    """Nothing is ordered from this supplier any more."""

    code = "supplier_inactive"


def require_active(states: States, supplier_id: str) -> Supplier:
    """The supplier, NotFound, or SupplierInactive."""
    supplier = states.require(SUPPLIER, supplier_id)
    if not supplier.active:
        raise SupplierInactive(
            "Nothing is ordered from this supplier any more. Choose another, or make it active again.",
            supplier_id=supplier_id,
        )
    return supplier


def _check(**figures: int | None) -> None:
    for name, figure in figures.items():
        most = MAX_TOLERANCE_BP if name.endswith("_bp") else MAX_DAYS
        if figure is not None and not 0 <= figure <= most:
            raise InvalidCommand(f"{name} must be from 0 to {most}.", **{name: figure})


class AddSupplier(Command, frozen=True, kw_only=True):
    """Adds a supplier under an id of the caller's choice."""

    supplier_id: str
    name: str
    currency: str
    registration: str | None = None
    payment_days: int = 0
    over_bp: int = 0
    short_bp: int = 0

    def streams(self) -> Iterable[str]:
        return (SUPPLIER.stream(self.supplier_id),)

    def decide(self, states: States, at: Moment) -> Decision:
        stream = SUPPLIER.stream(self.supplier_id)
        states.require_absent(stream)
        _check(payment_days=self.payment_days, over_bp=self.over_bp, short_bp=self.short_bp)
        added = SupplierAdded(
            supplier_id=self.supplier_id,
            name=self.name,
            currency=self.currency,
            registration=self.registration,
            payment_days=self.payment_days,
            over_bp=self.over_bp,
            short_bp=self.short_bp,
        )
        return Decision(events=((stream, added),), result=Done(id=self.supplier_id))


class ChangeSupplier(Command, frozen=True, kw_only=True):
    """Changes the given details. A change that changes nothing writes nothing."""

    supplier_id: str
    name: str | None = None
    registration: str | None = None
    payment_days: int | None = None
    over_bp: int | None = None
    short_bp: int | None = None
    contact_id: str | None = None
    active: bool | None = None
    expected_version: int | None = None

    def streams(self) -> Iterable[str]:
        contact = (CONTACT.stream(self.contact_id),) if self.contact_id else ()
        return (SUPPLIER.stream(self.supplier_id), *contact)

    def decide(self, states: States, at: Moment) -> Decision:
        stream = SUPPLIER.stream(self.supplier_id)
        supplier = states.require(SUPPLIER, self.supplier_id)
        states.require_version(stream, self.expected_version)
        _check(payment_days=self.payment_days, over_bp=self.over_bp, short_bp=self.short_bp)
        if self.contact_id:
            contact = unless_erased(states.require(CONTACT, self.contact_id))
            if contact.supplier_id != self.supplier_id:
                raise InvalidCommand("The contact is another supplier's.", contact_id=self.contact_id)
        changed = SupplierChanged(
            supplier_id=self.supplier_id,
            name=self.name,
            registration=self.registration,
            payment_days=self.payment_days,
            over_bp=self.over_bp,
            short_bp=self.short_bp,
            contact_id=self.contact_id,
            active=self.active,
        )
        events = ((stream, changed),) if evolve(supplier, changed) != supplier else ()
        return Decision(events=events, result=Done(id=self.supplier_id))


def unless_erased(contact: Contact) -> Contact:
    """The contact, or Erased."""
    if contact.erased:
        id_ = contact.contact_id
        raise Erased(f"The contact {id_!r} was erased.", kind="contact", id=id_)
    return contact


class AddContact(Command, frozen=True, kw_only=True):
    """Notes somebody at a supplier. The first one is who orders are sent to."""

    contact_id: str
    supplier_id: str
    name: Sealed
    email: Sealed | None = None
    phone: Sealed | None = None

    def streams(self) -> Iterable[str]:
        return (CONTACT.stream(self.contact_id), SUPPLIER.stream(self.supplier_id))

    def decide(self, states: States, at: Moment) -> Decision:
        stream = CONTACT.stream(self.contact_id)
        states.require_absent(stream)
        supplier = states.require(SUPPLIER, self.supplier_id)
        added = ContactAdded(
            contact_id=self.contact_id,
            supplier_id=self.supplier_id,
            name=self.name,
            email=self.email,
            phone=self.phone,
        )
        events: list[tuple[str, Event]] = [(stream, added)]
        if not supplier.contact_id:
            first = SupplierChanged(supplier_id=self.supplier_id, contact_id=self.contact_id)
            events.append((SUPPLIER.stream(self.supplier_id), first))
        return Decision(events=tuple(events), result=Done(id=self.contact_id))


class EraseContact(Command, frozen=True, kw_only=True):
    """Decides that a contact is forgotten; orders are sent to nobody then. Again, it changes nothing."""

    contact_id: str
    reason: str

    def streams(self) -> Iterable[str]:
        return (CONTACT.stream(self.contact_id),)

    def linked(self, states: States) -> Iterable[str]:
        supplier_id = states.of(CONTACT, self.contact_id).supplier_id
        return (SUPPLIER.stream(supplier_id),) if supplier_id else ()

    def decide(self, states: States, at: Moment) -> Decision:
        contact = states.require(CONTACT, self.contact_id)
        if contact.erased:
            return Decision(events=(), result=Done(id=self.contact_id))
        erased = ContactErased(contact_id=self.contact_id, reason=self.reason)
        events: list[tuple[str, Event]] = [(CONTACT.stream(self.contact_id), erased)]
        if states.of(SUPPLIER, contact.supplier_id).contact_id == self.contact_id:
            nobody = SupplierChanged(supplier_id=contact.supplier_id, contact_id="")
            events.append((SUPPLIER.stream(contact.supplier_id), nobody))
        return Decision(events=tuple(events), result=Done(id=self.contact_id))
