"""Rates of tax by category, each from a day on: what products are taxed at that name no rate of their own.

They stand in one book. A sale reads it only where a product of the basket asks for it. (Decision 0044.)
"""

from collections.abc import Mapping
from datetime import date
from typing import ClassVar

import msgspec

from domain.catalog.product import MAX_RATE_BP
from domain.kernel.command import Command, Decision, Done, Moment
from domain.kernel.errors import InvalidCommand, Refusal
from domain.kernel.event import Event
from domain.kernel.stream import States, StreamKind

SNAPSHOT_EVERY = 100
BOOK = "book"
"""The one stream of its kind."""
MAX_RATES = 2_000
"""Of all categories together: some ten changes each for some two hundred."""


class TaxRateSet(Event, frozen=True, kw_only=True, omit_defaults=True):
    """From this business day on the category is taxed at this rate; without one it has none."""

    TYPE: ClassVar = "tax.rate_set.v1"
    category: str
    valid_from: date
    rate_bp: int | None = None


class RateFrom(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A rate, and the first business day that it counts on; None is no rate from then on."""

    valid_from: date
    rate_bp: int | None


class TaxRates(msgspec.Struct, frozen=True, kw_only=True):
    """The rates of each category, in the order of their days."""

    rates: dict[str, tuple[RateFrom, ...]] = {}


def evolve(state: TaxRates, event: Event) -> TaxRates:
    """The rates after `event`. A day has one rate: the last that was said."""
    if not isinstance(event, TaxRateSet):
        return state
    others = (one for one in state.rates.get(event.category, ()) if one.valid_from != event.valid_from)
    new = RateFrom(valid_from=event.valid_from, rate_bp=event.rate_bp)
    rates = tuple(sorted((*others, new), key=lambda one: one.valid_from))
    return TaxRates(rates={**state.rates, event.category: rates})


TAX_RATES = StreamKind("taxrates", TaxRates(), evolve, snapshot_every=SNAPSHOT_EVERY)


def rate_on(rates: Mapping[str, tuple[RateFrom, ...]], category: str, day: date) -> int:
    """The category's rate on a business day in basis points; 0 where it has none."""
    found = (one for one in reversed(rates.get(category, ())) if one.valid_from <= day)
    current = next(found, None)
    return 0 if current is None else current.rate_bp or 0


class TooManyTaxRates(Refusal):
    """The book is full."""

    code = "too_many_tax_rates"


class SetTaxRate(Command, frozen=True, kw_only=True):
    """Sets a category's rate from a business day on. The same again writes nothing.

    Sales keep the rate that they used, so a day of the past is for those that come late alone.
    """

    category: str
    valid_from: date
    rate_bp: int | None = None

    def streams(self) -> tuple[str, ...]:
        return (TAX_RATES.stream(BOOK),)

    def decide(self, states: States, at: Moment) -> Decision:
        if self.rate_bp is not None and not 0 <= self.rate_bp <= MAX_RATE_BP:
            raise InvalidCommand("A rate is in basis points, 0 to 10000 (900 is 9 %).", rate=self.rate_bp)
        book = states.of(TAX_RATES, BOOK)
        new = TaxRateSet(category=self.category, valid_from=self.valid_from, rate_bp=self.rate_bp)
        after = evolve(book, new)
        if sum(map(len, after.rates.values())) > MAX_RATES:
            raise TooManyTaxRates(f"There are {MAX_RATES} rates of categories.", limit=MAX_RATES)
        events = () if after == book else ((TAX_RATES.stream(BOOK), new),)
        return Decision(events=events, result=Done(id=self.category))
