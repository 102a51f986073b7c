"""An item's alerts: raised -> acknowledged -> cleared.

One of a kind is open at a time, of what expires one a lot.
"""

from datetime import date
from typing import ClassVar

import msgspec

from domain.alerts.rules import key_of
from domain.alerts.thresholds import AlertKind
from domain.kernel.command import Command, Decision, Done, Moment
from domain.kernel.errors import NotFound
from domain.kernel.event import Event
from domain.kernel.stream import States, StreamKind

SNAPSHOT_EVERY = 100
"""An item may run low every few days for as long as it is sold."""


class AlertRaised(Event, frozen=True, kw_only=True, omit_defaults=True):
    """Somebody should look at the item, since `day`, a business day of the store.

    `figure` was beyond `threshold`: available units (low, out), units on hand (high, negative), days of life
    (expiring, of `quantity` in `lot`), days of cover (slow-moving) or without a sale (dead).
    """

    TYPE: ClassVar = "alert.raised.v1"
    store_id: str
    sku: str
    number: int
    kind: AlertKind
    figure: int
    threshold: int
    quantity: int
    day: date
    lot: str = ""
    sell_by: date | None = None


class AlertAcknowledged(Event, frozen=True, kw_only=True, omit_defaults=True):
    """Somebody, the event's actor, has seen it; `note` is what they do about it, a cause in words."""

    TYPE: ClassVar = "alert.acknowledged.v1"
    store_id: str
    sku: str
    number: int
    note: str | None = None


class AlertCleared(Event, frozen=True, kw_only=True, omit_defaults=True):
    """It is over by the facts, with what was measured then; without a figure nobody wants to be told."""

    TYPE: ClassVar = "alert.cleared.v1"
    store_id: str
    sku: str
    number: int
    kind: AlertKind
    lot: str = ""
    figure: int | None = None


class OpenAlert(msgspec.Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """An alert that is not over."""

    number: int
    acknowledged: bool = False


class ItemAlerts(msgspec.Struct, frozen=True, kw_only=True):
    """How many alerts there were, and those that are open, by kind and lot."""

    numbers: int = 0
    open: dict[str, OpenAlert] = {}


def evolve(state: ItemAlerts, event: Event) -> ItemAlerts:
    """The item's alerts after `event`."""
    match event:
        case AlertRaised():
            raised = {key_of(event.kind, event.lot): OpenAlert(number=event.number)}
            return ItemAlerts(numbers=event.number, open=state.open | raised)
        case AlertAcknowledged():
            seen = {
                key: OpenAlert(number=one.number, acknowledged=True)
                for key, one in state.open.items()
                if one.number == event.number
            }
            return ItemAlerts(numbers=state.numbers, open=state.open | seen)
        case AlertCleared():
            left = {key: one for key, one in state.open.items() if one.number != event.number}
            return ItemAlerts(numbers=state.numbers, open=left)
        case _:
            return state


ALERTS = StreamKind("alert", ItemAlerts(), evolve, snapshot_every=SNAPSHOT_EVERY)


def item_id(store_id: str, sku: str) -> str:
    """An item's id: `main/apple`. Neither part can hold a slash."""
    return f"{store_id}/{sku}"


class AcknowledgeAlert(Command, frozen=True, kw_only=True):
    """Says that somebody has seen it. Of one that was seen, or is over, it changes nothing."""

    store_id: str
    sku: str
    number: int
    note: str | None = None

    def streams(self) -> tuple[str, ...]:
        return (ALERTS.stream(item_id(self.store_id, self.sku)),)

    def decide(self, states: States, at: Moment) -> Decision:
        (stream,) = self.streams()
        alerts = states.of(ALERTS, item_id(self.store_id, self.sku))
        if not 0 < self.number <= alerts.numbers:
            raise NotFound("There is no such alert. Check its number.", sku=self.sku, number=self.number)
        unseen = any(one.number == self.number and not one.acknowledged for one in alerts.open.values())
        seen = AlertAcknowledged(store_id=self.store_id, sku=self.sku, number=self.number, note=self.note)
        return Decision(events=((stream, seen),) if unseen else (), result=Done(id=str(self.number)))
