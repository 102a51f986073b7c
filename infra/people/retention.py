"""Retention: forgets what is known of customers when it has been kept as long as the merchant wanted.

The event comes first, as with an erasure: a hold in the customer's stream forbids it, and a key can't be had
back. Interrupted in between, the indexer destroys the key when it meets the event. (Decision 0028.)
"""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import LiteralString, NamedTuple

from domain.customers.customer import CUSTOMER
from domain.customers.forgetting import ExpireDetails
from domain.kernel.errors import Refusal
from domain.privacy.retention import POLICY, RETENTION, Part
from infra.event_store.submission import Origin
from infra.ids import uuid7
from infra.postgres.pools import Connection
from infra.tenancy import Tenant

CUSTOMERS_AT_ONCE = 200

_UNPARTED = ""
"""The part of keys from before there were parts: it holds everything, so it goes with the last of all."""
_OF_OLD = frozenset(Part) - {Part.ADDRESS, Part.GENDER, Part.CARD, Part.PERSONAL}
"""What such a key may have sealed."""

_READ_INACTIVE: LiteralString = """
SELECT customer_id, max(active_at) AS active_at
FROM customer_traces
WHERE customer_id > %(after)s
GROUP BY customer_id
HAVING max(active_at) < %(before)s
ORDER BY customer_id
LIMIT %(limit)s
"""


class Kept(NamedTuple):
    """What a run did: customers of whom something was forgotten, and those who are held."""

    expired: int
    refused: int


async def keep_retention(tenant: Tenant, now: datetime) -> Kept:
    """Forgets whatever is due at `now`; a customer under a legal hold is left as is."""
    stream = RETENTION.stream(POLICY)
    async with tenant.readers.connection() as connection:
        found, _ = (await tenant.journal.read_states(connection, [stream]))[stream]
        # Who was active a moment ago is not inactive.
        while await tenant.people.run_page(connection):
            pass
    cutoffs = _cutoffs(found.state.periods_days, now)
    expired = refused = 0
    after = ""
    while cutoffs:
        async with tenant.readers.connection() as connection:
            inactive = await _inactive(connection, after, max(cutoffs.values()))
        if not inactive:
            break
        after = inactive[-1][0]
        due = await _due(tenant, inactive, cutoffs)
        done = await asyncio.gather(*(_expire(tenant, id_, parts) for id_, parts in due.items()))
        expired += sum(done)
        refused += len(done) - sum(done)
    return Kept(expired, refused)


def _cutoffs(periods_days: Mapping[str, int], now: datetime) -> dict[str, datetime]:
    """Until when a customer must have been inactive, by part."""
    cutoffs = {part: now - timedelta(days=days) for part, days in periods_days.items()}
    if cutoffs.keys() >= _OF_OLD:
        cutoffs[_UNPARTED] = min(cutoffs[part] for part in _OF_OLD)
    return cutoffs


async def _inactive(connection: Connection, after: str, before: datetime) -> list[tuple[str, datetime]]:
    parameters = {"after": after, "before": before, "limit": CUSTOMERS_AT_ONCE}
    cursor = await connection.execute(_READ_INACTIVE, parameters)
    return [(customer_id, active_at) for customer_id, active_at in await cursor.fetchall()]


async def _due(
    tenant: Tenant, inactive: list[tuple[str, datetime]], cutoffs: Mapping[str, datetime]
) -> dict[str, list[str]]:
    """Of each customer the parts that are due and still known."""
    known = await tenant.vault.store.parts_of([CUSTOMER.stream(id_) for id_, _ in inactive])
    due = {
        id_: sorted(
            part
            for part in known.get(CUSTOMER.stream(id_), ())
            if part in cutoffs and active_at < cutoffs[part]
        )
        for id_, active_at in inactive
    }
    return {id_: parts for id_, parts in due.items() if parts}


async def _expire(tenant: Tenant, customer_id: str, parts: list[str]) -> bool:
    # With the one key of everything, every detail is gone.
    named = sorted({*_OF_OLD, *parts} - {_UNPARTED} if _UNPARTED in parts else parts)
    command = ExpireDetails(customer_id=customer_id, parts=tuple(map(str, named)))
    try:
        await tenant.submit(command, Origin(command_id=uuid7(), actor="retention", channel="jobs"))
    except Refusal:
        # Held, or erased in this moment.
        return False
    await tenant.vault.store.destroy([CUSTOMER.stream(customer_id)], parts)
    return True
