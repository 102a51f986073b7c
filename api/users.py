"""/v1/users: the people who sign in, their roles and limits."""

from collections.abc import Sequence
from typing import Annotated

import msgspec
from litestar import Controller, Response, get, patch, post
from msgspec import UNSET, Meta, UnsetType

from api.accesses import on_record
from api.limits import LimitsBody, LimitsView, RoleHeld, given_limits, held_roles, limits_view
from api.reading import read, written
from api.requests import Body, Cause, Instant, ShopRequest, Text, changes_of, expected_version, given
from domain.access.limits import GivenLimits, widest
from domain.access.record import ACCESS, RoleInStore
from domain.kernel.ids import Id
from domain.staff.employee import EMPLOYEE, unless_erased
from infra.access.changes import ChangedUser, RoleUnknown, UserChange
from infra.access.passwords import PasswordChecker, one_time_password
from infra.access.people import User, read_users, require_user
from infra.access.roles import read_roles
from infra.tenancy import Tenant

RolesHeld = Annotated[list[RoleHeld], Meta(max_length=1_000)]


class UserToAdd(Body, frozen=True, kw_only=True):
    """A person. Upper and lower case are the same in the name to sign in with.

    `employee_id` is who they are at work: when that employee is erased, so are they.
    """

    sign_in_name: Text
    roles: RolesHeld
    limits: LimitsBody = LimitsBody()
    employee_id: Id | None = None


class UserToChange(Body, frozen=True, kw_only=True):
    """What is given changes; roles and limits replace all that there were.

    `reset_password` makes a new first password and ends all sessions, as `disabled` does.
    """

    roles: RolesHeld | UnsetType = UNSET
    limits: LimitsBody | UnsetType = UNSET
    disabled: bool | UnsetType = UNSET
    reset_password: bool = False
    employee_id: Id | UnsetType = UNSET


class UserErasure(Body, frozen=True, kw_only=True):
    """The reason, a cause that stands in the journal for ever; never about a person."""

    reason: Cause = "request"


class UserForgotten(msgspec.Struct, frozen=True, kw_only=True):
    """Whom it was about."""

    user_id: str
    position: int


class UserView(msgspec.Struct, frozen=True, kw_only=True):
    """A person. With `must_change` they have yet to choose a password; `limits` are their own.

    Of who was erased, `sign_in_name` is the id.
    """

    user_id: str
    sign_in_name: str
    roles: list[RoleHeld]
    limits: LimitsView
    disabled: bool
    must_change: bool
    created_at: Instant
    employee_id: str | None
    erased_at: Instant | None


class NewUserView(UserView, frozen=True, kw_only=True):
    """The same with the first password, where there is a new one: it is told here and never again."""

    one_time_password: str | None


class UserList(msgspec.Struct, frozen=True, kw_only=True):
    """The tenant's people, oldest first."""

    data: list[UserView]


def _view(user: User) -> UserView:
    return UserView(
        user_id=user.user_id,
        sign_in_name=user.sign_in_name,
        roles=[RoleHeld(role=held.role, store_id=held.store_id) for held in user.roles],
        limits=limits_view(user.limits),
        disabled=user.disabled,
        must_change=user.must_change,
        created_at=user.created_at,
        employee_id=user.employee_id,
        erased_at=user.erased_at,
    )


def _changed_view(changed: ChangedUser) -> NewUserView:
    return NewUserView(**msgspec.structs.asdict(_view(changed.user)), one_time_password=changed.password)


def subject_of(user_id: str) -> str:
    """The person in the record of accesses."""
    return f"user-{user_id}"


async def _told(request: ShopRequest, tenant: Tenant, users: Sequence[User]) -> list[UserView]:
    """People with their names, after who reads them is on record."""
    names = sum(user.erased_at is None for user in users)
    await on_record(request, tenant, [subject_of(user.user_id) for user in users], names)
    return [_view(user) for user in users]


async def _require_employee(tenant: Tenant, employee_id: str | None) -> None:
    """NotFound or Erased unless somebody works under the id."""
    if employee_id is not None:
        employee, _ = await tenant.require_state(EMPLOYEE, employee_id)
        unless_erased(employee)


async def require_within(
    request: ShopRequest, tenant: Tenant, held: Sequence[RoleInStore], limits: GivenLimits
) -> None:
    """Problem 403 unless whoever asks has all that these roles give, and no lower limits. RoleUnknown."""
    async with request.app.state.tenants.control.connection() as connection:
        known = await read_roles(connection, tenant.name)
    for one in held:
        if one.role not in known:
            raise RoleUnknown(f"There is no role {one.role!r}.", role=one.role, roles=sorted(known))
    roles = [known[one.role] for one in held]
    scopes = frozenset(scope for role in roles for scope in role.permissions)
    request.user.require_within(scopes, limits.over(widest(role.limits for role in roles)))


