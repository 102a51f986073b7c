"""/v1/complaint-deadlines: what is due next, and to whom cases that are not answered are escalated."""

from typing import Annotated

import msgspec
from litestar import Controller, Response, get, put
from litestar.params import Parameter

from api.details import Email
from api.reading import MAX_PAGE, Page, decode_cursor, page_of, written
from api.requests import Body, Instant, ShopRequest, command_origin
from domain.kernel.ids import Id
from domain.service.contact import SERVICE_CONTACT, ServiceContactSet, SetServiceContact
from domain.service.kinds import CaseKind, ClockKind
from domain.service.terms import Priority
from domain.staff.employee import EMPLOYEE
from infra.cases.deadlines import bring_up, due_cases
from infra.event_store.clerk import now_utc
from infra.tenancy import Tenant

Limit = Annotated[int, Parameter(ge=1, le=MAX_PAGE)]


class DueComplaint(msgspec.Struct, frozen=True, kw_only=True):
    """A complaint whose time runs: which of its clocks is up first, and when it is, or was (`breached`).

    `level` is the highest by which its running clocks were escalated, 0 by none; `escalates_at` when the
    next one is passed.
    """

    complaint_id: str
    kind: CaseKind
    category: str
    priority: Priority
    store_id: str | None
    employee_id: str | None
    clock: ClockKind
    due_at: Instant
    breached: bool
    level: int
    escalates_at: Instant | None


class DeadlinesController(Controller):
    """What is due."""

    path = "/v1/complaint-deadlines"
    tags = ("complaints",)

    @get(operation_id="listDueComplaints", opt={"scope": "complaints:read"})
    async def list(
        self,
        request: ShopRequest,
        tenant: Tenant,
        employee_id: Id | None = None,
        limit: Limit = 100,
        cursor: str | None = None,
    ) -> Page[DueComplaint]:
        """The complaints whose time runs, the longest overdue first, as far as all was written before.

        Those that wait for the customer, or have no limit, are not here. Of the key's stores where it doesn't
        open all.
        """
        after = decode_cursor(cursor, tuple[Instant, Id])
        stores = request.user.stores
        now = now_utc()
        async with tenant.readers.connection() as connection:
            await bring_up(connection, tenant.journal, now)
            rows = await due_cases(
                connection,
                stores=None if stores is None else sorted(stores),
                employee_id=employee_id,
                after=after,
                limit=limit + 1,
            )
        due = [
            DueComplaint(
                complaint_id=row.case_id,
                kind=CaseKind(row.kind),
                category=row.category,
                priority=Priority(row.priority),
                store_id=row.store_id,
                employee_id=row.employee_id,
                clock=ClockKind(row.clock),
                due_at=row.due_at,
                breached=row.due_at < now,
                level=row.level,
                escalates_at=row.next_at,
            )
            for row in rows
            if row.clock is not None and row.due_at is not None
        ]
        return page_of(due, limit, lambda row: (row.due_at, row.complaint_id))


class ServiceContactBody(Body, frozen=True, kw_only=True):
    """Where escalations go; null: they are in the inbox alone."""

    email: Email | None


class ServiceContactView(msgspec.Struct, frozen=True, kw_only=True):
    """Whether escalations to the employee leave by mail. The address is not told."""

    employee_id: str
    mailed: bool


class ServiceContactsController(Controller):
    """How employees hear of escalations."""

    path = "/v1/service-contacts/{employee_id:str}"
    tags = ("service",)

    @get(operation_id="getServiceContact", opt={"scope": "employees:read"})
    async def show(self, request: ShopRequest, tenant: Tenant, employee_id: str) -> ServiceContactView:
        """Whether escalations to the employee leave by mail."""
        employee, _ = await tenant.require_state(EMPLOYEE, employee_id)
        request.user.require_store(employee.store_id)
        contact = await tenant.state_of(SERVICE_CONTACT, employee_id)
        return ServiceContactView(employee_id=employee_id, mailed=contact.email is not None)

    @put(operation_id="setServiceContact", opt={"scope": "employees:write"})
    async def set(
        self, request: ShopRequest, tenant: Tenant, employee_id: str, data: ServiceContactBody
    ) -> Response[ServiceContactView]:
        """Has escalations to the employee leave to an address, which is sealed for them, or no longer."""
        # Nobody's key is made for somebody who is not there.
        employee, _ = await tenant.require_state(EMPLOYEE, employee_id)
        request.user.require_store(employee.store_id)
        origin = await command_origin(request, tenant, "setServiceContact", key_required=False)
        email = None
        if data.email is not None:
            place = f"{ServiceContactSet.TYPE}/email"
            email = await tenant.vault.seal(EMPLOYEE.stream(employee_id), place, data.email)
        command = SetServiceContact(employee_id=employee_id, email=email)
        answer = await tenant.submit(command, origin)
        return written(ServiceContactView(employee_id=employee_id, mailed=email is not None), answer)
