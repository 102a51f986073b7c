"""/v1/tasks: what is to be done, by whom and until when. Texts are stored sealed."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from litestar import Controller, Response, get, post
from litestar.params import Parameter
from msgspec import Meta

from api.accesses import opened
from api.complaints import require_case
from api.leads import require_lead
from api.orders import require_order
from api.reading import MAX_PAGE, Page, caught_up, decode_cursor, page_of, read, written
from api.requests import Body, Cause, Instant, LongText, ShopRequest, command_origin
from domain.customers.customer import CUSTOMER
from domain.kernel.command import Command
from domain.kernel.ids import ID_PATTERN, Id
from domain.kernel.sealed import Sealed
from domain.leads.lead import LEAD
from domain.leads.task import TASK, Task
from domain.leads.tasking import CancelTask, CompleteTask, GiveTask, OpenTask, RescheduleTask
from domain.orders.order import ORDER
from domain.service.case import COMPLAINT
from infra.ids import uuid7
from infra.tenancy import Tenant
from projections.task_board.fold import TaskBoard
from projections.task_board.queries import tasks

Limit = Annotated[int, Parameter(ge=1, le=MAX_PAGE)]
OneId = Annotated[str | None, Parameter(pattern=ID_PATTERN)]
Subject = Annotated[
    str,
    Meta(
        pattern=r"^(lead|customer|order|complaint)-[A-Za-z0-9][A-Za-z0-9._-]{0,63}$(?!\n)",
        description="what it is about: lead-l1, customer-c1, order-o1 or complaint-q1",
    ),
]
SubjectAsked = Annotated[str | None, Parameter(pattern=r"^[a-z]+-[A-Za-z0-9][A-Za-z0-9._-]{0,63}$(?!\n)")]


class TaskToOpen(Body, frozen=True, kw_only=True):
    """Something to be done: a short word for it ("call"), and perhaps more in `text`."""

    task_id: Id | None = None
    store_id: Id
    subject: Subject
    action: Cause
    due_at: Instant
    employee_id: Id | None = None
    text: LongText | None = None


class TaskOwner(Body, frozen=True, kw_only=True):
    """Who is to do it."""

    employee_id: Id


class DueTime(Body, frozen=True, kw_only=True):
    """Until when it is to be done."""

    due_at: Instant


class TaskOutcome(Body, frozen=True, kw_only=True):
    """What it came to ("reached", "nobody there"), and perhaps more in `text`."""

    outcome: Cause
    text: LongText | None = None


class TaskCancellation(Body, frozen=True, kw_only=True):
    """Why it is not to be done any more."""

    reason: Cause


class TaskChanged(msgspec.Struct, frozen=True, kw_only=True):
    """The task that was written to."""

    task_id: str
    position: int


class TaskLine(msgspec.Struct, frozen=True, kw_only=True):
    """A task without its texts. `outcome` is what it came to, or why it was cancelled."""

    task_id: str
    store_id: str
    subject: str
    action: str
    status: str
    employee_id: str | None
    rule: str | None
    opened_at: datetime | None
    due_at: Instant
    closed_at: datetime | None
    outcome: str | None


class TaskView(msgspec.Struct, frozen=True, kw_only=True):
    """A task with its texts: null where there is none, or it was erased."""

    task_id: str
    store_id: str
    subject: str
    action: str
    status: str
    employee_id: str | None
    rule: str | None
    due_at: datetime
    outcome: str | None
    text: str | None
    outcome_text: str | None


class TasksController(Controller):
    """Tasks."""

    path = "/v1/tasks"
    tags = ("leads",)

    @post(operation_id="openTask", opt={"scope": "leads:write"})
    async def open(self, request: ShopRequest, tenant: Tenant, data: TaskToOpen) -> Response[TaskChanged]:
        """Opens a task. The staff of the store are told when it is due and not done."""
        request.user.require_store(data.store_id)
        await _require_subject(request, tenant, data.subject)
        task_id = data.task_id or uuid7()
        command = OpenTask(
            task_id=task_id,
            store_id=data.store_id,
            subject=data.subject,
            action=data.action,
            due_at=data.due_at,
            employee_id=data.employee_id,
            text=await _sealed(tenant, task_id, data.subject, "task.opened.v1/text", data.text),
        )
        return await _write(request, tenant, "openTask", command)

    @post("/{task_id:str}/assignments", operation_id="giveTask", opt={"scope": "leads:write"})
    async def give(
        self, request: ShopRequest, tenant: Tenant, task_id: str, data: TaskOwner
    ) -> Response[TaskChanged]:
        """Gives the task to an employee."""
        await _require_task(request, tenant, task_id)
        command = GiveTask(task_id=task_id, employee_id=data.employee_id)
        return await _write(request, tenant, "giveTask", command)

    @post("/{task_id:str}/due-times", operation_id="rescheduleTask", opt={"scope": "leads:write"})
    async def reschedule(
        self, request: ShopRequest, tenant: Tenant, task_id: str, data: DueTime
    ) -> Response[TaskChanged]:
        """Puts the task off, or earlier."""
        await _require_task(request, tenant, task_id)
        command = RescheduleTask(task_id=task_id, due_at=data.due_at)
        return await _write(request, tenant, "rescheduleTask", command)

    @post("/{task_id:str}/completion", operation_id="completeTask", opt={"scope": "leads:write"})
    async def complete(
        self, request: ShopRequest, tenant: Tenant, task_id: str, data: TaskOutcome
    ) -> Response[TaskChanged]:
        """The task was done. Follow-up rules that come after it open the next."""
        task, _ = await _require_task(request, tenant, task_id)
        assert task.opened is not None
        text = await _sealed(tenant, task_id, task.opened.subject, "task.done.v1/text", data.text)
        command = CompleteTask(task_id=task_id, outcome=data.outcome, text=text)
        return await _write(request, tenant, "completeTask", command)

    @post("/{task_id:str}/cancellation", operation_id="cancelTask", opt={"scope": "leads:write"})
    async def cancel(
        self, request: ShopRequest, tenant: Tenant, task_id: str, data: TaskCancellation
    ) -> Response[TaskChanged]:
        """The task is not to be done any more."""
        await _require_task(request, tenant, task_id)
        command = CancelTask(task_id=task_id, reason=data.reason)
        return await _write(request, tenant, "cancelTask", command)

    @get(operation_id="listTasks", opt={"scope": "leads:read"})
    async def list(
        self,
        request: ShopRequest,
        tenant: Tenant,
        status: Literal["open", "done", "cancelled"] = "open",
        employee_id: OneId = None,
        subject: SubjectAsked = None,
        due_before: Instant | None = None,
        limit: Limit = 100,
        cursor: str | None = None,
    ) -> Page[TaskLine]:
        """Tasks, those that are due first before the others; overdue is what is open and due before now."""
        after = decode_cursor(cursor, tuple[Instant, Id])
        await caught_up(request, tenant, TaskBoard.name)
        stores = request.user.stores
        async with tenant.readers.connection() as connection:
            rows = await tasks(
                connection,
                status=status,
                stores=None if stores is None else sorted(stores),
                employee_id=employee_id,
                subject=subject,
                due_before=due_before,
                after=after,
                limit=limit + 1,
            )
        board = [
            TaskLine(
                task_id=row.task_id,
                store_id=row.store_id,
                subject=row.subject,
                action=row.action,
                status=row.status,
                employee_id=row.employee_id,
                rule=row.rule,
                opened_at=row.opened_at,
                due_at=row.due_at,
                closed_at=row.closed_at,
                outcome=row.outcome,
            )
            for row in rows
            if row.due_at is not None
        ]
        return page_of(board, limit, lambda row: (row.due_at, row.task_id))

    @get("/{task_id:str}", operation_id="getTask", opt={"scope": "leads:read"})
    async def show(self, request: ShopRequest, tenant: Tenant, task_id: str) -> Response[TaskView]:
        """A task with its texts."""
        task, version = await _require_task(request, tenant, task_id)
        facts = task.opened
        assert facts is not None
        assert task.due_at is not None
        boxes = [box for box in (facts.text, task.outcome_text) if box is not None]
        about = () if facts.customer_id is None else (CUSTOMER.stream(facts.customer_id),)
        texts = dict(zip(boxes, await opened(request, tenant, boxes, about=about), strict=True))
        done = "done" if task.cancelled is None else "cancelled"
        view = TaskView(
            task_id=task_id,
            store_id=facts.store_id,
            subject=facts.subject,
            action=facts.action,
            status="open" if task.is_open else done,
            employee_id=task.employee_id,
            rule=facts.rule,
            due_at=task.due_at,
            outcome=task.outcome or task.cancelled,
            text=facts.text and texts[facts.text],
            outcome_text=task.outcome_text and texts[task.outcome_text],
        )
        return read(view, version)


async def _require_task(request: ShopRequest, tenant: Tenant, task_id: str) -> tuple[Task, int]:
    task, version = await tenant.require_state(TASK, task_id)
    assert task.opened is not None
    request.user.require_store(task.opened.store_id)
    return task, version


async def _require_subject(request: ShopRequest, tenant: Tenant, about: str) -> None:
    """What the task is about exists, and its store is open to whoever asks; customers are of all stores."""
    kind, _, id_ = about.partition("-")
    match kind:
        case LEAD.category:
            await require_lead(request, tenant, id_)
        case ORDER.category:
            await require_order(request, tenant, id_)
        case COMPLAINT.category:
            await require_case(request, tenant, id_)
        case _:
            await tenant.require_state(CUSTOMER, id_)


async def _sealed(tenant: Tenant, task_id: str, about: str, place: str, text: str | None) -> Sealed | None:
    """A text sealed for the customer that the task is about, be it through something, else for the task."""
    if text is None:
        return None
    customer_id = await _customer_of(tenant, about)
    subject = TASK.stream(task_id) if customer_id is None else CUSTOMER.stream(customer_id)
    return await tenant.vault.seal(subject, place, text)


async def _customer_of(tenant: Tenant, about: str) -> str | None:
    kind, _, id_ = about.partition("-")
    match kind:
        case CUSTOMER.category:
            return id_
        case LEAD.category:
            lead, _ = await tenant.require_state(LEAD, id_)
            return None if lead.opened is None else lead.opened.customer_id
        case ORDER.category:
            order, _ = await tenant.require_state(ORDER, id_)
            return None if order.placed is None else order.placed.person_id
        case _:
            case, _ = await tenant.require_state(COMPLAINT, id_)
            return None if case.opened is None else case.opened.customer_id


async def _write(
    request: ShopRequest, tenant: Tenant, operation: str, command: Command
) -> Response[TaskChanged]:
    origin = await command_origin(request, tenant, operation, key_required=False)
    answer = await tenant.submit(command, origin)
    return written(TaskChanged(task_id=answer.result.id, position=answer.position), answer, 201)
