"""/v1/customers/search: customers by an exact detail, found by its keyed hash."""

from typing import Annotated

from litestar import Controller, post
from msgspec import UNSET, Meta, UnsetType

from api.accesses import opened
from api.customers import CustomerView, customer_view
from api.details import Card, Email, Phone, normalised
from api.errors import Problem
from api.indexing import index_caught_up
from api.reading import Page
from api.requests import Body, ShopRequest, Text, purpose
from domain.customers.customer import CUSTOMER, Customer, sealed_of
from domain.kernel.ids import Id
from domain.kernel.sealed import Sealed
from infra.people.blind_index import find, normal_form
from infra.tenancy import Tenant

MAX_FOUND = 50

LastFour = Annotated[str, Meta(pattern=r"^[0-9]{4}$(?!\n)")]
MonthDay = Annotated[str, Meta(pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$(?!\n)")]


class CustomerSearch(Body, frozen=True, kw_only=True):
    """Exactly one detail: a number, its last four digits, an address, a name, MM-DD of a birthday, a card."""

    phone: Phone | UnsetType = UNSET
    phone_last4: LastFour | UnsetType = UNSET
    email: Email | UnsetType = UNSET
    name: Text | UnsetType = UNSET
    birthday: MonthDay | UnsetType = UNSET
    card: Card | UnsetType = UNSET
    limit: Annotated[int, Meta(ge=1, le=MAX_FOUND)] = MAX_FOUND
    cursor: Id | None = None


class CustomerSearchController(Controller):
    """Finding customers."""

    path = "/v1/customers/search"
    tags = ("customers",)

    @post(operation_id="searchCustomers", opt={"scope": "customers:read"}, status_code=200)
    async def search(self, request: ShopRequest, tenant: Tenant, data: CustomerSearch) -> Page[CustomerView]:
        """The customers with that detail, by id.

        What is searched for travels in the body, never in an address. Send `next_cursor` as `cursor`. A
        search by four digits finds strangers too, so it must say why in Daybook-Purpose.
        """
        given = {kind: text for kind in _KINDS if (text := getattr(data, kind)) is not UNSET}
        if len(given) != 1:
            raise Problem(400, "invalid_request", f"Search by exactly one of {', '.join(_KINDS)}.")
        ((kind, text),) = given.items()
        why = purpose(request, required=kind == "phone_last4")
        await index_caught_up(request, tenant)
        field, region = kind.partition("_")[0], tenant.people.region
        form = text if kind in _AS_GIVEN else normal_form(kind, normalised(field, text, region), region)
        assert form is not None
        async with tenant.readers.connection() as connection:
            found = await find(connection, tenant.vault, kind, form, data.cursor or "", data.limit + 1)
            streams = [CUSTOMER.stream(customer_id) for customer_id in found[: data.limit]]
            states = await tenant.journal.read_states(connection, streams)
        customers: list[Customer] = [states[stream][0].state for stream in streams]
        views = await _views(request, tenant, customers, why)
        # The index may be a moment behind: who has changed the detail since is not found by the old one.
        matching = [
            view
            for view in views
            if (detail := getattr(view, field)) is not None and normal_form(kind, detail, region) == form
        ]
        more = found[data.limit - 1] if len(found) > data.limit else None
        return Page(data=matching, next_cursor=more)


_KINDS = ("phone", "phone_last4", "email", "name", "birthday", "card")
_AS_GIVEN = ("phone_last4", "birthday")


async def _views(
    request: ShopRequest, tenant: Tenant, customers: list[Customer], why: str
) -> list[CustomerView]:
    """The customers with their details: one access on record and one read of keys for all."""
    boxes: list[tuple[str, str, Sealed]] = [
        (customer.customer_id, place, box)
        for customer in customers
        for place, box in sealed_of(customer).items()
    ]
    texts = await opened(request, tenant, [box for _, _, box in boxes], because=why)
    known: dict[str, dict[str, str | None]] = {}
    for (customer_id, place, _), text in zip(boxes, texts, strict=True):
        known.setdefault(customer_id, {})[place] = text
    return [customer_view(customer, known.get(customer.customer_id, {})) for customer in customers]
