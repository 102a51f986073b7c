"""/v1/complaints: from opening to resolution, and the board. Texts are stored sealed."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Annotated, Literal

import msgspec
from litestar import Controller, Response, get, post
from litestar.params import Parameter

from api.accesses import opened
from api.reading import MAX_PAGE, Page, caught_up, decode_cursor, page_of, read, written
from api.requests import Body, Cause, Instant, LongText, ShopRequest, command_origin
from domain.customers.customer import CUSTOMER
from domain.kernel.command import Command
from domain.kernel.event import AnyRecorded
from domain.kernel.ids import Id
from domain.kernel.sealed import Sealed
from domain.sales.sale import SALE
from domain.service.case import COMPLAINT, Case, CaseKind, Channel, Told
from domain.service.clocks import ClockKind, Clocks
from domain.service.clocks import evolve as evolve_clocks
from domain.service.clocks import read as read_clocks
from domain.service.handling import (
    AssignComplaint,
    CommentComplaint,
    OpenComplaint,
    ReopenComplaint,
    ResolveComplaint,
)
from domain.service.terms import SERVICE_TERMS, Priority
from infra.crypto.vault import SubjectErased
from infra.event_store.clerk import now_utc
from infra.ids import uuid7
from infra.tenancy import Tenant
from projections.complaint_board.fold import ComplaintBoard
from projections.complaint_board.queries import complaints

SECOND = timedelta(seconds=1)

Limit = Annotated[int, Parameter(ge=1, le=MAX_PAGE)]


class ComplaintToOpen(Body, frozen=True, kw_only=True):
    """A complaint, or another case, about a sale, a product, a store or nothing in particular.

    `category` is a cause for reports ("quality"), never about a person; `text` is what the customer says.
    """

    complaint_id: Id | None = None
    text: LongText
    category: Cause = "other"
    customer_id: Id | None = None
    store_id: Id | None = None
    sale_id: Id | None = None
    sku: Id | None = None
    priority: Priority = Priority.NORMAL
    kind: CaseKind = CaseKind.COMPLAINT
    channel: Channel | None = None
    lot: Id | None = None
    supplier_id: Id | None = None
    about_employee_id: Id | None = None


class Assignment(Body, frozen=True, kw_only=True):
    """Who takes care of it from now on."""

    employee_id: Id


class Comment(Body, frozen=True, kw_only=True):
    """A note, by an employee or the customer."""

    text: LongText
    employee_id: Id | None = None


class Resolution(Body, frozen=True, kw_only=True):
    """How it was settled."""

    text: LongText


class Reopening(Body, frozen=True, kw_only=True):
    """Why it was not settled after all."""

    text: LongText


class ComplaintChanged(msgspec.Struct, frozen=True, kw_only=True):
    """The complaint that was written to."""

    complaint_id: str
    position: int


class NoteView(msgspec.Struct, frozen=True, kw_only=True):
    """A text of the complaint: opening, comment, response, resolution or reopening. Null: it was erased."""

    role: str
    text: str | None
    employee_id: str | None
    written_at: datetime


class ClockView(msgspec.Struct, frozen=True, kw_only=True):
    """What a clock shows, in seconds of open time. `number` counts those of its kind, from 1.

    `due_at` is when its time is up, null where it has no limit, stopped in time or waits for the customer;
    `breached_at` is when it was up.
    """

    kind: ClockKind
    number: int
    running: bool
    elapsed_s: int
    goal_s: int | None
    due_at: datetime | None
    breached_at: datetime | None


class ComplaintView(msgspec.Struct, frozen=True, kw_only=True):
    """A complaint with its texts, oldest first, and its clocks.

    `waits`: for the customer, and the clocks stand still. A complaint that was opened before service had
    terms has none.
    """

    complaint_id: str
    status: str
    category: str
    customer_id: str | None
    store_id: str | None
    sale_id: str | None
    sku: str | None
    employee_id: str | None
    priority: Priority
    waits: bool
    kind: CaseKind
    channel: Channel | None
    lot: str | None
    supplier_id: str | None
    about_employee_id: str | None
    referred_to: str | None
    reopenings: int
    notes: list[NoteView]
    clocks: list[ClockView]


class BoardRow(msgspec.Struct, frozen=True, kw_only=True):
    """A complaint's place on the board, without its texts."""

    complaint_id: str
    status: str
    category: str
    customer_id: str | None
    store_id: str | None
    sale_id: str | None
    sku: str | None
    employee_id: str | None
    opened_at: Instant
    changed_at: Instant
    resolved_at: Instant | None
    comments: int
    reopenings: int
    kind: str
    channel: str | None
    priority: str
    lot: str | None
    supplier_id: str | None
    about_employee_id: str | None
    responded_at: Instant | None
    referred_at: Instant | None
    outcome: str | None
    in_time: bool | None
    accepted: bool | None


