"""People at suppliers: /v1/suppliers/{supplier_id}/contacts and /v1/contacts."""

from typing import Annotated

import msgspec
from litestar import Controller, Response, get, post
from msgspec import Meta

from api.accesses import opened
from api.indexing import index_reached
from api.reading import read, written
from api.requests import (
    Body,
    Cause,
    ShopRequest,
    Text,
    command_origin,
)
from domain.kernel.ids import Id
from domain.purchasing.contact import CONTACT, unless_erased
from domain.purchasing.contact_steps import AddContact, EraseContact
from domain.purchasing.supplier import SUPPLIER
from infra.tenancy import Tenant

# One address and nothing else: what a mail's header would read as a second one, or as a name, is none.
_ADDRESS = r"^[^\s@,;:<>()\[\]\\\"\x00-\x1f\x7f]+@[^\s@,;:<>()\[\]\\\"\x00-\x1f\x7f]+$(?!\n)"


class ContactToAdd(Body, frozen=True, kw_only=True):
    """Somebody at the supplier. All of it is stored sealed."""

    contact_id: Id
    name: Text
    email: Annotated[str, Meta(max_length=200, pattern=_ADDRESS)] | None = None
    phone: Annotated[str, Meta(max_length=40, pattern=r"^[0-9+() /.-]+$(?!\n)")] | None = None


class ContactView(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody at a supplier."""

    contact_id: str
    supplier_id: str
    name: str | None
    email: str | None
    phone: str | None


class ContactChanged(msgspec.Struct, frozen=True, kw_only=True):
    """Whom it was about."""

    contact_id: str
    position: int


class ContactErasure(Body, frozen=True, kw_only=True):
    """The reason, a cause that stands in the journal for ever; never about a person."""

    reason: Cause = "request"


class SupplierContactsController(Controller):
    """People at a supplier."""

    path = "/v1/suppliers"
    tags = ("purchasing",)

    @post("/{supplier_id:str}/contacts", operation_id="addContact", opt={"scope": "purchasing:write"})
    async def add_contact(
        self, request: ShopRequest, tenant: Tenant, supplier_id: str, data: ContactToAdd
    ) -> Response[ContactChanged]:
        """Notes somebody at the supplier; the first is who orders are sent to."""
        request.user.require_store(None)
        await tenant.require_state(SUPPLIER, supplier_id)
        origin = await command_origin(request, tenant, "addContact", key_required=False)
        said = {"name": data.name, "email": data.email, "phone": data.phone}
        boxes = await tenant.vault.seal_all(
            CONTACT.stream(data.contact_id),
            {f"contact.added.v1/{part}": text for part, text in said.items() if text is not None},
        )
        command = AddContact(
            contact_id=data.contact_id,
            supplier_id=supplier_id,
            name=boxes["contact.added.v1/name"],
            email=boxes.get("contact.added.v1/email"),
            phone=boxes.get("contact.added.v1/phone"),
        )
        answer = await tenant.submit(command, origin)
        return written(ContactChanged(contact_id=data.contact_id, position=answer.position), answer, 201)


class ContactsController(Controller):
    """People at suppliers."""

    path = "/v1/contacts"
    tags = ("purchasing",)

    @get("/{contact_id:str}", operation_id="getContact", opt={"scope": "contacts:read"})
    async def show(self, request: ShopRequest, tenant: Tenant, contact_id: str) -> Response[ContactView]:
        """Somebody at a supplier, in the clear."""
        state, version = await tenant.require_state(CONTACT, contact_id)
        contact = unless_erased(state)
        boxes = {
            part: box
            for part, box in (("name", contact.name), ("email", contact.email), ("phone", contact.phone))
            if box is not None
        }
        texts = dict(zip(boxes, await opened(request, tenant, list(boxes.values())), strict=True))
        view = ContactView(
            contact_id=contact_id,
            supplier_id=contact.supplier_id,
            name=texts.get("name"),
            email=texts.get("email"),
            phone=texts.get("phone"),
        )
        return read(view, version)

    @post("/{contact_id:str}/erasure", operation_id="eraseContact", opt={"scope": "contacts:erase"})
    async def erase(
        self, request: ShopRequest, tenant: Tenant, contact_id: str, data: ContactErasure
    ) -> Response[ContactChanged]:
        """Forgets somebody at a supplier for good: from this answer on nobody can read anything of them."""
        request.user.require_store(None)
        origin = await command_origin(request, tenant, "eraseContact", key_required=False)
        answer = await tenant.submit(EraseContact(contact_id=contact_id, reason=data.reason), origin)
        # The decision first, as with customers: after it nothing new can be written of the person.
        await index_reached(tenant, answer.position)
        async with tenant.readers.connection() as connection:
            await tenant.people.forget(connection, CONTACT.stream(contact_id))
        return written(ContactChanged(contact_id=contact_id, position=answer.position), answer, 201)
