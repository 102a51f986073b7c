"""Forgetting: legal holds that forbid it, erasure of a person, and details whose time is over.

The event is recorded first and the keys are destroyed after it: a hold and an erasure then meet in the
customer's stream, where one of them is first, and a destroyed key can't be had back. (Decision 0028.)
"""

from collections.abc import Iterable
from typing import ClassVar

from domain.customers.customer import (
    CUSTOMER,
    CustomerErased,
    CustomerHeld,
    CustomerReleased,
    DetailsExpired,
    require_known,
)
from domain.kernel.command import Command, Decision, Done, Moment
from domain.kernel.errors import HoldUnknown
from domain.kernel.event import Event
from domain.kernel.person import person_streams, records
from domain.kernel.stream import States


def _write(customer_id: str, *events: Event) -> Decision:
    stream = CUSTOMER.stream(customer_id)
    return Decision(events=tuple((stream, event) for event in events), result=Done(id=customer_id))


class HoldCustomer(Command, frozen=True, kw_only=True):
    """Forbids that the customer is forgotten, for a reason. The same reason again changes nothing."""

    customer_id: str
    reason: str

    def streams(self) -> tuple[str, ...]:
        return (CUSTOMER.stream(self.customer_id),)

    def decide(self, states: States, at: Moment) -> Decision:
        customer = require_known(states, self.customer_id)
        if self.reason in customer.holds:
            return _write(self.customer_id)
        return _write(self.customer_id, CustomerHeld(customer_id=self.customer_id, reason=self.reason))


class ReleaseCustomer(Command, frozen=True, kw_only=True):
    """Lifts the hold of that reason."""

    customer_id: str
    reason: str

    def streams(self) -> tuple[str, ...]:
        return (CUSTOMER.stream(self.customer_id),)

    def decide(self, states: States, at: Moment) -> Decision:
        customer = require_known(states, self.customer_id)
        if self.reason not in customer.holds:
            raise HoldUnknown("The customer is not held for that reason.", reason=self.reason)
        return _write(self.customer_id, CustomerReleased(customer_id=self.customer_id, reason=self.reason))


class Forgotten(Done, frozen=True, kw_only=True):
    """Who is forgotten, and their other records with them."""

    also: tuple[str, ...] = ()


class EraseCustomer(Command, frozen=True, kw_only=True):
    """Decides that a customer is forgotten, with all records that are one person with theirs.

    A hold of one holds all. Again, it changes nothing.
    """

    RESULT: ClassVar = Forgotten

    customer_id: str
    reason: str

    def streams(self) -> tuple[str, ...]:
        return (CUSTOMER.stream(self.customer_id),)

    def linked(self, states: States) -> Iterable[str]:
        return person_streams(states, self.customer_id)

    def decide(self, states: States, at: Moment) -> Decision:
        customer = states.require(CUSTOMER, self.customer_id)
        if customer.erased:
            return Decision(events=(), result=Forgotten(id=self.customer_id))
        person = records(states, self.customer_id)
        for id_ in person:
            states.require_free(CUSTOMER.stream(id_))
        events = tuple(
            (CUSTOMER.stream(id_), CustomerErased(customer_id=id_, reason=self.reason)) for id_ in person
        )
        return Decision(events=events, result=Forgotten(id=self.customer_id, also=person[1:]))


class ExpireDetails(Command, frozen=True, kw_only=True):
    """Decides that parts of what is known of a customer have been kept long enough.

    A hold of one of the person's records holds all.
    """

    RESULT: ClassVar = Done

    customer_id: str
    parts: tuple[str, ...]

    def streams(self) -> tuple[str, ...]:
        return (CUSTOMER.stream(self.customer_id),)

    def linked(self, states: States) -> Iterable[str]:
        return person_streams(states, self.customer_id)

    def decide(self, states: States, at: Moment) -> Decision:
        require_known(states, self.customer_id)
        for id_ in records(states, self.customer_id):
            states.require_free(CUSTOMER.stream(id_))
        return _write(self.customer_id, DetailsExpired(customer_id=self.customer_id, parts=self.parts))
