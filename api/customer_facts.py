"""What offers may ask about a customer, looked up only where some offer of the book asks."""

import asyncio
import time
from calendar import isleap
from contextlib import suppress
from typing import NamedTuple

import psycopg
from psycopg_pool import PoolTimeout

from domain.customers.customer import CUSTOMER
from domain.kernel.business_day import local_time
from domain.kernel.customer_facts import CustomerFacts
from domain.loyalty.points import LOYALTY
from domain.loyalty.programme import MAIN, PROGRAMME
from domain.promotions.book import BOOK, OFFERS
from domain.stores.store import STORE
from infra.event_store.clerk import now_utc
from infra.tenancy import Tenant
from projections.customer_profile.person import profile_of_person

_REMEMBERED_S = 1.0
"""So long an offer that is the first to ask may find that nobody looked."""
_PATIENCE_S = 0.2
"""A checkout goes on without, rather than wait for connections after PostgreSQL was away."""


class _Asked(NamedTuple):
    """Which facts the book's offers and the programme ask for, as found at `at_s`."""

    at_s: float
    first_purchase: bool
    birthday: bool
    tier: bool


class FactFinder:
    """Knows what the offers of each tenant ask, for as long as it may be remembered."""

    def __init__(self) -> None:
        self._asked: dict[str, _Asked] = {}

    def forget(self) -> None:
        """Looks again at the next sale."""
        self._asked.clear()

    async def asked(self, tenant: Tenant) -> _Asked:
        """What is to be looked up for this tenant."""
        known = self._asked.get(tenant.name)
        now_s = time.monotonic()
        if known is None or now_s - known.at_s > _REMEMBERED_S:
            # Noted first: meanwhile, and where the book can't be read now, the others go by what was known.
            self._asked[tenant.name] = known = _Asked(now_s, *(known[1:] if known else (False, False, False)))
            with suppress(TimeoutError, PoolTimeout, psycopg.Error):
                async with asyncio.timeout(_PATIENCE_S):
                    offers = (await tenant.state_of(OFFERS, BOOK)).offers.values()
                    programme = (await tenant.state_of(PROGRAMME, MAIN)).present
                rules = programme.rules if programme else ()
                known = self._asked[tenant.name] = _Asked(
                    now_s,
                    first_purchase=any(offer.conditions.first_purchase for offer in offers),
                    birthday=any(offer.conditions.birthday for offer in offers)
                    or any(rule.birthday for rule in rules),
                    tier=any(offer.conditions.tiers for offer in offers),
                )
        return known


async def facts_of(
    finder: FactFinder, tenant: Tenant, customer_id: str | None, store_id: str
) -> CustomerFacts | None:
    """The facts, as they are recorded with the sale; None where none holds.

    A first purchase is one before which the read model knows none: of two at the same moment both are.
    """
    if customer_id is None:
        return None
    asked = await finder.asked(tenant)
    first_purchase = birthday = False
    if asked.first_purchase:
        person = await _ids_of(tenant, customer_id)
        async with tenant.readers.connection() as connection:
            first_purchase = (await profile_of_person(connection, person)).visits == 0
    if asked.birthday:
        birthday = await _has_birthday(tenant, customer_id, store_id)
    tier = (await tenant.state_of(LOYALTY, customer_id)).standing.tier if asked.tier else None
    if not (first_purchase or birthday or tier):
        return None
    return CustomerFacts(first_purchase=first_purchase, birthday=birthday, tier=tier)


async def _ids_of(tenant: Tenant, customer_id: str) -> list[str]:
    """All ids of a person, the one that speaks for them first."""
    customer = await tenant.state_of(CUSTOMER, customer_id)
    if customer.merged_into is not None:
        customer = await tenant.state_of(CUSTOMER, customer.merged_into)
    return [customer.customer_id or customer_id, *customer.others]


async def _has_birthday(tenant: Tenant, customer_id: str, store_id: str) -> bool:
    customer = await tenant.state_of(CUSTOMER, customer_id)
    if customer.merged_into is not None:
        # A person has one birthday: that of the record that speaks for them.
        customer = await tenant.state_of(CUSTOMER, customer.merged_into)
    box = customer.birthday
    text = None if box is None else await tenant.vault.open(box)
    if text is None:
        return False
    today = local_time(now_utc(), (await tenant.state_of(STORE, store_id)).time_zone)
    days = {f"{today:%m-%d}"}
    if days == {"02-28"} and not isleap(today.year):
        days.add("02-29")
    return text[-5:] in days
