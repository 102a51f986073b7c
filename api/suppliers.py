"""/v1/suppliers and /v1/contacts: who supplies, at what terms, how well, and who is written to there."""

from datetime import date
from typing import Annotated

import msgspec
from litestar import Controller, Response, get, patch, post
from litestar.params import Parameter
from msgspec import UNSET, Meta, UnsetType

from api.accesses import opened
from api.indexing import index_reached
from api.money import Amount, money
from api.reading import MAX_PAGE, Page, caught_up, decode_cursor, page_of, read, written
from api.requests import (
    Body,
    Cause,
    Reference,
    ShopRequest,
    Text,
    command_origin,
    expected_version,
    given,
)
from domain.kernel.ids import CurrencyCode, Id
from domain.kernel.money import Money
from domain.purchasing.contact import CONTACT, unless_erased
from domain.purchasing.contact_steps import AddContact, EraseContact
from domain.purchasing.supplier import SUPPLIER, AddSupplier, ChangeSupplier, Supplier
from domain.purchasing.terms import Terms
from domain.stockroom.supply_terms import MAX_LINES, MAX_PACKS, SetTerms, TermsLine
from infra.tenancy import Tenant
from projections.supplier_scores.fold import WHOLE_BP, SupplierScore, SupplierScores
from projections.supplier_scores.queries import lead_time, mean, scores_of, suppliers
from projections.supply_terms.fold import SupplyTerms, TermsOfSupply
from projections.supply_terms.queries import terms_of

# One address and nothing else: what a mail's header would read as a second one, or as a name, is none.
_ADDRESS = r"^[^\s@,;:<>()\[\]\\\"\x00-\x1f\x7f]+@[^\s@,;:<>()\[\]\\\"\x00-\x1f\x7f]+$(?!\n)"
Limit = Annotated[int, Parameter(ge=1, le=MAX_PAGE)]
BasisPoints = Annotated[int, Meta(ge=0, le=10_000)]
Days = Annotated[int, Meta(ge=0, le=3_650)]
Packs = Annotated[int, Meta(ge=1, le=MAX_PACKS)]


class SupplierToAdd(Body, frozen=True, kw_only=True):
    """A firm that goods are bought from. What is said here is stored in the clear: people are contacts.

    A delivery may exceed the order by `over_bp` basis points; short by `short_bp` it is complete.
    """

    supplier_id: Id
    name: Text
    currency: CurrencyCode
    registration: Reference | None = None
    payment_days: Days = 0
    over_bp: BasisPoints = 0
    short_bp: BasisPoints = 0


class SupplierChange(Body, frozen=True, kw_only=True):
    """What is given changes. Orders are sent to `contact_id`."""

    name: Text | UnsetType = UNSET
    registration: Reference | UnsetType = UNSET
    payment_days: Days | UnsetType = UNSET
    over_bp: BasisPoints | UnsetType = UNSET
    short_bp: BasisPoints | UnsetType = UNSET
    contact_id: Id | UnsetType = UNSET
    active: bool | UnsetType = UNSET


class SupplierView(msgspec.Struct, frozen=True, kw_only=True):
    """A supplier; `contact_id` null where orders are sent to nobody."""

    supplier_id: str
    name: str
    currency: str
    registration: str | None
    payment_days: int
    over_bp: int
    short_bp: int
    contact_id: str | None
    active: bool


class SupplierInList(msgspec.Struct, frozen=True, kw_only=True):
    """A supplier's name, currency and whether anything is ordered there."""

    supplier_id: str
    name: str
    currency: str
    active: bool


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


class TermsToSet(Body, frozen=True, kw_only=True):
    """What a SKU costs from a day on: per piece or kilogram, in packs of the SKU's unit."""

    sku: Id
    valid_from: date
    valid_until: date | None = None
    unit_cost: Amount
    pack_size: Packs = 1
    minimum_packs: Packs = 1
    lead_time_days: Days = 0
    supplier_sku: Reference | None = None


class TermsList(Body, frozen=True, kw_only=True):
    """A supplier's list, or part of it."""

    lines: Annotated[list[TermsToSet], Meta(min_length=1, max_length=MAX_LINES)]


class TermsWritten(msgspec.Struct, frozen=True, kw_only=True):
    """Whose terms were set."""

    supplier_id: str
    position: int


