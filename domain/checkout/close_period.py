"""Closing a till's day, month or year: what its receipts add up to, written down once and for good."""

from collections.abc import Iterable
from typing import ClassVar

import msgspec

from domain.kernel.business_day import business_day
from domain.kernel.command import Command, Decision, Moment
from domain.kernel.event import Event
from domain.kernel.stream import States
from domain.stores.store import STORE
from domain.tills.till import TILL, Period, PeriodClosed, closing, due, evolve, till_id


class PeriodsClosed(msgspec.Struct, frozen=True, kw_only=True):
    """The closings that were made; the last one is what was asked for."""

    closings: tuple[PeriodClosed, ...]


class ClosePeriod(Command, frozen=True, kw_only=True):
    """Closes a till's period: all receipts since the closing of this kind before, none more and none twice.

    A month's closing closes the day first, and a year's the month, where they hold receipts. A period without
    receipts can be closed: that nothing was sold is a fact too. (Decision 0032; models: the closings that the
    French CGI art. 286 I 3° bis (NF525) and the German KassenSichV ask of tills.)
    """

    RESULT: ClassVar = PeriodsClosed

    store_id: str
    register_id: str
    period: Period

    def streams(self) -> Iterable[str]:
        yield STORE.stream(self.store_id)
        yield TILL.stream(till_id(self.store_id, self.register_id))

    def decide(self, states: States, at: Moment) -> Decision:
        store = states.require(STORE, self.store_id)
        till = till_id(self.store_id, self.register_id)
        # A slip in the register's name must not open a roll of its own.
        state = states.require(TILL, till)
        closings: list[PeriodClosed] = []
        for period in due(state, self.period):
            closed = closing(
                state,
                period,
                till=(self.store_id, self.register_id),
                currency=store.currency,
                business_day=business_day(at.occurred_at, store.time_zone, store.day_starts_at_min),
                at=at.occurred_at,
            )
            closings.append(closed)
            state = evolve(state, closed)
        events: list[tuple[str, Event]] = [(TILL.stream(till), closed) for closed in closings]
        return Decision(events=tuple(events), result=PeriodsClosed(closings=tuple(closings)))
