"""One person, many records: reads of a record that was merged are sent on to the one that speaks for it."""

from typing import NamedTuple

from api.errors import Problem
from api.requests import ShopRequest
from domain.customers.customer import CUSTOMER, Customer, unless_erased
from infra.people.persons import records_of
from infra.tenancy import Tenant

_ID = 3
"""Where the id stands in /v1/customers/{customer_id}/…"""


class Person(NamedTuple):
    """The record that speaks for somebody, its version, and the records merged into it."""

    speaking: Customer
    version: int
    others: list[Customer]

    @property
    def records(self) -> list[Customer]:
        """All records, the speaking one first."""
        return [self.speaking, *self.others]

    @property
    def ids(self) -> list[str]:
        """The ids under which the shops know the person, the speaking one first."""
        return [self.speaking.customer_id, *self.speaking.others]

    @property
    def subjects(self) -> list[str]:
        """As the access log names them."""
        return list(map(CUSTOMER.stream, self.ids))


async def person_of(request: ShopRequest, tenant: Tenant, customer_id: str) -> Person:
    """The person whose speaking record has this id; NotFound, or Erased for who was forgotten.

    Problem 307 where another record speaks for this one: the same path with its id is told.
    """
    state, version = await tenant.require_state(CUSTOMER, customer_id)
    speaking = unless_erased(state)
    if speaking.merged_into is not None:
        raise _elsewhere(request, speaking.merged_into)
    return Person(speaking, version, await records_of(tenant, speaking.others))


def _elsewhere(request: ShopRequest, survivor_id: str) -> Problem:
    parts = request.scope["path"].split("/")
    path = "/".join([*parts[:_ID], survivor_id, *parts[_ID + 1 :]])
    query = request.scope["query_string"].decode()
    return Problem(
        307,
        "customer_elsewhere",
        f"The customer was merged into {survivor_id!r}. Follow Location.",
        headers={"Location": f"{path}?{query}" if query else path},
        survivor_id=survivor_id,
    )
