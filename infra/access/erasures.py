"""Interrupted erasures of people who sign in: recorded, or due because their employee was erased."""

from domain.access.record import ACCESS, RecordAccess
from domain.staff.employee import EMPLOYEE
from infra.access.changes import Changes
from infra.access.people import User, read_users
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

    changes = Changes(control.connection, tenant.name, record, Maker(name=ACTOR))
    unfinished = await _unfinished(tenant, control)
    for user in unfinished:
        # Whether an owner is left was asked when the erasure was decided.
        await changes.erase_user(user.user_id, REASON, keep_an_owner=False)
    return len(unfinished)


async def _unfinished(tenant: Tenant, control: Pool) -> list[User]:
    async with control.connection() as connection:
        known = [user for user in await read_users(connection, tenant.name) if user.erased_at is None]
    streams = {
        user.user_id: [
            ACCESS.stream(user.user_id),
            *([] if user.employee_id is None else [EMPLOYEE.stream(user.employee_id)]),
        ]
        for user in known
    }
    wanted = sorted({stream for of_user in streams.values() for stream in of_user})
    async with tenant.readers.connection() as connection:
        states = await tenant.journal.read_states(connection, wanted)
    return [user for user in known if any(states[s][0].state.erased for s in streams[user.user_id])]
