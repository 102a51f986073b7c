"""Changes of the doors, each recorded in the tenant's journal before it counts.

The record is appended while the change's transaction is open, and the transaction commits after it. A crash
in between leaves a record of a change that did not happen, and whoever asked for it was told so; there is
never a change without a record.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from typing import LiteralString

import msgspec

from domain.access.limits import GivenLimits
from domain.access.record import (
    KeyEnded,
    KeyIssued,
    PasswordChanged,
    RecordAccess,
    RoleDefined,
    RoleInStore,
    UserAdded,
    UserChanged,
    UserErased,
)
from domain.kernel.errors import Erased, Refusal, VersionConflict
from infra import api_keys
from infra.access import attempts, people, roles, sessions
from infra.access.leaving import leaving
from infra.api_keys import KeyOutlivesMaker, ListedKey, Maker
from infra.event_store.clerk import now_utc
from infra.event_store.journal import Journal
from infra.event_store.submission import Answer
from infra.ids import uuid7
from infra.postgres.migrate import tenant_schema
from infra.postgres.pools import Connection

CHANNEL = "daybook_doors"
"""Whoever remembers who came in forgets it when told here. Only a hint: they forget by themselves, too."""

_TELL: LiteralString = "SELECT pg_notify('daybook_doors', '')"


async def tell(connection: Connection) -> None:
    """Has every process forget whom it has seen, once the transaction commits."""
    await connection.execute(_TELL)


class RoleUnknown(Refusal):
    """There is no such role."""

    code = "role_unknown"


class NewKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key, told once, and what is known of it."""

    key: str
    listed: ListedKey
    answer: Answer


class ChangedUser(msgspec.Struct, frozen=True, kw_only=True):
    """A person after a change; `password` is a first one, told once."""

    user: people.User
    password: str | None
    answer: Answer


