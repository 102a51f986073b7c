"""supply_terms: one row for the terms of a supplier and SKU from a day on."""

from collections.abc import Iterable
from datetime import date

import msgspec

from domain.kernel.event import AnyRecorded
from domain.purchasing.terms import TermsSet
from projections.kernel.table import Change, Table


class SupplyTerms(msgspec.Struct, frozen=False, kw_only=False):
    """Terms as they were set; `valid_until` null is without an end."""

    supplier_id: str
    sku: str
    valid_from: date
    valid_until: date | None = None
    unit_cost_minor: int = 0
    currency: str = ""
    pack_size: int = 1
    minimum_packs: int = 1
    lead_time_days: int = 0
    supplier_sku: str | None = None


def _fold(row: SupplyTerms, event: TermsSet) -> None:
    terms = event.terms
    row.valid_until = terms.valid_until
    row.unit_cost_minor = terms.unit_cost_minor
    row.currency = terms.currency
    row.pack_size = terms.pack_size
    row.minimum_packs = terms.minimum_packs
    row.lead_time_days = terms.lead_time_days
    row.supplier_sku = terms.supplier_sku


SUPPLY_TERMS = Table("supply_terms", SupplyTerms, keys=3, fold=_fold)


class TermsOfSupply:
    """Keyed by supplier, SKU and first day; fed by supply.terms_set."""

    name = "supply_terms"
    version = 1
    tables = (SUPPLY_TERMS,)
    events = (TermsSet,)

    def changes(self, entry: AnyRecorded) -> Iterable[Change]:
        """The row of these terms."""
        event: TermsSet = entry.data
        yield SUPPLY_TERMS.change((event.supplier_id, event.sku, event.terms.valid_from), event)
