"""Planning a care message: once per rule, customer and occasion, whoever asks how often."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import ClassVar

import msgspec

from domain.care.quiet import not_before
from domain.care.rule import CARE, WHOLE_PERMILLE, CareRule
from domain.care.touch import (
    TOUCH,
    CareHeldOut,
    CarePlanned,
    CareWithheld,
    Outcome,
    Touch,
    Withheld,
    told_key,
)
from domain.customers.customer import CUSTOMER, Customer, require_known
from domain.customers.person import consents_in_force, records_of, segments_of
from domain.kernel.command import Command, Decision, Moment
from domain.kernel.person import person_streams, records
from domain.kernel.stream import States
from domain.stores.store import STORE


class CarePlan(msgspec.Struct, frozen=True, kw_only=True):
    """What planning led to: a message, one that is withheld at once, none for comparison, or nothing new."""

    planned: bool = False
    withheld: bool = False
    held_out: bool = False


class PlanCare(Command, frozen=True, kw_only=True):
    """Plans to write to a customer on an occasion of a business day.

    Without consent nothing is planned, and that is recorded. Nothing is planned for whom another record
    speaks, nor where the person was told under another record of theirs. Nothing is recorded of who is not in
    the rule's segments: they may enter one before the occasion comes again. `lot_permille`, 0 to 999, is the
    customer's lot in this rule, the same each time: below the rule's holdout they get no message.
    """

    RESULT: ClassVar = CarePlan

    rule_id: str
    customer_id: str
    occasion: str
    day: date
    sku: str | None = None
    lot_permille: int = WHOLE_PERMILLE - 1

    def streams(self) -> Sequence[str]:
        return (
            CARE.stream(self.rule_id),
            CUSTOMER.stream(self.customer_id),
            TOUCH.stream(self.customer_id),
        )

    def linked(self, states: States) -> Sequence[str]:
        rule = states.of(CARE, self.rule_id).present
        store = () if rule is None else (STORE.stream(rule.store_id),)
        return (*store, *person_streams(states, self.customer_id), *touches_of(states, self.customer_id))

    def decide(self, states: States, at: Moment) -> Decision:
        versions = states.require(CARE, self.rule_id)
        customer = require_known(states, self.customer_id)
        rule = versions.present
        assert rule is not None, "a rule's stream begins with its first version"
        key = told_key(self.rule_id, self.occasion)
        is_told = any(was_told(states.of(TOUCH, id_), key) for id_ in records(states, self.customer_id))
        known = is_told or customer.merged_into is not None
        person = records_of(states, self.customer_id)
        if known or not rule.is_active(self.day) or not fits(rule, person):
            return Decision(events=(), result=CarePlan())
        version = len(versions.all)
        stream = TOUCH.stream(self.customer_id)
        if not has_consent(rule, person):
            withheld = CareWithheld(
                rule_id=self.rule_id,
                rule_version=version,
                customer_id=self.customer_id,
                occasion=self.occasion,
                reason=Withheld.NO_CONSENT,
            )
            return Decision(events=((stream, withheld),), result=CarePlan(withheld=True))
        zone = states.require(STORE, rule.store_id).time_zone
        due_at = not_before(rule.quiet, at.recorded_at, zone)
        counts_until = due_at + timedelta(days=rule.conversion_days)
        if self.lot_permille < rule.holdout_permille:
            held_out = CareHeldOut(
                rule_id=self.rule_id,
                rule_version=version,
                customer_id=self.customer_id,
                occasion=self.occasion,
                due_at=due_at,
                counts_until=counts_until,
            )
            return Decision(events=((stream, held_out),), result=CarePlan(held_out=True))
        planned = CarePlanned(
            rule_id=self.rule_id,
            rule_version=version,
            customer_id=self.customer_id,
            occasion=self.occasion,
            day=self.day,
            due_at=due_at,
            counts_until=counts_until,
            sku=self.sku,
        )
        return Decision(events=((stream, planned),), result=CarePlan(planned=True))


def touches_of(states: States, customer_id: str) -> Sequence[str]:
    """The streams of what the person was told under all their records."""
    return [TOUCH.stream(id_) for id_ in records(states, customer_id)]


def was_told(touch: Touch, key: str) -> bool:
    """Whether this was planned for a record, or is off; what a merge cut off its survivor may be told."""
    told = touch.told.get(key)
    cut_off = (Outcome.WITHHELD, Withheld.MERGED.value)
    return told is not None and (told.outcome, told.reason) != cut_off


def fits(rule: CareRule, person: Sequence[Customer]) -> bool:
    """Whether the customer is in one of the rule's segments, where it names any."""
    return not rule.segments or not set(rule.segments).isdisjoint(segments_of(person))


def has_consent(rule: CareRule, person: Sequence[Customer]) -> bool:
    """Whether the customer agreed to the rule's purpose by its channel, and has not taken it back."""
    wanted = (rule.purpose, rule.channel.value)
    return any((one.purpose, one.channel) == wanted for one in consents_in_force(person))
