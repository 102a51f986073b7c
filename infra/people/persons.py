"""One person, many records: what the journal holds of somebody under all their ids."""

from collections.abc import Sequence

from domain.customers.customer import CUSTOMER, Customer
from infra.tenancy import Tenant


async def records_of(tenant: Tenant, customer_ids: Sequence[str]) -> list[Customer]:
    """Records as they are now, in the order of their ids."""
    if not customer_ids:
        return []
    streams = list(map(CUSTOMER.stream, customer_ids))
    async with tenant.readers.connection() as connection:
        states = await tenant.journal.read_states(connection, streams)
    return [states[stream][0].state for stream in streams]


async def person_of(tenant: Tenant, customer: Customer) -> list[Customer]:
    """All records of the person that a record is of, this one first."""
    if customer.merged_into is None:
        return [customer, *await records_of(tenant, customer.others)]
    (survivor,) = await records_of(tenant, [customer.merged_into])
    others = [id_ for id_ in survivor.others if id_ != customer.customer_id]
    return [customer, survivor, *await records_of(tenant, others)]
