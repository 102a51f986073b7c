"""A supplier: a firm that goods are bought from.

What is the firm's stands in the clear: it is on every bill. People there are contacts. (Decision 0057.)
"""

from collections.abc import Iterable
from typing import ClassVar

import msgspec

from domain.kernel.command import Command, Decision, Done, Moment
from domain.kernel.errors import InvalidCommand, Refusal
from domain.kernel.event import Event
from domain.kernel.stream import States, StreamKind
from domain.purchasing.contact import CONTACT, unless_erased

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