class TermsView(msgspec.Struct, frozen=True, kw_only=True):
    """Terms as they were set; `valid_until` null is without an end."""

    sku: str
    valid_from: date
    valid_until: date | None
    unit_cost: Money
    pack_size: int
    minimum_packs: int
    lead_time_days: int
    supplier_sku: str | None


class ScoreView(msgspec.Struct, frozen=True, kw_only=True):
    """What was measured of a supplier, of one SKU or (`sku` null) of all.

    `accepted_bp` is which part of `deliveries` was accepted at once. `lead_time_days` and its deviation are
    of `arrivals`, of which something was taken; `on_time_bp` of the `promised` came by their day. `filled_bp`
    is which part of what was ordered came, of `closed` lines. Prices changed so often, by `price_change_bp`
    on average. Null is where nothing was measured.
    """

    sku: str | None
    deliveries: int
    arrivals: int
    lead_time_days: float | None
    lead_time_deviation_days: float | None
    promised: int
    on_time_bp: int | None
    accepted_bp: int | None
    closed: int
    filled_bp: int | None
    price_changes: int
    price_change_bp: int | None
    returned: int
    claimed: Money
    credited: Money | None


def _view(supplier: Supplier) -> SupplierView:
    return SupplierView(
        supplier_id=supplier.supplier_id,
        name=supplier.name,
        currency=supplier.currency,
        registration=supplier.registration,
        payment_days=supplier.payment_days,
        over_bp=supplier.over_bp,
        short_bp=supplier.short_bp,
        contact_id=supplier.contact_id or None,
        active=supplier.active,
    )


def _terms_view(row: SupplyTerms) -> TermsView:
    return TermsView(
        sku=row.sku,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        unit_cost=money(row.unit_cost_minor, row.currency),
        pack_size=row.pack_size,
        minimum_packs=row.minimum_packs,
        lead_time_days=row.lead_time_days,
        supplier_sku=row.supplier_sku,
    )


def _score_view(row: SupplierScore, currency: str) -> ScoreView:
    days = lead_time(row)
    return ScoreView(
        sku=row.sku or None,
        deliveries=row.deliveries,
        arrivals=row.arrivals,
        promised=row.promised,
        on_time_bp=mean(row.on_time * WHOLE_BP, row.promised),
        lead_time_days=None if days is None else days[0],
        lead_time_deviation_days=None if days is None else days[1],
        accepted_bp=mean(row.accepted_bp, row.deliveries),
        closed=row.closed,
        filled_bp=mean(row.filled_bp, row.closed),
        price_changes=row.price_changes,
        price_change_bp=mean(row.price_change_bp, row.price_changes),
        returned=row.returned,
        claimed=money(row.claimed_minor, currency),
        # A credit note is about a whole return.
        credited=None if row.sku else money(row.credited_minor, currency),
    )


