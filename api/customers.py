"""/v1/customers: who they are (sealed at rest) and what they are to us."""

from datetime import date
from typing import Annotated

import msgspec
from litestar import Controller, Response, get, patch, post
from msgspec import UNSET, Meta, UnsetType

from api.errors import Problem
from api.money import money, money_list
from api.reading import caught_up, read, written
from api.requests import Body, Instant, ShopRequest, Text, command_origin, expected_version
from domain.customers.customer import CUSTOMER, ChangeCustomer, Customer, RegisterCustomer
from domain.kernel.ids import Id
from domain.kernel.money import Money
from domain.kernel.sealed import Sealed
from infra.ids import uuid7
from infra.tenancy import Tenant
from projections.customer_profile.fold import CustomerProfiles
from projections.customer_profile.queries import profile_of

FAVOURITES = 5
_LEAP_YEAR = 2000

Phone = Annotated[str, Meta(pattern=r"^\+?[0-9 ()./-]{4,30}$(?!\n)")]
Email = Annotated[str, Meta(pattern=r"^[^@\s\x00-\x1f\x7f]{1,64}@[^@\s\x00-\x1f\x7f]{1,255}$(?!\n)")]
Birthday = Annotated[str, Meta(pattern=r"^([0-9]{4}-|--)(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$(?!\n)")]
_DETAILS = ("name", "phone", "email", "birthday")


class CustomerToRegister(Body, frozen=True, kw_only=True):
    """A customer; every detail may be left out. `birthday` is YYYY-MM-DD, or --MM-DD without the year."""

    customer_id: Id | None = None
    name: Text | None = None
    phone: Phone | None = None
    email: Email | None = None
    birthday: Birthday | None = None


class CustomerChange(Body, frozen=True, kw_only=True):
    """What is given changes; null removes."""

    name: Text | UnsetType | None = UNSET
    phone: Phone | UnsetType | None = UNSET
    email: Email | UnsetType | None = UNSET
    birthday: Birthday | UnsetType | None = UNSET


class CustomerRegisteredView(msgspec.Struct, frozen=True, kw_only=True):
    """The id under which the customer is known."""

    customer_id: str


class CustomerView(msgspec.Struct, frozen=True, kw_only=True):
    """A customer's details; null where never given, removed or erased."""

    customer_id: str
    name: str | None
    phone: str | None
    email: str | None
    birthday: str | None


class CategorySpend(msgspec.Struct, frozen=True, kw_only=True):
    """What was spent in a category, net of discounts and returns."""

    category: str
    net: Money


class ProfileView(msgspec.Struct, frozen=True, kw_only=True):
    """What a customer is to us. Spend is net of returns; favourites are the categories spent most on."""

    customer_id: str
    registered_at: Instant | None
    visits: int
    returns: int
    spend: list[Money]
    first_purchase_at: Instant | None
    last_purchase_at: Instant | None
    favourite_categories: list[CategorySpend]
    coupons_issued: int
    coupons_redeemed: int
    complaints: int


def _check_birthday(birthday: str | UnsetType | None) -> None:
    """Problem 400 for a day that no calendar has: the pattern lets 31 February through."""
    if isinstance(birthday, str):
        try:
            # Without a year, in a leap year: people are born on 29 February.
            date.fromisoformat(birthday.replace("--", f"{_LEAP_YEAR}-", 1))
        except ValueError:
            raise Problem(400, "invalid_request", "birthday is no day of the calendar.") from None


async def _seal(
    tenant: Tenant, customer_id: str, event: str, data: CustomerToRegister | CustomerChange
) -> dict[str, Sealed | None]:
    """The details that were given, sealed for the customer; a given null stays null."""
    given = {name: getattr(data, name) for name in _DETAILS if getattr(data, name) is not UNSET}
    texts = {f"{event}/{name}": text for name, text in given.items() if text is not None}
    sealed = await tenant.vault.seal_all(CUSTOMER.stream(customer_id), texts) if texts else {}
    return {name: sealed.get(f"{event}/{name}") for name in given}


