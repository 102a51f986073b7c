"""Noting a merchant's own fields of a customer: choices in the clear, everything else sealed."""

import msgspec

from domain.customers.customer import CUSTOMER, require_speaking
from domain.customers.facts import CustomerFieldsSet
from domain.customers.profile import written
from domain.fields.field import (
    FIELDS,
    FieldValue,
    Subject,
    check_values,
    require_complete,
    require_defined,
)
from domain.kernel.command import Command, Decision, Moment
from domain.kernel.errors import InvalidCommand
from domain.kernel.sealed import Sealed
from domain.kernel.stream import States


class SetCustomerFields(Command, frozen=True, kw_only=True):
    """Notes the given values and removes those that are named in `removed`; the others stay.

    Whoever seals a personal value has checked that it fits: here nobody can read it.
    """

    customer_id: str
    values: dict[str, FieldValue] = msgspec.field(default_factory=dict)
    personal: dict[str, Sealed] = msgspec.field(default_factory=dict)
    removed: tuple[str, ...] = ()
    expected_version: int | None = None

    def streams(self) -> tuple[str, ...]:
        return (CUSTOMER.stream(self.customer_id), FIELDS.stream(Subject.CUSTOMER))

    def decide(self, states: States, at: Moment) -> Decision:
        facts = require_speaking(states, self.customer_id).facts
        fields = states.of(FIELDS, Subject.CUSTOMER)
        check_values(fields, self.values, facts.fields)
        for name in self.personal:
            if not require_defined(fields, name).personal:
                raise InvalidCommand(f"{name} is not personal.", field=name)
        known = {*facts.fields, *facts.personal}
        noted = {*known, *self.values, *self.personal}
        require_complete(fields, noted.difference(self.removed))
        event = CustomerFieldsSet(
            customer_id=self.customer_id,
            values=self.values,
            personal=self.personal,
            removed=tuple(sorted(known.intersection(self.removed))),
        )
        return written(states, event, self.expected_version)
