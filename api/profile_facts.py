"""/v1/customers/{customer_id}/facts and /addresses: what is known of them beside name and numbers."""

from typing import Annotated

import msgspec
from litestar import Controller, Response, patch, put
from msgspec import UNSET, Meta, UnsetType

from api.customers import CustomerView, changed_view, known_customer
from api.details import AddressBody, Card, Gender, normalised
from api.errors import Problem
from api.requests import Body, ShopRequest, Text, command_origin, expected_version
from domain.customers.customer import CUSTOMER
from domain.customers.facts import SEALED_FACTS, AddressSet, CustomerProfileSet
from domain.customers.profile import MAX_TAGS, RemoveAddress, SetAddress, SetProfile
from domain.kernel.ids import Id
from domain.kernel.sealed import Sealed
from infra.tenancy import Tenant


class FactsChange(Body, frozen=True, kw_only=True):
    """What is given changes; null removes. `tags` are all of them.

    `gender` and `card`, the number of the membership card, are stored sealed. Tags and `acquisition`, the way
    by which they came, are up to four lower-case words each: they stand in the clear for ever and say nothing
    about a person. `owner_id` is the employee who takes care of them; customers of one `household_id` live
    together.
    """

    gender: Gender | UnsetType | None = UNSET
    card: Card | UnsetType | None = UNSET
    tags: Annotated[tuple[Text, ...], Meta(max_length=MAX_TAGS)] | UnsetType = UNSET
    acquisition: Text | UnsetType | None = UNSET
    owner_id: Id | UnsetType | None = UNSET
    household_id: Id | UnsetType | None = UNSET


class AddressToSet(Body, frozen=True, kw_only=True):
    """`place` is up to four lower-case words, as `home`, in the clear. Null removes the address."""

    place: Text
    address: AddressBody | None


class ProfileFactsController(Controller):
    """What is known of customers."""

    path = "/v1/customers/{customer_id:str}"
    tags = ("customers",)

    @patch("/facts", operation_id="changeCustomerFacts", opt={"scope": "customers:write"})
    async def change(
        self, request: ShopRequest, tenant: Tenant, customer_id: str, data: FactsChange
    ) -> Response[CustomerView]:
        """Changes or removes tags, gender, card, way of acquisition, owner or household."""
        expected = expected_version(request)
        await known_customer(tenant, customer_id)
        origin = await command_origin(request, tenant, "changeCustomerFacts", key_required=False)
        if all(value is UNSET for value in msgspec.structs.astuple(data)):
            raise Problem(400, "invalid_request", "Give at least one fact to change.")
        command = SetProfile(
            customer_id=customer_id,
            tags=data.tags,
            acquisition=data.acquisition,
            owner_id=data.owner_id,
            household_id=data.household_id,
            expected_version=expected,
            **await _sealed(tenant, customer_id, data),
        )
        answer = await tenant.submit(command, origin)
        return await changed_view(request, tenant, customer_id, answer)

    @put("/addresses", operation_id="setAddress", opt={"scope": "customers:write"})
    async def set_address(
        self, request: ShopRequest, tenant: Tenant, customer_id: str, data: AddressToSet
    ) -> Response[CustomerView]:
        """Gives a customer an address, which is stored sealed, or removes one."""
        expected = expected_version(request)
        await known_customer(tenant, customer_id)
        origin = await command_origin(request, tenant, "setAddress", key_required=False)
        if data.address is None:
            removal = RemoveAddress(customer_id=customer_id, place=data.place, expected_version=expected)
            return await changed_view(request, tenant, customer_id, await tenant.submit(removal, origin))
        text = msgspec.json.encode(data.address).decode()
        box = await tenant.vault.seal(CUSTOMER.stream(customer_id), f"{AddressSet.TYPE}/address", text)
        command = SetAddress(
            customer_id=customer_id, place=data.place, address=box, expected_version=expected
        )
        return await changed_view(request, tenant, customer_id, await tenant.submit(command, origin))


async def _sealed(tenant: Tenant, customer_id: str, data: FactsChange) -> dict[str, Sealed | None]:
    """Those of the sealed facts that were given; a given null stays null."""
    given = {name: value for name in SEALED_FACTS if (value := getattr(data, name)) is not UNSET}
    texts = {
        f"{CustomerProfileSet.TYPE}/{name}": normalised(name, text, tenant.people.region)
        for name, text in given.items()
        if text is not None
    }
    boxes = await tenant.vault.seal_all(CUSTOMER.stream(customer_id), texts) if texts else {}
    return {name: boxes.get(f"{CustomerProfileSet.TYPE}/{name}") for name in given}
