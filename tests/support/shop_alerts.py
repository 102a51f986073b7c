"""The alerts of the story in tests/support/shop_day.py: raised, seen, over and told, in both stores."""

from collections.abc import Iterator
from datetime import date

from domain.alerts.alert import AcknowledgeAlert
from domain.alerts.digest import TellAlerts
from domain.alerts.policy import SetAlertRecipient, SetAlertThresholds
from domain.alerts.rules import Measured
from domain.alerts.thresholds import AlertKind, Thresholds
from domain.kernel.command import Command
from domain.stockroom.stock_alerts import AlertLook, LookAtStock
from tests.support.facts import sealed

DAY = date(2026, 3, 24)


def alerts() -> Iterator[Command]:
    """Everything there is much of is too much for a while, and pears expire; then nobody is told any more."""
    yield SetAlertThresholds(thresholds=Thresholds(high=5, expiring_days=2, dead_days=30))
    yield SetAlertThresholds(store_id="s2", thresholds=Thresholds(digest_min=0))
    yield SetAlertThresholds(sku="cherry", thresholds=Thresholds(off=tuple(AlertKind)))
    yield SetAlertThresholds(store_id="s1", sku="apple", thresholds=Thresholds(low=10_000))
    yield SetAlertRecipient(store_id="s1", employee_id="e1", email=sealed("e1@shop.example", "employee-e1"))
    yield SetAlertRecipient(store_id="s1", employee_id="e2", email=sealed("e2@shop.example", "employee-e2"))
    yield SetAlertRecipient(store_id="s1", employee_id="e2")
    idle = Measured(idle_since=date(2026, 1, 1))
    looks = tuple(AlertLook(sku=sku, measured=idle) for sku in ("apple", "pear", "juice", "cherry"))
    for store_id in ("s1", "s2"):
        yield LookAtStock(store_id=store_id, day=DAY, looks=looks)
        yield TellAlerts(store_id=store_id, after=0, up_to=1_000, raised={"high": 3, "dead": 3})
    yield AcknowledgeAlert(store_id="s1", sku="apple", number=1, note="on sale")
    yield SetAlertThresholds(thresholds=None)
    yield LookAtStock(store_id="s1", day=DAY, looks=looks[:2])
