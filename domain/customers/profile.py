"""Setting what is known of a customer: facts, and addresses by place."""

from collections.abc import Iterable

from msgspec import UNSET, UnsetType

from domain.customers.customer import CUSTOMER, require_speaking
from domain.customers.facts import AddressRemoved, AddressSet, CustomerProfileSet, FactEvent, facts_after
from domain.customers.words import is_few_words
from domain.kernel.command import Command, Decision, Done, Moment
from domain.kernel.errors import InvalidCommand, NotFound
from domain.kernel.sealed import Sealed
from domain.kernel.stream import States

MAX_TAGS = 30
MAX_ADDRESSES = 10


class SetProfile(Command, frozen=True, kw_only=True):
    """Sets the given facts, removes those given as None, leaves those not given.

    Tags and the way by which they came are words. Those that the customer has may stay.
    """

    customer_id: str
    gender: Sealed | UnsetType | None = UNSET
    card: Sealed | UnsetType | None = UNSET
    tags: tuple[str, ...] | UnsetType = UNSET
    acquisition: str | UnsetType | None = UNSET
    owner_id: str | UnsetType | None = UNSET
    household_id: str | UnsetType | None = UNSET
    expected_version: int | None = None

    def streams(self) -> tuple[str, ...]:
        return (CUSTOMER.stream(self.customer_id), *self._owner())

    def decide(self, states: States, at: Moment) -> Decision:
        facts = require_speaking(states, self.customer_id).facts
        tags = UNSET if self.tags is UNSET else tuple(sorted(set(self.tags)))
        if tags is not UNSET:
            if len(tags) > MAX_TAGS:
                raise InvalidCommand(f"A customer has up to {MAX_TAGS} tags.", tags=len(tags))
            _require_words("A tag", "tag", set(tags).difference(facts.tags))
        if isinstance(self.acquisition, str):
            _require_words("acquisition", "acquisition", {self.acquisition} - {facts.acquisition})
        if self.owner_id != facts.owner_id:
            for employee in self._owner():
                states.require_person(employee)
        event = CustomerProfileSet(
            customer_id=self.customer_id,
            gender=self.gender,
            card=self.card,
            tags=tags,
            acquisition=self.acquisition,
            owner_id=self.owner_id,
            household_id=self.household_id,
        )
        return written(states, event, self.expected_version)

    def _owner(self) -> tuple[str, ...]:
        return (f"employee-{self.owner_id}",) if isinstance(self.owner_id, str) else ()


class SetAddress(Command, frozen=True, kw_only=True):
    """Gives a customer an address at a place of a few words, as home, or another one at the same."""

    customer_id: str
    place: str
    address: Sealed
    expected_version: int | None = None

    def streams(self) -> tuple[str, ...]:
        return (CUSTOMER.stream(self.customer_id),)

    def decide(self, states: States, at: Moment) -> Decision:
        addresses = require_speaking(states, self.customer_id).facts.addresses
        _require_words("The place of an address", "place", {self.place}.difference(addresses))
        if self.place not in addresses and len(addresses) >= MAX_ADDRESSES:
            raise InvalidCommand(
                f"A customer has up to {MAX_ADDRESSES} addresses. Remove one first.", addresses=len(addresses)
            )
        event = AddressSet(customer_id=self.customer_id, place=self.place, address=self.address)
        return written(states, event, self.expected_version)


class RemoveAddress(Command, frozen=True, kw_only=True):
    """Takes an address away from a customer."""

    customer_id: str
    place: str
    expected_version: int | None = None

    def streams(self) -> tuple[str, ...]:
        return (CUSTOMER.stream(self.customer_id),)

    def decide(self, states: States, at: Moment) -> Decision:
        if self.place not in require_speaking(states, self.customer_id).facts.addresses:
            raise NotFound("The customer has no address of that name.", kind="address", id=self.place)
        event = AddressRemoved(customer_id=self.customer_id, place=self.place)
        return written(states, event, self.expected_version)


def _require_words(what: str, fact: str, names: Iterable[str]) -> None:
    for name in sorted(names):
        if not is_few_words(name):
            raise InvalidCommand(
                f"{what} is one to four lower-case words joined by - or _, as trade-fair.", **{fact: name}
            )


def written(states: States, event: FactEvent, expected_version: int | None) -> Decision:
    """The event, unless it changes nothing."""
    stream = CUSTOMER.stream(event.customer_id)
    states.require_version(stream, expected_version)
    facts = states.of(CUSTOMER, event.customer_id).facts
    events = ((stream, event),) if facts_after(facts, event) != facts else ()
    return Decision(events=events, result=Done(id=event.customer_id))
