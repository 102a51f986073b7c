"""/v1/customers: who they are (sealed at rest) and what they are to us."""

from collections.abc import Mapping, Sequence

import msgspec
from litestar import Controller, Response, get, patch, post
from msgspec import UNSET, UnsetType

from api.accesses import opened
from api.details import AddressBody, Birthday, Email, Language, Phone, normalised
from api.errors import Problem
from api.persons import person_of
from api.reading import read, written
from api.requests import Body, ShopRequest, Text, command_origin, expected_version
from domain.customers.customer import (
    CUSTOMER,
    DETAILS,
    ChangeCustomer,
    Customer,
    RegisterCustomer,
    sealed_of,
    unless_erased,
)
from domain.customers.facts import ADDRESS, PERSONAL, SEALED_FACTS
from domain.customers.person import consents_in_force, segments_of
from domain.fields.field import FieldValue
from domain.kernel.ids import Id
from domain.kernel.sealed import Sealed
from infra.event_store.submission import Answer
from infra.ids import uuid7
from infra.people.persons import records_of
from infra.tenancy import Tenant


class CustomerToRegister(Body, frozen=True, kw_only=True):
    """A customer; every detail may be left out. `birthday` is YYYY-MM-DD, or --MM-DD without the year.

    `language` is that of messages to them, where an order names none.
    """

    customer_id: Id | None = None
    name: Text | None = None
    phone: Phone | None = None
    email: Email | None = None
    birthday: Birthday | None = None
    language: Language | None = None


class CustomerChange(Body, frozen=True, kw_only=True):
    """What is given changes; null removes."""

    name: Text | UnsetType | None = UNSET
    phone: Phone | UnsetType | None = UNSET
    email: Email | UnsetType | None = UNSET
    birthday: Birthday | UnsetType | None = UNSET
    language: Language | UnsetType | None = UNSET


class CustomerRegisteredView(msgspec.Struct, frozen=True, kw_only=True):
    """The id under which the customer is known."""

    customer_id: str


class ConsentInForce(msgspec.Struct, frozen=True, kw_only=True):
    """What the customer agrees to at present."""

    purpose: str
    channel: str
    text_version: str


class AddressView(msgspec.Struct, frozen=True, kw_only=True):
    """An address of a customer; null where it was forgotten."""

    place: str
    address: AddressBody | None


class CustomerView(msgspec.Struct, frozen=True, kw_only=True):
    """A customer's details; null where never given, removed or forgotten.

    `holds` are the reasons for which the customer may not be forgotten. `acquisition` is the way by which
    they came, `owner_id` the employee who takes care of them; customers of one `household_id` live together.
    `others` are the records merged into this one, whose consents and segments count; `merged_into` is the one
    that speaks for this. `fields` are the merchant's own.
    """

    customer_id: str
    name: str | None
    phone: str | None
    email: str | None
    birthday: str | None
    language: str | None
    consents: list[ConsentInForce]
    holds: list[str]
    segments: list[str]
    gender: str | None
    card: str | None
    tags: list[str]
    acquisition: str | None
    owner_id: str | None
    household_id: str | None
    addresses: list[AddressView]
    others: list[str]
    merged_into: str | None
    fields: dict[str, FieldValue | None]


async def known_customer(tenant: Tenant, customer_id: str) -> tuple[Customer, int]:
    """A customer's present state and version; NotFound, or Erased for one who was forgotten."""
    state, version = await tenant.require_state(CUSTOMER, customer_id)
    return unless_erased(state), version


async def sealed_details(
    tenant: Tenant, customer_id: str, event: str, data: CustomerToRegister | CustomerChange
) -> dict[str, Sealed | None]:
    """The details that were given, in their normal form, sealed for the customer; a given null stays null."""
    given = {name: getattr(data, name) for name in DETAILS if getattr(data, name) is not UNSET}
    texts = {
        f"{event}/{name}": normalised(name, text, tenant.people.region)
        for name, text in given.items()
        if text is not None
    }
    sealed = await tenant.vault.seal_all(CUSTOMER.stream(customer_id), texts) if texts else {}
    return {name: sealed.get(f"{event}/{name}") for name in given}


