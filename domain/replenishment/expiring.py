"""What will have expired before an order can arrive: only what nobody will have bought before.

First expired, first out, against what is expected to be asked for. (Domain rules "Reorder" and "FEFO".)
"""

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from itertools import groupby

import msgspec

from domain.kernel.money import half_up
from domain.replenishment.demand import MILLI, Demand
from domain.replenishment.policy import DAY_H
from domain.replenishment.weekdays import asked_for


class SellBy(msgspec.Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """How much of what is on hand is sold until that day; `expiring` of it will be left."""

    day: date
    quantity: int
    expiring: int = 0


def arrival_day(day: date, hour: int, lead_time_h: int) -> date:
    """The business day on which an order arrives that is made in an hour of `day`."""
    return day + timedelta(days=(hour + lead_time_h) // DAY_H)


def until_the_end_of(demand: Demand | None, day: date, left: float) -> Callable[[date], float]:
    """What will be asked for from now to the end of a day; `left` is the share of `day` that is to come."""
    if demand is None:
        return lambda _: 0.0
    today = asked_for(demand, day, 0, DAY_H) * left

    def asked(last: date) -> float:
        if last < day:
            return 0.0
        return today + asked_for(demand, day, DAY_H, (last - day).days * DAY_H)

    return asked


def before_arrival(
    lots: Iterable[tuple[date | None, int]],
    *,
    on_hand: int,
    reserved: int,
    day: date,
    arrival: date,
    asked: Callable[[date], float],
) -> tuple[SellBy, ...]:
    """What of the lots (sell-by, quantity) has to be sold before an order arrives, and what will be left.

    `asked(d)` is what will have been asked for by the end of d. What the lots hold more than the shelf was
    sold below zero, from those that expire first, expired or not. What is reserved leaves as what is sold
    does, and neither leaves an expired lot. Days before `day` are one, the day before.
    """
    there = [(sell_by, quantity) for sell_by, quantity in lots if quantity > 0]
    short = max(0, sum(quantity for _, quantity in there) - on_hand)
    yesterday = day - timedelta(days=1)
    dated = sorted((max(sell_by, yesterday), quantity) for sell_by, quantity in there if sell_by is not None)
    found: list[SellBy] = []
    sold = left = 0.0
    for sell_by, some in groupby(dated, key=lambda lot: lot[0]):
        if sell_by >= arrival:
            break
        quantity = sum(each for _, each in some)
        missing = min(short, quantity)
        short -= missing
        wanted = 0.0 if sell_by < day else max(0.0, reserved + asked(sell_by) - sold)
        going = min(float(quantity - missing), wanted)
        sold, before, left = sold + going, left, left + quantity - missing - going
        # As a running sum: rounded one by one, many lots would lose more than half a unit.
        found.append(SellBy(day=sell_by, quantity=quantity, expiring=_whole(left) - _whole(before)))
    return tuple(found)


def of_one_day(*, on_hand: int, reserved: int, day: date, arrival: date) -> tuple[SellBy, ...]:
    """The same of goods of one day, in lots or not: what is there now is gone on the next, sold or not."""
    if arrival <= day or on_hand <= 0:
        return ()
    return (SellBy(day=day, quantity=on_hand, expiring=max(0, on_hand - max(0, reserved))),)


def _whole(quantity: float) -> int:
    return half_up(round(quantity * MILLI), MILLI)
