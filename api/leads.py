"""/v1/leads: who may buy, how far they have come, and whether they bought. Notes are stored sealed."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from litestar import Controller, Response, get, post
from litestar.params import Parameter

from api.accesses import opened
from api.money import Amount, money
from api.reading import MAX_PAGE, Page, caught_up, decode_cursor, page_of, read, written
from api.requests import Body, Cause, Instant, LongText, ShopRequest, command_origin
from domain.customers.customer import CUSTOMER
from domain.kernel.command import Command
from domain.kernel.ids import ID_PATTERN, Id
from domain.kernel.money import Money
from domain.leads.handling import AdvanceLead, GiveLead, LoseLead, NoteLead, OpenLead, ReopenLead, WinLead
from domain.leads.lead import LEAD, Lead, LeadStage
from infra.ids import uuid7
from infra.people.persons import person_of
from infra.tenancy import Tenant
from projections.lead_board.fold import LeadBoard
from projections.lead_board.queries import leads

Limit = Annotated[int, Parameter(ge=1, le=MAX_PAGE)]
OneId = Annotated[str | None, Parameter(pattern=ID_PATTERN)]


class LeadToOpen(Body, frozen=True, kw_only=True):
    """A customer who may buy, of a product or category perhaps; they need not have bought anything yet.

    `source` is where they came from ("trade fair"); `text` is a note.
    """

    lead_id: Id | None = None
    customer_id: Id
    store_id: Id
    source: Cause
    employee_id: Id | None = None
    sku: Id | None = None
    category: Cause | None = None
    text: LongText | None = None


class LeadOwner(Body, frozen=True, kw_only=True):
    """Who takes care of it from now on."""

    employee_id: Id


class StageReached(Body, frozen=True, kw_only=True):
    """How far it has come; a quotation may say how much it comes to."""

    stage: Literal["contacted", "visited", "quoted"]
    amount: Amount | None = None


class LeadNote(Body, frozen=True, kw_only=True):
    """What is to be remembered of it."""

    text: LongText


class LeadWin(Body, frozen=True, kw_only=True):
    """In which sale they bought, where it is one of the journal."""

    sale_id: Id | None = None


class LeadLoss(Body, frozen=True, kw_only=True):
    """Why they will not buy: a cause ("price"), never about a person."""

    reason: Cause


class LeadChanged(msgspec.Struct, frozen=True, kw_only=True):
    """The lead that was written to."""

    lead_id: str
    position: int


class LeadView(msgspec.Struct, frozen=True, kw_only=True):
    """A lead with its notes, oldest first; null where one was erased. `tasks` came by follow-up rules."""

    lead_id: str
    customer_id: str
    store_id: str
    source: str
    stage: LeadStage
    employee_id: str | None
    sku: str | None
    category: str | None
    reason: str | None
    sale_id: str | None
    amount: Money | None
    notes: list[str | None]
    tasks: list[str]


class LeadLine(msgspec.Struct, frozen=True, kw_only=True):
    """A lead's place on the board, without its notes. `stage_at` is since when it has been in its stage."""

    lead_id: str
    customer_id: str
    store_id: str
    source: str
    stage: str
    employee_id: str | None
    sku: str | None
    category: str | None
    opened_at: Instant
    stage_at: datetime | None
    changed_at: datetime | None
    closed_at: datetime | None
    reason: str | None
    sale_id: str | None
    amount: Money | None


def _amount(amount_minor: int | None, currency: str | None) -> Money | None:
    return None if amount_minor is None or currency is None else money(amount_minor, currency)


async def _records_of(tenant: Tenant, customer_id: str) -> list[str]:
    customer = await tenant.state_of(CUSTOMER, customer_id)
    return [customer_id, *(one.customer_id for one in (await person_of(tenant, customer))[1:])]


async def require_lead(request: ShopRequest, tenant: Tenant, lead_id: str) -> tuple[Lead, int]:
    """The lead and its version, if it exists and the key opens its store."""
    lead, version = await tenant.require_state(LEAD, lead_id)
    assert lead.opened is not None
    request.user.require_store(lead.opened.store_id)
    return lead, version


