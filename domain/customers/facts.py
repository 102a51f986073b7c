"""What is known of a customer beside name and numbers: who keeps them, how they came, where they live.

Whatever could say who somebody is stands sealed. What stands in the clear is words, which say nothing about a
person, and ids.
"""

from collections.abc import Iterable
from typing import ClassVar, TypeVar

import msgspec
from msgspec import UNSET, UnsetType

from domain.fields.field import FieldValue
from domain.kernel.event import Event
from domain.kernel.sealed import Sealed

SEALED_FACTS = ("gender", "card")
ADDRESS = "address"
"""The part of what is known that addresses belong to."""
PERSONAL = "personal"
"""That of what is noted in the merchant's own fields."""

T = TypeVar("T")


class CustomerProfileSet(Event, frozen=True, kw_only=True, omit_defaults=True):
    """The named facts are new, null meaning removed; facts not named stay. `tags` are all of them.

    `card` is the number of the membership card, `acquisition` the way by which they came, `owner_id` the
    employee who takes care of them. Customers of one `household_id` live together.
    """

    TYPE: ClassVar = "customer.profile_set.v1"
    customer_id: str
    gender: Sealed | UnsetType | None = UNSET
    card: Sealed | UnsetType | None = UNSET
    tags: tuple[str, ...] | UnsetType = UNSET
    acquisition: str | UnsetType | None = UNSET
    owner_id: str | UnsetType | None = UNSET
    household_id: str | UnsetType | None = UNSET


class AddressSet(Event, frozen=True, kw_only=True, omit_defaults=True):
    """The customer has an address, known by a word such as home. It replaces what the word meant before."""

    TYPE: ClassVar = "customer.address_set.v1"
    customer_id: str
    place: str
    address: Sealed


class AddressRemoved(Event, frozen=True, kw_only=True, omit_defaults=True):
    """The customer has no such address any more."""

    TYPE: ClassVar = "customer.address_removed.v1"
    customer_id: str
    place: str


class CustomerFieldsSet(Event, frozen=True, kw_only=True, omit_defaults=True):
    """In fields of the merchant's own these values are noted, and those of `removed` no more. Others stay."""

    TYPE: ClassVar = "customer.fields_set.v1"
    customer_id: str
    values: dict[str, FieldValue] = msgspec.field(default_factory=dict)
    personal: dict[str, Sealed] = msgspec.field(default_factory=dict)
    removed: tuple[str, ...] = ()


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """The facts as decisions see them. `addresses` are by place."""

    gender: Sealed | None = None
    card: Sealed | None = None
    tags: tuple[str, ...] = ()
    acquisition: str | None = None
    owner_id: str | None = None
    household_id: str | None = None
    addresses: dict[str, Sealed] = {}
    fields: dict[str, FieldValue] = {}
    personal: dict[str, Sealed] = msgspec.field(default_factory=dict)


FactEvent = CustomerProfileSet | AddressSet | AddressRemoved | CustomerFieldsSet


def facts_after(facts: Facts, event: FactEvent) -> Facts:
    """The facts after `event`."""
    match event:
        case CustomerProfileSet():
            said = {name: getattr(event, name) for name in _SET}
            return msgspec.structs.replace(
                facts, **{name: value for name, value in said.items() if value is not UNSET}
            )
        case AddressSet():
            return msgspec.structs.replace(facts, addresses={**facts.addresses, event.place: event.address})
        case AddressRemoved():
            left = {name: box for name, box in facts.addresses.items() if name != event.place}
            return msgspec.structs.replace(facts, addresses=left)
        case CustomerFieldsSet():
            return msgspec.structs.replace(
                facts,
                fields=_noted(facts.fields, event.values, event.removed),
                personal=_noted(facts.personal, event.personal, event.removed),
            )


def _noted(before: dict[str, T], given: dict[str, T], removed: tuple[str, ...]) -> dict[str, T]:
    return {name: value for name, value in {**before, **given}.items() if name not in removed}


_SET = ("gender", "card", "tags", "acquisition", "owner_id", "household_id")


def facts_without(facts: Facts, parts: Iterable[str]) -> Facts:
    """The facts once these parts of what is known are forgotten."""
    gone = set(parts)
    kept = msgspec.structs.replace(facts, **{part: None for part in SEALED_FACTS if part in gone})
    return msgspec.structs.replace(
        kept,
        addresses={} if ADDRESS in gone else facts.addresses,
        personal={} if PERSONAL in gone else facts.personal,
    )