class UsersController(Controller):
    """People. They are the tenant's, so whoever manages them must do so in every store."""

    path = "/v1/users"
    tags = ("access",)

    @post(operation_id="addUser", opt={"scope": "users:write"})
    async def add(self, request: ShopRequest, tenant: Tenant, data: UserToAdd) -> Response[NewUserView]:
        """Lets a person sign in, with a first password that is told once."""
        request.user.require_store(None)
        held, limits = held_roles(data.roles), given_limits(data.limits)
        await require_within(request, tenant, held, limits)
        await _require_employee(tenant, data.employee_id)
        passwords: PasswordChecker = request.app.state.passwords
        password = one_time_password()
        hashed = await passwords.hash_of(password)
        name = data.sign_in_name.casefold()
        changes = changes_of(request, tenant)
        added = await changes.add_user(name, held, limits, password, hashed, data.employee_id)
        return written(_changed_view(added), added.answer, 201)

    @get(operation_id="listUsers", opt={"scope": "users:read"})
    async def list(self, request: ShopRequest, tenant: Tenant) -> UserList:
        """Everybody, those who are disabled too. Who read the names is on record."""
        request.user.require_store(None)
        async with request.app.state.tenants.control.connection() as connection:
            users = await read_users(connection, tenant.name)
        return UserList(data=await _told(request, tenant, users))

    @get("/{user_id:str}", operation_id="getUser", opt={"scope": "users:read"})
    async def show(self, request: ShopRequest, tenant: Tenant, user_id: str) -> Response[UserView]:
        """A person and, as ETag, the version."""
        request.user.require_store(None)
        stream = ACCESS.stream(user_id)
        # The version first: should they change in between, it is too old and the next change says so.
        async with tenant.readers.connection() as connection:
            record, _ = (await tenant.journal.read_states(connection, [stream]))[stream]
        async with request.app.state.tenants.control.connection() as connection:
            user = await require_user(connection, tenant.name, user_id)
        (view,) = await _told(request, tenant, [user])
        return read(view, record.version)

    @patch("/{user_id:str}", operation_id="changeUser", opt={"scope": "users:write"})
    async def change(
        self, request: ShopRequest, tenant: Tenant, user_id: str, data: UserToChange
    ) -> Response[NewUserView]:
        """Changes roles and limits, disables, or gives a new first password."""
        request.user.require_store(None)
        expected = expected_version(request)
        async with request.app.state.tenants.control.connection() as connection:
            user = await require_user(connection, tenant.name, user_id)
        roles = None if data.roles is UNSET else held_roles(data.roles)
        limits = None if data.limits is UNSET else given_limits(data.limits)
        # As they are, too: whoever could change somebody above them could become them.
        await require_within(request, tenant, user.roles, user.limits)
        await require_within(request, tenant, roles or user.roles, limits or user.limits)
        await _require_employee(tenant, given(data.employee_id))
        passwords: PasswordChecker = request.app.state.passwords
        password = one_time_password() if data.reset_password else None
        change = UserChange(
            roles=roles,
            limits=limits,
            disabled=given(data.disabled),
            reset_password=data.reset_password,
            employee_id=given(data.employee_id),
        )
        hashed = None if password is None else await passwords.hash_of(password)
        changes = changes_of(request, tenant)
        changed = await changes.change_user(user_id, change, expected, password, hashed)
        await on_record(request, tenant, [subject_of(user_id)], 1)
        _, version = await tenant.state_at(ACCESS, user_id, changed.answer.position)
        return written(_changed_view(changed), changed.answer, version=version)

    @post("/{user_id:str}/erasure", operation_id="eraseUser", opt={"scope": "users:write"})
    async def erase(
        self, request: ShopRequest, tenant: Tenant, user_id: str, data: UserErasure
    ) -> Response[UserForgotten]:
        """Forgets a person who signed in, for good: sessions and keys that they made end, the name goes.

        What they did stays, under the id. A repeat changes nothing.
        """
        request.user.require_store(None)
        async with request.app.state.tenants.control.connection() as connection:
            user = await require_user(connection, tenant.name, user_id)
        await require_within(request, tenant, user.roles, user.limits)
        answer = await changes_of(request, tenant).erase_user(user_id, data.reason)
        return written(UserForgotten(user_id=user_id, position=answer.position), answer, 201)
