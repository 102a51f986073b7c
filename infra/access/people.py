"""People who sign in, in the control schema: their names, password hashes, roles by store, and limits."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Any, LiteralString

import msgspec
from psycopg import AsyncConnection, errors
from psycopg.rows import tuple_row

from domain.access.limits import GivenLimits, Limits, widest
from domain.access.record import RoleInStore
from domain.kernel.errors import AlreadyExists, Erased, NotFound, Refusal
from infra.access.roles import EVERY_STORE, OWNER, Role, read_roles

# An id is no name: it is the one that whoever was erased is left with.
_ADD_USER: LiteralString = """
INSERT INTO daybook.users (user_id, tenant, sign_in_name, password_hash, limits, employee_id)
SELECT %(user_id)s, %(tenant)s, %(sign_in_name)s, %(password_hash)s, %(limits)s, %(employee_id)s
WHERE NOT EXISTS (
    SELECT
    FROM daybook.users
    WHERE user_id = %(sign_in_name)s
)
"""

_READ_USERS: LiteralString = """
SELECT user_id, sign_in_name, disabled, must_change, limits, created_at, employee_id, erased_at,
    ARRAY(
        SELECT ARRAY[held.role, held.store_id]
        FROM daybook.role_assignments AS held
        WHERE held.user_id = users.user_id
        ORDER BY held.store_id, held.role
    )
FROM daybook.users
WHERE tenant = %(tenant)s AND user_id = coalesce(%(user_id)s, user_id)
ORDER BY created_at, user_id
"""

_CHANGE_USER: LiteralString = """
UPDATE daybook.users
SET disabled = coalesce(%(disabled)s, disabled),
    limits = coalesce(%(limits)s::jsonb, limits),
    password_hash = coalesce(%(password_hash)s, password_hash),
    must_change = coalesce(%(must_change)s, must_change),
    employee_id = coalesce(%(employee_id)s, employee_id)
WHERE tenant = %(tenant)s AND user_id = %(user_id)s AND erased_at IS NULL
"""

# '!' is the hash of no password.
_ERASE_USER: LiteralString = """
UPDATE daybook.users
SET sign_in_name = user_id,
    password_hash = '!',
    disabled = true,
    must_change = false,
    limits = '{}',
    erased_at = now()
WHERE tenant = %(tenant)s AND user_id = %(user_id)s AND erased_at IS NULL
"""

_NOTE_FORGOTTEN: LiteralString = """
UPDATE daybook.forgotten_names
SET since = coalesce(since, now())
"""

# Two who take the last two owners' doors away meet here, and the second finds the first one's work.
_LOCK_USERS: LiteralString = """
SELECT user_id
FROM daybook.users
WHERE tenant = %(tenant)s
ORDER BY user_id
FOR NO KEY UPDATE
"""

_READ_OWNERS: LiteralString = """
SELECT user_id, employee_id
FROM daybook.users
JOIN daybook.role_assignments AS held USING (user_id)
WHERE tenant = %(tenant)s AND held.role = %(owner)s AND held.store_id = %(every_store)s AND NOT disabled
"""

_DROP_ROLES: LiteralString = """
DELETE FROM daybook.role_assignments
WHERE user_id = %(user_id)s
"""

_ADD_ROLES: LiteralString = """
INSERT INTO daybook.role_assignments (user_id, store_id, role)
SELECT %(user_id)s, store_id, role
FROM unnest(%(store_ids)s::text[], %(roles)s::text[]) AS held (store_id, role)
ON CONFLICT DO NOTHING
"""

_FIND_SIGN_IN: LiteralString = """
SELECT user_id, password_hash, disabled, must_change
FROM daybook.users
WHERE tenant = %(tenant)s AND sign_in_name = %(sign_in_name)s
"""

_CREDENTIALS_OF: LiteralString = """
SELECT sign_in_name, password_hash
FROM daybook.users
WHERE user_id = %(user_id)s
"""


class LastOwner(Refusal):
    """Nobody would be left who may do everything in every store."""

    code = "last_owner"


class User(msgspec.Struct, frozen=True, kw_only=True):
    """A person as owners see them. `employee_id` is who they are at work, if anybody said so."""

    user_id: str
    sign_in_name: str
    disabled: bool
    must_change: bool
    limits: GivenLimits
    created_at: datetime
    employee_id: str | None
    erased_at: datetime | None
    roles: tuple[RoleInStore, ...]


class SignIn(msgspec.Struct, frozen=True, kw_only=True):
    """What a password is held against."""

    user_id: str
    password_hash: str
    disabled: bool
    must_change: bool


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """A role that somebody has in a store, or in every store."""

    store_id: str
    name: str
    role: Role


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who signed in: what they may do where, and how far alone."""

    user_id: str
    tenant: str
    must_change: bool
    held: tuple[Held, ...]
    limits: GivenLimits = GivenLimits()

    def scopes(self) -> frozenset[str]:
        """What they may do in any store."""
        return frozenset(scope for held in self.held for scope in held.role.permissions)

    def stores_of(self, scope: str) -> frozenset[str] | None:
        """The stores in which they may do it; None is every store."""
        stores = {held.store_id for held in self.held if scope in held.role.permissions}
        return None if EVERY_STORE in stores else frozenset(stores)

    def limits_in(self, store_id: str | None) -> Limits:
        """How far they may go alone in a store; None for where every store is concerned."""
        places = {store_id, EVERY_STORE}
        return self.limits.over(widest(held.role.limits for held in self.held if held.store_id in places))


