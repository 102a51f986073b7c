"""/v1/employees: who works where, and how they did in a month."""

from typing import Annotated

import msgspec
from litestar import Controller, Response, get, patch, post
from litestar.params import Parameter
from msgspec import UNSET, UnsetType

from api.accesses import opened
from api.money import money_list
from api.reading import caught_up, read, written
from api.requests import Body, ShopRequest, Text, command_origin, expected_version, given
from domain.kernel.ids import Id
from domain.kernel.money import Money
from domain.staff.employee import EMPLOYEE, ChangeEmployee, Employee, HireEmployee, unless_erased
from infra.tenancy import Tenant
from projections.staff_scores.fold import StaffScores
from projections.staff_scores.queries import score_of

Month = Annotated[str, Parameter(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$(?!\n)", description="2026-11")]


class EmployeeToHire(Body, frozen=True, kw_only=True):
    """An employee under an id of your choice. The name is stored sealed."""

    employee_id: Id
    store_id: Id
    name: Text


class EmployeeChange(Body, frozen=True, kw_only=True):
    """What is given changes."""

    store_id: Id | UnsetType = UNSET
    name: Text | UnsetType = UNSET


class EmployeeView(msgspec.Struct, frozen=True, kw_only=True):
    """An employee; `name` null where it was erased. `holds` are why they may not be forgotten."""

    employee_id: str
    store_id: str
    name: str | None
    holds: list[str]


class ScoresView(msgspec.Struct, frozen=True, kw_only=True):
    """A month's figures: sales as paid, returns as refunded, complaints handled."""

    employee_id: str
    month: str
    sales: int
    sales_total: list[Money]
    units: int
    returns: int
    returns_total: list[Money]
    returned_units: int
    complaints_assigned: int
    complaints_resolved: int
    complaints_reopened: int


async def _view(request: ShopRequest, tenant: Tenant, employee: Employee) -> EmployeeView:
    boxes = [] if employee.name is None else [employee.name]
    (name,) = await opened(request, tenant, boxes) or [None]
    return EmployeeView(
        employee_id=employee.employee_id, store_id=employee.store_id, name=name, holds=list(employee.holds)
    )


class EmployeesController(Controller):
    """Employees."""

    path = "/v1/employees"
    tags = ("employees",)

    @post(operation_id="hireEmployee", opt={"scope": "employees:write"})
    async def hire(
        self, request: ShopRequest, tenant: Tenant, data: EmployeeToHire
    ) -> Response[EmployeeView]:
        """Puts an employee on the books of a store."""
        request.user.require_store(data.store_id)
        origin = await command_origin(request, tenant, "hireEmployee", key_required=False)
        subject = EMPLOYEE.stream(data.employee_id)
        name = await tenant.vault.seal(subject, "employee.hired.v1/name", data.name)
        command = HireEmployee(employee_id=data.employee_id, store_id=data.store_id, name=name)
        answer = await tenant.submit(command, origin)
        view = EmployeeView(employee_id=data.employee_id, store_id=data.store_id, name=data.name, holds=[])
        return written(view, answer, 201)

    @get("/{employee_id:str}", operation_id="getEmployee", opt={"scope": "employees:read"})
    async def show(self, request: ShopRequest, tenant: Tenant, employee_id: str) -> Response[EmployeeView]:
        """An employee and, as ETag, the version."""
        state, version = await tenant.require_state(EMPLOYEE, employee_id)
        request.user.require_store(state.store_id)
        return read(await _view(request, tenant, unless_erased(state)), version)

    @patch("/{employee_id:str}", operation_id="changeEmployee", opt={"scope": "employees:write"})
    async def change(
        self, request: ShopRequest, tenant: Tenant, employee_id: str, data: EmployeeChange
    ) -> Response[EmployeeView]:
        """Changes an employee."""
        state, _ = await tenant.require_state(EMPLOYEE, employee_id)
        request.user.require_store(state.store_id)
        unless_erased(state)
        if data.store_id is not UNSET:
            request.user.require_store(data.store_id)
        origin = await command_origin(request, tenant, "changeEmployee", key_required=False)
        name = None
        if data.name is not UNSET:
            name = await tenant.vault.seal(
                EMPLOYEE.stream(employee_id), "employee.changed.v1/name", data.name
            )
        command = ChangeEmployee(
            employee_id=employee_id,
            store_id=given(data.store_id),
            name=name,
            expected_version=expected_version(request),
        )
        answer = await tenant.submit(command, origin)
        state, version = await tenant.state_at(EMPLOYEE, employee_id, answer.position)
        return written(await _view(request, tenant, state), answer, version=version)

    @get("/{employee_id:str}/scores", operation_id="getScores", opt={"scope": "reports:read"})
    async def scores(
        self, request: ShopRequest, tenant: Tenant, employee_id: str, month: Month
    ) -> ScoresView:
        """What the employee sold, took back and settled in a month; zeros where nothing happened."""
        state, _ = await tenant.require_state(EMPLOYEE, employee_id)
        request.user.require_store(state.store_id)
        await caught_up(request, tenant, StaffScores.name)
        async with tenant.readers.connection() as connection:
            score = await score_of(connection, employee_id, month)
        return ScoresView(
            employee_id=score.employee_id,
            month=score.month,
            sales=score.sales,
            sales_total=money_list(score.sales_minor),
            units=score.units,
            returns=score.returns,
            returns_total=money_list(score.returns_minor),
            returned_units=score.returned_units,
            complaints_assigned=score.complaints_assigned,
            complaints_resolved=score.complaints_resolved,
            complaints_reopened=score.complaints_reopened,
        )
