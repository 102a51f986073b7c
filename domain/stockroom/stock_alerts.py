"""Looking at a store's items: what is to be told of them is raised, and what is over is cleared.

Read models say which items to look at and what is measured of them; it is decided by the journal on what is
there, by thresholds in force and by what is open. So a second look at the same facts changes nothing.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import ClassVar

import msgspec

from domain.alerts.alert import ALERTS, AlertCleared, AlertRaised, ItemAlerts, item_id
from domain.alerts.policy import ALERT_POLICY, policy_id
from domain.alerts.rules import Change, LotSeen, Measured, Seen, changes, key_of
from domain.alerts.thresholds import Thresholds, item_levels
from domain.inventory.stock_item import STOCK_ITEM, StockItem, available
from domain.kernel.command import Command, Decision, Moment
from domain.kernel.errors import InvalidCommand
from domain.kernel.event import Event
from domain.kernel.stream import States

MAX_ITEMS = 1_000
AT_ONCE = 200
"""So many items are decided together: a batch of the journal waits for nobody long."""


class AlertLook(msgspec.Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Which item, and what was measured of it."""

    sku: str
    measured: Measured = Measured()


class AlertsChanged(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a look: how many alerts were raised and cleared."""

    raised: int = 0
    cleared: int = 0


class LookAtStock(Command, frozen=True, kw_only=True):
    """Raises and clears the alerts of a store's items, on a business day of the store."""

    RESULT: ClassVar = AlertsChanged

    store_id: str
    day: date
    looks: tuple[AlertLook, ...]

    def streams(self) -> Iterable[str]:
        streams = [
            ALERT_POLICY.stream(policy_id(None, None)),
            ALERT_POLICY.stream(policy_id(self.store_id, None)),
        ]
        for look in self.looks:
            item = item_id(self.store_id, look.sku)
            streams += (
                STOCK_ITEM.stream(item),
                ALERTS.stream(item),
                ALERT_POLICY.stream(policy_id(None, look.sku)),
                ALERT_POLICY.stream(policy_id(self.store_id, look.sku)),
            )
        return streams

    def decide(self, states: States, at: Moment) -> Decision:
        if not 0 < len(self.looks) <= MAX_ITEMS or len({look.sku for look in self.looks}) < len(self.looks):
            raise InvalidCommand(
                f"Look at 1 to {MAX_ITEMS} different items at a time.", items=len(self.looks)
            )
        events: list[tuple[str, Event]] = []
        for look in self.looks:
            item = item_id(self.store_id, look.sku)
            alerts = states.of(ALERTS, item)
            seen = _seen(states.of(STOCK_ITEM, item), look.measured, self.day, at.recorded_at)
            found = changes(self._limits(states, look), seen, alerts.open)
            events += ((ALERTS.stream(item), event) for event in self._events(look.sku, alerts, found))
        raised = sum(isinstance(event, AlertRaised) for _, event in events)
        result = AlertsChanged(raised=raised, cleared=len(events) - raised)
        return Decision(events=tuple(events), result=result)

    def _limits(self, states: States, look: AlertLook) -> Thresholds:
        item, product, store, tenant = (
            states.of(ALERT_POLICY, policy_id(store_id, sku)).thresholds
            for store_id, sku in (
                (self.store_id, look.sku),
                (None, look.sku),
                (self.store_id, None),
                (None, None),
            )
        )
        return item_levels(item, product, store, tenant, look.measured.reorder_at)

    def _events(self, sku: str, alerts: ItemAlerts, found: Iterable[Change]) -> Iterable[Event]:
        number = alerts.numbers
        for change in found:
            if change.raised:
                assert change.figure is not None
                number += 1
                yield AlertRaised(
                    store_id=self.store_id,
                    sku=sku,
                    number=number,
                    kind=change.kind,
                    figure=change.figure,
                    threshold=change.threshold,
                    quantity=change.quantity,
                    day=self.day,
                    lot=change.lot,
                    sell_by=change.sell_by,
                )
            else:
                yield AlertCleared(
                    store_id=self.store_id,
                    sku=sku,
                    number=alerts.open[key_of(change.kind, change.lot)].number,
                    kind=change.kind,
                    lot=change.lot,
                    figure=change.figure,
                )


def _seen(item: StockItem, measured: Measured, day: date, now: datetime) -> Seen:
    lots = () if item.parts is None else item.parts.lots.items()
    return Seen(
        day=day,
        on_hand=item.on_hand,
        available=available(item, now, today=day),
        lots=[LotSeen(name, lot.sell_by, lot.quantity) for name, lot in lots if lot.sell_by is not None],
        measured=measured,
    )