async def add_user(
    connection: AsyncConnection[Any],
    tenant: str,
    user_id: str,
    sign_in_name: str,
    password_hash: str,
    roles: Sequence[RoleInStore],
    limits: GivenLimits,
    employee_id: str | None = None,
) -> None:
    """A new person, who must choose a password of their own. AlreadyExists where the name is taken."""
    taken = AlreadyExists("Somebody signs in with this name. Choose another.", kind="user")
    try:
        added = await connection.execute(
            _ADD_USER,
            {
                "user_id": user_id,
                "tenant": tenant,
                "sign_in_name": sign_in_name,
                "password_hash": password_hash,
                "limits": msgspec.json.encode(limits).decode(),
                "employee_id": employee_id,
            },
        )
    except errors.UniqueViolation:
        raise taken from None
    if not added.rowcount:
        raise taken
    await replace_roles(connection, user_id, roles)


async def read_users(connection: AsyncConnection[Any], tenant: str, user_id: str | None = None) -> list[User]:
    """The tenant's people, oldest first; or the one with this id."""
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_READ_USERS, {"tenant": tenant, "user_id": user_id})
        return [
            User(
                user_id=found,
                sign_in_name=name,
                disabled=disabled,
                must_change=must_change,
                limits=msgspec.convert(limits, GivenLimits),
                created_at=created_at,
                employee_id=employee_id,
                erased_at=erased_at,
                roles=tuple(RoleInStore(role=role, store_id=store_id) for role, store_id in held),
            )
            for (
                found,
                name,
                disabled,
                must_change,
                limits,
                created_at,
                employee_id,
                erased_at,
                held,
            ) in await cursor.fetchall()
        ]


async def require_user(connection: AsyncConnection[Any], tenant: str, user_id: str) -> User:
    """The person, or NotFound."""
    for user in await read_users(connection, tenant, user_id):
        return user
    raise NotFound(f"There is no user {user_id!r}. Check the id.", kind="user", id=user_id)


async def change_user(
    connection: AsyncConnection[Any],
    tenant: str,
    user_id: str,
    *,
    disabled: bool | None = None,
    limits: GivenLimits | None = None,
    password_hash: str | None = None,
    must_change: bool | None = None,
    employee_id: str | None = None,
) -> None:
    """Changes what is given. Erased where there is nobody left to change."""
    changed = await connection.execute(
        _CHANGE_USER,
        {
            "tenant": tenant,
            "user_id": user_id,
            "disabled": disabled,
            "limits": None if limits is None else msgspec.json.encode(limits).decode(),
            "password_hash": password_hash,
            "must_change": must_change,
            "employee_id": employee_id,
        },
    )
    if not changed.rowcount:
        raise Erased(f"The user {user_id!r} was erased.", kind="user", id=user_id)


async def erase_user(connection: AsyncConnection[Any], tenant: str, user_id: str) -> bool:
    """Nothing is left of the person but the id; False where that was so already."""
    erased = await connection.execute(_ERASE_USER, {"tenant": tenant, "user_id": user_id})
    await replace_roles(connection, user_id, ())
    return erased.rowcount > 0


async def note_forgotten(connection: AsyncConnection[Any]) -> None:
    """A name that was erased may still lie on disk: infra/people/traces_on_disk.py sees to it."""
    await connection.execute(_NOTE_FORGOTTEN)


async def lock_people(connection: AsyncConnection[Any], tenant: str) -> None:
    """Nobody else changes who the owners are until the transaction ends."""
    await connection.execute(_LOCK_USERS, {"tenant": tenant})


async def read_owners(connection: AsyncConnection[Any], tenant: str) -> dict[str, str | None]:
    """Who has the role of an owner in every store and may sign in, and which employee they are."""
    async with connection.cursor(row_factory=tuple_row) as cursor:
        parameters = {"tenant": tenant, "owner": OWNER, "every_store": EVERY_STORE}
        await cursor.execute(_READ_OWNERS, parameters)
        return dict(await cursor.fetchall())


def require_owner(before: AbstractSet[str], left: AbstractSet[str]) -> None:
    """LastOwner where there was an owner before and none is left."""
    if before and not left:
        raise LastOwner("Nobody would be left who may do everything. Make somebody else an owner first.")


async def replace_roles(connection: AsyncConnection[Any], user_id: str, roles: Sequence[RoleInStore]) -> None:
    """The person has these roles and no others."""
    await connection.execute(_DROP_ROLES, {"user_id": user_id})
    await connection.execute(
        _ADD_ROLES,
        {
            "user_id": user_id,
            "store_ids": [held.store_id for held in roles],
            "roles": [held.role for held in roles],
        },
    )


async def find_sign_in(connection: AsyncConnection[Any], tenant: str, sign_in_name: str) -> SignIn | None:
    """Whose password is asked for, if there is such a person."""
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_FIND_SIGN_IN, {"tenant": tenant, "sign_in_name": sign_in_name})
        row = await cursor.fetchone()
    if row is None:
        return None
    return SignIn(user_id=row[0], password_hash=row[1], disabled=row[2], must_change=row[3])


async def password_of(connection: AsyncConnection[Any], user_id: str) -> tuple[str, str]:
    """The name that a person signs in with, and the hash of the password."""
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_CREDENTIALS_OF, {"user_id": user_id})
        row = await cursor.fetchone()
    assert row is not None, "people are disabled, never deleted"
    return row[0], row[1]


async def person_with(
    connection: AsyncConnection[Any],
    user: User,
    tenant: str,
) -> Person:
    """The person with the roles as they are now; a role that there is not gives nothing."""
    roles = await read_roles(connection, tenant)
    return Person(
        user_id=user.user_id,
        tenant=tenant,
        must_change=user.must_change,
        held=tuple(
            Held(store_id=held.store_id, name=held.role, role=roles[held.role])
            for held in user.roles
            if held.role in roles
        ),
        limits=user.limits,
    )