def customer_view(
    customer: Customer, texts: Mapping[str, str | None], others: Sequence[Customer] = ()
) -> CustomerView:
    """A customer as the API tells it, with the opened texts by their place in sealed_of.

    `others` are records merged into theirs.
    """
    facts = customer.facts
    person = (customer, *others)
    return CustomerView(
        customer_id=customer.customer_id,
        **{name: texts.get(name) for name in (*DETAILS, *SEALED_FACTS)},
        language=customer.language,
        consents=[
            ConsentInForce(
                purpose=consent.purpose, channel=consent.channel, text_version=consent.text_version
            )
            for consent in consents_in_force(person)
        ],
        segments=list(segments_of(person)),
        holds=list(dict.fromkeys(hold for record in person for hold in record.holds)),
        others=list(customer.others),
        merged_into=customer.merged_into,
        tags=list(facts.tags),
        acquisition=facts.acquisition,
        owner_id=facts.owner_id,
        household_id=facts.household_id,
        addresses=[
            AddressView(place=place, address=_address(texts.get(f"{ADDRESS}/{place}")))
            for place in sorted(facts.addresses)
        ],
        fields={**facts.fields, **{name: _value(texts.get(f"{PERSONAL}/{name}")) for name in facts.personal}},
    )


def _address(text: str | None) -> AddressBody | None:
    return None if text is None else msgspec.json.decode(text, type=AddressBody)


def _value(text: str | None) -> FieldValue | None:
    return None if text is None else msgspec.json.decode(text, type=FieldValue)


async def opened_view(
    request: ShopRequest, tenant: Tenant, customer: Customer, others: Sequence[Customer] = ()
) -> CustomerView:
    """A customer with everything opened, on record; `others` are records merged into theirs."""
    boxes = sealed_of(customer)
    about = [CUSTOMER.stream(customer.customer_id)]
    texts = await opened(request, tenant, list(boxes.values()), about=about)
    return customer_view(customer, dict(zip(boxes, texts, strict=True)), others)


async def changed_view(
    request: ShopRequest, tenant: Tenant, customer_id: str, answer: Answer
) -> Response[CustomerView]:
    """The answer to a change of a customer: how it is now."""
    state, version = await tenant.state_at(CUSTOMER, customer_id, answer.position)
    # Erased in the meantime, there is nothing left to tell.
    changed = unless_erased(state)
    view = await opened_view(request, tenant, changed, await records_of(tenant, changed.others))
    return written(view, answer, version=version)


async def read_customer(request: ShopRequest, tenant: Tenant, customer_id: str) -> tuple[CustomerView, int]:
    """A customer with the details opened, on record; and the version."""
    person = await person_of(request, tenant, customer_id)
    return await opened_view(request, tenant, person.speaking, person.others), person.version


class CustomersController(Controller):
    """Customers."""

    path = "/v1/customers"
    tags = ("customers",)

    @post(operation_id="registerCustomer", opt={"scope": "customers:write"})
    async def register(
        self, request: ShopRequest, tenant: Tenant, data: CustomerToRegister
    ) -> Response[CustomerRegisteredView]:
        """Makes a customer known. Details are stored sealed."""
        customer_id = data.customer_id or uuid7()
        origin = await command_origin(request, tenant, "registerCustomer", key_required=False)
        sealed = await sealed_details(tenant, customer_id, "customer.registered.v1", data)
        answer = await tenant.submit(
            RegisterCustomer(customer_id=customer_id, language=data.language, **sealed), origin
        )
        return written(CustomerRegisteredView(customer_id=answer.result.id), answer, 201)

    @get("/{customer_id:str}", operation_id="getCustomer", opt={"scope": "customers:read"})
    async def show(self, request: ShopRequest, tenant: Tenant, customer_id: str) -> Response[CustomerView]:
        """A customer's details and, as ETag, their version."""
        view, version = await read_customer(request, tenant, customer_id)
        return read(view, version)

    @patch("/{customer_id:str}", operation_id="changeCustomer", opt={"scope": "customers:write"})
    async def change(
        self, request: ShopRequest, tenant: Tenant, customer_id: str, data: CustomerChange
    ) -> Response[CustomerView]:
        """Changes or removes details."""
        expected = expected_version(request)
        await known_customer(tenant, customer_id)
        origin = await command_origin(request, tenant, "changeCustomer", key_required=False)
        sealed = await sealed_details(tenant, customer_id, "customer.changed.v1", data)
        if not sealed and data.language is UNSET:
            raise Problem(400, "invalid_request", "Give at least one detail to change.")
        command = ChangeCustomer(
            customer_id=customer_id, language=data.language, expected_version=expected, **sealed
        )
        answer = await tenant.submit(command, origin)
        return await changed_view(request, tenant, customer_id, answer)
