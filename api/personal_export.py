"""/v1/customers/{customer_id}/export: everything that is known of a customer, in clear, as one document."""

from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any, cast

import msgspec
from litestar import Controller, Response, post

from api.accesses import AccessView, access_view, opened
from api.answers import JsonStream
from api.consents import ConsentView, consents_of
from api.customer_page import ProfileView, profile_view
from api.customers import CustomerView, opened_view
from api.inbox import MessageView
from api.indexing import index_reached
from api.persons import person_of
from api.requests import Instant, ShopRequest, purpose
from domain.customers.customer import CUSTOMER
from domain.kernel.sealed import Sealed
from infra.event_store.journal import StoredEntry
from infra.messages.inbox import messages
from infra.people.accesses import NEWEST, read_accesses
from infra.people.blind_index import traces_of
from infra.tenancy import SHORT_STREAM, Tenant

STREAMS_AT_ONCE = 50
ACCESSES_AT_ONCE = 250
MESSAGES_AT_ONCE = 250
"""What is in memory at a time, however much there is."""

SECTIONS = {
    "history": "customer-",
    "purchases": "sale-",
    "orders": "order-",
    "returns": "return-",
    "coupons": "coupon-",
    "points": "loyalty-",
    "gift_cards": "giftcard-",
    "credit": "credit-",
    "complaints": "complaint-",
    "leads": "lead-",
    "tasks": "task-",
    "surveys": "survey-",
    "parked_sales": "parked-",
    "offers": "offeruse-",
    "campaigns": "quota-",
    "care": "touch-",
    "wishes": "wish-",
}
COUNTED = frozenset({"offer-", "campaign-"})
"""Streams of all customers: what they say of one stands in the sale and in the customer's own count, too."""

_ENCODER = msgspec.json.Encoder()


class _Said(msgspec.Struct):
    customer_id: str | None = None


class _Owned(msgspec.Struct):
    data: _Said


_OWNER = msgspec.json.Decoder(_Owned)


