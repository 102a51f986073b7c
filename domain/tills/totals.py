"""Sums over receipts: what was sold and refunded, and the tax of each rate in it."""

from collections.abc import Iterable

import msgspec


class TaxTotal(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What customers paid at a rate, tax included, and the tax in it. Below zero where more came back."""

    rate_bp: int
    gross_minor: int
    tax_minor: int


class Totals(msgspec.Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """How many receipts there are, and their sums; refunds are a positive sum of their own.

    The gross amounts of `taxes` and `unsplit_minor`, which is of receipts that don't say their rates, make
    sales less refunds. `late_…` is the part of receipts that came after the closing they belong into.
    """

    receipts: int = 0
    sales_minor: int = 0
    refunds_minor: int = 0
    taxes: tuple[TaxTotal, ...] = ()
    unsplit_minor: int = 0
    late_receipts: int = 0
    late_minor: int = 0

    @property
    def total_minor(self) -> int:
        """Sales less refunds."""
        return self.sales_minor - self.refunds_minor

    def with_receipt(self, total_minor: int, taxes: tuple[TaxTotal, ...], *, late: bool) -> "Totals":
        """The totals with one receipt more. Its total is below zero for a return."""
        return Totals(
            receipts=self.receipts + 1,
            sales_minor=self.sales_minor + max(total_minor, 0),
            refunds_minor=self.refunds_minor + max(-total_minor, 0),
            taxes=_sum(self.taxes, taxes, 1),
            unsplit_minor=self.unsplit_minor + (0 if taxes else total_minor),
            late_receipts=self.late_receipts + late,
            late_minor=self.late_minor + (total_minor if late else 0),
        )

    def less(self, before: "Totals") -> "Totals":
        """What has been added since `before`."""
        return Totals(
            receipts=self.receipts - before.receipts,
            sales_minor=self.sales_minor - before.sales_minor,
            refunds_minor=self.refunds_minor - before.refunds_minor,
            taxes=tuple(
                tax for tax in _sum(self.taxes, before.taxes, -1) if tax.gross_minor or tax.tax_minor
            ),
            unsplit_minor=self.unsplit_minor - before.unsplit_minor,
            late_receipts=self.late_receipts - before.late_receipts,
            late_minor=self.late_minor - before.late_minor,
        )


def by_rate(amounts: Iterable[tuple[int, int, int]]) -> tuple[TaxTotal, ...]:
    """(rate, gross, tax) of each line, added up by rate, the lowest first."""
    gross: dict[int, int] = {}
    tax: dict[int, int] = {}
    for rate_bp, gross_minor, tax_minor in amounts:
        gross[rate_bp] = gross.get(rate_bp, 0) + gross_minor
        tax[rate_bp] = tax.get(rate_bp, 0) + tax_minor
    return tuple(
        [TaxTotal(rate_bp=rate, gross_minor=gross[rate], tax_minor=tax[rate]) for rate in sorted(gross)]
    )


def _sum(some: tuple[TaxTotal, ...], more: tuple[TaxTotal, ...], sign: int) -> tuple[TaxTotal, ...]:
    return by_rate(
        [(each.rate_bp, each.gross_minor, each.tax_minor) for each in some]
        + [(each.rate_bp, sign * each.gross_minor, sign * each.tax_minor) for each in more]
    )