async def _subject(tenant: Tenant, complaint_id: str, customer_id: str | None, sale_id: str | None) -> str:
    """For whom the texts are sealed: the customer, else the sale's, or the complaint where none is known."""
    if customer_id is None and sale_id is not None:
        sale, _ = await tenant.require_state(SALE, sale_id)
        assert sale.completed is not None
        customer_id = sale.completed.customer_id
        if customer_id is not None and (await tenant.require_state(CUSTOMER, customer_id))[0].erased:
            customer_id = None
    return COMPLAINT.stream(complaint_id) if customer_id is None else CUSTOMER.stream(customer_id)


async def require_case(request: ShopRequest, tenant: Tenant, complaint_id: str) -> Case:
    """The complaint, if it exists and the key opens its store."""
    case, _ = await tenant.require_state(COMPLAINT, complaint_id)
    assert case.opened is not None
    request.user.require_store(case.opened.store_id)
    return case


async def text_for_case(
    request: ShopRequest, tenant: Tenant, complaint_id: str, event: str, text: str
) -> Sealed:
    """A text of the complaint, sealed for whom its others are; require_case holds."""
    case = await require_case(request, tenant, complaint_id)
    place = f"{event}/text"
    try:
        return await tenant.vault.seal(case.notes[0].text.subject, place, text)
    except SubjectErased:
        # The customer was forgotten, and the case has to be closed all the same.
        return await tenant.vault.seal(COMPLAINT.stream(complaint_id), place, text)


async def write_to_case(
    request: ShopRequest, tenant: Tenant, operation: str, command: Command
) -> Response[ComplaintChanged]:
    """What was decided about a complaint."""
    origin = await command_origin(request, tenant, operation, key_required=False)
    answer = await tenant.submit(command, origin)
    changed = ComplaintChanged(complaint_id=answer.result.id, position=answer.position)
    return written(changed, answer, 201)


async def _clock_views(tenant: Tenant, case: Case, entries: Iterable[AnyRecorded]) -> list[ClockView]:
    """The clocks of a case now, under the terms of its opening."""
    if case.opened is None or case.opened.terms is None:
        return []
    used = case.opened.terms
    terms = (await tenant.state_of(SERVICE_TERMS, used.store_id)).all[used.version - 1]
    clocks = Clocks()
    for entry in entries:
        clocks = evolve_clocks(clocks, entry.data, entry.occurred_at)
    return [
        ClockView(
            kind=shown.kind,
            number=shown.number,
            running=shown.running,
            elapsed_s=shown.elapsed // SECOND,
            goal_s=None if shown.goal is None else shown.goal // SECOND,
            due_at=shown.due_at,
            breached_at=shown.breached_at,
        )
        for shown in read_clocks(clocks, terms.calendar, terms.goals_of(case.priority), now_utc())
    ]


