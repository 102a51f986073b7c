"""/v1/orders/{order_id}/delivery and /guest: where an order goes, whom it is for, and forgetting a guest."""

import msgspec
from litestar import Controller, Response, get, post, put

from api.accesses import opened
from api.customers import known_customer
from api.errors import Problem
from api.forgetting import PersonChanged, Why, erase_person
from api.fulfilment import OrderChanged
from api.orders import require_order
from api.reading import written
from api.recipients import AddressBody, DeliveryBody, delivery_of
from api.requests import ShopRequest, command_origin
from domain.customers.customer import Customer
from domain.customers.forgetting import EraseCustomer
from domain.kernel.sealed import Sealed
from domain.orders.delivery import DeliverySet
from domain.orders.order import Order, OrderPlaced
from domain.orders.steps import SetDelivery
from infra.tenancy import Tenant


class DeliveryView(msgspec.Struct, frozen=True, kw_only=True):
    """Where an order goes, and to whom; null what was never said, or is kept no longer."""

    order_id: str
    pick_up: bool
    name: str | None
    phone: str | None
    address: AddressBody | None


class DeliveriesController(Controller):
    """Where orders go."""

    path = "/v1/orders/{order_id:str}"
    tags = ("orders",)

    @get("/delivery", operation_id="getDelivery", opt={"scope": "orders:fulfil"})
    async def show(self, request: ShopRequest, tenant: Tenant, order_id: str) -> DeliveryView:
        """What stands on the parcel. Without a recipient of its own it is whoever ordered."""
        order, placed, _ = await require_order(request, tenant, order_id)
        boxes = await _boxes(tenant, order, placed)
        texts = dict(zip(boxes, await opened(request, tenant, list(boxes.values())), strict=True))
        address = texts.get("address")
        return DeliveryView(
            order_id=order_id,
            pick_up=order.delivery is not None and order.delivery.pick_up,
            name=texts.get("name"),
            phone=texts.get("phone"),
            address=None if address is None else msgspec.json.decode(address, type=AddressBody),
        )

    @put("/delivery", operation_id="setDelivery", opt={"scope": "orders:write"})
    async def set(
        self, request: ShopRequest, tenant: Tenant, order_id: str, data: DeliveryBody
    ) -> Response[OrderChanged]:
        """Sends what has not left yet elsewhere, or has it picked up."""
        _, placed, _ = await require_order(request, tenant, order_id)
        if placed.person_id is not None:
            await known_customer(tenant, placed.person_id)
        origin = await command_origin(request, tenant, "setDelivery", key_required=False)
        delivery = await delivery_of(tenant, order_id, placed.person_id, data)
        assert isinstance(delivery, DeliverySet), "there is a body"
        answer = await tenant.submit(SetDelivery(**msgspec.structs.asdict(delivery)), origin)
        return written(OrderChanged(order_id=order_id, position=answer.position), answer)

    @post("/guest/erasure", operation_id="eraseGuest", opt={"scope": "customers:erase"})
    async def erase(
        self, request: ShopRequest, tenant: Tenant, order_id: str, data: Why
    ) -> Response[PersonChanged]:
        """Forgets for good whoever ordered as a guest. The order, its sale and its figures stay."""
        _, placed, _ = await require_order(request, tenant, order_id)
        request.user.require_store(None)
        if placed.guest_id is None:
            raise Problem(404, "not_found", "The order is no guest's. Erase the customer whose it is.")
        command = EraseCustomer(customer_id=placed.guest_id, reason=data.reason)
        return await erase_person(request, tenant, "eraseGuest", command)


async def _boxes(tenant: Tenant, order: Order, placed: OrderPlaced) -> dict[str, Sealed]:
    """The sealed recipient, number and address by name; Erased where the person was forgotten."""
    person = Customer()
    if placed.person_id is not None:
        person, _ = await known_customer(tenant, placed.person_id)
    said = order.delivery or DeliverySet(order_id=placed.order_id)
    boxes = {"name": said.name or person.name, "phone": said.phone or person.phone, "address": said.address}
    return {name: box for name, box in boxes.items() if box is not None}
