"""People who signed in, put into the control schema as the API does it, without hashing each password."""

import asyncio
from collections.abc import Sequence
from functools import lru_cache

from domain.access.limits import GivenLimits
from domain.access.record import RoleInStore
from infra.access.passwords import hash_of
from infra.access.people import add_user, change_user
from infra.access.sessions import begin_session
from infra.ids import uuid7
from infra.postgres.pools import connector
from tests.support.api import Caller, World, fresh

PASSWORD = "correct horse battery"

_hash = lru_cache(maxsize=1)(hash_of)


class PersonAtWork(Caller):
    """Somebody with a session."""

    def __init__(self, world: World, user_id: str, sign_in_name: str, token: str) -> None:
        super().__init__(world.app, world.client, token)
        self.user_id = user_id
        self.sign_in_name = sign_in_name
        self.token = token


def signed_in(
    world: World,
    *roles: str,
    store_id: str = "*",
    held: Sequence[RoleInStore] = (),
    limits: GivenLimits = GivenLimits(),  # noqa: B008 - frozen
) -> PersonAtWork:
    """A new person with roles in a store (and those of `held`), who signed in with PASSWORD."""
    given = [RoleInStore(role=role, store_id=store_id) for role in roles] + list(held)
    user_id, name, hashed = uuid7(), fresh("person"), _hash(PASSWORD)

    async def begin() -> str:
        async with await connector(world.tenant.service_url)() as connection:
            await add_user(connection, world.tenant.name, user_id, name, hashed, given, limits)
            await change_user(connection, world.tenant.name, user_id, must_change=False)
            begun = await begin_session(connection, user_id, hashed)
        assert begun is not None
        return begun[0]

    return PersonAtWork(world, user_id, name, asyncio.run(begin()))
