"""/v1/sessions and /v1/users/me: people sign in and out, and choose their passwords.

A session's token travels as Authorization: Bearer, never as a cookie: no page of another site can use it.
"""

import math
from typing import Annotated

import msgspec
from litestar import Controller, Response, delete, get, post, put
from msgspec import Meta

from api.answers import JsonAnswer
from api.callers import caller_address, counted_as
from api.errors import Problem
from api.limits import RoleHeld
from api.reading import written
from api.requests import Body, Instant, ShopRequest, Text, changes_of
from infra.access.attempts import Subject, count_attempt, forget_attempts, of_address, of_name
from infra.access.changes import tell
from infra.access.passwords import MAX_CHARACTERS, PasswordChecker, check_new
from infra.access.people import find_sign_in, password_of
from infra.access.sessions import begin_session, end_session, find_session
from infra.tenancy import Tenant

Password = Annotated[str, Meta(min_length=1, max_length=MAX_CHARACTERS)]


class Credentials(Body, frozen=True, kw_only=True):
    """Who signs in. The tenant is named here because nothing else says it yet."""

    tenant: Text
    sign_in_name: Text
    password: Password


class SignedIn(msgspec.Struct, frozen=True, kw_only=True):
    """A session. `token` is told here and never again; with `must_change` it only opens the password."""

    token: str
    user_id: str
    must_change: bool
    expires_at: Instant


class SessionView(msgspec.Struct, frozen=True, kw_only=True):
    """Who is signed in, with which roles where, and until when at the latest."""

    user_id: str
    tenant: str
    roles: list[RoleHeld]
    permissions: list[str]
    must_change: bool
    expires_at: Instant


class SessionEnded(msgspec.Struct, frozen=True, kw_only=True):
    """Whose session is over."""

    user_id: str


class PasswordToChange(Body, frozen=True, kw_only=True):
    """The password as it is and as it shall be: 12 to 128 characters, whatever they are."""

    current_password: Password
    new_password: Password


class PasswordChangedView(msgspec.Struct, frozen=True, kw_only=True):
    """All sessions of the person are over: sign in anew."""

    user_id: str
    sessions_ended: int


async def _count(request: ShopRequest, tenant: str, name: str) -> tuple[Subject, Subject]:
    """Counts an attempt before its password is looked at. Problem 429 while it must wait."""
    peer = "" if request.client is None else request.client.host
    address = caller_address(peer, request.scope["headers"], request.app.state.trusted_proxies)
    subjects = of_name(tenant, name), of_address(counted_as(address))
    async with request.app.state.tenants.control.connection() as connection:
        wait_s = await count_attempt(connection, subjects)
    if wait_s > 0:
        raise Problem(
            429,
            "too_many_attempts",
            "Too many attempts. Wait before you try again.",
            headers={"Retry-After": str(math.ceil(wait_s))},
        )
    return subjects


def _wrong() -> Problem:
    detail = "The name or the password is wrong."
    return Problem(401, "sign_in_refused", detail, headers={"WWW-Authenticate": "Bearer"})


def _token_of(request: ShopRequest) -> str:
    return request.headers["authorization"].partition(" ")[2].strip()


class SessionsController(Controller):
    """Sessions of people."""

    path = "/v1/sessions"
    tags = ("access",)

    @post(operation_id="signIn", opt={"scope": "anybody"})
    async def sign_in(self, request: ShopRequest, data: Credentials) -> Response[SignedIn]:
        """Begins a session. Whatever is wrong, the answer is the same, and comes as late."""
        passwords: PasswordChecker = request.app.state.passwords
        name = data.sign_in_name.casefold()
        subjects = await _count(request, data.tenant, name)
        async with request.app.state.tenants.control.connection() as connection:
            found = await find_sign_in(connection, data.tenant, name)
        stored = None if found is None or found.disabled else found.password_hash
        if not await passwords.matches(data.password, stored) or found is None or stored is None:
            raise _wrong()
        async with request.app.state.tenants.control.connection() as connection:
            begun = await begin_session(connection, found.user_id, stored)
            if begun is None:
                raise _wrong()
            await forget_attempts(connection, *subjects)
        token, expires_at = begun
        signed_in = SignedIn(
            token=token, user_id=found.user_id, must_change=found.must_change, expires_at=expires_at
        )
        return JsonAnswer(signed_in, status_code=201)

    @get("/current", operation_id="getSession", opt={"scope": "session:own"})
    async def show(self, request: ShopRequest) -> SessionView:
        """Who is signed in, and what they may do."""
        async with request.app.state.tenants.control.connection() as connection:
            session = await find_session(connection, _token_of(request))
        if session is None:
            raise Problem(401, "unauthenticated", "The session is over. Sign in again.")
        person = session.person
        return SessionView(
            user_id=person.user_id,
            tenant=person.tenant,
            roles=[RoleHeld(role=held.name, store_id=held.store_id) for held in person.held],
            permissions=sorted(person.scopes()),
            must_change=person.must_change,
            expires_at=session.expires_at,
        )

    @delete("/current", operation_id="signOut", opt={"scope": "session:own"}, status_code=200)
    async def sign_out(self, request: ShopRequest) -> SessionEnded:
        """Ends the session."""
        person = request.user.person
        assert person is not None, "no key has this scope"
        async with request.app.state.tenants.control.connection() as connection:
            await end_session(connection, _token_of(request))
            await tell(connection)
        request.app.state.doorkeeper.forget_all()
        return SessionEnded(user_id=person.user_id)


class OwnPasswordController(Controller):
    """What people do with their own password."""

    path = "/v1/users/me/password"
    tags = ("access",)

    @put(operation_id="changePassword", opt={"scope": "session:own"})
    async def change(
        self, request: ShopRequest, tenant: Tenant, data: PasswordToChange
    ) -> Response[PasswordChangedView]:
        """Changes the password of whoever is signed in, and ends all of their sessions."""
        person = request.user.person
        assert person is not None, "no key has this scope"
        passwords: PasswordChecker = request.app.state.passwords
        async with request.app.state.tenants.control.connection() as connection:
            name, stored = await password_of(connection, person.user_id)
        subjects = await _count(request, tenant.name, name)
        if not await passwords.matches(data.current_password, stored):
            raise _wrong()
        check_new(data.new_password, name)
        if data.new_password == data.current_password:
            raise Problem(422, "password_unfit", "Choose another password than the present one.")
        hashed = await passwords.hash_of(data.new_password)
        ended, answer = await changes_of(request, tenant).change_password(person.user_id, hashed)
        async with request.app.state.tenants.control.connection() as connection:
            await forget_attempts(connection, *subjects)
        return written(PasswordChangedView(user_id=person.user_id, sessions_ended=ended), answer)