class ComplaintsController(Controller):
    """Complaints."""

    path = "/v1/complaints"
    tags = ("complaints",)

    @post(operation_id="openComplaint", opt={"scope": "complaints:write"})
    async def open(
        self, request: ShopRequest, tenant: Tenant, data: ComplaintToOpen
    ) -> Response[ComplaintChanged]:
        """Opens a complaint."""
        request.user.require_store(data.store_id)
        complaint_id = data.complaint_id or uuid7()
        subject = await _subject(tenant, complaint_id, data.customer_id, data.sale_id)
        command = OpenComplaint(
            case_id=complaint_id,
            category=data.category,
            text=await tenant.vault.seal(subject, "case.opened.v1/text", data.text),
            customer_id=data.customer_id,
            store_id=data.store_id,
            sale_id=data.sale_id,
            sku=data.sku,
            priority=data.priority,
            kind=data.kind,
            channel=data.channel,
            lot=data.lot,
            supplier_id=data.supplier_id,
            about_employee_id=data.about_employee_id,
        )
        return await write_to_case(request, tenant, "openComplaint", command)

    @post(
        "/{complaint_id:str}/assignments", operation_id="assignComplaint", opt={"scope": "complaints:write"}
    )
    async def assign(
        self, request: ShopRequest, tenant: Tenant, complaint_id: str, data: Assignment
    ) -> Response[ComplaintChanged]:
        """Gives the complaint to an employee."""
        await require_case(request, tenant, complaint_id)
        command = AssignComplaint(case_id=complaint_id, employee_id=data.employee_id)
        return await write_to_case(request, tenant, "assignComplaint", command)

    @post("/{complaint_id:str}/comments", operation_id="commentComplaint", opt={"scope": "complaints:write"})
    async def comment(
        self, request: ShopRequest, tenant: Tenant, complaint_id: str, data: Comment
    ) -> Response[ComplaintChanged]:
        """Adds a note."""
        text = await text_for_case(request, tenant, complaint_id, "case.commented.v1", data.text)
        command = CommentComplaint(case_id=complaint_id, text=text, employee_id=data.employee_id)
        return await write_to_case(request, tenant, "commentComplaint", command)

    @post(
        "/{complaint_id:str}/resolutions", operation_id="resolveComplaint", opt={"scope": "complaints:write"}
    )
    async def resolve(
        self, request: ShopRequest, tenant: Tenant, complaint_id: str, data: Resolution
    ) -> Response[ComplaintChanged]:
        """Settles the complaint; it counts for whoever it is assigned to."""
        text = await text_for_case(request, tenant, complaint_id, "case.resolved.v1", data.text)
        command = ResolveComplaint(case_id=complaint_id, text=text)
        return await write_to_case(request, tenant, "resolveComplaint", command)

    @post("/{complaint_id:str}/reopenings", operation_id="reopenComplaint", opt={"scope": "complaints:write"})
    async def reopen(
        self, request: ShopRequest, tenant: Tenant, complaint_id: str, data: Reopening
    ) -> Response[ComplaintChanged]:
        """Takes a resolved complaint up again."""
        text = await text_for_case(request, tenant, complaint_id, "case.reopened.v1", data.text)
        command = ReopenComplaint(case_id=complaint_id, text=text)
        return await write_to_case(request, tenant, "reopenComplaint", command)

    @get(operation_id="listComplaints", opt={"scope": "complaints:read"})
    async def list(
        self,
        request: ShopRequest,
        tenant: Tenant,
        status: Literal["open", "assigned", "resolved"] | None = None,
        limit: Limit = 100,
        cursor: str | None = None,
    ) -> Page[BoardRow]:
        """The board, newest first; of the key's stores where it doesn't open all."""
        after = decode_cursor(cursor, tuple[Instant, Id])
        await caught_up(request, tenant, ComplaintBoard.name)
        stores = request.user.stores
        async with tenant.readers.connection() as connection:
            rows = await complaints(
                connection,
                status=status,
                stores=None if stores is None else sorted(stores),
                after=after,
                limit=limit + 1,
            )
        board = [
            BoardRow(
                complaint_id=row.case_id,
                status=row.status,
                category=row.category,
                customer_id=row.customer_id,
                store_id=row.store_id,
                sale_id=row.sale_id,
                sku=row.sku,
                employee_id=row.employee_id,
                opened_at=row.opened_at,
                changed_at=row.changed_at,
                resolved_at=row.resolved_at,
                comments=row.comments,
                reopenings=row.reopenings,
                kind=row.kind,
                channel=row.channel,
                priority=row.priority,
                lot=row.lot,
                supplier_id=row.supplier_id,
                about_employee_id=row.about_employee_id,
                responded_at=row.responded_at,
                referred_at=row.referred_at,
                outcome=row.outcome,
                in_time=row.in_time,
                accepted=row.accepted,
            )
            for row in rows
            if row.opened_at is not None and row.changed_at is not None
        ]
        return page_of(board, limit, lambda row: (row.opened_at, row.complaint_id))

    @get("/{complaint_id:str}", operation_id="getComplaint", opt={"scope": "complaints:read"})
    async def show(self, request: ShopRequest, tenant: Tenant, complaint_id: str) -> Response[ComplaintView]:
        """A complaint with its texts."""
        case, version = await tenant.require_state(COMPLAINT, complaint_id)
        facts = case.opened
        assert facts is not None
        request.user.require_store(facts.store_id)
        texts = await opened(request, tenant, [note.text for note in case.notes])
        async with tenant.readers.connection() as connection:
            entries = await tenant.journal.read_stream(connection, COMPLAINT.stream(complaint_id), 0, version)
        times = [entry.occurred_at for entry in entries if isinstance(entry.data, Told)]
        view = ComplaintView(
            complaint_id=complaint_id,
            status=case.status,
            priority=case.priority,
            waits=case.waits,
            kind=facts.kind,
            channel=facts.channel,
            lot=facts.lot,
            supplier_id=facts.supplier_id,
            about_employee_id=facts.about_employee_id,
            referred_to=case.referred_to,
            category=facts.category,
            customer_id=facts.customer_id,
            store_id=facts.store_id,
            sale_id=facts.sale_id,
            sku=facts.sku,
            employee_id=case.employee_id,
            reopenings=case.reopenings,
            notes=[
                NoteView(role=note.role, text=text, employee_id=note.employee_id, written_at=written_at)
                for note, text, written_at in zip(case.notes, texts, times, strict=True)
            ],
            clocks=await _clock_views(tenant, case, entries),
        )
        return read(view, version)
