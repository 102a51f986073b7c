"""Whom to write to of whom is found: a merged record's person is written to under the record that speaks.

Read models know records. Who bought under one of theirs since has not stayed away under another.
"""

from collections.abc import Mapping, Sequence

from domain.care.rule import AFTER_DAYS, CareRule
from domain.customers.customer import Customer
from infra.people.persons import records_of
from infra.tenancy import Tenant
from projections.care_audience.queries import last_bought
from workers.care_occasions import Wanted


async def of_persons(tenant: Tenant, rule: CareRule, page: Sequence[Wanted]) -> Sequence[Wanted]:
    """The same by person, each once for an occasion; without the forgotten."""
    ids = list(dict.fromkeys(wanted.customer_id for wanted in page))
    records = dict(zip(ids, await records_of(tenant, ids), strict=True))
    survivors = {one.merged_into for one in records.values() if one.merged_into is not None}
    unread = sorted(survivors - records.keys())
    records |= zip(unread, await records_of(tenant, unread), strict=True)
    found = dict.fromkeys(
        wanted._replace(customer_id=records[wanted.customer_id].merged_into or wanted.customer_id)
        for wanted in page
    )
    known = [wanted for wanted in found if not records[wanted.customer_id].erased]
    if rule.occasion not in AFTER_DAYS:
        return known
    return await _last_of_persons(tenant, rule, known, records)


async def _last_of_persons(
    tenant: Tenant, rule: CareRule, page: Sequence[Wanted], records: Mapping[str, Customer]
) -> Sequence[Wanted]:
    """Those whose day is that of the last purchase under any of their records."""
    persons = {
        wanted.customer_id: (wanted.customer_id, *records[wanted.customer_id].others) for wanted in page
    }
    several = sorted({id_ for person in persons.values() if len(person) > 1 for id_ in person})
    if not several:
        return page
    async with tenant.readers.connection() as connection:
        last = await last_bought(connection, several, rule.skus, rule.categories)

    def is_last(wanted: Wanted) -> bool:
        days = [last[id_].isoformat() for id_ in persons[wanted.customer_id] if id_ in last]
        return max(days, default=wanted.occasion) <= wanted.occasion

    return [wanted for wanted in page if is_last(wanted)]
