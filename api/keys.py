"""/v1/keys: API keys, made, replaced and revoked by whoever may give all that they open."""

from collections.abc import Sequence
from typing import Annotated

import msgspec
from litestar import Controller, Response, get, post
from msgspec import Meta

from api.errors import Problem
from api.reading import written
from api.requests import Body, Instant, ShopRequest, Text, changes_of
from domain.access.limits import UNLIMITED
from domain.kernel.ids import Id
from infra.access.changes import NewKey
from infra.api_keys import (
    ALL_SCOPES,
    ROTATION_S,
    SCOPES,
    KeyBeingReplaced,
    KeyUnknown,
    ListedKey,
    ScopeUnknown,
    check_scopes,
    list_keys,
)
from infra.event_store.clerk import now_utc
from infra.tenancy import Tenant

MAX_NAMED = 1_000
_LIMITED = frozenset(
    {"markdowns:write", "prices:override", "returns:unlinked", "sales:write", "shifts:write"}
    | {"stored_value:write", "complaints:compensate"}
)

ScopeName = Annotated[str, Meta(max_length=60, description="a permission such as sales:write, or *")]
KeepS = Annotated[int, Meta(ge=0, le=90 * 24 * 60 * 60, description="seconds that the old key works on")]


class KeyToCreate(Body, frozen=True, kw_only=True):
    """A key. `stores` left out means every store, `expires_at` left out no end but that of your own key."""

    name: Text
    scopes: Annotated[list[ScopeName], Meta(min_length=1, max_length=MAX_NAMED)]
    stores: Annotated[list[Id], Meta(min_length=1, max_length=MAX_NAMED)] | None = None
    expires_at: Instant | None = None


class Rotation(Body, frozen=True, kw_only=True):
    """How long the old key works beside its successor: a week if nothing is said."""

    keep_s: KeepS = ROTATION_S


class KeyView(msgspec.Struct, frozen=True, kw_only=True):
    """A key without its secret. `last_used_at` is exact to half a minute.

    `created_by` is who made it, as events name them; null where that was not written down yet.
    """

    key_id: str
    name: str
    scopes: list[str]
    stores: list[str] | None
    created_at: Instant
    expires_at: Instant | None
    revoked_at: Instant | None
    last_used_at: Instant | None
    successor_of: str | None
    created_by: str | None
    live: bool


class NewKeyView(KeyView, frozen=True, kw_only=True):
    """A new key. `key` is told here and never again."""

    key: str


class KeyList(msgspec.Struct, frozen=True, kw_only=True):
    """Every key that the tenant ever had, oldest first."""

    data: list[KeyView]


def _view(key: ListedKey) -> KeyView:
    return KeyView(**msgspec.structs.asdict(key))


def _new_view(new: NewKey) -> NewKeyView:
    return NewKeyView(**msgspec.structs.asdict(new.listed), key=new.key)


def _require_within(request: ShopRequest, scopes: Sequence[str]) -> None:
    given = SCOPES if ALL_SCOPES in scopes else frozenset(scopes)
    # A key has no limit: whoever has one would get around it with a key of their own.
    request.user.require_within(given, UNLIMITED if given & _LIMITED else None)


class KeysController(Controller):
    """API keys. They are the tenant's, so whoever manages them must do so in every store."""

    path = "/v1/keys"
    tags = ("access",)

    @post(operation_id="createKey", opt={"scope": "keys:write"})
    async def create(self, request: ShopRequest, tenant: Tenant, data: KeyToCreate) -> Response[NewKeyView]:
        """Makes a key and tells it, once. It opens nothing that you may not do yourself.

        A key that ends makes keys that end no later: with it, where no end is given.
        """
        request.user.require_store(None)
        try:
            check_scopes(data.scopes)
        except ScopeUnknown:
            raise Problem(422, "scope_unknown", "There is no such scope.", scopes=data.scopes) from None
        _require_within(request, data.scopes)
        if data.expires_at is not None and data.expires_at <= now_utc():
            raise Problem(422, "invalid_command", "expires_at is over already.")
        changes = changes_of(request, tenant)
        new = await changes.issue_key(data.name, data.scopes, data.stores, data.expires_at)
        return written(_new_view(new), new.answer, 201)

    @get(operation_id="listKeys", opt={"scope": "keys:read"})
    async def list(self, request: ShopRequest, tenant: Tenant) -> KeyList:
        """Every key, those that have ended too, without secrets."""
        request.user.require_store(None)
        async with request.app.state.tenants.control.connection() as connection:
            return KeyList(data=[_view(key) for key in await list_keys(connection, tenant.name)])

    @post("/{key_id:str}/rotation", operation_id="rotateKey", opt={"scope": "keys:write"})
    async def rotate(
        self, request: ShopRequest, tenant: Tenant, key_id: str, data: Rotation
    ) -> Response[NewKeyView]:
        """Makes a successor with the same rights and gives the old key an end."""
        request.user.require_store(None)
        changes = changes_of(request, tenant)
        try:
            new = await changes.rotate_key(
                key_id, data.keep_s, check=lambda old: _require_within(request, old.scopes)
            )
        except KeyUnknown:
            raise Problem(404, "not_found", "There is no such live key. Check the id.") from None
        except KeyBeingReplaced as error:
            raise Problem(409, "key_being_replaced", f"{error}.") from None
        return written(_new_view(new), new.answer, 201)

    @post("/{key_id:str}/revocation", operation_id="revokeKey", opt={"scope": "keys:write"})
    async def revoke(self, request: ShopRequest, tenant: Tenant, key_id: str) -> Response[KeyView]:
        """Ends a key at once."""
        request.user.require_store(None)
        try:
            key, answer = await changes_of(request, tenant).revoke_key(key_id)
        except KeyUnknown:
            raise Problem(404, "not_found", "There is no such key. Check the id.") from None
        return written(_view(key), answer, 201)
