"""Legal holds, and the erasure of customers and employees."""

import msgspec
from litestar import Controller, Response, post

from api.indexing import index_reached
from api.reading import written
from api.requests import Body, Cause, ShopRequest, changes_of, command_origin
from api.users import require_within
from domain.customers.customer import CUSTOMER
from domain.customers.forgetting import EraseCustomer, HoldCustomer, ReleaseCustomer
from domain.kernel.command import Command
from domain.staff.employee import EMPLOYEE, EraseEmployee
from domain.staff.holds import HoldEmployee, ReleaseEmployee
from infra.access.people import read_users
from infra.event_store.submission import Answer
from infra.tenancy import Tenant


class Why(Body, frozen=True, kw_only=True):
    """The reason, a cause that stands in the journal for ever; never about a person."""

    reason: Cause = "request"


class Hold(Body, frozen=True, kw_only=True):
    """Why somebody may not be forgotten; a hold is lifted by the reason that it has."""

    reason: Cause


class PersonChanged(msgspec.Struct, frozen=True, kw_only=True):
    """Whom it was about."""

    id: str
    position: int


class ForgettingController(Controller):
    """Forgetting, and what forbids it."""

    path = "/v1"
    tags = ("privacy",)

    @post("/customers/{customer_id:str}/hold", operation_id="holdCustomer", opt={"scope": "customers:hold"})
    async def hold(
        self, request: ShopRequest, tenant: Tenant, customer_id: str, data: Hold
    ) -> Response[PersonChanged]:
        """Forbids that a customer is forgotten."""
        request.user.require_store(None)
        command = HoldCustomer(customer_id=customer_id, reason=data.reason)
        return _changed(await _decide(request, tenant, "holdCustomer", command))

    @post(
        "/customers/{customer_id:str}/release",
        operation_id="releaseCustomer",
        opt={"scope": "customers:hold"},
    )
    async def release(
        self, request: ShopRequest, tenant: Tenant, customer_id: str, data: Hold
    ) -> Response[PersonChanged]:
        """Lifts a hold."""
        request.user.require_store(None)
        command = ReleaseCustomer(customer_id=customer_id, reason=data.reason)
        return _changed(await _decide(request, tenant, "releaseCustomer", command))

    @post(
        "/customers/{customer_id:str}/erasure", operation_id="eraseCustomer", opt={"scope": "customers:erase"}
    )
    async def erase_customer(
        self, request: ShopRequest, tenant: Tenant, customer_id: str, data: Why
    ) -> Response[PersonChanged]:
        """Forgets a customer for good.

        When this is answered, nobody can read or find anything of the customer any more, in no process.
        Records that are one person with theirs are forgotten with them. What they bought stays, as numbers. A
        repeat changes nothing.
        """
        request.user.require_store(None)
        command = EraseCustomer(customer_id=customer_id, reason=data.reason)
        return await erase_person(request, tenant, "eraseCustomer", command)

    @post("/employees/{employee_id:str}/hold", operation_id="holdEmployee", opt={"scope": "employees:hold"})
    async def hold_employee(
        self, request: ShopRequest, tenant: Tenant, employee_id: str, data: Hold
    ) -> Response[PersonChanged]:
        """Forbids that an employee is forgotten, and whoever signs in as them."""
        await _require_store_of(request, tenant, employee_id)
        command = HoldEmployee(employee_id=employee_id, reason=data.reason)
        return _changed(await _decide(request, tenant, "holdEmployee", command))

    @post(
        "/employees/{employee_id:str}/release",
        operation_id="releaseEmployee",
        opt={"scope": "employees:hold"},
    )
    async def release_employee(
        self, request: ShopRequest, tenant: Tenant, employee_id: str, data: Hold
    ) -> Response[PersonChanged]:
        """Lifts a hold of an employee."""
        await _require_store_of(request, tenant, employee_id)
        command = ReleaseEmployee(employee_id=employee_id, reason=data.reason)
        return _changed(await _decide(request, tenant, "releaseEmployee", command))

    @post(
        "/employees/{employee_id:str}/erasure", operation_id="eraseEmployee", opt={"scope": "employees:erase"}
    )
    async def erase_employee(
        self, request: ShopRequest, tenant: Tenant, employee_id: str, data: Why
    ) -> Response[PersonChanged]:
        """Forgets the name of an employee who has left, and the person who signs in as them.

        What counted for them stays, as numbers. Who signs in takes `users:write` in every store, too.
        """
        await _require_store_of(request, tenant, employee_id)
        users = await _users_of(request, tenant, employee_id)
        command = EraseEmployee(employee_id=employee_id, reason=data.reason)

        async def decide() -> Answer:
            return await _decide(request, tenant, "eraseEmployee", command)

        # With the person's doors closed in the same transaction; then the keys of what they were called.
        answer = await changes_of(request, tenant).erase_employee(employee_id, decide, data.reason, users)
        await _forget(tenant, answer, EMPLOYEE.stream(employee_id))
        return _changed(answer)


async def _require_store_of(request: ShopRequest, tenant: Tenant, employee_id: str) -> None:
    state, _ = await tenant.require_state(EMPLOYEE, employee_id)
    request.user.require_store(state.store_id)


async def _users_of(request: ShopRequest, tenant: Tenant, employee_id: str) -> set[str]:
    """Who signs in as the employee, each of whom whoever asks may erase. Problem 403."""
    async with request.app.state.tenants.control.connection() as connection:
        users = [
            user
            for user in await read_users(connection, tenant.name)
            if user.employee_id == employee_id and user.erased_at is None
        ]
    for user in users:
        request.user.require_in("users:write", None)
        await require_within(request, tenant, user.roles, user.limits)
    return {user.user_id for user in users}


async def erase_person(
    request: ShopRequest, tenant: Tenant, operation: str, command: EraseCustomer
) -> Response[PersonChanged]:
    """Decides that a customer is forgotten, and forgets them under every id."""
    answer = await _decide(request, tenant, operation, command)
    for customer_id in (command.customer_id, *answer.result.also):
        await _forget(tenant, answer, CUSTOMER.stream(customer_id))
    return _changed(answer)


async def _decide(request: ShopRequest, tenant: Tenant, operation: str, command: Command) -> Answer:
    origin = await command_origin(request, tenant, operation, key_required=False)
    return await tenant.submit(command, origin)


def _changed(answer: Answer) -> Response[PersonChanged]:
    return written(PersonChanged(id=answer.result.id, position=answer.position), answer, 201)


async def _forget(tenant: Tenant, decided: Answer, subject: str) -> None:
    """After the decision: then nothing new can be written of the person, and a hold comes too late.

    The index first, which knows the keys that old complaints have of their own.
    """
    await index_reached(tenant, decided.position)
    async with tenant.readers.connection() as connection:
        await tenant.people.forget(connection, subject)