class SuppliersController(Controller):
    """Suppliers and their terms."""

    path = "/v1/suppliers"
    tags = ("purchasing",)

    @post(operation_id="addSupplier", opt={"scope": "purchasing:write"})
    async def add(self, request: ShopRequest, tenant: Tenant, data: SupplierToAdd) -> Response[SupplierView]:
        """Adds a supplier."""
        request.user.require_store(None)
        origin = await command_origin(request, tenant, "addSupplier", key_required=False)
        command = AddSupplier(
            supplier_id=data.supplier_id,
            name=data.name,
            currency=data.currency,
            registration=data.registration,
            payment_days=data.payment_days,
            over_bp=data.over_bp,
            short_bp=data.short_bp,
        )
        answer = await tenant.submit(command, origin)
        state, _ = await tenant.state_at(SUPPLIER, data.supplier_id, answer.position)
        return written(_view(state), answer, 201)

    @get(operation_id="listSuppliers", opt={"scope": "purchasing:read"})
    async def list(
        self, request: ShopRequest, tenant: Tenant, limit: Limit = 100, cursor: str | None = None
    ) -> Page[SupplierInList]:
        """All suppliers by id."""
        after = decode_cursor(cursor, tuple[Id])
        await caught_up(request, tenant, SupplierScores.name)
        async with tenant.readers.connection() as connection:
            rows = await suppliers(connection, after[0] if after else "", limit + 1)
        listed = [
            SupplierInList(
                supplier_id=row.supplier_id, name=row.name, currency=row.currency, active=bool(row.active)
            )
            for row in rows
        ]
        return page_of(listed, limit, lambda row: (row.supplier_id,))

    @get("/{supplier_id:str}", operation_id="getSupplier", opt={"scope": "purchasing:read"})
    async def show(self, tenant: Tenant, supplier_id: str) -> Response[SupplierView]:
        """A supplier and, as ETag, the version."""
        state, version = await tenant.require_state(SUPPLIER, supplier_id)
        return read(_view(state), version)

    @patch("/{supplier_id:str}", operation_id="changeSupplier", opt={"scope": "purchasing:write"})
    async def change(
        self, request: ShopRequest, tenant: Tenant, supplier_id: str, data: SupplierChange
    ) -> Response[SupplierView]:
        """Changes a supplier."""
        request.user.require_store(None)
        origin = await command_origin(request, tenant, "changeSupplier", key_required=False)
        command = ChangeSupplier(
            supplier_id=supplier_id,
            name=given(data.name),
            registration=given(data.registration),
            payment_days=given(data.payment_days),
            over_bp=given(data.over_bp),
            short_bp=given(data.short_bp),
            contact_id=given(data.contact_id),
            active=given(data.active),
            expected_version=expected_version(request),
        )
        answer = await tenant.submit(command, origin)
        state, version = await tenant.state_at(SUPPLIER, supplier_id, answer.position)
        return written(_view(state), answer, version=version)

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

    @post("/{supplier_id:str}/terms", operation_id="setTerms", opt={"scope": "purchasing:write"})
    async def set_terms(
        self, request: ShopRequest, tenant: Tenant, supplier_id: str, data: TermsList
    ) -> Response[TermsWritten]:
        """Sets what SKUs cost from a day on: all lines or none."""
        request.user.require_store(None)
        origin = await command_origin(request, tenant, "setTerms", key_required=False)
        lines = tuple(
            TermsLine(
                sku=line.sku,
                terms=Terms(
                    valid_from=line.valid_from,
                    valid_until=line.valid_until,
                    unit_cost_minor=line.unit_cost.amount,
                    currency=line.unit_cost.currency,
                    pack_size=line.pack_size,
                    minimum_packs=line.minimum_packs,
                    lead_time_days=line.lead_time_days,
                    supplier_sku=line.supplier_sku,
                ),
            )
            for line in data.lines
        )
        answer = await tenant.submit(SetTerms(supplier_id=supplier_id, lines=lines), origin)
        return written(TermsWritten(supplier_id=supplier_id, position=answer.position), answer, 201)

    @get("/{supplier_id:str}/terms", operation_id="listTerms", opt={"scope": "purchasing:read"})
    async def list_terms(
        self,
        request: ShopRequest,
        tenant: Tenant,
        supplier_id: str,
        limit: Limit = 100,
        cursor: str | None = None,
    ) -> Page[TermsView]:
        """All terms of a supplier, by SKU and first day."""
        await tenant.require_state(SUPPLIER, supplier_id)
        after = decode_cursor(cursor, tuple[Id, date])
        await caught_up(request, tenant, TermsOfSupply.name)
        async with tenant.readers.connection() as connection:
            rows = await terms_of(connection, supplier_id, after=after, limit=limit + 1)
        views = [_terms_view(row) for row in rows]
        return page_of(views, limit, lambda row: (row.sku, row.valid_from.isoformat()))

    @get("/{supplier_id:str}/scores", operation_id="getSupplierScores", opt={"scope": "purchasing:read"})
    async def scores(
        self,
        request: ShopRequest,
        tenant: Tenant,
        supplier_id: str,
        limit: Limit = 100,
        cursor: str | None = None,
    ) -> Page[ScoreView]:
        """What was measured of a supplier: of all SKUs together first, then of each."""
        supplier, _ = await tenant.require_state(SUPPLIER, supplier_id)
        after = decode_cursor(cursor, tuple[str])
        await caught_up(request, tenant, SupplierScores.name)
        async with tenant.readers.connection() as connection:
            rows = await scores_of(connection, supplier_id, None if after is None else after[0], limit + 1)
        views = [_score_view(row, supplier.currency) for row in rows]
        return page_of(views, limit, lambda row: (row.sku or "",))


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
