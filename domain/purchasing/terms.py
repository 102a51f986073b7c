"""Terms: what a supplier asks for a SKU, in what packs and from when on, and how long it takes.

A stream for each supplier and SKU, so that an order reads the terms of its lines alone.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import ClassVar

import msgspec

from domain.kernel.errors import Refusal
from domain.kernel.event import Event
from domain.kernel.stream import StreamKind

MAX_TERMS = 50
"""Terms of one SKU that are kept: those that count no more are forgotten first."""


class Terms(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is asked from `valid_from` to `valid_until` (inclusive; None: without an end).

    Goods come in packs of `pack_size` of the SKU's unit, `minimum_packs` at least. `unit_cost_minor` is per
    piece or per kilogram. `lead_time_days` is what the supplier says; what it takes is measured.
    """

    valid_from: date
    valid_until: date | None = None
    unit_cost_minor: int
    currency: str
    pack_size: int = 1
    minimum_packs: int = 1
    lead_time_days: int = 0
    supplier_sku: str | None = None

    def packs_for(self, quantity: int) -> int:
        """As many packs as the quantity takes, and no fewer than the minimum."""
        return max(self.minimum_packs, -(-quantity // self.pack_size))


class TermsSet(Event, frozen=True, kw_only=True, omit_defaults=True):
    """From a day on the supplier asks this for the SKU; terms from the same day are replaced.

    `before_minor` is what a unit cost by the terms that were valid on the day before.
    """

    TYPE: ClassVar = "supply.terms_set.v1"
    supplier_id: str
    sku: str
    terms: Terms
    before_minor: int | None = None


class Supply(msgspec.Struct, frozen=True, kw_only=True):
    """All terms of a supplier for a SKU, by the day from which they are valid."""

    terms: tuple[Terms, ...] = ()

    def on(self, day: date) -> Terms | None:
        """Of the terms that are valid on a day those that began last: a week's price goes before."""
        for terms in reversed(self.terms):
            if terms.valid_from <= day and (terms.valid_until is None or terms.valid_until >= day):
                return terms
        return None


def evolve(state: Supply, event: Event) -> Supply:
    """The supply after `event`."""
    if not isinstance(event, TermsSet):
        return state
    terms = _with(state, event.terms)
    if len(terms) > MAX_TERMS:
        days = _last_days(terms)
        del terms[days.index(min(days))]
    return Supply(terms=tuple(terms))


def forgets(state: Supply, terms: Terms) -> date | None:
    """The last day on which those terms count that are forgotten when these are set; None if none are."""
    after = _with(state, terms)
    return min(_last_days(after)) if len(after) > MAX_TERMS else None


def _with(state: Supply, new: Terms) -> list[Terms]:
    others = (terms for terms in state.terms if terms.valid_from != new.valid_from)
    return sorted((*others, new), key=lambda terms: terms.valid_from)


def _last_days(by_day: Sequence[Terms]) -> list[date]:
    """When each counts for the last time: when it ends, or before later ones begin that don't end."""
    days: list[date] = []
    begins = date.max
    for terms in reversed(by_day):
        before = begins if begins == date.max else begins - timedelta(days=1)
        days.append(min(terms.valid_until or date.max, before))
        if terms.valid_until is None:
            begins = terms.valid_from
    return days[::-1]


SUPPLY = StreamKind("supply", Supply(), evolve)


def supply_id(supplier_id: str, sku: str) -> str:
    """The id of what a supplier asks for a SKU: `orchard/apple`."""
    return f"{supplier_id}/{sku}"


class TermsMissing(Refusal):
    """The supplier has said nothing of what a SKU costs on this day."""

    code = "terms_missing"


def missing(supplier_id: str, skus: Sequence[str]) -> TermsMissing:
    """The refusal that names every SKU without terms."""
    return TermsMissing(
        f"There are no terms of {supplier_id!r} for {', '.join(map(repr, skus))} today. Set them, or say what"
        " a unit costs.",
        supplier_id=supplier_id,
        skus=list(skus),
    )
