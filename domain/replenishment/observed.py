"""Demand that somebody else observed: what was sold by hour, and in which hours there was nothing to sell.

It is evidence about demand, and nothing was sold by us: it is in no report of money and moves no stock.
"""

from datetime import date
from typing import ClassVar

import msgspec

from domain.kernel.command import Command, Decision, Done, Moment
from domain.kernel.errors import InvalidCommand
from domain.kernel.event import Event
from domain.kernel.stream import States, StreamKind
from domain.replenishment.shelf_time import HOURS

MAX_DAYS = 100
ALL_OUT = (1 << HOURS) - 1


class ObservedDay(msgspec.Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A day of 24 hours, in thousandths of whatever unit. Bit h of `out`: in hour h it was out of stock.

    `by_hour_milli` is what each of the 24 hours sold, and is left out where only the day is known.
    """

    day: date
    sold_milli: int
    out: int = 0
    by_hour_milli: tuple[int, ...] = ()


class DemandObserved(Event, frozen=True, kw_only=True, omit_defaults=True):
    """What `source` saw of an item on these days, one after the other."""

    TYPE: ClassVar = "demand.observed.v1"
    source: str
    store_id: str
    sku: str
    days: tuple[ObservedDay, ...]


class Observed(msgspec.Struct, frozen=True, kw_only=True):
    """The last day that was observed."""

    last: date | None = None


def evolve(state: Observed, event: Event) -> Observed:
    """What is known after `event`."""
    return Observed(last=event.days[-1].day) if isinstance(event, DemandObserved) else state


OBSERVED = StreamKind("demand", Observed(), evolve)


def series_id(source: str, store_id: str, sku: str) -> str:
    """A series' id: `fresh-retail/15/4`. None of the parts can hold a slash."""
    return f"{source}/{store_id}/{sku}"


class ObserveDemand(Command, frozen=True, kw_only=True):
    """Records observed days of a series. What was recorded before changes nothing, and days go forward."""

    source: str
    store_id: str
    sku: str
    days: tuple[ObservedDay, ...]

    def streams(self) -> tuple[str, ...]:
        return (OBSERVED.stream(series_id(self.source, self.store_id, self.sku)),)

    def decide(self, states: States, at: Moment) -> Decision:
        (stream,) = self.streams()
        if not 0 < len(self.days) <= MAX_DAYS:
            raise InvalidCommand(f"Observe 1 to {MAX_DAYS} days at a time.", days=len(self.days))
        for before, after in zip(self.days, self.days[1:], strict=False):
            if after.day <= before.day:
                raise InvalidCommand("Days go forward, each once.", day=after.day.isoformat())
        for day in self.days:
            hours = day.by_hour_milli
            if day.sold_milli < 0 or not 0 <= day.out <= ALL_OUT:
                raise InvalidCommand("Sold is zero or more; out has a bit an hour.", day=day.day.isoformat())
            if len(hours) not in {0, HOURS} or any(sold < 0 for sold in hours):
                raise InvalidCommand("A day has 24 hours that sell zero or more.", day=day.day.isoformat())
        last = states.of(OBSERVED, series_id(self.source, self.store_id, self.sku)).last
        new = tuple(day for day in self.days if last is None or day.day > last)
        observed = DemandObserved(source=self.source, store_id=self.store_id, sku=self.sku, days=new)
        return Decision(events=((stream, observed),) if new else (), result=Done(id=self.sku))
