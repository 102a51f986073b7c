"""A contact: somebody at a supplier who is written to or called.

Names, addresses and numbers of people are sealed, each under a key of the person's own; nobody can tell by an
address whether it names somebody. (Decision 0057.)
"""

from typing import ClassVar

import msgspec

from domain.kernel.errors import Erased
from domain.kernel.event import Event
from domain.kernel.sealed import Sealed
from domain.kernel.stream import StreamKind


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


def unless_erased(contact: Contact) -> Contact:
    """The contact, or Erased."""
    if contact.erased:
        id_ = contact.contact_id
        raise Erased(f"The contact {id_!r} was erased.", kind="contact", id=id_)
    return contact
