"""The demo's plan: from a seed and a first day, every command of the demo in order. Pure."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import partial

from workers.demo.complaints import plan_complaints
from workers.demo.counter import sell, visits
from workers.demo.founding import found, people, register
from workers.demo.shop import FOUNDING_CUSTOMERS, STORES, ZONE, Store
from workers.demo.steps import Step
from workers.demo.stockroom import count, deliver, throw_away
from workers.demo.trade import Trade

FOUNDED_AT = time(9)
DELIVERED_FROM, DELIVERED_UNTIL = time(6, 30), time(7, 30)
WASTE_AT, COUNT_AT = time(22, 10), time(22, 40)
COUNTED_EVERY_DAYS, FIRST_COUNT = 7, 2


def demo_plan(seed: int, first_day: date, days: int) -> Iterator[Step]:
    """Every step, oldest first: the shop is founded the day before `first_day`, then trades for `days`.

    The same arguments give the same steps, and a tenant without events accepts them all.
    """
    trade = Trade(seed, first_day, days)
    customers = people(trade.random)
    founded_at = datetime.combine(first_day - timedelta(days=1), FOUNDED_AT, ZONE)
    trade.plan(founded_at, partial(found, trade, customers[:FOUNDING_CUSTOMERS]))
    for details in customers[FOUNDING_CUSTOMERS:]:
        when = trade.between(trade.random.choice(trade.days), time(9), time(20))
        trade.plan(when, partial(register, trade, details))
    plan_complaints(trade)
    for number, day in enumerate(trade.days):
        for store in STORES:
            _plan_day(trade, store, day, counted=number % COUNTED_EVERY_DAYS == FIRST_COUNT)
    return trade.unfold()


def _plan_day(trade: Trade, store: Store, day: date, *, counted: bool) -> None:
    trade.plan(trade.between(day, DELIVERED_FROM, DELIVERED_UNTIL), partial(deliver, trade, store))
    for when in visits(trade, store, day):
        trade.plan(when, partial(sell, trade, store))
    trade.plan(datetime.combine(day, WASTE_AT, ZONE), partial(throw_away, trade, store))
    if counted:
        trade.plan(datetime.combine(day, COUNT_AT, ZONE), partial(count, trade, store))