class ExportedEntry(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of the journal about the customer; sealed texts are opened, null where they were forgotten."""

    position: int
    stream: str
    type: str
    occurred_at: Instant
    data: dict[str, Any]


class ExportView(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is known of a customer under all their ids, and who has read it."""

    customer_id: str
    details: CustomerView
    other_records: list[CustomerView]
    consents: list[ConsentView]
    profile: ProfileView
    history: list[ExportedEntry]
    purchases: list[ExportedEntry]
    orders: list[ExportedEntry]
    returns: list[ExportedEntry]
    coupons: list[ExportedEntry]
    points: list[ExportedEntry]
    gift_cards: list[ExportedEntry]
    credit: list[ExportedEntry]
    complaints: list[ExportedEntry]
    leads: list[ExportedEntry]
    tasks: list[ExportedEntry]
    surveys: list[ExportedEntry]
    parked_sales: list[ExportedEntry]
    offers: list[ExportedEntry]
    campaigns: list[ExportedEntry]
    care: list[ExportedEntry]
    wishes: list[ExportedEntry]
    messages: list[MessageView]
    accesses: list[AccessView]


class ExportController(Controller):
    """What a customer may ask for."""

    path = "/v1/customers/{customer_id:str}/export"
    tags = ("privacy",)

    @post(operation_id="exportCustomer", opt={"scope": "customers:export"}, status_code=200)
    async def export(self, request: ShopRequest, tenant: Tenant, customer_id: str) -> Response[ExportView]:
        """Everything that is known of a customer, for the customer.

        Daybook-Purpose must say why; that is logged, and stands in the document itself. The document comes as
        it is read, so it may be long; one that ends early is no JSON.
        """
        request.user.require_store(None)
        why = purpose(request, required=True)
        await person_of(request, tenant, customer_id)
        async with tenant.readers.connection() as connection:
            head = await tenant.journal.head(connection)
        await index_reached(tenant, head.position)
        # Read now: what is told of the person is of one moment, and the index has seen it.
        person = await person_of(request, tenant, customer_id)
        first = {
            "customer_id": customer_id,
            "details": await opened_view(request, tenant, person.speaking, person.others),
            "other_records": [await opened_view(request, tenant, other) for other in person.others],
            "consents": await consents_of(tenant, person),
            "profile": await profile_view(tenant, person),
        }
        return JsonStream(_document(request, tenant, person.ids, first, why))


async def _document(
    request: ShopRequest, tenant: Tenant, ids: Sequence[str], first: dict[str, Any], why: str
) -> AsyncIterator[bytes]:
    yield _ENCODER.encode(first)[:-1]
    for section, prefix in SECTIONS.items():
        yield f',"{section}":['.encode()
        comma = b""
        for customer_id in ids:
            async for page in _entries(request, tenant, customer_id, prefix, why):
                yield comma + b",".join(map(_ENCODER.encode, page))
                comma = b","
        yield b"]"
    yield b',"messages":['
    comma = b""
    for customer_id in ids:
        async for told in _messages(tenant, customer_id):
            yield comma + b",".join(map(_ENCODER.encode, told))
            comma = b","
    yield b'],"accesses":['
    comma = b""
    for customer_id in ids:
        async for accesses in _accesses(tenant, CUSTOMER.stream(customer_id)):
            yield comma + b",".join(map(_ENCODER.encode, accesses))
            comma = b","
    yield b"]}"


async def _entries(
    request: ShopRequest, tenant: Tenant, customer_id: str, prefix: str, why: str
) -> AsyncIterator[list[ExportedEntry]]:
    """The entries of the customer's streams of one kind, a page of streams at a time."""
    after = ""
    while True:
        async with tenant.readers.connection() as connection:
            streams = await traces_of(connection, customer_id, after, STREAMS_AT_ONCE, prefix)
            stored = [
                entry
                for stream in streams
                for entry in await tenant.journal.stored_stream(connection, stream, 0, SHORT_STREAM)
            ]
        if not streams:
            return
        after = streams[-1]
        stored = [entry for entry in stored if not _is_anothers(entry, customer_id)]
        datas = [cast("dict[str, Any]", msgspec.json.decode(entry.state)) for entry in stored]
        boxes = [box for data in datas for box in _boxes(data)]
        texts = await opened(request, tenant, boxes, about=(CUSTOMER.stream(customer_id),), because=why)
        clear = dict(zip((box.box for box in boxes), texts, strict=True))
        if stored:
            yield [_entry(entry, data, clear) for entry, data in zip(stored, datas, strict=True)]


def _is_anothers(entry: StoredEntry, customer_id: str) -> bool:
    """Whether an entry names another customer: one coupon may be used by several."""
    return _OWNER.decode(entry.state).data.customer_id not in (None, customer_id)


async def _messages(tenant: Tenant, customer_id: str) -> AsyncIterator[list[MessageView]]:
    after = None
    while True:
        async with tenant.readers.connection() as connection:
            found = await messages(
                connection, stores=None, customer_id=customer_id, after=after, limit=MESSAGES_AT_ONCE
            )
        if not found:
            return
        after = (found[-1].created_at, found[-1].message_id)
        yield [MessageView(**message._asdict()) for message in found]


async def _accesses(tenant: Tenant, subject: str) -> AsyncIterator[list[AccessView]]:
    before = NEWEST
    while True:
        async with tenant.readers.connection() as connection:
            found = await read_accesses(connection, before=before, limit=ACCESSES_AT_ONCE, subject=subject)
        if not found:
            return
        before = found[-1].access_id
        yield [access_view(access) for access in found]


def _entry(entry: StoredEntry, envelope: dict[str, Any], clear: dict[str, str | None]) -> ExportedEntry:
    return ExportedEntry(
        position=entry.position,
        stream=entry.stream,
        type=entry.type,
        occurred_at=msgspec.convert(envelope["occurred_at"], Instant),
        data=_cleared(envelope["data"], clear),
    )


def _is_box(node: dict[str, Any]) -> bool:
    return node.keys() == set(Sealed.__struct_fields__)


def _boxes(node: Any) -> Iterator[Sealed]:
    """Every sealed text in a decoded entry."""
    if isinstance(node, dict):
        found = cast("dict[str, Any]", node)
        if _is_box(found):
            yield Sealed(**found)
        else:
            for value in found.values():
                yield from _boxes(value)
    elif isinstance(node, list):
        for value in cast("list[Any]", node):
            yield from _boxes(value)


def _cleared(node: Any, clear: dict[str, str | None]) -> Any:
    """The same with the texts in the place of their boxes."""
    if isinstance(node, dict):
        found = cast("dict[str, Any]", node)
        if _is_box(found):
            return clear[found["box"]]
        return {name: _cleared(value, clear) for name, value in found.items()}
    if isinstance(node, list):
        return [_cleared(value, clear) for value in cast("list[Any]", node)]
    return node
