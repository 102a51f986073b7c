"""What happens to a contact: noted, and forgotten."""

from collections.abc import Iterable

from domain.kernel.command import Command, Decision, Done, Moment
from domain.kernel.event import Event
from domain.kernel.sealed import Sealed
from domain.kernel.stream import States
from domain.purchasing.contact import CONTACT, ContactAdded, ContactErased
from domain.purchasing.supplier import SUPPLIER, SupplierChanged


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
