"""Setting what a supplier asks for its SKUs: one command for a price list's worth of lines."""

from collections.abc import Iterable
from datetime import date, timedelta

import msgspec

from domain.catalog.product import PRODUCT, Product
from domain.kernel.command import Command, Decision, Done, Moment
from domain.kernel.errors import CurrencyMismatch, InvalidCommand
from domain.kernel.event import Event
from domain.kernel.money import require_bookable
from domain.kernel.stream import States
from domain.purchasing.supplier import MAX_DAYS, SUPPLIER
from domain.purchasing.terms import MAX_TERMS, SUPPLY, Supply, Terms, TermsSet, evolve, forgets, supply_id

MAX_LINES = 1_000
MAX_PACKS = 10**6
EARLIEST_YEAR = 1970


class TermsLine(msgspec.Struct, frozen=True, kw_only=True):
    """The terms of a SKU."""

    sku: str
    terms: Terms


class SetTerms(Command, frozen=True, kw_only=True):
    """Sets terms: all lines or none. What is said already is not written again."""

    supplier_id: str
    lines: tuple[TermsLine, ...]

    def streams(self) -> Iterable[str]:
        yield SUPPLIER.stream(self.supplier_id)
        for line in self.lines:
            yield PRODUCT.stream(line.sku)
            yield SUPPLY.stream(supply_id(self.supplier_id, line.sku))

    def decide(self, states: States, at: Moment) -> Decision:
        supplier = states.require(SUPPLIER, self.supplier_id)
        if not 0 < len(self.lines) <= MAX_LINES:
            raise InvalidCommand(f"A list of terms has 1 to {MAX_LINES} lines.", lines=len(self.lines))
        if len({(line.sku, line.terms.valid_from) for line in self.lines}) < len(self.lines):
            raise InvalidCommand("Of a SKU a list says once what it costs from a day on.")
        # Somewhere the business day of the day before yesterday has just ended.
        over = at.recorded_at.date() - timedelta(days=2)
        supplies = {line.sku: states.of(SUPPLY, supply_id(self.supplier_id, line.sku)) for line in self.lines}
        events: list[tuple[str, Event]] = []
        for line in self.lines:
            _check(line, states.require(PRODUCT, line.sku), supplier.currency)
            supply = supplies[line.sku]
            before = supply.on(line.terms.valid_from - timedelta(days=1))
            event = TermsSet(
                supplier_id=self.supplier_id,
                sku=line.sku,
                terms=line.terms,
                before_minor=None if before is None else before.unit_cost_minor,
            )
            if line.terms not in supply.terms:
                _require_room(supply, line, over)
                supplies[line.sku] = evolve(supply, event)
                events.append((SUPPLY.stream(supply_id(self.supplier_id, line.sku)), event))
        return Decision(events=tuple(events), result=Done(id=self.supplier_id))


def _require_room(supply: Supply, line: TermsLine, over: date) -> None:
    """InvalidCommand where terms would be forgotten that count still, or will."""
    last = forgets(supply, line.terms)
    if last is not None and last > over:
        raise InvalidCommand(
            f"{MAX_TERMS} terms of {line.sku!r} count today or later. Set more when some of them are over.",
            sku=line.sku,
        )


def _check(line: TermsLine, product: Product, currency: str) -> None:
    terms = line.terms
    if not product.stocked:
        raise InvalidCommand(f"{line.sku!r} is a service and holds no stock.", sku=line.sku)
    if terms.currency != currency:
        raise CurrencyMismatch(f"The supplier is paid in {currency}.", sku=line.sku, currency=terms.currency)
    if terms.valid_from.year < EARLIEST_YEAR:
        raise InvalidCommand(f"valid_from is from {EARLIEST_YEAR} on.", sku=line.sku)
    if terms.valid_until is not None and terms.valid_until < terms.valid_from:
        raise InvalidCommand("valid_until is not before valid_from.", sku=line.sku)
    if terms.unit_cost_minor < 0:
        raise InvalidCommand("unit_cost is zero or more.", sku=line.sku)
    if not 0 < terms.pack_size <= MAX_PACKS or not 0 < terms.minimum_packs <= MAX_PACKS:
        raise InvalidCommand(f"pack_size and minimum_packs are from 1 to {MAX_PACKS}.", sku=line.sku)
    if not 0 <= terms.lead_time_days <= MAX_DAYS:
        raise InvalidCommand(f"lead_time_days must be from 0 to {MAX_DAYS}.", sku=line.sku)
    require_bookable(terms.unit_cost_minor)
