"""/v1/roles: sets of permissions with limits, built in and of the tenant's own."""

from typing import Annotated

import msgspec
from litestar import Controller, Response, get, put
from msgspec import Meta

from api.errors import Problem
from api.keys import ScopeName
from api.limits import LimitsBody, LimitsView, RoleName, given_limits, limits_view
from api.reading import written
from api.requests import Body, ShopRequest, changes_of
from domain.access.limits import Limits
from infra.access.roles import BUILT_IN, Role, read_roles
from infra.api_keys import PEOPLE_SCOPES, SCOPES
from infra.tenancy import Tenant

KNOWN = SCOPES | PEOPLE_SCOPES


class RoleToDefine(Body, frozen=True, kw_only=True):
    """A role of your own with its permissions; of a built-in role only the limits."""

    permissions: Annotated[list[ScopeName], Meta(min_length=1, max_length=1_000)] | None = None
    limits: LimitsBody = LimitsBody()


class RoleView(msgspec.Struct, frozen=True, kw_only=True):
    """A role: what it permits, and how far alone."""

    role: str
    built_in: bool
    permissions: list[str]
    limits: LimitsView


class RoleList(msgspec.Struct, frozen=True, kw_only=True):
    """Every role, by name."""

    data: list[RoleView]


def _view(name: str, role: Role) -> RoleView:
    return RoleView(
        role=name,
        built_in=name in BUILT_IN,
        permissions=sorted(role.permissions),
        limits=limits_view(role.limits),
    )


def _check(role: str, data: RoleToDefine) -> None:
    try:
        msgspec.convert(role, RoleName)
    except msgspec.ValidationError:
        detail = "A role is named in lower-case letters, digits and _."
        raise Problem(400, "invalid_request", detail) from None
    if (role in BUILT_IN) == (data.permissions is not None):
        detail = "Give permissions for a role of your own, and for no other."
        raise Problem(400, "invalid_request", detail)
    if unknown := sorted(set(data.permissions or ()) - KNOWN):
        raise Problem(422, "scope_unknown", "There is no such scope.", scopes=unknown)


class RolesController(Controller):
    """Roles. They are the tenant's, so whoever defines them must do so in every store."""

    path = "/v1/roles"
    tags = ("access",)

    @get(operation_id="listRoles", opt={"scope": "users:read"})
    async def list(self, request: ShopRequest, tenant: Tenant) -> RoleList:
        """Every role with its permissions and limits."""
        async with request.app.state.tenants.control.connection() as connection:
            roles = await read_roles(connection, tenant.name)
        return RoleList(data=[_view(name, roles[name]) for name in sorted(roles)])

    @put("/{role:str}", operation_id="defineRole", opt={"scope": "users:write"})
    async def define(
        self, request: ShopRequest, tenant: Tenant, role: str, data: RoleToDefine
    ) -> Response[RoleView]:
        """Defines a role of your own, or sets the limits of a built-in one."""
        request.user.require_store(None)
        _check(role, data)
        async with request.app.state.tenants.control.connection() as connection:
            before = (await read_roles(connection, tenant.name)).get(role)
        built_in = BUILT_IN.get(role)
        permissions = frozenset(data.permissions or ()) if built_in is None else built_in.permissions
        given = given_limits(data.limits)
        limits = given.over(Limits() if built_in is None else built_in.limits)
        # As it is, too: nobody changes what those above them may do.
        request.user.require_within(frozenset() if before is None else before.permissions)
        request.user.require_within(permissions, limits)
        answer = await changes_of(request, tenant).define_role(role, data.permissions, given)
        return written(_view(role, Role(permissions=permissions, limits=limits)), answer)
