"""Who orders without being a customer, and where goods go: as bodies, sealed for whoever's order it is."""

import msgspec

from api.customers import CustomerToRegister, sealed_details
from api.details import AddressBody, Email, Phone, normalised
from api.errors import Problem
from api.requests import Body, Text
from domain.checkout.place_order import Guest
from domain.customers.customer import CUSTOMER
from domain.kernel.sealed import Sealed
from domain.orders.delivery import DeliverySet
from infra.ids import uuid7
from infra.tenancy import Tenant


class GuestBody(Body, frozen=True, kw_only=True):
    """Who orders without being a customer. A number or an address must be there, to be told something."""

    name: Text | None = None
    phone: Phone | None = None
    email: Email | None = None


class DeliveryBody(Body, frozen=True, kw_only=True):
    """Where the goods go: to an address, or `pick_up` at the store.

    Without `name` and `phone` they go to whoever ordered.
    """

    pick_up: bool = False
    name: Text | None = None
    phone: Phone | None = None
    address: AddressBody | None = None


async def guest_of(tenant: Tenant, body: GuestBody | None) -> Guest | None:
    """The guest under a new id, sealed as customers are. Problem 400 where there is no way to reach them."""
    if body is None:
        return None
    if body.phone is None and body.email is None:
        raise Problem(400, "invalid_request", "Give the guest's phone or email.")
    guest_id = uuid7()
    details = CustomerToRegister(name=body.name, phone=body.phone, email=body.email)
    sealed = await sealed_details(tenant, guest_id, "customer.registered.v1", details)
    sealed.pop("birthday")
    return Guest(customer_id=guest_id, **sealed)


async def delivery_of(
    tenant: Tenant, order_id: str, person_id: str | None, body: DeliveryBody | None
) -> DeliverySet | None:
    """Where the goods go, sealed for whoever orders. Problem 400 where that is nobody, or half is said."""
    if body is None:
        return None
    if body.pick_up != (body.address is None):
        raise Problem(400, "invalid_request", "Goods go to an address, or are picked up: say one of the two.")
    texts = {
        name: text
        for name, text in (
            ("name", body.name),
            ("phone", body.phone and normalised("phone", body.phone, tenant.people.region)),
            ("address", body.address and msgspec.json.encode(body.address).decode()),
        )
        if text is not None
    }
    sealed: dict[str, Sealed] = {}
    if texts:
        if person_id is None:
            raise Problem(400, "invalid_request", "An address is somebody's: name the customer or a guest.")
        places = {f"{DeliverySet.TYPE}/{name}": text for name, text in texts.items()}
        boxes = await tenant.vault.seal_all(CUSTOMER.stream(person_id), places)
        sealed = {name: boxes[f"{DeliverySet.TYPE}/{name}"] for name in texts}
    return DeliverySet(order_id=order_id, pick_up=body.pick_up, **sealed)
