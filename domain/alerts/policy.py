"""From where on something is told, of all stores, one, a product or an item; and who gets alerts."""

from typing import ClassVar

import msgspec

from domain.alerts.thresholds import Thresholds, require_sound
from domain.kernel.command import Command, Decision, Done, Moment
from domain.kernel.errors import InvalidCommand
from domain.kernel.event import Event
from domain.kernel.sealed import Sealed
from domain.kernel.stream import States, StreamKind

ALL = "all"
MAX_RECIPIENTS = 50


class AlertThresholdsSet(Event, frozen=True, kw_only=True, omit_defaults=True):
    """From now on these thresholds count: of an item, a product (no store), a store (no SKU), or all stores.

    None: nothing is said here any more.
    """

    TYPE: ClassVar = "alert.thresholds_set.v1"
    store_id: str | None = None
    sku: str | None = None
    thresholds: Thresholds | None = None


class AlertRecipientSet(Event, frozen=True, kw_only=True, omit_defaults=True):
    """An employee gets the store's alerts by mail, at this address; None: not any more."""

    TYPE: ClassVar = "alert.recipient_set.v1"
    store_id: str
    employee_id: str
    email: Sealed | None = None


class AlertPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """The thresholds that are said here, and of a store who gets its alerts, by employee."""

    thresholds: Thresholds | None = None
    recipients: dict[str, Sealed] = {}


def evolve(state: AlertPolicy, event: Event) -> AlertPolicy:
    """The policy after `event`."""
    match event:
        case AlertThresholdsSet():
            return AlertPolicy(thresholds=event.thresholds, recipients=state.recipients)
        case AlertRecipientSet():
            kept = {name: email for name, email in state.recipients.items() if name != event.employee_id}
            if event.email is not None:
                kept[event.employee_id] = event.email
            return AlertPolicy(thresholds=state.thresholds, recipients=kept)
        case _:
            return state


ALERT_POLICY = StreamKind("alerting", AlertPolicy(), evolve)


def policy_id(store_id: str | None, sku: str | None) -> str:
    """Whose policy: `all`, `store/main`, `product/apple` or `item/main/apple`. No id can hold a slash."""
    if store_id is None:
        return ALL if sku is None else f"product/{sku}"
    return f"store/{store_id}" if sku is None else f"item/{store_id}/{sku}"


class AlertPolicyVersion(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to thresholds that were set: their version now."""

    version: int


class SetAlertThresholds(Command, frozen=True, kw_only=True):
    """Puts thresholds in the place of those before; None ends them. The same ones again change nothing."""

    RESULT: ClassVar = AlertPolicyVersion

    store_id: str | None = None
    sku: str | None = None
    thresholds: Thresholds | None
    expected_version: int | None = None

    def streams(self) -> tuple[str, ...]:
        named = (
            *(() if self.store_id is None else (f"store-{self.store_id}",)),
            *(() if self.sku is None else (f"product-{self.sku}",)),
        )
        return (*named, ALERT_POLICY.stream(policy_id(self.store_id, self.sku)))

    def decide(self, states: States, at: Moment) -> Decision:
        *named, stream = self.streams()
        for known in named:
            states.require_stream(known)
        states.require_version(stream, self.expected_version)
        if self.thresholds is not None:
            require_sound(self.thresholds, of_goods=self.sku is not None)
        policy = states.of(ALERT_POLICY, policy_id(self.store_id, self.sku))
        set_ = AlertThresholdsSet(store_id=self.store_id, sku=self.sku, thresholds=self.thresholds)
        events = () if policy.thresholds == self.thresholds else ((stream, set_),)
        return Decision(
            events=events, result=AlertPolicyVersion(version=states.version(stream) + len(events))
        )


class SetAlertRecipient(Command, frozen=True, kw_only=True):
    """An employee gets a store's alerts at an address, or (None) not any more."""

    store_id: str
    employee_id: str
    email: Sealed | None = None

    def streams(self) -> tuple[str, ...]:
        policy = ALERT_POLICY.stream(policy_id(self.store_id, None))
        return f"store-{self.store_id}", f"employee-{self.employee_id}", policy

    def decide(self, states: States, at: Moment) -> Decision:
        store, employee, stream = self.streams()
        states.require_stream(store)
        policy = states.of(ALERT_POLICY, policy_id(self.store_id, None))
        if self.email is not None:
            states.require_person(employee)
            if self.employee_id not in policy.recipients and len(policy.recipients) >= MAX_RECIPIENTS:
                raise InvalidCommand(
                    f"At most {MAX_RECIPIENTS} get a store's alerts.", store_id=self.store_id
                )
        else:
            states.require_stream(employee)
        set_ = AlertRecipientSet(store_id=self.store_id, employee_id=self.employee_id, email=self.email)
        changes = self.email is not None or self.employee_id in policy.recipients
        return Decision(events=((stream, set_),) if changes else (), result=Done(id=self.employee_id))