class UserChange(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be new about a person; None stays as it is."""

    roles: tuple[RoleInStore, ...] | None = None
    limits: GivenLimits | None = None
    disabled: bool | None = None
    reset_password: bool = False
    employee_id: str | None = None


class Changes:
    """Changes of one tenant's doors by one caller, the maker; `record` appends to the journal as that caller.

    `connect` leads to the control schema and `read` to the tenant's. `done` is called after each that counts.
    """

    def __init__(
        self,
        connect: Callable[[], AbstractAsyncContextManager[Connection]],
        read: Callable[[], AbstractAsyncContextManager[Connection]],
        tenant: str,
        record: Callable[[RecordAccess], Awaitable[Answer]],
        maker: Maker,
        done: Callable[[], None] = lambda: None,
    ) -> None:
        self._connect = connect
        self._read = read
        self._tenant = tenant
        self._record = record
        self._maker = maker
        self._done = done

    async def issue_key(
        self,
        name: str,
        scopes: Sequence[str],
        stores: Sequence[str] | None,
        expires_at: datetime | None,
        successor_of: str | None = None,
    ) -> NewKey:
        """A new key. ScopeUnknown for a scope that no key can have; KeyOutlivesMaker."""
        expires_at = api_keys.end_within(self._maker, expires_at)
        async with self._change() as connection:
            return await self._issue(connection, name, scopes, stores, expires_at, successor_of)

    async def rotate_key(
        self, wanted: str, keep_s: float, check: Callable[[ListedKey], None] = lambda _key: None
    ) -> NewKey:
        """A successor with the same rights; the old key ends after `keep_s`. Raises as lock_for_rotation.

        KeyOutlivesMaker where the old key goes on for longer than the one that asks.
        """
        async with self._change() as connection:
            old = await api_keys.lock_for_rotation(connection, self._tenant, wanted)
            check(old)
            expires_at = self._end_after(old)
            new = await self._issue(connection, old.name, old.scopes, old.stores, expires_at, old.key_id)
            ends_at = await api_keys.end_key(connection, self._tenant, old.key_id, keep_s)
            ended = KeyEnded(key_id=old.key_id, ends_at=ends_at, successor=new.listed.key_id)
            answer = await self._record(RecordAccess(id=old.key_id, event=ended))
            return msgspec.structs.replace(new, answer=answer)

    async def revoke_key(self, wanted: str) -> tuple[ListedKey, Answer]:
        """The key opens nothing any more. KeyUnknown if there is none."""
        async with self._change() as connection:
            key = await api_keys.require_key(connection, self._tenant, wanted)
            revoked_at = await api_keys.revoke_key(connection, self._tenant, key.key_id)
            answer = await self._record(
                RecordAccess(id=key.key_id, event=KeyEnded(key_id=key.key_id, ends_at=revoked_at))
            )
        return msgspec.structs.replace(key, revoked_at=revoked_at, live=False), answer

    async def add_user(
        self,
        sign_in_name: str,
        held: Sequence[RoleInStore],
        limits: GivenLimits,
        password: str,
        hashed: str,
        employee_id: str | None = None,
    ) -> ChangedUser:
        """A new person, who signs in with `password` once. AlreadyExists, RoleUnknown, Erased."""
        user_id = uuid7()
        async with self._change() as connection:
            await self._require_roles(connection, held)
            if employee_id is not None:
                await people.lock_people(connection, self._tenant)
                await self._require_at_work(user_id, employee_id)
            await people.add_user(
                connection, self._tenant, user_id, sign_in_name, hashed, held, limits, employee_id
            )
            added = UserAdded(
                user_id=user_id,
                roles=tuple(held),
                limits=None if limits == GivenLimits() else limits,
                employee_id=employee_id,
            )
            answer = await self._record(RecordAccess(id=user_id, event=added))
            user = await people.require_user(connection, self._tenant, user_id)
        return ChangedUser(user=user, password=password, answer=answer)

    async def change_user(
        self,
        user_id: str,
        change: UserChange,
        expected_version: int | None,
        password: str | None,
        hashed: str | None,
    ) -> ChangedUser:
        """Changes a person; disabling them or giving them a new first password ends all of their sessions.

        LastOwner, and Erased for somebody who was.
        """
        async with self._change() as connection:
            await people.require_user(connection, self._tenant, user_id)
            owners = await self._lock_owners(connection)
            if change.employee_id is not None:
                await self._require_at_work(user_id, change.employee_id)
            if change.roles is not None:
                await self._require_roles(connection, change.roles)
                await people.replace_roles(connection, user_id, change.roles)
            await people.change_user(
                connection,
                self._tenant,
                user_id,
                disabled=change.disabled,
                limits=change.limits,
                password_hash=hashed,
                must_change=True if change.reset_password else None,
                employee_id=change.employee_id,
            )
            people.require_owner(owners, await self._owners(connection))
            if change.disabled or change.reset_password:
                await sessions.end_sessions(connection, user_id)
            changed = UserChanged(
                user_id=user_id,
                roles=change.roles,
                limits=change.limits,
                disabled=change.disabled,
                password_reset=change.reset_password,
                employee_id=change.employee_id,
            )
            answer = await self._record(
                RecordAccess(id=user_id, event=changed, expected_version=expected_version)
            )
            user = await people.require_user(connection, self._tenant, user_id)
        return ChangedUser(user=user, password=password, answer=answer)

    async def erase_user(self, user_id: str, reason: str, *, keep_an_owner: bool = True) -> Answer:
        """Nobody signs in as this person any more, and no name of theirs is left. Again, it changes nothing.

        Their sessions end, and the keys that they made. LastOwner, where one has to be kept; LegalHold.
        """
        async with self._change() as connection:
            user = await people.require_user(connection, self._tenant, user_id)
            owners = await self._lock_owners(connection)
            if keep_an_owner:
                people.require_owner(owners, owners - {user_id})
            return await self._forget(connection, user, reason)

    async def erase_employee(
        self,
        employee_id: str,
        decide: Callable[[], Awaitable[Answer]],
        reason: str,
        allowed: AbstractSet[str],
    ) -> Answer:
        """Has an employee's erasure decided, and forgets who signs in as them.

        One at a time, so that each finds who leaves by those before it. LastOwner; VersionConflict where
        somebody who is not among the `allowed` has begun to sign in as the employee. What `decide` raises.
        """
        async with self._change() as connection:
            owners = await self._lock_owners(connection)
            known = await people.read_users(connection, self._tenant)
            users = {user.user_id: user for user in known if user.employee_id == employee_id}
            living = [user for user in users.values() if user.erased_at is None]
            if not {user.user_id for user in living} <= allowed:
                raise VersionConflict("Somebody has begun to sign in as the employee. Ask again.")
            # Before the decision: afterwards it is carried out, whoever is left.
            people.require_owner(owners, owners.difference(users))
            answer = await decide()
            for user in living:
                await self._forget(connection, user, reason)
        return answer

    async def _forget(self, connection: Connection, user: people.User, reason: str) -> Answer:
        forgotten = UserErased(user_id=user.user_id, reason=reason)
        answer = await self._record(
            RecordAccess(id=user.user_id, event=forgotten, employee_id=user.employee_id)
        )
        erased = await people.erase_user(connection, self._tenant, user.user_id)
        await sessions.end_sessions(connection, user.user_id)
        for key_id, ends_at in await api_keys.end_keys_of(connection, self._tenant, user.user_id):
            await self._record(RecordAccess(id=key_id, event=KeyEnded(key_id=key_id, ends_at=ends_at)))
        if erased:
            await attempts.forget_name(connection, attempts.of_name(self._tenant, user.sign_in_name))
            await people.note_forgotten(connection)
        return answer

    async def change_password(self, user_id: str, hashed: str) -> tuple[int, Answer]:
        """Another password, and the end of all sessions of the person; how many there were."""
        async with self._change() as connection:
            await people.change_user(
                connection, self._tenant, user_id, password_hash=hashed, must_change=False
            )
            ended = await sessions.end_sessions(connection, user_id)
            changed = RecordAccess(id=user_id, event=PasswordChanged(user_id=user_id))
            answer = await self._record(changed)
        return ended, answer

    async def define_role(self, name: str, permissions: Sequence[str] | None, limits: GivenLimits) -> Answer:
        """A role of the tenant's own, or its limits for a built-in one (then without permissions)."""
        async with self._change() as connection:
            given = None if permissions is None else sorted(set(permissions))
            await roles.write_role(connection, self._tenant, name, given, limits)
            event = RoleDefined(role=name, permissions=None if given is None else tuple(given), limits=limits)
            return await self._record(RecordAccess(id=f"role.{name}", event=event))

    async def _lock_owners(self, connection: Connection) -> set[str]:
        """The owners; nobody else changes who they are until the transaction ends."""
        await people.lock_people(connection, self._tenant)
        return await self._owners(connection)

    async def _owners(self, connection: Connection) -> set[str]:
        """Who may do everything and goes on doing so: not whose erasure is decided."""
        owners = await people.read_owners(connection, self._tenant)
        return owners.keys() - await self._leaving(owners)

    async def _leaving(self, known: Mapping[str, str | None]) -> set[str]:
        async with self._read() as connection:
            return await leaving(Journal(tenant_schema(self._tenant)), connection, known)

    async def _require_at_work(self, user_id: str, employee_id: str) -> None:
        """Asked again behind the lock: the employee may have been erased since. Erased."""
        if await self._leaving({user_id: employee_id}):
            raise Erased(f"The employee {employee_id!r} was erased.", kind="employee", id=employee_id)

    @asynccontextmanager
    async def _change(self) -> AsyncGenerator[Connection]:
        async with self._connect() as connection, connection.transaction():
            yield connection
            await tell(connection)
        self._done()

    def _end_after(self, old: ListedKey) -> datetime | None:
        """When a key's successor ends: what was made to end gets as long a life again, within its maker's."""
        ends_at = self._maker.ends_at
        if ends_at is not None and (old.expires_at is None or old.expires_at > ends_at):
            raise KeyOutlivesMaker(
                "The key works for longer than the one that asks. Have it replaced by one without end.",
                ends_at=ends_at.isoformat(),
            )
        if old.expires_at is None:
            return None
        again = now_utc() + (old.expires_at - old.created_at)
        return again if ends_at is None else min(again, ends_at)

    async def _issue(
        self,
        connection: Connection,
        name: str,
        scopes: Sequence[str],
        stores: Sequence[str] | None,
        expires_at: datetime | None,
        successor_of: str | None,
    ) -> NewKey:
        key = await api_keys.create_key(
            connection,
            self._tenant,
            name,
            scopes,
            stores,
            expires_at=expires_at,
            successor_of=successor_of,
            by=self._maker,
        )
        key_id = api_keys.id_of(key)
        issued = KeyIssued(
            key_id=key_id,
            scopes=tuple(scopes),
            stores=None if stores is None else tuple(stores),
            expires_at=expires_at,
            successor_of=successor_of,
        )
        answer = await self._record(RecordAccess(id=key_id, event=issued))
        listed = await api_keys.require_key(connection, self._tenant, key_id)
        return NewKey(key=key, listed=listed, answer=answer)

    async def _require_roles(self, connection: Connection, held: Sequence[RoleInStore]) -> None:
        known = await roles.read_roles(connection, self._tenant)
        for one in held:
            if one.role not in known:
                raise RoleUnknown(f"There is no role {one.role!r}.", role=one.role, roles=sorted(known))