class LeadsController(Controller):
    """Leads."""

    path = "/v1/leads"
    tags = ("leads",)

    @post(operation_id="openLead", opt={"scope": "leads:write"})
    async def open(self, request: ShopRequest, tenant: Tenant, data: LeadToOpen) -> Response[LeadChanged]:
        """Opens a lead. Follow-up rules may open tasks along with it."""
        request.user.require_store(data.store_id)
        text = data.text and await tenant.vault.seal(
            CUSTOMER.stream(data.customer_id), "lead.opened.v1/text", data.text
        )
        command = OpenLead(
            lead_id=data.lead_id or uuid7(),
            customer_id=data.customer_id,
            store_id=data.store_id,
            source=data.source,
            employee_id=data.employee_id,
            sku=data.sku,
            category=data.category,
            text=text or None,
        )
        return await _write(request, tenant, "openLead", command)

    @post("/{lead_id:str}/assignments", operation_id="giveLead", opt={"scope": "leads:write"})
    async def give(
        self, request: ShopRequest, tenant: Tenant, lead_id: str, data: LeadOwner
    ) -> Response[LeadChanged]:
        """Gives the lead to an employee."""
        await require_lead(request, tenant, lead_id)
        command = GiveLead(lead_id=lead_id, employee_id=data.employee_id)
        return await _write(request, tenant, "giveLead", command)

    @post("/{lead_id:str}/stages", operation_id="advanceLead", opt={"scope": "leads:write"})
    async def advance(
        self, request: ShopRequest, tenant: Tenant, lead_id: str, data: StageReached
    ) -> Response[LeadChanged]:
        """The lead has come to a stage; stages may be left out, and none comes back."""
        await require_lead(request, tenant, lead_id)
        command = AdvanceLead(
            lead_id=lead_id,
            stage=LeadStage(data.stage),
            amount_minor=data.amount and data.amount.amount,
            currency=data.amount and data.amount.currency,
        )
        return await _write(request, tenant, "advanceLead", command)

    @post("/{lead_id:str}/notes", operation_id="noteLead", opt={"scope": "leads:write"})
    async def note(
        self, request: ShopRequest, tenant: Tenant, lead_id: str, data: LeadNote
    ) -> Response[LeadChanged]:
        """Adds a note."""
        lead, _ = await require_lead(request, tenant, lead_id)
        assert lead.opened is not None
        subject = CUSTOMER.stream(lead.opened.customer_id)
        text = await tenant.vault.seal(subject, "lead.noted.v1/text", data.text)
        return await _write(request, tenant, "noteLead", NoteLead(lead_id=lead_id, text=text))

    @post("/{lead_id:str}/wins", operation_id="winLead", opt={"scope": "leads:write"})
    async def win(
        self, request: ShopRequest, tenant: Tenant, lead_id: str, data: LeadWin
    ) -> Response[LeadChanged]:
        """They have bought. Tasks that rules had asked for and are still open are cancelled."""
        await require_lead(request, tenant, lead_id)
        return await _write(request, tenant, "winLead", WinLead(lead_id=lead_id, sale_id=data.sale_id))

    @post("/{lead_id:str}/losses", operation_id="loseLead", opt={"scope": "leads:write"})
    async def lose(
        self, request: ShopRequest, tenant: Tenant, lead_id: str, data: LeadLoss
    ) -> Response[LeadChanged]:
        """They will not buy. Tasks that rules had asked for and are still open are cancelled."""
        await require_lead(request, tenant, lead_id)
        return await _write(request, tenant, "loseLead", LoseLead(lead_id=lead_id, reason=data.reason))

    @post("/{lead_id:str}/reopenings", operation_id="reopenLead", opt={"scope": "leads:write"})
    async def reopen(self, request: ShopRequest, tenant: Tenant, lead_id: str) -> Response[LeadChanged]:
        """Takes a lead that was won or lost up again, where it stood. Its tasks stay cancelled."""
        await require_lead(request, tenant, lead_id)
        return await _write(request, tenant, "reopenLead", ReopenLead(lead_id=lead_id))

    @get(operation_id="listLeads", opt={"scope": "leads:read"})
    async def list(
        self,
        request: ShopRequest,
        tenant: Tenant,
        stage: LeadStage | None = None,
        employee_id: OneId = None,
        customer_id: OneId = None,
        limit: Limit = 100,
        cursor: str | None = None,
    ) -> Page[LeadLine]:
        """The board, newest first; of the key's stores where it doesn't open all.

        A customer's are those of all records that are one person with them.
        """
        after = decode_cursor(cursor, tuple[Instant, Id])
        await caught_up(request, tenant, LeadBoard.name)
        stores = request.user.stores
        customers = None if customer_id is None else await _records_of(tenant, customer_id)
        async with tenant.readers.connection() as connection:
            rows = await leads(
                connection,
                stores=None if stores is None else sorted(stores),
                stage=stage,
                employee_id=employee_id,
                customers=customers,
                after=after,
                limit=limit + 1,
            )
        board = [
            LeadLine(
                lead_id=row.lead_id,
                customer_id=row.customer_id,
                store_id=row.store_id,
                source=row.source,
                stage=row.stage,
                employee_id=row.employee_id,
                sku=row.sku,
                category=row.category,
                opened_at=row.opened_at,
                stage_at=row.stage_at,
                changed_at=row.changed_at,
                closed_at=row.closed_at,
                reason=row.reason,
                sale_id=row.sale_id,
                amount=_amount(row.amount_minor, row.currency),
            )
            for row in rows
            if row.opened_at is not None
        ]
        return page_of(board, limit, lambda row: (row.opened_at, row.lead_id))

    @get("/{lead_id:str}", operation_id="getLead", opt={"scope": "leads:read"})
    async def show(self, request: ShopRequest, tenant: Tenant, lead_id: str) -> Response[LeadView]:
        """A lead with its notes."""
        lead, version = await require_lead(request, tenant, lead_id)
        facts = lead.opened
        assert facts is not None
        about = (CUSTOMER.stream(facts.customer_id),)
        view = LeadView(
            lead_id=lead_id,
            customer_id=facts.customer_id,
            store_id=facts.store_id,
            source=facts.source,
            stage=lead.stage,
            employee_id=lead.employee_id,
            sku=facts.sku,
            category=facts.category,
            reason=lead.reason,
            sale_id=lead.sale_id,
            amount=_amount(lead.amount_minor, lead.currency),
            notes=await opened(request, tenant, lead.notes, about=about),
            tasks=[*lead.planned],
        )
        return read(view, version)


async def _write(
    request: ShopRequest, tenant: Tenant, operation: str, command: Command
) -> Response[LeadChanged]:
    origin = await command_origin(request, tenant, operation, key_required=False)
    answer = await tenant.submit(command, origin)
    return written(LeadChanged(lead_id=answer.result.id, position=answer.position), answer, 201)
