"""Interrupted erasures of people who sign in: recorded, or due because their employee was erased."""

from domain.access.record import RecordAccess
from infra.access.changes import Changes
from infra.access.leaving import leaving
from infra.access.people import read_users
from infra.api_keys import Maker
from infra.event_store.submission import Answer, Origin
from infra.ids import uuid7
from infra.postgres.pools import Pool
from infra.tenancy import Tenant

ACTOR = "erasure"
REASON = "unfinished"
"""Stands in the record only where the employee's erasure was recorded and nothing yet of the person."""


async def finish_user_erasures(tenant: Tenant, control: Pool) -> int:
    """Carries out what was left undone; returns for how many people."""

    async def record(command: RecordAccess) -> Answer:
        return await tenant.submit(command, Origin(command_id=uuid7(), actor=ACTOR, channel="jobs"))

    changes = Changes(control.connection, tenant.readers.connection, tenant.name, record, Maker(name=ACTOR))
    unfinished = await _unfinished(tenant, control)
    for user_id in unfinished:
        # Whether an owner is left was asked when the erasure was decided.
        await changes.erase_user(user_id, REASON, keep_an_owner=False)
    return len(unfinished)


async def _unfinished(tenant: Tenant, control: Pool) -> list[str]:
    async with control.connection() as connection:
        known = {
            user.user_id: user.employee_id
            for user in await read_users(connection, tenant.name)
            if user.erased_at is None
        }
    async with tenant.readers.connection() as connection:
        found = await leaving(tenant.journal, connection, known)
    return [user_id for user_id in known if user_id in found]
