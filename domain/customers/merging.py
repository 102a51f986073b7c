"""Merging: that records are one person, that they are not, and undoing it. (Decision 0070.)"""

from collections.abc import Iterable

from domain.customers.customer import CUSTOMER, Customer, require_known, unless_merged
from domain.customers.links import (
    CustomerMerged,
    CustomerMergedInto,
    CustomerToldApart,
    CustomerUnmerged,
    CustomerUnmergedFrom,
)
from domain.kernel.command import Command, Decision, Done, Moment
from domain.kernel.errors import InvalidCommand, NotFound
from domain.kernel.person import person_streams
from domain.kernel.stream import States

MAX_RECORDS = 20
"""Of a person: a checkout looks at all of them."""


class CustomerNotMerged(NotFound):
    """The record is not merged into that one."""

    code = "customer_not_merged"


def _streams(one: str, other: str) -> tuple[str, ...]:
    return (CUSTOMER.stream(one), CUSTOMER.stream(other))


def _both(states: States, one: str, other: str) -> tuple[Customer, Customer]:
    """The two records, which must be two, known and not erased."""
    if one == other:
        raise InvalidCommand("Name two records.", customer_id=one)
    return require_known(states, one), require_known(states, other)


class MergeCustomers(Command, frozen=True, kw_only=True):
    """Says that the other record is the same person, for whom this one speaks from now on.

    Records that were merged into the other come with it, each by a link of its own. Again, it changes
    nothing.
    """

    customer_id: str
    other_id: str

    def streams(self) -> tuple[str, ...]:
        return _streams(self.customer_id, self.other_id)

    def linked(self, states: States) -> Iterable[str]:
        return person_streams(states, self.other_id)

    def decide(self, states: States, at: Moment) -> Decision:
        survivor, other = _both(states, self.customer_id, self.other_id)
        done = Done(id=self.customer_id)
        if other.merged_into == self.customer_id:
            return Decision(events=(), result=done)
        unless_merged(survivor)
        unless_merged(other)
        coming = (self.other_id, *other.others)
        if 1 + len(survivor.others) + len(coming) > MAX_RECORDS:
            raise InvalidCommand(
                f"A person has up to {MAX_RECORDS} records.", records=len(survivor.others) + 1
            )
        events = tuple(
            fact
            for id_ in coming
            for fact in (
                (
                    CUSTOMER.stream(self.customer_id),
                    CustomerMerged(customer_id=self.customer_id, other_id=id_),
                ),
                (CUSTOMER.stream(id_), CustomerMergedInto(customer_id=id_, survivor_id=self.customer_id)),
            )
        )
        return Decision(events=events, result=done)


class UnmergeCustomers(Command, frozen=True, kw_only=True):
    """Undoes the link of one record; it is as if it had never been."""

    customer_id: str
    other_id: str

    def streams(self) -> tuple[str, ...]:
        return _streams(self.customer_id, self.other_id)

    def decide(self, states: States, at: Moment) -> Decision:
        _, other = _both(states, self.customer_id, self.other_id)
        if other.merged_into != self.customer_id:
            raise CustomerNotMerged(
                f"{self.other_id!r} is not merged into {self.customer_id!r}.", other_id=self.other_id
            )
        events = (
            (
                CUSTOMER.stream(self.customer_id),
                CustomerUnmerged(customer_id=self.customer_id, other_id=self.other_id),
            ),
            (
                CUSTOMER.stream(self.other_id),
                CustomerUnmergedFrom(customer_id=self.other_id, survivor_id=self.customer_id),
            ),
        )
        return Decision(events=events, result=Done(id=self.customer_id))


class TellApart(Command, frozen=True, kw_only=True):
    """Says that two records are two people, so that nobody proposes them again. Again, it changes nothing."""

    customer_id: str
    other_id: str

    def streams(self) -> tuple[str, ...]:
        return _streams(self.customer_id, self.other_id)

    def decide(self, states: States, at: Moment) -> Decision:
        one, other = _both(states, self.customer_id, self.other_id)
        speaking = {record.merged_into or record.customer_id for record in (one, other)}
        if len(speaking) == 1:
            raise InvalidCommand("They are merged. Undo that first.", other_id=self.other_id)
        pairs = ((one, self.other_id), (other, self.customer_id))
        events = tuple(
            (
                CUSTOMER.stream(record.customer_id),
                CustomerToldApart(customer_id=record.customer_id, other_id=from_),
            )
            for record, from_ in pairs
            if from_ not in record.told_apart
        )
        return Decision(events=events, result=Done(id=self.customer_id))
