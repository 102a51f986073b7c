"""Who is about to be forgotten: decided in the journal, and not yet carried out in the control schema."""

from collections.abc import Mapping

from domain.access.record import ACCESS
from domain.staff.employee import EMPLOYEE
from infra.event_store.journal import Journal
from infra.postgres.pools import Connection


async def leaving(journal: Journal, connection: Connection, people: Mapping[str, str | None]) -> set[str]:
    """Of these people, each with the employee that they are, those whose erasure is recorded."""
    streams = {
        user_id: [ACCESS.stream(user_id), *([] if employee_id is None else [EMPLOYEE.stream(employee_id)])]
        for user_id, employee_id in people.items()
    }
    wanted = sorted({stream for of_person in streams.values() for stream in of_person})
    states = await journal.read_states(connection, wanted)
    return {
        user_id
        for user_id, of_person in streams.items()
        if any(states[stream][0].state.erased for stream in of_person)
    }