async def _view(tenant: Tenant, customer: Customer) -> CustomerView:
    boxes = {name: box for name in _DETAILS if (box := getattr(customer, name)) is not None}
    texts = dict(zip(boxes, await tenant.vault.open_all(list(boxes.values())), strict=True))
    return CustomerView(
        customer_id=customer.customer_id,
        name=texts.get("name"),
        phone=texts.get("phone"),
        email=texts.get("email"),
        birthday=texts.get("birthday"),
    )


def _category_spend(key: str, net_minor: int) -> CategorySpend:
    """From the read model's key, such as CNY/fruit."""
    currency, _, category = key.partition("/")
    return CategorySpend(category=category, net=money(net_minor, currency))


class CustomersController(Controller):
    """Customers."""

    path = "/v1/customers"
    tags = ("customers",)

    @post(operation_id="registerCustomer", opt={"scope": "customers:write"})
    async def register(
        self, request: ShopRequest, tenant: Tenant, data: CustomerToRegister
    ) -> Response[CustomerRegisteredView]:
        """Makes a customer known. Details are stored sealed."""
        _check_birthday(data.birthday)
        customer_id = data.customer_id or uuid7()
        origin = await command_origin(request, tenant, "registerCustomer", key_required=False)
        sealed = await _seal(tenant, customer_id, "customer.registered.v1", data)
        answer = await tenant.submit(RegisterCustomer(customer_id=customer_id, **sealed), origin)
        return written(CustomerRegisteredView(customer_id=answer.result.id), answer, 201)

    @get("/{customer_id:str}", operation_id="getCustomer", opt={"scope": "customers:read"})
    async def show(self, tenant: Tenant, customer_id: str) -> Response[CustomerView]:
        """A customer's details and, as ETag, their version."""
        state, version = await tenant.require_state(CUSTOMER, customer_id)
        return read(await _view(tenant, state), version)

    @patch("/{customer_id:str}", operation_id="changeCustomer", opt={"scope": "customers:write"})
    async def change(
        self, request: ShopRequest, tenant: Tenant, customer_id: str, data: CustomerChange
    ) -> Response[CustomerView]:
        """Changes or removes details."""
        expected = expected_version(request)
        _check_birthday(data.birthday)
        await tenant.require_state(CUSTOMER, customer_id)
        origin = await command_origin(request, tenant, "changeCustomer", key_required=False)
        sealed = await _seal(tenant, customer_id, "customer.changed.v1", data)
        if not sealed:
            raise Problem(400, "invalid_request", "Give at least one detail to change.")
        command = ChangeCustomer(customer_id=customer_id, expected_version=expected, **sealed)
        answer = await tenant.submit(command, origin)
        state, version = await tenant.state_at(CUSTOMER, customer_id, answer.position)
        return written(await _view(tenant, state), answer, version=version)

    @get("/{customer_id:str}/profile", operation_id="getProfile", opt={"scope": "customers:read"})
    async def profile(self, request: ShopRequest, tenant: Tenant, customer_id: str) -> ProfileView:
        """Visits, spend, favourites, coupons and complaints of a customer."""
        await tenant.require_state(CUSTOMER, customer_id)
        await caught_up(request, tenant, CustomerProfiles.name)
        async with tenant.readers.connection() as connection:
            profile = await profile_of(connection, customer_id)
        ranked = sorted(profile.categories.items(), key=lambda entry: (-entry[1], entry[0]))
        return ProfileView(
            customer_id=customer_id,
            registered_at=profile.registered_at,
            visits=profile.visits,
            returns=profile.returns,
            spend=money_list(profile.spend_minor),
            first_purchase_at=profile.first_purchase_at,
            last_purchase_at=profile.last_purchase_at,
            favourite_categories=[_category_spend(key, net) for key, net in ranked[:FAVOURITES] if net > 0],
            coupons_issued=profile.coupons_issued,
            coupons_redeemed=profile.coupons_redeemed,
            complaints=profile.complaints,
        )
